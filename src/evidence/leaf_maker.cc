#include "evidence/leaf_maker.h"

#include <algorithm>
#include <cstring>

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

// Several times as many messages as there are lanes, and texts that stay in the cache.
constexpr std::size_t kBatchRecords = 32;
// Behind the last of the texts that are encoded and padded side by side.
constexpr std::size_t kPaddedSlack =
    std::max(crypto::kSha256PaddingMax, base::kBase64urlSlack) + base::kBase64urlSlack;

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
constexpr std::size_t kSaltEnd = kSaltAt + kSaltChars;
struct Beginning {
  static constexpr std::size_t kBytesMax = 48;
  std::array<char, kBytesMax> text{};
  std::size_t bytes = 0;
};
const Beginning& beginning_of(Slot slot) {
  static const auto kBeginnings = [] {
    std::array<Beginning, kSlotCount> beginnings;
    for (const Slot each : kSlots) {
      const std::string text =
          "[\"" + std::string(kSaltChars, ' ') + "\",\"" + std::string(name_of(each)) + "\",";
      CHECK(text.size() <= Beginning::kBytesMax);
      std::copy(text.begin(), text.end(), beginnings[index_of(each)].text.begin());
      beginnings[index_of(each)].bytes = text.size();
    }
    return beginnings;
  }();
  return kBeginnings[index_of(slot)];
}

// Behind each text of disclosures is a byte of zero, as encoding it loosely wants.
constexpr std::size_t kDisclosureFrameBytes = Beginning::kBytesMax + sizeof("]");

// What a disclosure is the base64url of. REQUIRES: room for the slot's value and a frame
template <class Block>
char* write_disclosure_json(char* to, const Block& salt, Slot slot, const event::EventView& event,
                            base::Timestamp occurred_at) {
  const Beginning& beginning = beginning_of(slot);
  std::memcpy(to, beginning.text.data(), kSaltAt);
  base::write_base64url_of_16(to + kSaltAt, salt.data());
  std::memcpy(to + kSaltEnd, beginning.text.data() + kSaltEnd, Beginning::kBytesMax - kSaltEnd);
  to = write_slot_value(to + beginning.bytes, slot, event, occurred_at);
  *to++ = ']';
  *to = '\0';
  return to;
}

}  // namespace

LeafMaker::LeafMaker() : aes_(std::string(crypto::Aes256::kKeyBytes, '\0')) {}

