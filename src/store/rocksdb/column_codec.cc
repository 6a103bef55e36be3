#include "store/rocksdb/column_codec.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/coding.h"
#include "base/delta_scan.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// Damaged bytes may make any sum: it wraps.
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// Looked for one after the other in the list of a part; more of them are looked for together.
constexpr std::size_t kFewCodesMax = 8;

unsigned width_of(std::size_t distinct) {
  return static_cast<unsigned>(std::bit_width(distinct - 1));
}

std::size_t packed_bytes(std::size_t count, unsigned width) {
  return (count * width + 7) / 8;
}

// Indexes into a list of at most kSegmentSeqs values: at most 10 bits each, low bits first.
void pack(base::Bytes& out, std::span<const std::uint16_t> indexes, unsigned width) {
  std::uint32_t buffer = 0;
  unsigned filled = 0;
  for (const std::uint16_t index : indexes) {
    buffer |= static_cast<std::uint32_t>(index) << filled;
    for (filled += width; filled >= 8; filled -= 8) {
      out.push_back(static_cast<char>(buffer));
      buffer >>= 8;
    }
  }
  if (filled > 0) {
    out.push_back(static_cast<char>(buffer));
  }
}

// Calls take(position, index) for each.
template <class Take>
void unpack(base::ByteView packed, std::size_t count, unsigned width, Take take) {
  const std::uint32_t mask = (1U << width) - 1;
  std::uint32_t buffer = 0;
  unsigned filled = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (filled < width) {
      buffer |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(packed[at++])) << filled;
      filled += 8;
    }
    take(i, buffer & mask);
    buffer >>= width;
    filled -= width;
  }
}

// The distinct codes of one part and their places among them; a hash table, since sorting all
// values costs more than everything else that is done with them.
class LocalCodes {
 public:
  LocalCodes() { places_.fill(kEmpty); }
  void add(Code code) {
    std::uint16_t& place = slot(code);
    if (place == kEmpty) {
      place = static_cast<std::uint16_t>(distinct_.size());
      distinct_.push_back(code);
    }
  }
  void sort() {
    std::sort(distinct_.begin(), distinct_.end());
    places_.fill(kEmpty);
    for (std::size_t i = 0; i < distinct_.size(); ++i) {
      // The slot ends its search at the first empty place: nothing is compared that is not set.
      slot(distinct_[i]) = static_cast<std::uint16_t>(i);
    }
  }
  std::uint16_t index_of(Code code) { return slot(code); }
  const std::vector<Code>& distinct() const { return distinct_; }

 private:
  static constexpr std::uint16_t kEmpty = 0xffff;
  static constexpr std::size_t kPlaces = 2 * std::size_t{kSegmentSeqs};

  std::uint16_t& slot(Code code) {
    std::size_t at = code * 0x9e3779b1U >> (32 - std::bit_width(kPlaces - 1));
    while (places_[at] != kEmpty && distinct_[places_[at]] != code) {
      at = (at + 1) % kPlaces;
    }
    return places_[at];
  }

  std::array<std::uint16_t, kPlaces> places_;
  std::vector<Code> distinct_;
};

struct PartHead {
  std::uint64_t first = 0, count = 0;
};

base::Result<PartHead> read_head(base::Decoder& decoder) {
  PartHead head;
  head.first = decoder.varint();
  head.count = decoder.varint();
  if (!decoder.ok() || head.first >= kSegmentSeqs || head.count > kSegmentSeqs - head.first) {
    return damaged_column();
  }
  return head;
}

void put_head(base::Bytes& out, std::uint32_t first, std::size_t count) {
  CHECK(first + count <= kSegmentSeqs);
  base::put_varint(out, first);
  base::put_varint(out, count);
}

// A part, but for its codes, which lie between head and values.
struct CodesPart {
  PartHead head;
  std::size_t distinct = 0;
  base::ByteView packed;
};

// Calls read_list(decoder, distinct), which takes the codes from the decoder.
template <class ReadList>
base::Result<CodesPart> read_part(base::Decoder& decoder, ReadList read_list) {
  CodesPart part;
  ASSIGN_OR_RETURN(part.head, read_head(decoder));
  part.distinct = decoder.varint();
  if (!decoder.ok() || part.distinct == 0 || part.distinct > kSegmentSeqs) {
    return damaged_column();
  }
  read_list(decoder, part.distinct);
  part.packed = decoder.bytes(packed_bytes(part.head.count, width_of(part.distinct)));
  if (!decoder.ok()) {
    return damaged_column();
  }
  return part;
}

