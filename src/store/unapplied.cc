#include "store/unapplied.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/crc32c.h"

namespace piperoll::store {

UnappliedRun::UnappliedRun(std::vector<base::ByteView> records)
    : records_(std::move(records)), first_seq_(event::seq_of(records_.front())) {}

// One value a record; none at all where one of them is damaged.
template <class Value, class Take>
std::vector<Value> UnappliedRun::column_of(Take take) const {
  std::vector<Value> column;
  column.reserve(records_.size());
  std::array<char, 36> made_id;
  for (const base::ByteView bytes : records_) {
    const base::Result<event::RecordView> record = event::decode_record(bytes, made_id);
    if (!record) {
      return {};
    }
    column.push_back(take(*record));
  }
  return column;
}

std::span<const UnappliedRun::Times> UnappliedRun::times() const {
  base::MutexLock lock(mutex_);
  if (times_.empty()) {
    times_ = column_of<Times>([](const event::RecordView& record) {
      return Times{record.occurred_at().micros, record.recorded_at().micros};
    });
  }
  return times_;
}

std::span<const std::uint32_t> UnappliedRun::hashes(event::Field field) const {
  base::MutexLock lock(mutex_);
  std::vector<std::uint32_t>& column = hashes_[field];
  if (column.empty()) {
    event::FieldScratch scratch;
    column = column_of<std::uint32_t>([&](const event::RecordView& record) {
      const std::optional<std::string_view> text = event::text_of(record, field, scratch);
      return text.has_value() ? hash_of(*text) : kAbsent;
    });
  }
  return column;
}

std::uint32_t UnappliedRun::hash_of(std::string_view text) {
  return std::max(base::crc32c(text), kAbsent + 1);
}

const UnappliedRun& Unapplied::run_at(std::uint64_t seq) const {
  const auto behind = std::upper_bound(
      runs.begin(), runs.end(), seq,
      [](std::uint64_t wanted, const auto& run) { return wanted < run->first_seq(); });
  CHECK(behind != runs.begin() && seq < (*std::prev(behind))->end_seq());
  return **std::prev(behind);
}

}  // namespace piperoll::store
