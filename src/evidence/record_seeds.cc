#include "evidence/record_seeds.h"

#include <cstring>

#include "base/coding.h"

namespace piperoll::evidence {
namespace {

constexpr std::size_t kBlockBytes = crypto::Aes256::kBlockBytes;
static_assert(sizeof(event::RecordSeed) == 2 * kBlockBytes);

// First bytes of blocks; salts and digests of absent slots have 0 to 2.
constexpr char kFirstHalf = 3;
constexpr char kSecondHalf = 4;

}  // namespace

RecordSeeds::RecordSeeds() : aes_(event::as_bytes(key_)) {}

event::RecordSeed RecordSeeds::of(const event::RecordHead& head) {
  if (!head.seed.is_key) {
    return head.seed.bytes;
  }
  if (key_ != head.seed.bytes) {
    key_ = head.seed.bytes;
    aes_.set_key(event::as_bytes(key_));
  }
  std::array<char, 2 * kBlockBytes> blocks{};
  blocks[0] = kFirstHalf;
  blocks[kBlockBytes] = kSecondHalf;
  for (const std::size_t end : {kBlockBytes, 2 * kBlockBytes}) {
    base::store_be64(blocks.data() + end - sizeof(head.seq), head.seq);
  }
  aes_.encrypt_blocks(blocks.data(), blocks.data(), 2);
  event::RecordSeed seed;
  std::memcpy(seed.data(), blocks.data(), seed.size());
  return seed;
}

}  // namespace piperoll::evidence
