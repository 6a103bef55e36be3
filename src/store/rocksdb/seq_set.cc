#include "store/rocksdb/seq_set.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/coding.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

static_assert(std::endian::native == std::endian::little);  // as the portable form is

enum class Form : std::uint8_t { List = 0, Range = 1, Bitmap = 2 };

base::Error damaged() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a set of the index is damaged",
          .code = "damaged_index"};
}

// The portable form of a bitmap of one container (RoaringFormatSpec, "General layout"). One that is
// no list of runs has this head, then its members: bits if they are many, else one by one.
constexpr std::size_t kRoaringArrayMax = 4096;  // members of a container that is an array
constexpr std::size_t kWords = kBucketSeqs / 64;
constexpr std::uint32_t kPlainCookie = 12346;
struct PlainHead {
  std::uint32_t cookie = kPlainCookie;
  std::uint32_t containers = 1;
  std::uint16_t key = 0, members_but_one = 0;
  std::uint32_t offset = sizeof(PlainHead);
};
// Runs are behind a cookie, a byte of flags, key and members: their number, then of each its first
// member and how many follow.
constexpr std::size_t kRunsAt = 9;

std::uint16_t number_at(base::ByteView bytes, std::size_t index) {
  std::uint16_t number = 0;
  CHECK((index + 1) * sizeof(number) <= bytes.size());
  std::memcpy(&number, bytes.data() + index * sizeof(number), sizeof(number));
  return number;
}

void count_runs(base::ByteView runs, SegmentCounts& counts) {
  const std::size_t count = number_at(runs, 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t begin = number_at(runs, 1 + 2 * i);
    const std::uint32_t end = begin + number_at(runs, 2 + 2 * i) + 1;
    while (begin < end) {
      const std::uint32_t segment = begin / kSegmentSeqs;
      const std::uint32_t part_end = std::min(end, (segment + 1) * kSegmentSeqs);
      counts[segment] += part_end - begin;
      begin = part_end;
    }
  }
}

void count_bits(base::ByteView bits, SegmentCounts& counts) {
  std::array<std::uint64_t, kWords> words;
  CHECK(bits.size() == sizeof(words));
  std::memcpy(words.data(), bits.data(), sizeof(words));
  for (std::size_t i = 0; i < kWords; ++i) {
    counts[i / (kWords / kSegmentsPerBucket)] +=
        static_cast<std::uint32_t>(std::popcount(words[i]));
  }
}

void count_lows(base::ByteView lows, SegmentCounts& counts) {
  for (std::size_t i = 0; i < lows.size() / sizeof(std::uint16_t); ++i) {
    ++counts[number_at(lows, i) / kSegmentSeqs];
  }
}

void append_range(base::Bytes& out, std::uint32_t first, std::uint64_t count) {
  base::put_u8(out, static_cast<std::uint8_t>(Form::Range));
  base::put_varint(out, first);
  base::put_varint(out, count);
}

void append_list(base::Bytes& out, std::span<const std::uint16_t> sorted) {
  base::put_u8(out, static_cast<std::uint8_t>(Form::List));
  std::uint32_t next = 0;
  for (const std::uint16_t low : sorted) {
    base::put_varint(out, low - next);
    next = low + 1U;
  }
}

base::Result<SeqSet> decode_list(base::Decoder& decoder) {
  SeqSet set;
  std::uint64_t next = 0;
  while (decoder.ok() && !decoder.at_end()) {
    const std::uint64_t gap = decoder.varint();
    if (gap >= kBucketSeqs - next) {
      return damaged();
    }
    set.add(static_cast<std::uint16_t>(next + gap));
    next += gap + 1;
  }
  if (!decoder.ok()) {
    return damaged();
  }
  return set;
}

}  // namespace

SeqSet SeqSet::range(std::uint32_t begin, std::uint32_t end) {
  SeqSet set;
  set.add_range(begin, end);
  return set;
}

// Written as the portable form and read back: one copy, where adding costs as much for each member
// as finding it did.
SeqSet SeqSet::of_sorted(std::span<const std::uint16_t> sorted) {
  SeqSet set;
  if (sorted.empty()) {
    return set;
  }
  const PlainHead head{.members_but_one = static_cast<std::uint16_t>(sorted.size() - 1)};
  std::array<char, sizeof(PlainHead) + kWords * 8> form;
  std::memcpy(form.data(), &head, sizeof(head));
  std::size_t bytes = sizeof(head);
  if (sorted.size() <= kRoaringArrayMax) {
    std::memcpy(form.data() + bytes, sorted.data(), sorted.size_bytes());
    bytes += sorted.size_bytes();
  } else {
    std::array<std::uint64_t, kWords> words{};
    for (const std::uint16_t low : sorted) {
      words[low / 64] |= std::uint64_t{1} << (low % 64);
    }
    std::memcpy(form.data() + bytes, words.data(), sizeof(words));
    bytes += sizeof(words);
  }
  roaring_bitmap_t* bitmap = roaring_bitmap_portable_deserialize_safe(form.data(), bytes);
  CHECK(bitmap != nullptr);
  set.bits_ = Roaring(bitmap);
  return set;
}

void SeqSet::add_range(std::uint32_t begin, std::uint32_t end) {
  if (begin < end) {
    bits_.addRange(begin, end);
  }
}

