#include "evidence/leaf_maker.h"

#include <algorithm>
#include <cstring>
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

// `["<salt>","<name>",`, which stands before the value of a disclosure, with room for the salt.
constexpr std::size_t kSaltAt = 2;
const std::string& beginning_of(Slot slot) {
  static const auto kBeginnings = [] {
    std::array<std::string, kSlotCount> texts;
    for (const Slot each : kSlots) {
      texts[index_of(each)] =
          "[\"" + std::string(kSaltChars, ' ') + "\",\"" + std::string(name_of(each)) + "\",";
    }
    return texts;
  }();
  return kBeginnings[index_of(slot)];
}

}  // namespace

LeafMaker::LeafMaker() : aes_(std::string(crypto::Aes256::kKeyBytes, '\0')) {}

// What a disclosure is the base64url of, behind the others in jsons_.
base::ByteView LeafMaker::add_disclosure_json(const Block& salt, Slot slot,
                                              const event::EventView& event,
                                              base::Timestamp occurred_at) {
  const std::string& beginning = beginning_of(slot);
  char* const begin =
      jsons_.room(beginning.size() + slot_value_bytes_max(slot, event) + sizeof(']'));
  std::memcpy(begin, beginning.data(), beginning.size());
  base::write_base64url(begin + kSaltAt, bytes_of(salt));
  char* end = write_slot_value(begin + beginning.size(), slot, event, occurred_at);
  *end++ = ']';
  jsons_.take_until(end);
  return {begin, static_cast<std::size_t>(end - begin)};
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
        jsons_.clear();
        disclosure_.clear();
        base::append_base64url(disclosure_, add_disclosure_json(salt, slot, event, occurred_at));
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

// texts_, cut behind ends_, into hashed_.
void LeafMaker::hash_texts() {
  messages_.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    messages_.push_back(texts_.view(begin, end - begin));
    begin = end;
  }
  hashed_.resize(ends_.size());
  crypto::sha256_many(messages_, hashed_);
}

// The disclosures of jsons_, cut behind ends_, into texts_. After all of them are written, not
// after each: the wide loads of encoding would wait for the narrow stores just before them.
void LeafMaker::encode_disclosures() {
  texts_.clear();
  char* const first = texts_.room(base::base64url_chars(jsons_.size()) + ends_.size());
  char* to = first;
  std::size_t begin = 0;
  for (std::size_t& end : ends_) {
    const std::size_t bytes = end - begin;
    base::write_base64url(to, jsons_.view(begin, bytes));
    to += base::base64url_chars(bytes);
    begin = std::exchange(end, static_cast<std::size_t>(to - first));
  }
  texts_.take_until(to);
}

// All slots of all records into digests_.
void LeafMaker::digest_batch(std::span<const event::RecordView> records) {
  jsons_.clear();
  ends_.clear();
  places_.clear();
  digests_.resize(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const event::RecordView& record = records[i];
    CHECK(!record.event.id.empty());
    walk_slots(
        record.head.seed, record.event, kAllSlots,
        [&](Slot slot, const Block& salt) {
          add_disclosure_json(salt, slot, record.event, record.occurred_at());
          ends_.push_back(jsons_.size());
          places_.push_back({i, slot});
        },
        [&](Slot slot, base::ByteView digest) { digests_[i].set_bytes(slot, digest); });
  }
  encode_disclosures();
  hash_texts();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    digests_[places_[i].record].set_bytes(places_[i].slot, crypto::as_bytes(hashed_[i]));
  }
}

// One text of each record into texts_; append(text, i) adds that of the i-th.
template <class Append>
void LeafMaker::hash_each(std::span<const event::RecordView> records, Append append) {
  texts_.clear();
  ends_.clear();
  for (std::size_t i = 0; i < records.size(); ++i) {
    set_time(records[i].recorded_at());
    text_.clear();
    append(text_, i);
    texts_.take_until(std::copy(text_.begin(), text_.end(), texts_.room(text_.size())));
    ends_.push_back(texts_.size());
  }
  hash_texts();
}

void LeafMaker::leaf_hashes(std::string_view origin, std::span<const event::RecordView> records,
                            std::span<tlog::Hash> hashes) {
  CHECK(records.size() == hashes.size());
  set_origin(origin);
  while (!records.empty()) {
    const auto batch = records.first(std::min(records.size(), kBatchRecords));
    digest_batch(batch);
    hash_each(batch, [&](std::string& text, std::size_t i) {
      append_manifest_text(text, digests_[i], quoted_origin_, time_text_);
    });
    hash_each(batch, [&](std::string& text, std::size_t i) {
      text.push_back(tlog::kLeafPrefix);
      append_leaf_text(text, hashed_[i], time_text_);
    });
    std::copy(hashed_.begin(), hashed_.end(), hashes.begin());
    records = records.subspan(batch.size());
    hashes = hashes.subspan(batch.size());
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
