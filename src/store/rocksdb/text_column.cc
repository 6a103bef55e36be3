#include "store/rocksdb/text_column.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/text_search.h"
#include "base/unicode.h"
#include "store/rocksdb/column_writer.h"
#include "store/rocksdb/hashed_values.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::size_t kHashBytes = 4;

base::Error damaged() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "the texts of a field of the index are damaged",
          .code = "damaged_index"};
}

// The differences of ascending places.
void put_places(base::Bytes& out, std::span<const std::uint16_t> places) {
  std::uint16_t before = 0;
  for (const std::uint16_t place : places) {
    base::put_varint(out, static_cast<std::uint64_t>(place - before));
    before = place;
  }
}

void append_hashes(base::Bytes& out, std::span<const Code> hashes) {
  std::size_t at = out.size();
  out.resize(at + hashes.size() * kHashBytes);
  for (const Code hash : hashes) {
    base::store_be32(out.data() + at, hash);
    at += kHashBytes;
  }
}

// count places below bound, each greater than the one before.
template <class Take>
base::Result<void> read_places(base::Decoder& decoder, std::uint64_t count, std::uint64_t bound,
                               Take take) {
  std::uint64_t place = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t step = decoder.varint();
    if (!decoder.ok() || (i > 0 && step == 0) || step >= bound - place) {
      return damaged();
    }
    place += step;
    take(place);
  }
  return {};
}

struct PartHead {
  std::uint64_t first = 0, count = 0, texts = 0, left_out = 0;
};

// end: of the part before.
base::Result<PartHead> read_head(base::Decoder& decoder, std::uint64_t end) {
  PartHead head;
  head.first = decoder.varint();
  head.count = decoder.varint();
  head.texts = decoder.varint();
  head.left_out = decoder.varint();
  if (!decoder.ok() || head.first < end || head.first >= kSegmentSeqs || head.count == 0 ||
      head.count > kSegmentSeqs - head.first || head.texts > head.count ||
      head.left_out > head.count - head.texts) {
    return damaged();
  }
  return head;
}

// Calls take with the index in the segment of each record that has a text in the part, then
// take_left_out with those whose text is left out; ascending.
template <class Take, class TakeLeftOut>
base::Result<void> read_all_places(base::Decoder& decoder, const PartHead& head, Take take,
                                   TakeLeftOut take_left_out) {
  if (head.texts < head.count) {
    RETURN_IF_ERROR(read_places(decoder, head.texts, head.count,
                                [&](std::uint64_t place) { take(head.first + place); }));
  } else {
    for (std::uint64_t place = 0; place < head.count; ++place) {
      take(head.first + place);
    }
  }
  return read_places(decoder, head.left_out, head.count,
                     [&](std::uint64_t place) { take_left_out(head.first + place); });
}

// Each with its NUL.
base::Result<base::ByteView> read_texts(base::Decoder& decoder, const PartHead& head) {
  const base::ByteView texts = head.texts > 0 ? decoder.string() : base::ByteView();
  if (!decoder.ok()) {
    return damaged();
  }
  return texts;
}

}  // namespace

void TextsPart::add(std::string_view text, Code hash, bool left_out) {
  const auto place = static_cast<std::uint16_t>(count_++);
  if (left_out || text.size() > kColumnTextBytesMax) {
    left_out_.push_back(place);
    left_out_hashes_.push_back(hash);
    return;
  }
  places_.push_back(place);
  hashes_.push_back(hash);
  texts_.append(text).push_back('\0');
}

void TextsPart::append_to(base::Bytes& out, std::uint32_t first) const {
  CHECK(first + count_ <= kSegmentSeqs);
  base::put_varint(out, first);
  base::put_varint(out, count_);
  base::put_varint(out, places_.size());
  base::put_varint(out, left_out_.size());
  if (places_.size() < count_) {
    put_places(out, places_);
  }
  put_places(out, left_out_);
  append_hashes(out, hashes_);
  append_hashes(out, left_out_hashes_);
  if (places_.empty()) {
    return;
  }
  // Not compressed: RocksDB does that with the blocks that they come into.
  base::put_varint(out, texts_.size());
  out.append(texts_);
}

void TextsPart::clear() {
  count_ = 0;
  places_.clear();
  left_out_.clear();
  hashes_.clear();
  left_out_hashes_.clear();
  texts_.clear();
}

