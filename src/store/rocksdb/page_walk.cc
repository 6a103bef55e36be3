#include "store/rocksdb/page_walk.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/time_skip.h"

namespace piperoll::store::rocks {

// Records with equal keys in a term of values.
struct PageWalk::Group {
  SortKey key = 0;
  std::vector<Code> codes;
  std::uint64_t count = 0;  // of candidates
};

// What waits to be opened or given out, under the least key that it can hold.
class PageWalk::Queue {
 public:
  enum class Kind : std::uint8_t { Bucket, Segment, Record };
  struct Item {
    SortKey key = 0;
    SortKey last_key = 0;  // the greatest that it can hold
    Kind kind = Kind::Bucket;
    std::uint64_t number = 0;  // of the bucket or segment, or seq
    bool sure = false;
  };

  explicit Queue(bool seq_descending) : items_(Later{seq_descending}) {}
  void push(const Item& item) { items_.push(item); }
  bool empty() const { return items_.empty(); }
  const Item& top() const { return items_.top(); }
  void pop() { items_.pop(); }
  // Everything in item comes before everything that waits. item: taken out before.
  bool is_before_all(const Item& item) const {
    return items_.empty() || item.last_key < items_.top().key;
  }

 private:
  // Of equal keys, what can still be opened comes first: a record may hide in it that comes before.
  struct Later {
    bool seq_descending;
    bool operator()(const Item& a, const Item& b) const {
      if (a.key != b.key) {
        return a.key > b.key;
      }
      if (a.kind != b.kind) {
        return a.kind > b.kind;
      }
      return seq_descending ? a.number < b.number : a.number > b.number;
    }
  };
  std::priority_queue<Item, std::vector<Item>, Later> items_;
};

bool PageWalk::takes_tail(const query::Sort& sort) {
  return sort.size() == 1 && event::type_of(sort.front().field) == event::FieldType::Time;
}

base::Result<void> PageWalk::run(MatchSource& source, std::optional<Position> position,
                                 std::span<const TailMatch> tail) {
  position_ = std::move(position);
  tail_ = tail;
  if (position_.has_value()) {
    position_->keys.clear();
    for (std::size_t term = 0; term < keys_.size(); ++term) {
      position_->keys.push_back(keys_.key_of(term, *position_->record));
    }
  }
  const base::Result<bool> walked = walk(source, 0, position_.has_value());
  if (!walked) {
    return walked.error();
  }
  return {};
}

bool PageWalk::is_past(std::uint64_t seq) const {
  const bool behind = keys_.seq_descending() ? seq < position_->seq : seq > position_->seq;
  return behind || (position_->inclusive && seq == position_->seq);
}

base::Result<bool> PageWalk::walk(MatchSource& source, std::size_t term, bool at_position) {
  if (term == keys_.size()) {
    return walk_seqs(source, keys_.seq_descending(), at_position);
  }
  switch (keys_.term(term).kind) {
    case KeyTerm::Kind::Seq:
      return walk_seqs(source, keys_.term(term).descending, at_position);
    case KeyTerm::Kind::Time:
      return walk_times(source, term, at_position);
    case KeyTerm::Kind::Values:
      break;
  }
  return walk_values(source, term, at_position);
}

base::Result<bool> PageWalk::walk_seqs(MatchSource& source, bool descending, bool at_position) {
  std::uint64_t first = 0;
  std::uint64_t end = source.bound();
  if (at_position && descending) {
    end = std::min(end, position_->seq + (position_->inclusive ? 1 : 0));
  } else if (at_position) {
    first = position_->seq + (position_->inclusive ? 0 : 1);
  }
  const std::uint32_t buckets = source.bucket_count();
  for (std::uint32_t i = 0; i < buckets; ++i) {
    const std::uint32_t bucket = descending ? buckets - 1 - i : i;
    const std::uint64_t base = std::uint64_t{bucket} << kBucketBits;
    if (base >= end || base + kBucketSeqs <= first) {
      continue;
    }
    const auto low = static_cast<std::uint32_t>(std::max(first, base) - base);
    const auto high = static_cast<std::uint32_t>(std::min(end - base, std::uint64_t{kBucketSeqs}));
    ASSIGN_OR_RETURN(const BucketMatch* match, source.at(bucket));
    const std::uint64_t count = match->possible().count_in(low, high);
    if (match->exact() && sink_.try_skip(count)) {
      continue;
    }
    std::vector<std::uint16_t> lows = match->possible().list_in(low, high);
    if (descending) {
      std::reverse(lows.begin(), lows.end());
    }
    for (const std::uint16_t at : lows) {
      const bool sure = match->exact() || match->sure.contains(at);
      ASSIGN_OR_RETURN(const bool more, sink_.offer(base + at, sure));
      if (!more) {
        return false;
      }
    }
  }
  return true;
}

base::Result<bool> PageWalk::walk_times(MatchSource& source, std::size_t term, bool at_position) {
  ASSIGN_OR_RETURN(const Start start, start_of_times(source, term, at_position));
  Queue queue(keys_.seq_descending());
  RETURN_IF_ERROR(fill_queue(source, term, start, queue));
  while (!queue.empty()) {
    switch (queue.top().kind) {
      case Queue::Kind::Bucket:
        RETURN_IF_ERROR(open_bucket(source, term, start, queue));
        break;
      case Queue::Kind::Segment:
        RETURN_IF_ERROR(open_segment(source, term, start, queue));
        break;
      case Queue::Kind::Record: {
        ASSIGN_OR_RETURN(const bool more, walk_run(queue, term, at_position));
        if (!more) {
          return false;
        }
        break;
      }
    }
  }
  return true;
}

base::Result<PageWalk::Start> PageWalk::start_of_times(MatchSource& source, std::size_t term,
                                                       bool at_position) {
  Start start{.at_position = at_position};
  if (at_position) {
    start.from = position_->keys[term];
  } else if (sink_.left_to_skip() >= kSkipByCountingMin) {
    const std::vector<SortKey> tail = tail_keys(term);
    TimeSkip skip(keys_.term(term), index_, source, tail);
    ASSIGN_OR_RETURN(const std::optional<TimeSkip::Place> place, skip.find(sink_.left_to_skip()));
    if (place.has_value() && sink_.try_skip(place->passed)) {
      start.from = place->from;
    }
  }
  return start;
}

namespace {

// The keys between which those of a stretch of times lie.
std::pair<SortKey, SortKey> key_bounds(const KeyTerm& term, const TimeBounds& bounds) {
  const SortKey a = term.of_number(bounds.least);
  const SortKey b = term.of_number(bounds.greatest);
  return {std::min(a, b), std::max(a, b)};
}

}  // namespace

std::vector<SortKey> PageWalk::tail_keys(std::size_t term) const {
  const KeyTerm& by = keys_.term(term);
  std::vector<SortKey> keys;
  keys.reserve(tail_.size());
  for (const TailMatch& match : tail_) {
    keys.push_back(
        by.of_number(by.column == TimeColumn::Occurred ? match.occurred_at : match.recorded_at));
  }
  return keys;
}

base::Result<void> PageWalk::fill_queue(MatchSource& source, std::size_t term, Start start,
                                        Queue& queue) {
  const KeyTerm& by = keys_.term(term);
  for (std::uint32_t bucket = 0; bucket < source.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index_.bounds(by.column, bucket));
    if (!bounds->whole.empty()) {
      const auto [key, last_key] = key_bounds(by, bounds->whole);
      queue.push({.key = key, .last_key = last_key, .kind = Queue::Kind::Bucket, .number = bucket});
    }
  }
  const std::vector<SortKey> keys = tail_keys(term);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] >= start.from) {
      queue.push({.key = keys[i],
                  .last_key = keys[i],
                  .kind = Queue::Kind::Record,
                  .number = tail_[i].seq,
                  .sure = true});
    }
  }
  return {};
}

