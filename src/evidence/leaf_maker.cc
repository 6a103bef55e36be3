#include "evidence/leaf_maker.h"

#include <algorithm>
#include <utility>

#include "base/base64url.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/json.h"
#include "crypto/sha256.h"
#include "crypto/sha256_many.h"
#include "evidence/manifest_text_internal.h"

namespace piperoll::evidence {
namespace {

// What a block is for: its first byte.
enum class Purpose : char { Salt = 0, AbsentFirst = 1, AbsentSecond = 2 };

constexpr std::span<const Slot> kAllSlots(kSlots);
// Several times as many messages as there are lanes, and texts that stay in the cache.
constexpr std::size_t kBatchRecords = 32;

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

void LeafMaker::append_disclosure(std::string& out, const Block& salt, Slot slot,
                                  const event::EventView& event, base::Timestamp occurred_at) {
  std::array<char, kSaltChars> salt_text;
  base::write_base64url(salt_text.data(), bytes_of(salt));
  begin_disclosure(json_, {salt_text.data(), salt_text.size()}, slot);
  append_slot_value(json_, slot, event, occurred_at);
  json_.push_back(']');
  base::append_base64url(out, json_);
}

// Gives present each present slot with its salt, and absent each absent one with its digest's
// bytes. All blocks are enciphered with one call.
template <class Present, class Absent>
void LeafMaker::walk_slots(const event::RecordSeed& seed, const event::EventView& event,
                           std::span<const Slot> slots, Present present, Absent absent) {
  std::array<bool, kSlotCount> is_here;
  Block* block = blocks_.data();
  for (const Slot slot : slots) {
    is_here[index_of(slot)] = is_present(slot, event);
    if (is_here[index_of(slot)]) {
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
    if (is_here[index_of(slot)]) {
      present(slot, *block++);
    } else {
      static_assert(sizeof(Block) == crypto::Aes256::kBlockBytes);  // the two lie side by side
      absent(slot, base::ByteView(block->data(), 2 * crypto::Aes256::kBlockBytes));
      block += 2;
    }
  }
}

// Gives sink each slot with its digest's bytes and its disclosure, empty for an absent one; both
// views are good until sink returns.
template <class Sink>
void LeafMaker::digest_each(const event::RecordSeed& seed, const event::EventView& event,
                            std::span<const Slot> slots, base::Timestamp occurred_at, Sink sink) {
  walk_slots(
      seed, event, slots,
      [&](Slot slot, const Block& salt) {
        disclosure_.clear();
        append_disclosure(disclosure_, salt, slot, event, occurred_at);
        const crypto::Sha256Digest digest = crypto::sha256(disclosure_);
        sink(slot, crypto::as_bytes(digest), disclosure_);
      },
      [&](Slot slot, base::ByteView digest) { sink(slot, digest, std::string_view()); });
}

void LeafMaker::digest_slots(const event::RecordSeed& seed, const event::EventView& event,
                             SlotDigests& into) {
  digest_each(
      seed, event, kAllSlots.subspan(1), {},
      [&](Slot slot, base::ByteView digest, std::string_view) { into.set_bytes(slot, digest); });
}

void LeafMaker::digest_event_slot(const event::RecordSeed& seed, const event::EventView& event,
                                  base::Timestamp occurred_at, SlotDigests& into) {
  CHECK(!event.id.empty());
  digest_each(
      seed, event, kAllSlots.first(1), occurred_at,
      [&](Slot slot, base::ByteView digest, std::string_view) { into.set_bytes(slot, digest); });
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
  digest_each(
      record.head.seed, record.event, kAllSlots, record.occurred_at(),
      [&](Slot slot, base::ByteView digest, std::string_view) { digests.set_bytes(slot, digest); });
  return leaf_hash(origin, record.recorded_at(), digests);
}

void LeafMaker::end_part(std::size_t begin, std::size_t record, Slot slot) {
  parts_.push_back({begin, texts_.size() - begin, record, slot});
}

// hashed_ of parts_; texts_ no longer moves.
void LeafMaker::hash_parts() {
  messages_.clear();
  for (const Part& part : parts_) {
    messages_.push_back(base::ByteView(texts_).substr(part.begin, part.bytes));
  }
  hashed_.resize(parts_.size());
  crypto::sha256_many(messages_, hashed_);
}

// All slots of all records into digests_.
void LeafMaker::digest_batch(std::span<const event::RecordView> records) {
  texts_.clear();
  parts_.clear();
  digests_.resize(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const event::RecordView& record = records[i];
    CHECK(!record.event.id.empty());
    walk_slots(
        record.head.seed, record.event, kAllSlots,
        [&](Slot slot, const Block& salt) {
          const std::size_t begin = texts_.size();
          append_disclosure(texts_, salt, slot, record.event, record.occurred_at());
          end_part(begin, i, slot);
        },
        [&](Slot slot, base::ByteView digest) { digests_[i].set_bytes(slot, digest); });
  }
  hash_parts();
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    digests_[parts_[part].record].set_bytes(parts_[part].slot, crypto::as_bytes(hashed_[part]));
  }
}

void LeafMaker::leaf_hashes(std::string_view origin, std::span<const event::RecordView> records,
                            std::span<tlog::Hash> hashes) {
  CHECK(records.size() == hashes.size());
  set_origin(origin);
  while (!records.empty()) {
    const std::size_t count = std::min(records.size(), kBatchRecords);
    digest_batch(records.first(count));
    texts_.clear();
    parts_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t begin = texts_.size();
      set_time(records[i].recorded_at());
      append_manifest_text(texts_, digests_[i], quoted_origin_, time_text_);
      end_part(begin, i, Slot::Event);
    }
    hash_parts();
    texts_.clear();
    parts_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t begin = texts_.size();
      set_time(records[i].recorded_at());
      texts_.push_back(tlog::kLeafPrefix);
      append_leaf_text(texts_, hashed_[i], time_text_);
      end_part(begin, i, Slot::Event);
    }
    hash_parts();
    std::copy(hashed_.begin(), hashed_.end(), hashes.begin());
    records = records.subspan(count);
    hashes = hashes.subspan(count);
  }
}

LeafTexts LeafMaker::texts(std::string_view origin, const event::RecordView& record) {
  CHECK(!record.event.id.empty());
  LeafTexts texts;
  SlotDigests digests;
  digest_each(record.head.seed, record.event, kAllSlots, record.occurred_at(),
              [&](Slot slot, base::ByteView digest, std::string_view disclosure) {
                digests.set_bytes(slot, digest);
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