// Calls take(index, code) for each code of the list.
template <class Take>
void read_list(base::Decoder& decoder, std::size_t distinct, Take take) {
  std::uint64_t code = 0;
  for (std::size_t i = 0; i < distinct; ++i) {
    code += decoder.varint();
    take(i, static_cast<Code>(code));
  }
}

// By index in the list of a part: 1 where the code is wanted.
using Wanted = std::array<std::uint8_t, kSegmentSeqs>;

// Returns how many there are. The first `distinct` of wanted are set.
std::size_t mark_wanted(base::Decoder& decoder, std::size_t distinct, const CodeFilter& filter,
                        Wanted& wanted) {
  std::size_t count = 0;
  if (filter.few().empty()) {
    read_list(decoder, distinct, [&](std::size_t i, Code code) {
      wanted[i] = filter.has(code) ? 1 : 0;
      count += wanted[i];
    });
    return count;
  }
  std::fill_n(wanted.begin(), distinct, std::uint8_t{0});
  base::DeltaScan scan(decoder.rest(), distinct);
  for (const Code code : filter.few()) {
    if (!scan.seek(code)) {
      break;
    }
    if (scan.value() == code) {
      wanted[scan.index()] = 1;
      ++count;
    }
  }
  const base::ByteView behind = scan.skip_rest();
  if (scan.ok()) {
    decoder.bytes(decoder.rest().size() - behind.size());
  } else {
    decoder.fail();
  }
  return count;
}

base::Result<void> find_in_part(const CodesPart& part, const Wanted& wanted, std::uint32_t offset,
                                std::vector<std::uint16_t>& lows) {
  std::size_t size = lows.size();
  lows.resize(size + part.head.count);
  bool in_list = true;
  const auto first = static_cast<std::uint32_t>(offset + part.head.first);
  // Written whether wanted or not, so that nothing has to be guessed at.
  const unsigned width = width_of(part.distinct);
  unpack(part.packed, part.head.count, width, [&](std::size_t i, std::uint32_t index) {
    in_list = in_list && index < part.distinct;
    lows[size] = static_cast<std::uint16_t>(first + i);
    size += wanted[index < part.distinct ? index : 0];
  });
  lows.resize(size);
  if (!in_list) {
    return damaged_column();
  }
  return {};
}

// Written whether wanted or not, so that nothing has to be guessed at.
template <class IsWanted>
void append_where(std::span<const Code> codes, std::uint32_t offset,
                  std::vector<std::uint16_t>& lows, IsWanted is_wanted) {
  std::size_t size = lows.size();
  lows.resize(size + codes.size() + 1);
  for (const Code code : codes) {
    lows[size] = static_cast<std::uint16_t>(offset++);
    size += is_wanted(code) ? 1U : 0U;
  }
  lows.resize(size);
}

base::Result<void> read_codes_part(base::Decoder& decoder, std::span<Code> segment) {
  std::array<Code, kSegmentSeqs> codes;
  ASSIGN_OR_RETURN(const CodesPart part,
                   read_part(decoder, [&](base::Decoder& list, std::size_t distinct) {
                     read_list(list, distinct, [&](std::size_t i, Code code) { codes[i] = code; });
                   }));
  const std::span<Code> target = segment.subspan(part.head.first, part.head.count);
  bool in_list = true;
  const unsigned width = width_of(part.distinct);
  unpack(part.packed, part.head.count, width, [&](std::size_t i, std::uint32_t index) {
    in_list = in_list && index < part.distinct;
    target[i] = codes[index < part.distinct ? index : 0];
  });
  if (!in_list) {
    return damaged_column();
  }
  return {};
}

}  // namespace

base::Error damaged_column() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a column of the index is damaged",
          .code = "damaged_index"};
}

void append_codes_part(base::Bytes& out, std::uint32_t first, std::span<const Code> values) {
  put_head(out, first, values.size());
  const bool constant = std::all_of(values.begin(), values.end(),
                                    [&](Code value) { return value == values.front(); });
  if (constant) {
    base::put_varint(out, 1);
    base::put_varint(out, values.front());
    return;
  }
  LocalCodes local;
  for (const Code value : values) {
    local.add(value);
  }
  local.sort();
  base::put_varint(out, local.distinct().size());
  Code before = 0;
  for (const Code code : local.distinct()) {
    base::put_varint(out, code - before);
    before = code;
  }
  std::vector<std::uint16_t> indexes;
  indexes.reserve(values.size());
  for (const Code value : values) {
    indexes.push_back(local.index_of(value));
  }
  pack(out, indexes, width_of(local.distinct().size()));
}

