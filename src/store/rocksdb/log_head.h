#pragma once
// LogHead: what the store knows of a whole log; kept in meta, written with every batch that touches
// the log. Values.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "store/rocksdb/indexed_fields.h"
#include "store/rocksdb/key_layout.h"
#include "tlog/frontier.h"

namespace piperoll::store::rocks {

inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

// Of one indexed field.
struct FieldHead {
  Code next_code = kFirstCode;
  std::uint64_t value_bytes = 0;      // of the values that have a code
  std::uint64_t stopped_at = kNever;  // from this seq on values get no code (store_limits.h)
  bool operator==(const FieldHead&) const = default;
};

// Which postings exist: all of the first buckets, and in the next bucket those of the first slots.
struct Posted {
  std::uint32_t buckets = 0;
  Slot slots = 0;  // [0, kSlotCount)
  bool operator==(const Posted&) const = default;
};

struct LogHead {
  LogNumber number = 0;
  std::uint64_t size = 0;                   // records, so the seq of the next one
  base::Timestamp newest_recorded_at = {};  // of the record size - 1
  tlog::Frontier tree = {};                 // of the leaves of records [0, tree.size())
  std::uint64_t indexed = 0;                // records [0, indexed) are in the index
  Posted posted = {};                       // of these
  std::array<FieldHead, kSlotCount> fields = {};
  bool operator==(const LogHead&) const = default;
};

base::Bytes encode_log_head(const LogHead& head);
base::Result<LogHead> decode_log_head(base::ByteView bytes);

}  // namespace piperoll::store::rocks