base::Result<void> read_hashes(base::ByteView parts, std::span<Code> hashes) {
  CHECK(hashes.size() == kSegmentSeqs);
  base::Decoder decoder(parts);
  std::array<std::uint16_t, kSegmentSeqs> places;
  for (std::uint64_t end = 0; !decoder.at_end();) {
    ASSIGN_OR_RETURN(const PartHead head, read_head(decoder, end));
    end = head.first + head.count;
    std::size_t count = 0;
    const auto add = [&](std::uint64_t place) {
      places[count++] = static_cast<std::uint16_t>(place);
    };
    RETURN_IF_ERROR(read_all_places(decoder, head, add, add));
    const base::ByteView values = decoder.bytes(count * kHashBytes);
    RETURN_IF_ERROR(read_texts(decoder, head));  // also tells whether the values were there
    for (std::size_t i = 0; i < count; ++i) {
      hashes[places[i]] = base::load_be32(values.data() + i * kHashBytes);
    }
  }
  return {};
}

base::Result<void> TextSegment::read(base::ByteView parts) {
  texts_.clear();
  places_.clear();
  ends_.clear();
  runs_.clear();
  left_out_.clear();
  base::Decoder decoder(parts);
  while (!decoder.at_end()) {
    RETURN_IF_ERROR(read_part(decoder));
  }
  return {};
}

base::Result<void> TextSegment::read_part(base::Decoder& decoder) {
  ASSIGN_OR_RETURN(const PartHead head, read_head(decoder, runs_.empty() ? 0 : runs_.back().end));
  RETURN_IF_ERROR(read_all_places(
      decoder, head,
      [&](std::uint64_t place) { places_.push_back(static_cast<std::uint16_t>(place)); },
      [&](std::uint64_t place) { left_out_.push_back(static_cast<std::uint16_t>(place)); }));
  decoder.bytes((head.texts + head.left_out) * kHashBytes);
  runs_.push_back({static_cast<std::uint32_t>(head.first),
                   static_cast<std::uint32_t>(head.first + head.count)});
  ASSIGN_OR_RETURN(const base::ByteView texts, read_texts(decoder, head));
  const bool ended = texts.empty() || texts.back() == '\0';
  if (!ended || base::count_of(texts, '\0') != head.texts) {
    return damaged();
  }
  texts_.append(texts);
  return {};
}

void TextSegment::find_ends() const {
  ends_.reserve(places_.size());
  for (std::size_t at = 0; at < texts_.size(); at = ends_.back() + 1U) {
    ends_.push_back(static_cast<std::uint32_t>(texts_.find('\0', at)));
  }
}

void TextSegment::find_containing(std::string_view folded_needle, std::uint32_t offset,
                                  std::vector<std::uint16_t>& lows) const {
  base::for_each_text_with(base::fold_case(texts_), folded_needle, [&](std::size_t i) {
    lows.push_back(static_cast<std::uint16_t>(offset + places_[i]));
  });
}

void TextSegment::take_known(std::uint32_t offset, SeqSet& unknown) const {
  SeqSet known;
  for (const Run& run : runs_) {
    known.add_range(offset + run.begin, offset + run.end);
  }
  SeqSet left_out;
  for (const std::uint16_t place : left_out_) {
    left_out.add(static_cast<std::uint16_t>(offset + place));
  }
  known -= left_out;
  unknown -= known;
}

void TextWriter::add(std::optional<std::string_view> text) {
  if (text.has_value()) {
    part_.add(*text, hash_of(*text), left_out_);
  } else {
    part_.add_absent();
  }
  if (++next_seq_ % kSegmentSeqs == 0) {
    close();
  }
}

void TextWriter::close() {
  const std::uint64_t begin = next_seq_ - part_.count();
  Done done{.segment = begin >> kSegmentBits,
            .first = static_cast<std::uint32_t>(begin % kSegmentSeqs)};
  part_.append_to(done.part, done.first);
  part_.clear();
  done_.push_back(std::move(done));
}

void TextWriter::finish(rocksdb::WriteBatch& batch) {
  if (part_.count() > 0) {
    close();
  }
  for (const Done& done : done_) {
    // Parts are not joined as those of codes are: the index grows by a segment's worth at a time,
    // and by less only where that is read often.
    write_part(database_, Family::Codes, prefix_, done.segment, done.first, done.part, batch);
  }
  done_.clear();
}

}  // namespace piperoll::store::rocks
