#include "store/rocksdb/counts_codec.h"

#include "base/coding.h"

namespace piperoll::store::rocks {
namespace {

base::Error damaged() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "counts of the index are damaged",
          .code = "damaged_index"};
}

}  // namespace

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
      return damaged();
    }
    counts.push_back({static_cast<std::uint32_t>(key), count});
    next = key + 1;
  }
  if (!decoder.ok()) {
    return damaged();
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

base::Result<std::uint64_t> find_count(base::ByteView bytes, std::uint32_t key) {
  std::uint64_t count = 0;
  RETURN_IF_ERROR(visit_counts(bytes, key, key, [&](KeyCount entry) { count = entry.count; }));
  return count;
}

base::Result<void> visit_counts(base::ByteView bytes, std::uint32_t first, std::uint32_t last,
                                const std::function<void(KeyCount)>& visit) {
  base::Decoder decoder(bytes);
  std::uint64_t next = 0;
  while (!decoder.at_end() && next <= last) {
    const std::uint64_t key = next + decoder.varint();
    const std::uint64_t count = decoder.varint();
    if (!decoder.ok() || key < next) {
      return damaged();
    }
    if (first <= key && key <= last) {
      visit({static_cast<std::uint32_t>(key), count});
    }
    next = key + 1;
  }
  return {};
}

}  // namespace piperoll::store::rocks
