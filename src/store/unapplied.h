#pragma once
// Records that are durable and wait to be applied to a store, for those who read meanwhile.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "event/fields.h"
#include "event/record.h"

namespace piperoll::store {

// Consecutive records of one log. What readers look at is taken out of the records once, by the
// first who asks, into columns: it costs the same however many ask. Thread-safe.
class UnappliedRun {
 public:
  // records: some, as AppliedRecord::bytes, whose bytes outlive the run.
  explicit UnappliedRun(std::vector<base::ByteView> records);

  std::uint64_t first_seq() const { return first_seq_; }
  std::uint64_t end_seq() const { return first_seq_ + records_.size(); }
  // REQUIRES: first_seq() <= seq < end_seq()
  base::ByteView record(std::uint64_t seq) const { return records_[seq - first_seq_]; }

  // Columns, by seq - first_seq(). Empty where a record is damaged: whoever reads it is told.
  struct Times {
    std::int64_t occurred_at = 0, recorded_at = 0;  // microseconds since 1970
  };
  std::span<const Times> times() const EXCLUDES_LOCK(mutex_);
  // Of the text that a filter on the field sees; kAbsent where there is none.
  std::span<const std::uint32_t> hashes(event::Field field) const EXCLUDES_LOCK(mutex_);
  static constexpr std::uint32_t kAbsent = 0;
  static std::uint32_t hash_of(std::string_view text);  // never kAbsent

 private:
  template <class Value, class Take>
  std::vector<Value> column_of(Take take) const;

  const std::vector<base::ByteView> records_;
  const std::uint64_t first_seq_;
  mutable base::Mutex mutex_;
  mutable std::vector<Times> times_ GUARDED_BY(mutex_);
  mutable std::map<event::Field, std::vector<std::uint32_t>> hashes_ GUARDED_BY(mutex_);
};

// What waits of one log, without gaps. Value.
struct Unapplied {
  std::vector<std::shared_ptr<const UnappliedRun>> runs = {};
  std::uint64_t end_seq() const { return runs.empty() ? 0 : runs.back()->end_seq(); }
  // REQUIRES: the first run does not begin behind seq, and seq < end_seq()
  const UnappliedRun& run_at(std::uint64_t seq) const;
};

// Where records wait. Thread-safe.
class UnappliedRecords {
 public:
  virtual ~UnappliedRecords() = default;
  // Those of the log; some may be applied by now. What one call gave and a later one does not is
  // applied before the later one begins.
  virtual Unapplied of(const event::LogId& log) const = 0;
};

}  // namespace piperoll::store
