#include "store/rocksdb/unposted_columns.h"

#include <algorithm>
#include <span>
#include <utility>

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/column_reader.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// Nodes of a list and of a map, and a block of counts.
constexpr std::size_t kBytesOfAnEntry = sizeof(Codes) + 256;

}  // namespace

std::uint32_t full_segments(const ReadView& view, std::uint32_t bucket) {
  const std::uint64_t full = view.head->indexed >> kSegmentBits;
  const std::uint64_t first = std::uint64_t{bucket} * kSegmentsPerBucket;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(full - std::min(full, first), kSegmentsPerBucket));
}

base::Result<std::shared_ptr<const Codes>> UnpostedColumns::get(const Database& database,
                                                                const ReadView& view, Slot slot,
                                                                std::uint32_t bucket) {
  const Key key{view.head->number, slot, bucket};
  const std::uint32_t segments = full_segments(view, bucket);
  const std::size_t wanted = std::size_t{segments} * kSegmentSeqs;
  const std::shared_ptr<const Codes> known = kept_.find(key);
  if (known != nullptr && known->size() >= wanted) {
    return known;
  }
  Codes codes;
  codes.reserve(wanted);
  if (known != nullptr) {
    codes = *known;
  }
  const auto first = static_cast<std::uint32_t>(codes.size() / kSegmentSeqs);
  codes.resize(wanted, kAbsent);
  ColumnReader reader(database, view.snapshot,
                      codes_prefix(view.head->number, kIndexedFields[slot].number));
  RETURN_IF_ERROR(reader.for_each_segment(
      bucket, first, [&](std::uint32_t segment, base::ByteView parts) -> base::Result<void> {
        return segment >= segments ? base::Result<void>()
                                   : read_codes(parts, std::span(codes).subspan(
                                                           segment * kSegmentSeqs, kSegmentSeqs));
      }));
  auto made = std::make_shared<const Codes>(std::move(codes));
  kept_.keep(key, made, kBytesOfAnEntry + made->capacity() * sizeof(Code),
             [wanted](const Codes& other) { return other.size() >= wanted; });
  return made;
}

}  // namespace piperoll::store::rocks
