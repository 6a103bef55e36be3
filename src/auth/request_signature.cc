#include "auth/request_signature.h"

#include "base/check.h"
#include "crypto/seal.h"

namespace piperoll::auth {

crypto::Sha256Digest request_signature(const crypto::HmacKey& key, const SignedRequest& request) {
  const crypto::Sha256Digest operation = key.mac(request.method + request.target);
  const crypto::Sha256Digest hour =
      crypto::HmacKey(crypto::as_bytes(operation)).mac(request.date_hour);
  return crypto::HmacKey(crypto::as_bytes(hour)).mac(request.body);
}

SigningVault::SigningVault(base::ByteView sealing_key) : sealing_key_(sealing_key) {
  CHECK(sealing_key.size() == crypto::kSealKeyBytes);
}

base::Bytes SigningVault::seal(const base::Uuid& key_id, std::string_view api_key) const {
  return crypto::seal(sealing_key_, key_id.as_bytes(), crypto::HmacKey(api_key).state());
}

std::optional<crypto::HmacKey> SigningVault::open(const base::Uuid& key_id,
                                                  base::ByteView sealed) const {
  auto state = crypto::open_sealed(sealing_key_, key_id.as_bytes(), sealed);
  if (!state || state->size() != 2 * crypto::kSha256Bytes) {
    return std::nullopt;
  }
  return crypto::HmacKey::from_state(*state);
}

}  // namespace piperoll::auth
