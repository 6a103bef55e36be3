#pragma once
// The key that signs checkpoints, and the public keys that ever did.
//
//   signing_key   the private key, mode 0600: "piperoll-signing-key 1", then "seed <64 hex
//   digits>".
//                 In the data directory unless configured elsewhere: whoever has it can sign
//                 anything in the name of the logs.
//   DIR/log_keys  public keys, one a line, oldest first: "<RFC 3339 time> <base64>". What is not
//                 here has never signed for this data.

#include <string>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "crypto/ed25519.h"

namespace piperoll::server {

struct LogKey {
  base::Timestamp since;
  crypto::Ed25519PublicKey public_key{};
  bool operator==(const LogKey&) const = default;
};

struct LogKeys {
  crypto::Ed25519PrivateKey signing;
  std::vector<LogKey> known;  // newest first; the first is that of signing
};

// path: of the private key; empty: in the directory. Makes both files where there is neither.
// Corruption for damaged files, a private key that others may read (code "key_exposed"), one that
// is missing ("signing_key_missing") or not the newest of log_keys ("signing_key_unknown").
base::Result<LogKeys> load_log_keys(const std::string& directory, const std::string& path,
                                    base::Timestamp now);

// Makes a new private key and puts its public key into log_keys; the old private key is gone.
base::Result<LogKeys> rotate_log_key(const std::string& directory, const std::string& path,
                                     base::Timestamp now);

// DIR/log_keys alone, newest first; empty where there is none.
base::Result<std::vector<LogKey>> read_known_keys(const std::string& directory);

std::vector<crypto::Ed25519PublicKey> public_keys(const std::vector<LogKey>& keys);

}  // namespace piperoll::server
