#include "crypto/argon2id.h"

#include <argon2.h>

namespace piperoll::crypto {

base::Result<base::Bytes> argon2id(base::ByteView password, base::ByteView salt,
                                   const Argon2Cost& cost, std::size_t bytes) {
  base::Bytes tag(bytes, '\0');
  const int code = argon2id_hash_raw(cost.passes, cost.memory_kib, cost.lanes, password.data(),
                                     password.size(), salt.data(), salt.size(), tag.data(), bytes);
  if (code == ARGON2_OK) {
    return tag;
  }
  const bool memory = code == ARGON2_MEMORY_ALLOCATION_ERROR;
  return base::Error{
      .kind = memory ? base::ErrorKind::ResourceExhausted : base::ErrorKind::InvalidArgument,
      .message = memory ? "no memory to check a password" : argon2_error_message(code),
      .code = memory ? "busy" : "bad_argon2"};
}

}  // namespace piperoll::crypto
