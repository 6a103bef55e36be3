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

constexpr std::size_t kRoaringArrayMax = 4096;  // members of a container that is an array

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

// Written as the portable form of a bitmap of one container and read back: one copy, where adding
// costs as much for each member as finding it did (RoaringFormatSpec, "General layout").
SeqSet SeqSet::of_sorted(std::span<const std::uint16_t> sorted) {
  SeqSet set;
  if (sorted.empty()) {
    return set;
  }
  constexpr std::size_t kWords = kBucketSeqs / 64;
  const auto members = static_cast<std::uint16_t>(sorted.size() - 1);
  struct Head {
    std::uint32_t cookie = 12346;  // no container of runs
    std::uint32_t containers = 1;
    std::uint16_t key = 0, members_but_one = 0;
    std::uint32_t offset = sizeof(Head);
  } const head{.members_but_one = members};
  std::array<char, sizeof(Head) + kWords * 8> form;
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

SegmentCounts SeqSet::segment_counts() const {
  // Counting in a set costs a walk from its beginning; a short list is faster.
  constexpr std::uint64_t kListMax = 8192;
  SegmentCounts counts{};
  if (bits_.cardinality() <= kListMax) {
    for (const std::uint16_t low : list()) {
      ++counts[low / kSegmentSeqs];
    }
    return counts;
  }
  for (std::uint32_t i = 0; i < kSegmentsPerBucket; ++i) {
    counts[i] = static_cast<std::uint32_t>(count_in(i * kSegmentSeqs, (i + 1) * kSegmentSeqs));
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
  while (at.has_value && at.current_value < end) {
    lows.push_back(static_cast<std::uint16_t>(at.current_value));
    roaring_advance_uint32_iterator(&at);
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
