#include "store/rocksdb/time_skip.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "store/rocksdb/column_codec.h"

namespace piperoll::store::rocks {
namespace {

constexpr SortKey kBehindAll = std::numeric_limits<SortKey>::max();
constexpr SortKey kBeforeAll = std::numeric_limits<SortKey>::min();

// The keys between which those of a stretch of times lie.
std::pair<SortKey, SortKey> key_bounds(const KeyTerm& term, const TimeBounds& bounds) {
  const SortKey a = term.of_number(bounds.least);
  const SortKey b = term.of_number(bounds.greatest);
  return {std::min(a, b), std::max(a, b)};
}

}  // namespace

TimeSkip::TimeSkip(const KeyTerm& by, IndexReader& index, MatchSource& source,
                   std::span<const SortKey> tail)
    : by_(by), index_(index), source_(source) {
  if (!tail.empty()) {
    const auto [least, greatest] = std::minmax_element(tail.begin(), tail.end());
    parts_.push_back({.key = *least,
                      .last_key = *greatest,
                      .count = tail.size(),
                      .opened = true,
                      .keys = {tail.begin(), tail.end()}});
    count_ = tail.size();
  }
}

base::Result<std::optional<TimeSkip::Place>> TimeSkip::find(std::uint64_t offset) {
  ASSIGN_OR_RETURN(const std::optional<Window> window, find_window(offset));
  if (!window.has_value()) {
    return std::optional<Place>();
  }
  if (count_ <= offset) {
    return std::optional(Place{.from = kBehindAll, .passed = count_});
  }
  ASSIGN_OR_RETURN(const Place place, place_in(narrowed(*window, offset), offset));
  return std::optional(place);
}

// Adds buckets in the order of what they can hold first. What comes before the next one is known.
base::Result<std::optional<TimeSkip::Window>> TimeSkip::find_window(std::uint64_t offset) {
  std::vector<std::pair<SortKey, std::uint32_t>> buckets;
  for (std::uint32_t bucket = 0; bucket < source_.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index_.bounds(by_.column, bucket));
    if (!bounds->whole.empty()) {
      buckets.emplace_back(key_bounds(by_, bounds->whole).first, bucket);
    }
  }
  std::sort(buckets.begin(), buckets.end());
  Window window{.begin = kBeforeAll, .end = kBehindAll};
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    ASSIGN_OR_RETURN(const bool exact, add_bucket(buckets[i].second));
    if (!exact) {
      return std::optional<Window>();
    }
    const SortKey known = i + 1 < buckets.size() ? buckets[i + 1].first : kBehindAll;
    std::uint64_t before = 0;
    if (count_ > offset) {
      RETURN_IF_ERROR(split_from(window.begin));
      ASSIGN_OR_RETURN(before, count_before(known));
    }
    if (before > offset) {
      window.end = known;
      return std::optional(window);
    }
    window.begin = known;
  }
  return std::optional(window);  // the place is behind all buckets
}

base::Result<bool> TimeSkip::add_bucket(std::uint32_t bucket) {
  ASSIGN_OR_RETURN(const BucketMatch* match, source_.at(bucket));
  if (!match->exact()) {
    return false;
  }
  ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index_.bounds(by_.column, bucket));
  const std::uint64_t count = match->sure.count();
  wholes_.push_back({key_bounds(by_, bounds->whole).second, count, bucket});
  count_ += count;
  return true;
}

// Leaves whole what ends before begin.
base::Result<void> TimeSkip::split_from(SortKey begin) {
  const auto rest = std::partition(wholes_.begin(), wholes_.end(),
                                   [begin](const Whole& whole) { return whole.last_key < begin; });
  for (auto whole = rest; whole != wholes_.end(); ++whole) {
    RETURN_IF_ERROR(split(whole->bucket));
  }
  wholes_.erase(rest, wholes_.end());
  return {};
}

base::Result<void> TimeSkip::split(std::uint32_t bucket) {
  ASSIGN_OR_RETURN(const BucketMatch* match, source_.at(bucket));
  ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index_.bounds(by_.column, bucket));
  const SegmentCounts counts = match->sure.segment_counts();
  for (std::uint32_t i = 0; i < bounds->segments.size(); ++i) {
    if (counts[i] > 0 && !bounds->segments[i].empty()) {
      const auto [key, last_key] = key_bounds(by_, bounds->segments[i]);
      parts_.push_back({.key = key,
                        .last_key = last_key,
                        .count = counts[i],
                        .segment = std::uint64_t{bucket} * kSegmentsPerBucket + i});
    }
  }
  return {};
}

