#pragma once
// Texts of values without a code, record by record: what substrings, prefixes, facets and orders of
// near-unique fields are read from in place of rows (docs/adr/0072-texts-of-near-unique-fields.md).
// Segments and parts as in column_codec.h. Byte table in docs/formats/store.md. One thread at a
// time each; only TextWriter knows the database.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/coding.h"
#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/seq_set.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

// Consecutive records on their way into a part: texts lie one behind the other, as they are stored.
class TextsPart {
 public:
  void add_absent() { ++count_; }  // no value without a code
  // hash: of the text. left_out, or a text too long to be here: the hash alone is kept.
  // REQUIRES: no NUL in it.
  void add(std::string_view text, Code hash, bool left_out = false);
  std::size_t count() const { return count_; }
  // first: index of the first record in its segment. REQUIRES: first + count() <= kSegmentSeqs.
  void append_to(base::Bytes& out, std::uint32_t first) const;
  void clear();

 private:
  std::size_t count_ = 0;
  std::vector<std::uint16_t> places_, left_out_;
  std::vector<Code> hashes_, left_out_hashes_;  // as the places
  base::Bytes texts_;
};

// The hashes of the values without a code in a segment, at the places of their records; others stay
// as they are. REQUIRES: hashes.size() == kSegmentSeqs. Corruption as TextSegment::read().
base::Result<void> read_hashes(base::ByteView parts, std::span<Code> hashes);

// The texts of a segment. Reused for the next one, so that nothing is allocated for each.
class TextSegment {
 public:
  // Corruption on anything TextsPart cannot have made.
  base::Result<void> read(base::ByteView parts);

  std::size_t size() const { return places_.size(); }
  std::size_t text_bytes() const { return texts_.size() - size(); }  // of all, without their NULs
  // Index of the record in the segment; ascending.
  std::uint16_t place(std::size_t i) const { return places_[i]; }
  // Valid until the next read().
  std::string_view text(std::size_t i) const {
    if (ends_.empty()) {
      find_ends();
    }
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1] + 1U;
    return std::string_view(texts_).substr(begin, ends_[i] - begin);
  }
  // Appends offset + place of the texts that contain the needle, ascending.
  // REQUIRES: folded_needle == fold_case(folded_needle).
  void find_containing(std::string_view folded_needle, std::uint32_t offset,
                       std::vector<std::uint16_t>& lows) const;
  // Takes away from unknown, a bucket, what this segment, its offset there, tells of: that a record
  // has one of the texts here, or no value without a code.
  void take_known(std::uint32_t offset, SeqSet& unknown) const;

 private:
  base::Result<void> read_part(base::Decoder& decoder);
  void find_ends() const;

  struct Run {
    std::uint32_t begin = 0, end = 0;
  };
  base::Bytes texts_;                  // each with a NUL behind it
  std::vector<std::uint16_t> places_;  // as the texts
  // Of the texts, where their NULs are: found when the first text is asked for, as whoever looks
  // for a part of the texts asks for none.
  mutable std::vector<std::uint32_t> ends_;
  std::vector<Run> runs_;
  std::vector<std::uint16_t> left_out_;
};

// The texts of one field of a log as it grows. Applying thread only.
class TextWriter {
 public:
  // next_seq: of the first record added. left_out: hashes are enough for this field.
  TextWriter(const Database& database, LogNumber log, std::uint8_t field, bool left_out,
             std::uint64_t next_seq)
      : database_(database),
        prefix_(texts_prefix(log, field)),
        left_out_(left_out),
        next_seq_(next_seq) {}

  void add(std::optional<std::string_view> text);
  // Writes what was added since the last time.
  void finish(rocksdb::WriteBatch& batch);

 private:
  struct Done {
    std::uint64_t segment = 0;
    std::uint32_t first = 0;
    base::Bytes part;
  };
  void close();

  const Database& database_;
  base::Bytes prefix_;
  bool left_out_;
  std::uint64_t next_seq_;  // behind the part
  TextsPart part_;
  std::vector<Done> done_;
};

}  // namespace piperoll::store::rocks
