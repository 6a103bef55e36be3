#include "tlog/hash.h"

#include <algorithm>
#include <array>

namespace piperoll::tlog {
namespace {

constexpr std::size_t kBase64Chars = 44;

}  // namespace

Hash empty_root() {
  return crypto::sha256({});
}

Hash leaf_hash(base::ByteView leaf) {
  return crypto::Sha256().update({&kLeafPrefix, 1}).update(leaf).finish();
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * kHashBytes> preimage;
  preimage[0] = kNodePrefix;
  std::copy(left.begin(), left.end(), preimage.begin() + 1);
  std::copy(right.begin(), right.end(), preimage.begin() + 1 + kHashBytes);
  return crypto::sha256({preimage.data(), preimage.size()});
}

std::optional<Hash> hash_from_bytes(base::ByteView bytes) {
  if (bytes.size() != kHashBytes) {
    return std::nullopt;
  }
  Hash hash;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

std::string print_hash(const Hash& hash) {
  return base::base64_encode(as_bytes(hash));
}

std::optional<Hash> parse_hash(std::string_view base64) {
  if (base64.size() != kBase64Chars) {
    return std::nullopt;
  }
  const auto bytes = base::base64_decode(base64);
  return bytes ? hash_from_bytes(*bytes) : std::nullopt;
}

}  // namespace piperoll::tlog
