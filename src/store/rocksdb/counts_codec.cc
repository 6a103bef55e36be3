#include "store/rocksdb/counts_codec.h"

#include <algorithm>

#include "base/coding.h"

namespace piperoll::store::rocks {

void append_counts(base::Bytes& out, std::span<const KeyCount> counts) {
  std::uint32_t next = 0;
  for (const KeyCount& entry : counts) {
    base::put_varint(out, entry.key - next);
    base::put_varint(out, entry.count);
    next = entry.key + 1;
  }
}

base::Result<Counts> decode_counts(base::ByteView bytes) {
  Counts counts;
  base::Decoder decoder(bytes);
  std::uint64_t next = 0;
  while (!decoder.at_end()) {
    const std::uint64_t key = next + decoder.varint();
    const std::uint64_t count = decoder.varint();
    if (!decoder.ok() || key < next || key > 0xffffffff) {
      return base::Error{.kind = base::ErrorKind::Corruption,
                         .message = "counts of the index are damaged",
                         .code = "damaged_index"};
    }
    counts.push_back({static_cast<std::uint32_t>(key), count});
    next = key + 1;
  }
  if (!decoder.ok()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "counts of the index are damaged",
                       .code = "damaged_index"};
  }
  return counts;
}

Counts add_counts(std::span<const KeyCount> a, std::span<const KeyCount> b) {
  Counts sum;
  sum.reserve(a.size() + b.size());
  while (!a.empty() || !b.empty()) {
    if (b.empty() || (!a.empty() && a.front().key < b.front().key)) {
      sum.push_back(a.front());
      a = a.subspan(1);
    } else if (a.empty() || b.front().key < a.front().key) {
      sum.push_back(b.front());
      b = b.subspan(1);
    } else {
      sum.push_back({a.front().key, a.front().count + b.front().count});
      a = a.subspan(1);
      b = b.subspan(1);
    }
  }
  return sum;
}

std::uint64_t count_of(std::span<const KeyCount> counts, std::uint32_t key) {
  const auto found = std::lower_bound(
      counts.begin(), counts.end(), key,
      [](const KeyCount& entry, std::uint32_t wanted) { return entry.key < wanted; });
  return found != counts.end() && found->key == key ? found->count : 0;
}

}  // namespace piperoll::store::rocks