base::Result<void> PageWalk::open_bucket(MatchSource& source, std::size_t term, Start start,
                                         Queue& queue) {
  const KeyTerm& by = keys_.term(term);
  const Queue::Item item = queue.top();
  queue.pop();
  if (item.last_key < start.from) {
    return {};
  }
  const auto bucket = static_cast<std::uint32_t>(item.number);
  ASSIGN_OR_RETURN(const BucketMatch* match, source.at(bucket));
  const std::uint64_t count = match->possible().count();
  if (count == 0) {
    return {};
  }
  const bool whole = !start.at_position && item.key >= start.from && match->exact();
  if (whole && queue.is_before_all(item) && sink_.try_skip(count)) {
    return {};
  }
  ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index_.bounds(by.column, bucket));
  const std::uint64_t segments = match->possible().segments();
  for (std::uint32_t i = 0; i < bounds->segments.size(); ++i) {
    const TimeBounds& segment = bounds->segments[i];
    if (segment.empty() || (segments >> i & 1U) == 0) {
      continue;
    }
    const auto [key, last_key] = key_bounds(by, segment);
    queue.push({.key = key,
                .last_key = last_key,
                .kind = Queue::Kind::Segment,
                .number = item.number * kSegmentsPerBucket + i});
  }
  return {};
}

