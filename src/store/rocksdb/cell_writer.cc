#include "store/rocksdb/cell_writer.h"

#include <algorithm>
#include <utility>

#include "store/rocksdb/counts_writer.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::int64_t kHourMicros = 3600 * base::kMicrosPerSecond;
constexpr std::int64_t kDayMicros = 24 * kHourMicros;
constexpr int kMonthsPerYear = 12;
constexpr std::size_t kMergeCountsMax = 4096;  // forgotten beyond: chains may grow longer once
constexpr std::size_t kCellKeys = (kSlotCount + 1) * kCellCodesMax;

}  // namespace

std::uint32_t period_of(CellLevel level, base::Timestamp time) {
  switch (level) {
    case CellLevel::Hour:
      return static_cast<std::uint32_t>(time.micros / kHourMicros);
    case CellLevel::Day:
      return static_cast<std::uint32_t>(time.micros / kDayMicros);
    case CellLevel::Month:
      break;
  }
  const base::CivilTime civil = base::to_civil(time);
  return static_cast<std::uint32_t>(civil.year * kMonthsPerYear + civil.month - 1);
}

base::Timestamp start_of_period(CellLevel level, std::uint32_t period) {
  switch (level) {
    case CellLevel::Hour:
      return {period * kHourMicros};
    case CellLevel::Day:
      return {period * kDayMicros};
    case CellLevel::Month:
      break;
  }
  const int month = static_cast<int>(period);
  return base::from_civil({.year = month / kMonthsPerYear, .month = month % kMonthsPerYear + 1});
}

CellWriter::CellWriter(const Database& database, LogNumber log) : database_(database), log_(log) {}

void CellWriter::begin(base::Timestamp occurred_at) {
  if (counts_.empty()) {
    counts_.resize(kCellKeys);
  }
  if (occurred_at.micros < hour_start_ || occurred_at.micros >= hour_end_) {
    close_hour();
    hour_start_ = occurred_at.micros - occurred_at.micros % kHourMicros;
    hour_end_ = hour_start_ + kHourMicros;
  }
  count(kAllRecords);
}

void CellWriter::add(Slot slot, Code code) {
  if (code >= kFirstCode && code < kCellCodesMax) {
    count(cell_key(slot, code));
  }
}

void CellWriter::count(std::uint32_t key) {
  if (counts_[key]++ == 0) {
    touched_.push_back(key);
  }
}

void CellWriter::close_hour() {
  if (touched_.empty()) {
    return;
  }
  std::sort(touched_.begin(), touched_.end());
  Counts closed;
  for (const std::uint32_t key : touched_) {
    closed.push_back({key, std::exchange(counts_[key], 0)});
  }
  touched_.clear();
  Counts& hour = hours_[period_of(CellLevel::Hour, {hour_start_})];
  hour = hour.empty() ? std::move(closed) : add_counts(hour, closed);
}

base::Result<void> CellWriter::finish(rocksdb::WriteBatch& batch) {
  close_hour();
  std::map<std::uint32_t, Counts> days;
  std::map<std::uint32_t, Counts> months;
  for (const auto& [hour, counts] : hours_) {
    RETURN_IF_ERROR(write(CellLevel::Hour, hour, counts, batch));
    const base::Timestamp start = start_of_period(CellLevel::Hour, hour);
    Counts& day = days[period_of(CellLevel::Day, start)];
    day = add_counts(day, counts);
    Counts& month = months[period_of(CellLevel::Month, start)];
    month = add_counts(month, counts);
  }
  for (const auto& [day, counts] : days) {
    RETURN_IF_ERROR(write(CellLevel::Day, day, counts, batch));
  }
  for (const auto& [month, counts] : months) {
    RETURN_IF_ERROR(write(CellLevel::Month, month, counts, batch));
  }
  hours_.clear();
  counts_ = {};  // many logs, few of them written to at a time
  if (merges_.size() > kMergeCountsMax) {
    merges_.clear();
  }
  return {};
}

base::Result<void> CellWriter::write(CellLevel level, std::uint32_t period, const Counts& counts,
                                     rocksdb::WriteBatch& batch) {
  const base::Bytes key = cells_key(log_, level, period);
  std::uint8_t& merges = merges_[{level, period}];
  return add_to_counts(database_, key, counts, merges, batch);
}

}  // namespace piperoll::store::rocks