// Gives present each present slot with its salt, and absent each absent one with its digest's
// bytes. All blocks are enciphered with one call.
template <class Present, class Absent>
void LeafMaker::walk_slots(const event::RecordView& record, Present present, Absent absent) {
  CHECK(!record.event.id.empty());
  const unsigned here = present_slots(record.event);
  Block* block = blocks_.data();
  for (const Slot slot : kSlots) {
    if ((here >> index_of(slot) & 1) != 0) {
      *block++ = block_of(Purpose::Salt, slot);
    } else {
      *block++ = block_of(Purpose::AbsentFirst, slot);
      *block++ = block_of(Purpose::AbsentSecond, slot);
    }
  }
  aes_.set_key(event::as_bytes(seeds_.of(record.head)));
  aes_.encrypt_blocks(blocks_.front().data(), blocks_.front().data(),
                      static_cast<std::size_t>(block - blocks_.data()));
  block = blocks_.data();
  for (const Slot slot : kSlots) {
    if ((here >> index_of(slot) & 1) != 0) {
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
void LeafMaker::digest_each(const event::RecordView& record, Sink sink) {
  jsons_.clear();
  walk_slots(
      record,
      [&](Slot slot, const Block& salt) {
        char* const json =
            jsons_.room(kDisclosureFrameBytes + slot_value_bytes_max(slot, record.event));
        const char* const end =
            write_disclosure_json(json, salt, slot, record.event, record.occurred_at());
        disclosure_.clear();
        base::append_base64url(disclosure_, {json, static_cast<std::size_t>(end - json)});
        const crypto::Sha256Digest digest = crypto::sha256(disclosure_);
        sink(slot, crypto::as_bytes(digest), disclosure_);
      },
      [&](Slot slot, base::ByteView digest) { sink(slot, digest, std::string_view()); });
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

tlog::Hash LeafMaker::hash_of(std::string_view origin, base::Timestamp recorded_at,
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
  SlotDigests digests;
  digest_each(record, [&](Slot slot, base::ByteView digest, std::string_view) {
    digests.set_bytes(slot, digest);
  });
  return hash_of(origin, record.recorded_at(), digests);
}

// The disclosures of one record behind the others of jsons_, and the digests of its absent slots.
void LeafMaker::write_disclosures(const event::RecordView& record, std::size_t first_digest) {
  char* to = jsons_.room(slot_values_bytes_max(record.event) + kSlotCount * kDisclosureFrameBytes);
  const char* const begin = to;
  walk_slots(
      record,
      [&](Slot slot, const Block& salt) {
        char* const end = write_disclosure_json(to, salt, slot, record.event, record.occurred_at());
        disclosures_.push_back({.begin = jsons_.size() + static_cast<std::size_t>(to - begin),
                                .bytes = static_cast<std::size_t>(end - to),
                                .digest = first_digest + index_of(slot)});
        to = end + 1;
      },
      [&](Slot slot, base::ByteView digest) {
        std::memcpy(digests_[first_digest + index_of(slot)].bytes.data(), digest.data(),
                    crypto::kSha256Bytes);
      });
  jsons_.take_until(to);
}

// The disclosures of jsons_ into texts_, padded. After all of them are written, not after each: the
// wide loads of encoding would wait for the narrow stores just before them.
void LeafMaker::encode_disclosures() {
  jsons_.room(base::kBase64urlSlack);
  std::size_t blocks = 0;
  for (const DisclosureJson& json : disclosures_) {
    blocks += crypto::sha256_blocks(base::base64url_chars(json.bytes));
  }
  texts_.clear();
  messages_.resize(disclosures_.size());
  auto message = messages_.begin();
  char* to = texts_.room(blocks * crypto::kSha256BlockBytes + kPaddedSlack);
  for (const DisclosureJson& json : disclosures_) {
    base::write_base64url_loosely(to, jsons_.view(json.begin, json.bytes));
    const std::size_t count = crypto::pad_message(to, base::base64url_chars(json.bytes));
    *message++ = {to, count, &digests_[json.digest].bytes};
    to += count * crypto::kSha256BlockBytes;
  }
}

// All slots of all records into digests_.
void LeafMaker::digest_batch(std::span<const event::RecordView> records) {
  jsons_.clear();
  disclosures_.clear();
  digests_.resize(records.size() * kSlotCount);
  for (std::size_t i = 0; i < records.size(); ++i) {
    write_disclosures(records[i], i * kSlotCount);
  }
  encode_disclosures();
  crypto::sha256_padded(messages_);
}

// One text of so many bytes of each record into texts_, and their hashes into hashed_;
// write(to, i) writes that of the i-th and returns its end.
template <class Write>
void LeafMaker::hash_each(std::span<const event::RecordView> records, std::size_t bytes,
                          Write write) {
  const std::size_t stride = crypto::sha256_blocks(bytes) * crypto::kSha256BlockBytes;
  texts_.clear();
  messages_.resize(records.size());
  char* to = texts_.room(records.size() * stride + kPaddedSlack);
  for (std::size_t i = 0; i < records.size(); ++i) {
    set_time(records[i].recorded_at());
    [[maybe_unused]] const char* const end = write(to, i);
    DCHECK(static_cast<std::size_t>(end - to) == bytes);
    crypto::pad_message(to, bytes);
    messages_[i] = {to, stride / crypto::kSha256BlockBytes, &hashed_[i].bytes};
    to += stride;
  }
  crypto::sha256_padded(messages_);
}

void LeafMaker::leaf_hashes(std::string_view origin, std::span<const event::RecordView> records,
                            std::span<tlog::Hash> hashes) {
  CHECK(records.size() == hashes.size());
  set_origin(origin);
  hashed_.resize(kBatchRecords);
  while (!records.empty()) {
    const auto batch = records.first(std::min(records.size(), kBatchRecords));
    digest_batch(batch);
    hash_each(batch, manifest_text_bytes(quoted_origin_), [&](char* to, std::size_t i) {
      const std::span<const LooseDigest, kSlotCount> digests(&digests_[i * kSlotCount], kSlotCount);
      return write_manifest_text(to, digests, quoted_origin_, time_text_);
    });
    hash_each(batch, 1 + kLeafBytes, [&](char* to, std::size_t i) {
      *to++ = tlog::kLeafPrefix;
      return write_leaf_text(to, hashed_[i], time_text_);
    });
    for (std::size_t i = 0; i < batch.size(); ++i) {
      hashes[i] = hashed_[i].bytes;
    }
    records = records.subspan(batch.size());
    hashes = hashes.subspan(batch.size());
  }
}

LeafTexts LeafMaker::texts(std::string_view origin, const event::RecordView& record) {
  LeafTexts texts;
  SlotDigests digests;
  digest_each(record, [&](Slot slot, base::ByteView digest, std::string_view disclosure) {
    digests.set_bytes(slot, digest);
    texts.disclosures[index_of(slot)] = std::string(disclosure);
  });
  texts.hash = hash_of(origin, record.recorded_at(), digests);
  texts.manifest = manifest_;
  texts.leaf = leaf_;
  return texts;
}

std::string LeafMaker::salt(const event::RecordSeed& seed, Slot slot) {
  blocks_[0] = block_of(Purpose::Salt, slot);
  aes_.set_key(event::as_bytes(seed));
  aes_.encrypt_block(blocks_[0].data(), blocks_[0].data());
  return base::base64url_encode(bytes_of(blocks_[0]));
}

std::string LeafMaker::absent_digest(const event::RecordSeed& seed, Slot slot) {
  blocks_[0] = block_of(Purpose::AbsentFirst, slot);
  blocks_[1] = block_of(Purpose::AbsentSecond, slot);
  aes_.set_key(event::as_bytes(seed));
  aes_.encrypt_blocks(blocks_[0].data(), blocks_[0].data(), 2);
  return base::base64url_encode({blocks_[0].data(), 2 * crypto::Aes256::kBlockBytes});
}

}  // namespace piperoll::evidence