base::Result<void> PageWalk::open_segment(MatchSource& source, std::size_t term, Start start,
                                          Queue& queue) {
  const KeyTerm& by = keys_.term(term);
  const Queue::Item item = queue.top();
  queue.pop();
  if (item.last_key < start.from) {
    return {};
  }
  const std::uint64_t base = item.number / kSegmentsPerBucket << kBucketBits;
  const auto begin = static_cast<std::uint32_t>(item.number % kSegmentsPerBucket * kSegmentSeqs);
  ASSIGN_OR_RETURN(const BucketMatch* match,
                   source.at(static_cast<std::uint32_t>(base >> kBucketBits)));
  const std::uint64_t count = match->possible().count_in(begin, begin + kSegmentSeqs);
  const bool whole = !start.at_position && item.key >= start.from && match->exact();
  if (whole && queue.is_before_all(item) && sink_.try_skip(count)) {
    return {};
  }
  ASSIGN_OR_RETURN(const std::span<const std::int64_t> times, index_.times(by.column, item.number));
  for (const std::uint16_t low : match->possible().list_in(begin, begin + kSegmentSeqs)) {
    const SortKey key = by.of_number(times[low % kSegmentSeqs]);
    if (key < start.from) {
      continue;
    }
    queue.push({.key = key,
                .last_key = key,
                .kind = Queue::Kind::Record,
                .number = base + low,
                .sure = match->exact() || match->sure.contains(low)});
  }
  return {};
}

// The records at the head of the queue that share one time.
base::Result<bool> PageWalk::walk_run(Queue& queue, std::size_t term, bool at_position) {
  const SortKey key = queue.top().key;
  const bool position_is_here = at_position && key == position_->keys[term];
  std::vector<Candidate> run;
  while (!queue.empty() && queue.top().key == key) {
    run.push_back({queue.top().number, queue.top().sure});
    queue.pop();
  }
  if (term + 1 < keys_.size() && (run.size() > 1 || position_is_here)) {
    return walk_whole(std::move(run), term + 1, position_is_here);
  }
  for (const Candidate& candidate : run) {
    if (!position_is_here || is_past(candidate.seq)) {
      ASSIGN_OR_RETURN(const bool more, sink_.offer(candidate.seq, candidate.sure));
      if (!more) {
        return false;
      }
    }
  }
  return true;
}

base::Result<bool> PageWalk::walk_whole(std::vector<Candidate> candidates, std::size_t term,
                                        bool at_position) {
  const std::size_t width = keys_.size() - term;
  // In the order of seqs the columns are read front to back.
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.seq < b.seq; });
  std::vector<SortKey> keys(candidates.size() * width);
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t at = 0; at < candidates.size(); ++at) {
      ASSIGN_OR_RETURN(keys[at * width + i], keys_.key(term + i, candidates[at].seq, index_));
    }
  }
  std::vector<std::size_t> order(candidates.size());
  for (std::size_t at = 0; at < order.size(); ++at) {
    order[at] = at;
  }
  const bool descending = keys_.seq_descending();
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < width; ++i) {
      if (keys[a * width + i] != keys[b * width + i]) {
        return keys[a * width + i] < keys[b * width + i];
      }
    }
    return descending ? a > b : a < b;  // candidates are in the order of seqs
  });
  for (const std::size_t at : order) {
    if (at_position) {
      const auto own = keys.begin() + static_cast<std::ptrdiff_t>(at * width);
      const auto mine = position_->keys.begin() + static_cast<std::ptrdiff_t>(term);
      const auto differ = std::mismatch(own, own + static_cast<std::ptrdiff_t>(width), mine);
      const bool equal = differ.first == own + static_cast<std::ptrdiff_t>(width);
      if (equal ? !is_past(candidates[at].seq) : *differ.first < *differ.second) {
        continue;
      }
    }
    ASSIGN_OR_RETURN(const bool more, sink_.offer(candidates[at].seq, candidates[at].sure));
    if (!more) {
      return false;
    }
  }
  return true;
}