void append_times_part(base::Bytes& out, std::uint32_t first,
                       std::span<const std::int64_t> values) {
  put_head(out, first, values.size());
  std::int64_t before = 0;
  for (const std::int64_t value : values) {
    base::put_signed_varint(out, value - before);
    before = value;
  }
}

base::Result<void> read_codes(base::ByteView parts, std::span<Code> segment) {
  CHECK(segment.size() == kSegmentSeqs);
  base::Decoder decoder(parts);
  while (!decoder.at_end()) {
    RETURN_IF_ERROR(read_codes_part(decoder, segment));
  }
  return {};
}

CodeFilter::CodeFilter(std::span<const Code> codes) {
  bits_.resize(codes.empty() ? 1 : codes.back() / kWordBits + 1);
  for (const Code code : codes) {
    bits_[code / kWordBits] |= std::uint64_t{1} << code % kWordBits;
  }
  if (codes.size() <= kFewCodesMax) {
    few_.assign(codes.begin(), codes.end());
  }
}

void find_codes(std::span<const Code> codes, const CodeFilter& filter,
                std::vector<std::uint16_t>& lows) {
  if (filter.few().size() != 1) {
    append_where(codes, 0, lows, [&](Code code) { return filter.has(code); });
    return;
  }
  // One code of many is looked for in blocks, which the compiler compares several at a time.
  constexpr std::size_t kBlock = 64;
  const Code wanted = filter.few().front();
  for (std::size_t at = 0; at < codes.size(); at += kBlock) {
    const auto block = codes.subspan(at, std::min(kBlock, codes.size() - at));
    std::uint32_t found = 0;
    for (const Code code : block) {
      found |= code == wanted ? 1U : 0U;
    }
    if (found != 0) {
      append_where(block, static_cast<std::uint32_t>(at), lows,
                   [wanted](Code code) { return code == wanted; });
    }
  }
}

base::Result<void> find_codes(base::ByteView parts, const CodeFilter& filter, std::uint32_t offset,
                              std::vector<std::uint16_t>& lows) {
  base::Decoder decoder(parts);
  Wanted wanted;
  while (!decoder.at_end()) {
    std::size_t wanted_count = 0;
    ASSIGN_OR_RETURN(const CodesPart part,
                     read_part(decoder, [&](base::Decoder& list, std::size_t distinct) {
                       wanted_count = mark_wanted(list, distinct, filter, wanted);
                     }));
    if (wanted_count > 0) {
      RETURN_IF_ERROR(find_in_part(part, wanted, offset, lows));
    }
  }
  return {};
}

base::Result<void> read_times(base::ByteView parts, std::span<std::int64_t> segment) {
  CHECK(segment.size() == kSegmentSeqs);
  base::Decoder decoder(parts);
  while (!decoder.at_end()) {
    ASSIGN_OR_RETURN(const PartHead head, read_head(decoder));
    std::int64_t time = 0;
    for (std::int64_t& value : segment.subspan(head.first, head.count)) {
      time = plus(time, decoder.signed_varint());
      value = time;
    }
    if (!decoder.ok()) {
      return damaged_column();
    }
  }
  return {};
}

void TimeBounds::add(std::int64_t time) {
  if (empty()) {
    least = greatest = time;
  } else {
    least = std::min(least, time);
    greatest = std::max(greatest, time);
  }
}

base::Bytes encode_bounds(std::span<const TimeBounds> segments) {
  base::Bytes out;
  std::int64_t before = 0;
  for (const TimeBounds& bounds : segments) {
    if (bounds.empty()) {
      break;
    }
    base::put_signed_varint(out, bounds.least - before);
    base::put_varint(out, static_cast<std::uint64_t>(bounds.greatest - bounds.least));
    before = bounds.least;
  }
  return out;
}

base::Result<std::vector<TimeBounds>> decode_bounds(base::ByteView bytes) {
  std::vector<TimeBounds> segments;
  base::Decoder decoder(bytes);
  std::int64_t before = 0;
  while (!decoder.at_end()) {
    TimeBounds bounds;
    bounds.least = plus(before, decoder.signed_varint());
    bounds.greatest = plus(bounds.least, static_cast<std::int64_t>(decoder.varint()));
    before = bounds.least;
    segments.push_back(bounds);
  }
  if (!decoder.ok() || segments.size() > kSegmentsPerBucket) {
    return damaged_column();
  }
  return segments;
}

}  // namespace piperoll::store::rocks