std::uint64_t TimeSkip::count_wholes() const {
  return std::accumulate(wholes_.begin(), wholes_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Whole& whole) { return sum + whole.count; });
}

base::Result<std::span<const SortKey>> TimeSkip::open(Part& part) {
  if (!part.opened) {
    const auto bucket = static_cast<std::uint32_t>(part.segment / kSegmentsPerBucket);
    const auto begin = static_cast<std::uint32_t>(part.segment % kSegmentsPerBucket * kSegmentSeqs);
    ASSIGN_OR_RETURN(const BucketMatch* match, source_.at(bucket));
    ASSIGN_OR_RETURN(const std::span<const std::int64_t> times,
                     index_.times(by_.column, part.segment));
    part.keys.reserve(part.count);
    for (const std::uint16_t low : match->sure.list_in(begin, begin + kSegmentSeqs)) {
      part.keys.push_back(by_.of_number(times[low % kSegmentSeqs]));
    }
    part.opened = true;
  }
  return std::span<const SortKey>(part.keys);
}

base::Result<std::uint64_t> TimeSkip::count_before(SortKey key) {
  std::uint64_t count = count_wholes();
  for (Part& part : parts_) {
    if (part.last_key < key) {
      count += part.count;
    } else if (part.key < key) {
      ASSIGN_OR_RETURN(const std::span<const SortKey> keys, open(part));
      count += static_cast<std::uint64_t>(
          std::count_if(keys.begin(), keys.end(), [key](SortKey own) { return own < key; }));
    }
  }
  return count;
}

// By what the bounds of the parts alone say.
TimeSkip::Window TimeSkip::narrowed(Window window, std::uint64_t offset) const {
  std::vector<std::pair<SortKey, std::uint64_t>> first;
  std::vector<std::pair<SortKey, std::uint64_t>> last;
  std::uint64_t before = count_wholes();  // for certain
  for (const Part& part : parts_) {
    if (part.last_key < window.begin) {
      before += part.count;
    } else if (part.key < window.end) {
      first.emplace_back(part.key, part.count);
      last.emplace_back(part.last_key, part.count);
    }
  }
  std::sort(first.begin(), first.end());
  std::sort(last.begin(), last.end());
  std::uint64_t at_most = before;  // matches before first[i]
  for (std::size_t i = 0; i < first.size() && at_most <= offset; ++i) {
    window.begin = std::max(window.begin, std::min(window.end, first[i].first));
    at_most += first[i].second;
  }
  std::uint64_t at_least = before;  // matches up to last[i]
  for (const auto& [key, count] : last) {
    at_least += count;
    if (at_least > offset) {
      window.end = key < window.end ? key + 1 : window.end;
      break;
    }
  }
  return window;
}

base::Result<TimeSkip::Place> TimeSkip::place_in(Window window, std::uint64_t offset) {
  std::vector<SortKey> inside;
  std::uint64_t before = count_wholes();
  for (Part& part : parts_) {
    if (part.last_key < window.begin) {
      before += part.count;
      continue;
    }
    if (part.key >= window.end) {
      continue;
    }
    ASSIGN_OR_RETURN(const std::span<const SortKey> keys, open(part));
    for (const SortKey key : keys) {
      before += key < window.begin ? 1U : 0U;
      if (window.begin <= key && key < window.end) {
        inside.push_back(key);
      }
    }
  }
  if (before > offset || offset - before >= inside.size()) {
    return damaged_column();
  }
  const auto wanted = inside.begin() + static_cast<std::ptrdiff_t>(offset - before);
  std::nth_element(inside.begin(), wanted, inside.end());
  const SortKey from = *wanted;
  const auto less = static_cast<std::uint64_t>(
      std::count_if(inside.begin(), wanted, [from](SortKey key) { return key < from; }));
  return Place{.from = from, .passed = before + less};
}

}  // namespace piperoll::store::rocks