base::Result<std::vector<PageWalk::Candidate>> PageWalk::candidates_of(MatchSource& source) {
  std::vector<Candidate> candidates;
  for (std::uint32_t bucket = 0; bucket < source.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const BucketMatch* match, source.at(bucket));
    for (const std::uint16_t low : match->possible().list()) {
      candidates.push_back({(std::uint64_t{bucket} << kBucketBits) + low,
                            match->exact() || match->sure.contains(low)});
    }
  }
  return candidates;
}

base::Result<std::vector<PageWalk::Group>> PageWalk::groups_of(MatchSource& source,
                                                               std::size_t term, bool& exact) {
  const KeyTerm& by = keys_.term(term);
  std::vector<std::uint64_t> counts(index_.field(by.slot).next_code);
  exact = true;
  if (source.is_everything() && source.bound() == index_.indexed()) {
    ASSIGN_OR_RETURN(const FieldTotalsPointer totals, index_.totals(by.slot));
    counts = totals->by_code;
    counts[kAbsent] = source.bound() - counts[kAbsent];
  } else {
    for (std::uint32_t bucket = 0; bucket < source.bucket_count(); ++bucket) {
      ASSIGN_OR_RETURN(const BucketMatch* match, source.at(bucket));
      exact = exact && match->exact();
      if (match->possible().empty()) {
        continue;
      }
      ASSIGN_OR_RETURN(const std::span<const Code> codes, index_.codes(by.slot, bucket));
      for (const std::uint16_t low : match->possible().list()) {
        if (codes[low] >= counts.size()) {
          return damaged_column();
        }
        ++counts[codes[low]];
      }
    }
  }
  if (counts[kUnlisted] > 0) {
    return damaged_column();  // SortKeys asked whether all values have codes
  }
  std::vector<Group> groups;
  for (Code code = 0; code < counts.size(); ++code) {
    if (counts[code] > 0) {
      groups.push_back({by.of_code(code), {code}, counts[code]});
    }
  }
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return a.key < b.key; });
  return with_own_keys(std::move(groups));
}

// Those that share a key (absent and "" may) are one. REQUIRES: in the order of keys.
std::vector<PageWalk::Group> PageWalk::with_own_keys(std::vector<Group> groups) {
  std::vector<Group> own;
  for (Group& group : groups) {
    if (!own.empty() && own.back().key == group.key) {
      own.back().codes.insert(own.back().codes.end(), group.codes.begin(), group.codes.end());
      own.back().count += group.count;
    } else {
      own.push_back(std::move(group));
    }
  }
  return own;
}

base::Result<bool> PageWalk::walk_values(MatchSource& source, std::size_t term, bool at_position) {
  const KeyTerm& by = keys_.term(term);
  bool exact = true;
  ASSIGN_OR_RETURN(std::vector<Group> groups, groups_of(source, term, exact));
  for (std::size_t i = 0; i < groups.size();) {
    const bool here = at_position && groups[i].key == position_->keys[term];
    if (at_position && groups[i].key < position_->keys[term]) {
      ++i;
      continue;
    }
    // With small groups that follow, up to what is wanted, as long as all are sorted as a whole.
    Group joined = groups[i];
    for (++i; i < groups.size(); ++i) {
      const std::uint64_t sum = joined.count + groups[i].count;
      if (here || sum > kSortWholeMax || joined.count >= sink_.left() ||
          (exact && joined.count <= sink_.left_to_skip())) {
        break;
      }
      joined.codes.insert(joined.codes.end(), groups[i].codes.begin(), groups[i].codes.end());
      joined.count = sum;
    }
    if (exact && !here && sink_.try_skip(joined.count)) {
      continue;
    }
    std::sort(joined.codes.begin(), joined.codes.end());
    GroupSource group(source, index_, by.slot, joined.codes);
    bool more = true;
    if (joined.count <= kSortWholeMax) {
      ASSIGN_OR_RETURN(std::vector<Candidate> candidates, candidates_of(group));
      ASSIGN_OR_RETURN(more, walk_whole(std::move(candidates), term, here));
    } else {
      ASSIGN_OR_RETURN(more, walk(group, term + 1, here));
    }
    if (!more) {
      return false;
    }
  }
  return true;
}

}  // namespace piperoll::store::rocks
