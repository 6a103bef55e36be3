#include "evidence/leaf_maker.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/json.h"
#include "crypto/sha256.h"
#include "evidence/manifest_text_internal.h"

namespace piperoll::evidence {
namespace {

// What a block is for: its first byte.
enum class Purpose : char { Salt = 0, AbsentFirst = 1, AbsentSecond = 2 };

constexpr std::span<const Slot> kAllSlots(kSlots);

base::ByteView view_of(const event::RecordSeed& seed) {
  return {reinterpret_cast<const char*>(seed.data()), seed.size()};
}

std::array<char, crypto::Aes256::kBlockBytes> block_of(Purpose purpose, Slot slot) {
  std::array<char, crypto::Aes256::kBlockBytes> block{};
  block.front() = static_cast<char>(purpose);
  block.back() = static_cast<char>(slot);
  return block;
}

template <class Block>
base::ByteView bytes_of(const Block& block) {
  return {block.data(), block.size()};
}

void begin_disclosure(std::string& json, std::string_view salt, Slot slot) {
  json.assign("[\"").append(salt).append("\",\"").append(name_of(slot)).append("\",");
}

}  // namespace

LeafMaker::LeafMaker() : aes_(std::string(crypto::Aes256::kKeyBytes, '\0')) {}

// Leaves the text in disclosure_.
void LeafMaker::make_disclosure(const Block& salt, Slot slot, const event::EventView& event,
                                base::Timestamp occurred_at) {
  digest_.clear();
  base::append_base64url(digest_, bytes_of(salt));
  begin_disclosure(json_, digest_, slot);
  append_slot_value(json_, slot, event, occurred_at);
  json_.push_back(']');
  disclosure_.clear();
  base::append_base64url(disclosure_, json_);
}

// Gives sink each slot with its digest's text and its disclosure, empty for an absent one; both
// views are good until sink returns. All blocks are enciphered with one call.
template <class Sink>
void LeafMaker::walk_slots(const event::RecordSeed& seed, const event::EventView& event,
                           std::span<const Slot> slots, base::Timestamp occurred_at, Sink sink) {
  Block* block = blocks_.data();
  for (const Slot slot : slots) {
    if (is_present(slot, event)) {
      *block++ = block_of(Purpose::Salt, slot);
    } else {
      *block++ = block_of(Purpose::AbsentFirst, slot);
      *block++ = block_of(Purpose::AbsentSecond, slot);
    }
  }
  aes_.set_key(view_of(seed));
  aes_.encrypt_blocks(blocks_.front().data(), blocks_.front().data(),
                      static_cast<std::size_t>(block - blocks_.data()));
  block = blocks_.data();
  for (const Slot slot : slots) {
    if (is_present(slot, event)) {
      make_disclosure(*block++, slot, event, occurred_at);
      const crypto::Sha256Digest digest = crypto::sha256(disclosure_);
      digest_.clear();
      base::append_base64url(digest_, crypto::as_bytes(digest));
      sink(slot, digest_, disclosure_);
    } else {
      static_assert(sizeof(Block) == crypto::Aes256::kBlockBytes);  // the two lie side by side
      digest_.clear();
      base::append_base64url(digest_, {block->data(), 2 * crypto::Aes256::kBlockBytes});
      block += 2;
      sink(slot, digest_, std::string_view());
    }
  }
}

void LeafMaker::digest_slots(const event::RecordSeed& seed, const event::EventView& event,
                             SlotDigests& into) {
  walk_slots(seed, event, kAllSlots.subspan(1), {},
             [&](Slot slot, std::string_view digest, std::string_view) { into.set(slot, digest); });
}

void LeafMaker::digest_event_slot(const event::RecordSeed& seed, const event::EventView& event,
                                  base::Timestamp occurred_at, SlotDigests& into) {
  CHECK(!event.id.empty());
  walk_slots(seed, event, kAllSlots.first(1), occurred_at,
             [&](Slot slot, std::string_view digest, std::string_view) { into.set(slot, digest); });
}

void LeafMaker::set_origin(std::string_view origin) {
  if (origin != origin_ || quoted_origin_.empty()) {
    origin_ = origin;
    quoted_origin_.clear();
    base::append_canonical_string(quoted_origin_, origin);
  }
}

void LeafMaker::set_time(base::Timestamp recorded_at) {
  if (recorded_at != time_) {
    time_ = recorded_at;
    time_text_.clear();
    base::append_rfc3339(time_text_, recorded_at);
  }
}

tlog::Hash LeafMaker::leaf_hash(std::string_view origin, base::Timestamp recorded_at,
                                const SlotDigests& digests) {
  set_origin(origin);
  set_time(recorded_at);
  manifest_.clear();
  append_manifest_text(manifest_, digests, quoted_origin_, time_text_);
  leaf_.clear();
  append_leaf_text(leaf_, crypto::sha256(manifest_), time_text_);
  return tlog::leaf_hash(leaf_);
}

tlog::Hash LeafMaker::leaf_hash(std::string_view origin, const event::RecordView& record) {
  CHECK(!record.event.id.empty());
  SlotDigests digests;
  walk_slots(
      record.head.seed, record.event, kAllSlots, record.occurred_at(),
      [&](Slot slot, std::string_view digest, std::string_view) { digests.set(slot, digest); });
  return leaf_hash(origin, record.recorded_at(), digests);
}

LeafTexts LeafMaker::texts(std::string_view origin, const event::RecordView& record) {
  CHECK(!record.event.id.empty());
  LeafTexts texts;
  SlotDigests digests;
  walk_slots(record.head.seed, record.event, kAllSlots, record.occurred_at(),
             [&](Slot slot, std::string_view digest, std::string_view disclosure) {
               digests.set(slot, digest);
               texts.disclosures[index_of(slot)] = std::string(disclosure);
             });
  texts.hash = leaf_hash(origin, record.recorded_at(), digests);
  texts.manifest = manifest_;
  texts.leaf = leaf_;
  return texts;
}

std::string LeafMaker::salt(const event::RecordSeed& seed, Slot slot) {
  blocks_[0] = block_of(Purpose::Salt, slot);
  aes_.set_key(view_of(seed));
  aes_.encrypt_block(blocks_[0].data(), blocks_[0].data());
  return base::base64url_encode(bytes_of(blocks_[0]));
}

std::string LeafMaker::absent_digest(const event::RecordSeed& seed, Slot slot) {
  blocks_[0] = block_of(Purpose::AbsentFirst, slot);
  blocks_[1] = block_of(Purpose::AbsentSecond, slot);
  aes_.set_key(view_of(seed));
  aes_.encrypt_blocks(blocks_[0].data(), blocks_[0].data(), 2);
  return base::base64url_encode({blocks_[0].data(), 2 * crypto::Aes256::kBlockBytes});
}

}  // namespace piperoll::evidence