std::uint64_t SeqSet::count_in(std::uint32_t begin, std::uint32_t end) const {
  return roaring_bitmap_range_cardinality(&bits_.roaring, begin, end);
}

// Counting in a set walks it from its beginning, for each segment again. So it is written in the
// portable form, and counted there in one go.
SegmentCounts SeqSet::segment_counts() const {
  SegmentCounts counts{};
  if (empty()) {
    return counts;
  }
  base::Bytes form(bits_.getSizeInBytes(), '\0');
  bits_.write(form.data());
  std::uint32_t cookie = 0;
  std::memcpy(&cookie, form.data(), sizeof(cookie));
  if (cookie != kPlainCookie) {
    count_runs(base::ByteView(form).substr(kRunsAt), counts);
    return counts;
  }
  const base::ByteView members = base::ByteView(form).substr(sizeof(PlainHead));
  if (bits_.cardinality() > kRoaringArrayMax) {
    count_bits(members, counts);
  } else {
    count_lows(members, counts);
  }
  return counts;
}

std::uint64_t SeqSet::segments() const {
  std::uint64_t found = 0;
  roaring_uint32_iterator_t at;
  roaring_init_iterator(&bits_.roaring, &at);
  while (at.has_value) {
    const std::uint32_t segment = at.current_value / kSegmentSeqs;
    found |= std::uint64_t{1} << segment;
    roaring_move_uint32_iterator_equalorlarger(&at, (segment + 1) * kSegmentSeqs);
  }
  return found;
}

std::vector<std::uint16_t> SeqSet::list() const {
  std::vector<std::uint32_t> wide(bits_.cardinality());
  bits_.toUint32Array(wide.data());
  std::vector<std::uint16_t> lows(wide.size());
  std::transform(wide.begin(), wide.end(), lows.begin(),
                 [](std::uint32_t low) { return static_cast<std::uint16_t>(low); });
  return lows;
}

std::vector<std::uint16_t> SeqSet::list_in(std::uint32_t begin, std::uint32_t end) const {
  std::vector<std::uint16_t> lows;
  roaring_uint32_iterator_t at;
  roaring_init_iterator(&bits_.roaring, &at);
  if (!roaring_move_uint32_iterator_equalorlarger(&at, begin)) {
    return lows;
  }
  // A few at once: to go on from one costs more than to read it.
  std::array<std::uint32_t, 64> next;
  while (at.has_value && at.current_value < end) {
    const std::uint32_t count = roaring_read_uint32_iterator(&at, next.data(), next.size());
    for (std::uint32_t i = 0; i < count && next[i] < end; ++i) {
      lows.push_back(static_cast<std::uint16_t>(next[i]));
    }
  }
  return lows;
}

SeqSet& SeqSet::operator&=(const SeqSet& other) {
  bits_ &= other.bits_;
  return *this;
}

SeqSet& SeqSet::operator|=(const SeqSet& other) {
  bits_ |= other.bits_;
  return *this;
}

SeqSet& SeqSet::operator-=(const SeqSet& other) {
  bits_ -= other.bits_;
  return *this;
}

void append_set(base::Bytes& out, std::span<const std::uint16_t> sorted) {
  if (!sorted.empty() && sorted.back() - sorted.front() + 1U == sorted.size()) {
    append_range(out, sorted.front(), sorted.size());
  } else if (sorted.size() <= kShortSetMax) {
    append_list(out, sorted);
  } else {
    append_set(out, SeqSet::of_sorted(sorted));
  }
}

void append_set(base::Bytes& out, const SeqSet& set) {
  const std::uint64_t count = set.count();
  if (count <= kShortSetMax) {
    append_list(out, set.list());
    return;
  }
  const std::uint32_t first = set.bits_.minimum();
  if (set.bits_.maximum() - first + 1U == count) {
    append_range(out, first, count);
    return;
  }
  Roaring packed = set.bits_;
  packed.runOptimize();
  base::put_u8(out, static_cast<std::uint8_t>(Form::Bitmap));
  const std::size_t start = out.size();
  out.resize(start + packed.getSizeInBytes());
  packed.write(out.data() + start);
}

base::Result<SeqSet> decode_set(base::ByteView bytes) {
  base::Decoder decoder(bytes);
  const std::uint8_t form = decoder.u8();
  if (!decoder.ok() || form > static_cast<std::uint8_t>(Form::Bitmap)) {
    return damaged();
  }
  if (form == static_cast<std::uint8_t>(Form::List)) {
    return decode_list(decoder);
  }
  if (form == static_cast<std::uint8_t>(Form::Range)) {
    const std::uint64_t first = decoder.varint();
    const std::uint64_t count = decoder.varint();
    if (!decoder.ok() || !decoder.at_end() || first >= kBucketSeqs || count > kBucketSeqs - first) {
      return damaged();
    }
    return SeqSet::range(static_cast<std::uint32_t>(first),
                         static_cast<std::uint32_t>(first + count));
  }
  roaring_bitmap_t* bitmap =
      roaring_bitmap_portable_deserialize_safe(decoder.rest().data(), decoder.rest().size());
  if (bitmap == nullptr) {
    return damaged();
  }
  SeqSet set;
  set.bits_ = Roaring(bitmap);
  if (!set.empty() && set.bits_.maximum() >= kBucketSeqs) {
    return damaged();
  }
  return set;
}

}  // namespace piperoll::store::rocks
