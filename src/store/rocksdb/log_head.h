#pragma once
// LogHead: what the store knows of a whole log; kept in meta, written with every batch that touches
// the log. Values.

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

struct LogHead {
  LogNumber number = 0;
  std::uint64_t size = 0;                   // records, so the seq of the next one
  base::Timestamp newest_recorded_at = {};  // of the record size - 1
  bool operator==(const LogHead&) const = default;
};

base::Bytes encode_log_head(const LogHead& head);
base::Result<LogHead> decode_log_head(base::ByteView bytes);

}  // namespace piperoll::store::rocks
