#pragma once
// Records into leaves (docs/formats/evidence.md). While a record has its seed, everything below the
// leaf is recomputed from it and nothing of it is stored: salts, disclosures, digests, manifest.

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/timestamp.h"
#include "crypto/aes.h"
#include "crypto/sha256.h"
#include "crypto/sha256_many.h"
#include "event/event.h"
#include "event/record.h"
#include "evidence/disclosure.h"
#include "evidence/manifest.h"
#include "evidence/manifest_text_internal.h"
#include "evidence/record_seeds.h"
#include "evidence/slots.h"
#include "evidence/text_buffer.h"
#include "tlog/hash.h"

namespace piperoll::evidence {

// The texts of one record: what a proof shows.
struct LeafTexts {
  Disclosures disclosures;
  std::string manifest;
  std::string leaf;
  tlog::Hash hash{};  // tlog::leaf_hash(leaf)
};

// Holds cipher contexts and buffers, which is why it is an object: one for each thread, kept. One
// thread at a time; movable. The events given must have an id.
class LeafMaker {
 public:
  LeafMaker();

  // Somewhat more than half of the time is SHA-256 (bench/evidence.cc); allocates nothing once the
  // buffers have grown.
  tlog::Hash leaf_hash(std::string_view origin, const event::RecordView& record);

  // hashes[i] of records[i]: the same, and where the processor has wide vectors faster by a third
  // and more from a few dozen records on. REQUIRES: as many hashes as records
  void leaf_hashes(std::string_view origin, std::span<const event::RecordView> records,
                   std::span<tlog::Hash> hashes);

  LeafTexts texts(std::string_view origin, const event::RecordView& record);

  // The salt of one slot, and the digest of one that is absent: what has to be kept of a record
  // whose seed is destroyed (the salts of what stays, the digests of the rest).
  std::string salt(const event::RecordSeed& seed, Slot slot);
  std::string absent_digest(const event::RecordSeed& seed, Slot slot);

 private:
  static constexpr std::size_t kBlocksMax = 2 * kSlotCount;
  using Block = std::array<char, crypto::Aes256::kBlockBytes>;

  // What a disclosure of a batch is the base64url of, and where its digest goes.
  struct DisclosureJson {
    std::size_t begin = 0, bytes = 0;  // of jsons_
    std::size_t digest = 0;            // of digests_
  };

  template <class Present, class Absent>
  void walk_slots(const event::RecordView& record, Present present, Absent absent);
  template <class Sink>
  void digest_each(const event::RecordView& record, Sink sink);
  tlog::Hash hash_of(std::string_view origin, base::Timestamp recorded_at,
                     const SlotDigests& digests);
  void write_disclosures(const event::RecordView& record, std::size_t first_digest);
  void digest_batch(std::span<const event::RecordView> records);
  void encode_disclosures();
  template <class Write>
  void hash_each(std::span<const event::RecordView> records, std::size_t bytes, Write write);
  void set_origin(std::string_view origin);
  void set_time(base::Timestamp recorded_at);

  RecordSeeds seeds_;
  crypto::Aes256 aes_;
  std::array<Block, kBlocksMax> blocks_;
  TextBuffer jsons_;  // of disclosures
  std::string disclosure_, manifest_, leaf_;
  // Of a batch:
  TextBuffer texts_;
  std::vector<DisclosureJson> disclosures_;
  std::vector<crypto::PaddedMessage> messages_;  // of texts_
  std::vector<LooseDigest> digests_;             // kSlotCount of each record
  std::vector<LooseDigest> hashed_;              // of the last hash_each()
  std::string origin_, quoted_origin_;           // of the last leaf: a batch rarely changes them
  base::Timestamp time_{-1};
  std::string time_text_;
};

}  // namespace piperoll::evidence
