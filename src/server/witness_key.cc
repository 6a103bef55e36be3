#include "server/witness_key.h"

#include <filesystem>

#include "crypto/random.h"
#include "server/small_files.h"

namespace piperoll::server {

using base::Error;
using base::ErrorKind;
using base::Result;

std::string path_of_witness_key(const std::string& directory, const std::string& path) {
  return path.empty() ? directory + "/witness_key" : path;
}

Result<tlog::NoteSigner> load_witness_key(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, read_small_file(path));
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  auto signer = tlog::NoteSigner::parse(text);
  if (!signer || signer->verifier_key().type != tlog::KeyType::Cosignature) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = path + " is no key of a witness, or is damaged",
                 .code = "damaged_key"};
  }
  RETURN_IF_ERROR(check_private_file(path));
  return signer;
}

Result<tlog::NoteSigner> create_witness_key(const std::string& path, const std::string& name) {
  if (std::filesystem::exists(path)) {
    return Error{.kind = ErrorKind::Conflict,
                 .message = path + " is there already; a witness keeps its key",
                 .code = "key_exists"};
  }
  ASSIGN_OR_RETURN(
      crypto::Ed25519PrivateKey key,
      crypto::Ed25519PrivateKey::from_seed(crypto::random_bytes(crypto::kEd25519SeedBytes)));
  ASSIGN_OR_RETURN(tlog::NoteSigner signer,
                   tlog::NoteSigner::make(name, std::move(key), tlog::KeyType::Cosignature));
  RETURN_IF_ERROR(write_small_file(path, signer.print_secret() + "\n", 0600));
  return signer;
}

}  // namespace piperoll::server
