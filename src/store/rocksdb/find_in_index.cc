#include <algorithm>
#include <utility>

#include "query/match.h"
#include "store/rocksdb/first_items.h"
#include "store/rocksdb/index_queries.h"
#include "store/rocksdb/match_source.h"
#include "store/rocksdb/matches.h"
#include "store/rocksdb/page_walk.h"
#include "store/rocksdb/text_order.h"

namespace piperoll::store::rocks {
namespace {

struct Walked {
  std::vector<std::uint64_t> seqs;  // one more than the limit if there are more
  std::uint64_t skipped = 0;        // at most the offset
};

// A stretch of the ordered matches: from an end or a position on, forward or backward.
struct Stretch {
  bool backward = false;
  std::optional<Position> from = {};
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;
};

// One page: its matches in one order. The plan of matches ends where the index ends; the records
// behind it, up to bound, are read and merged in.
class Finder {
 public:
  Finder(Matches& matches, const query::PageRequest& request, std::uint64_t bound)
      : matches_(matches), request_(request), bound_(bound), source_(matches.plan()) {}

  base::Result<Page> page();
  // How the order is come by, for people.
  base::Result<std::string> way();

 private:
  base::Result<Page> forward();
  base::Result<Page> backward();
  base::Result<void> cut_at_after(Walked& walked, Page& page);
  base::Result<void> read_tail();
  base::Result<void> sort_tail();
  base::Result<Walked> walk(Stretch stretch);
  std::vector<const event::Record*> tail_in(const Stretch& stretch) const;
  base::Result<Walked> merge(const Stretch& stretch, const Walked& indexed,
                             const std::vector<const event::Record*>& tail);
  base::Result<Walked> walk_index(const Stretch& stretch);
  base::Result<Walked> walk_texts(const Stretch& stretch, Slot slot);
  base::Result<Walked> walk_rows(const Stretch& stretch);
  base::Result<bool> any(bool backward, std::uint64_t from, bool inclusive);
  base::Result<std::strong_ordering> order(std::uint64_t a, std::uint64_t b);
  base::Result<Page> page_of(std::vector<std::uint64_t> seqs);
  std::uint64_t columns_bound(const Stretch& stretch) const;

  Matches& matches_;
  const query::PageRequest& request_;
  std::uint64_t bound_;
  FilterSource source_;
  std::vector<TailMatch> tail_;             // matches behind the index
  std::vector<event::Record> sorted_tail_;  // the same in the order of the page, where they cannot
                                            // be walked with the others
};

base::Result<Page> Finder::page() {
  RETURN_IF_ERROR(read_tail());
  base::Result<Page> page = request_.before_seq.has_value() ? backward() : forward();
  if (page) {
    page->tree_size = bound_;
  }
  return page;
}

base::Result<void> Finder::read_tail() {
  RETURN_IF_ERROR(
      matches_.for_each_newest(bound_, [&](const TailMatch& match) -> base::Result<void> {
        tail_.push_back(match);
        return {};
      }));
  return PageWalk::takes_tail(request_.sort) ? base::Result<void>() : sort_tail();
}

base::Result<void> Finder::sort_tail() {
  for (const TailMatch& match : tail_) {
    ASSIGN_OR_RETURN(event::Record record, matches_.rows().record(match.seq));
    sorted_tail_.push_back(std::move(record));
  }
  std::sort(sorted_tail_.begin(), sorted_tail_.end(),
            [&](const event::Record& a, const event::Record& b) {
              return query::compare(request_.sort, event::view_of(a), event::view_of(b)) < 0;
            });
  tail_.clear();
  return {};
}

base::Result<Page> Finder::forward() {
  Stretch stretch{.offset = request_.offset, .limit = request_.limit};
  if (request_.after_seq.has_value()) {
    stretch.from = Position{.seq = *request_.after_seq};
  }
  ASSIGN_OR_RETURN(Walked walked, walk(stretch));
  const bool more_after = walked.seqs.size() > request_.limit;
  if (more_after) {
    walked.seqs.pop_back();
  }
  bool more_before = walked.skipped > 0;
  if (!more_before && request_.after_seq.has_value()) {
    ASSIGN_OR_RETURN(more_before, any(true, *request_.after_seq, true));
  }
  ASSIGN_OR_RETURN(Page page, page_of(std::move(walked.seqs)));
  page.more_after = more_after;
  page.more_before = more_before;
  return page;
}

base::Result<Page> Finder::backward() {
  const std::uint64_t before = *request_.before_seq;
  ASSIGN_OR_RETURN(Walked walked, walk({.backward = true,
                                        .from = Position{.seq = before},
                                        .offset = request_.offset,
                                        .limit = request_.limit}));
  Page flags;
  flags.more_before = walked.seqs.size() > request_.limit;
  flags.more_after = walked.skipped > 0;
  if (flags.more_before) {
    walked.seqs.pop_back();
  }
  if (request_.after_seq.has_value()) {
    RETURN_IF_ERROR(cut_at_after(walked, flags));
  } else if (!flags.more_after) {
    ASSIGN_OR_RETURN(flags.more_after, any(false, before, true));
  }
  std::reverse(walked.seqs.begin(), walked.seqs.end());
  ASSIGN_OR_RETURN(Page page, page_of(std::move(walked.seqs)));
  page.more_after = flags.more_after;
  page.more_before = flags.more_before;
  return page;
}

// Both ends given: the page holds only what comes after after_seq too.
base::Result<void> Finder::cut_at_after(Walked& walked, Page& page) {
  const std::uint64_t after = *request_.after_seq;
  const std::uint64_t before = *request_.before_seq;
  while (!walked.seqs.empty()) {
    ASSIGN_OR_RETURN(const std::strong_ordering last, order(walked.seqs.back(), after));
    if (last > 0) {
      break;
    }
    walked.seqs.pop_back();
  }
  ASSIGN_OR_RETURN(const bool some_up_to_after, any(true, after, true));
  page.more_before = page.more_before || some_up_to_after;
  ASSIGN_OR_RETURN(const Walked next,
                   walk({.from = Position{.seq = after}, .offset = 0, .limit = 0}));
  ASSIGN_OR_RETURN(const std::strong_ordering ends, order(after, before));
  if (ends >= 0) {
    page.more_after = !next.seqs.empty();
    return {};
  }
  bool some_between = false;
  if (!next.seqs.empty()) {
    ASSIGN_OR_RETURN(const std::strong_ordering first, order(next.seqs.front(), before));
    some_between = first < 0;
  }
  page.more_after = some_between && request_.offset > 0;
  if (!page.more_after) {
    ASSIGN_OR_RETURN(page.more_after, any(false, before, true));
  }
  return {};
}

base::Result<bool> Finder::any(bool backward, std::uint64_t from, bool inclusive) {
  ASSIGN_OR_RETURN(
      const Walked walked,
      walk({.backward = backward, .from = Position{.seq = from, .inclusive = inclusive}}));
  return !walked.seqs.empty();
}

base::Result<std::strong_ordering> Finder::order(std::uint64_t a, std::uint64_t b) {
  ASSIGN_OR_RETURN(const event::Record left, matches_.rows().record(a));
  ASSIGN_OR_RETURN(const event::Record right, matches_.rows().record(b));
  if (a == b) {
    return std::strong_ordering::equal;
  }
  return query::compare(request_.sort, event::view_of(left), event::view_of(right));
}

std::uint64_t Finder::columns_bound(const Stretch& stretch) const {
  const std::uint64_t bound = matches_.plan().bound();
  // A position behind the index has its keys from its own record.
  return stretch.from.has_value() && stretch.from->seq < matches_.index().indexed()
             ? std::max(bound, stretch.from->seq + 1)
             : bound;
}

base::Result<std::string> Finder::way() {
  ASSIGN_OR_RETURN(const std::optional<SortKeys> keys,
                   SortKeys::make(request_.sort, false, matches_.index(), columns_bound({})));
  if (keys.has_value()) {
    return std::string("columns, stop after the page");
  }
  const std::optional<Slot> slot = TextOrder::slot_of_order(request_.sort);
  const bool from_texts = slot.has_value() && kIndexedFields[*slot].has_texts;
  return std::string(from_texts ? "texts of every match" : "read every match");
}

base::Result<Walked> Finder::walk(Stretch stretch) {
  std::optional<event::Record> position;
  if (stretch.from.has_value()) {
    ASSIGN_OR_RETURN(position, matches_.rows().record(stretch.from->seq));
    stretch.from->record = &*position;
  }
  const std::vector<const event::Record*> tail = tail_in(stretch);
  if (tail.empty()) {
    return walk_index(stretch);
  }
  // However the tail falls among the others, of the first `offset` matches in all at least so many
  // are in the index: these are passed over there, the rest of the offset when both are merged.
  Stretch in_index = stretch;
  in_index.offset -= std::min<std::uint64_t>(in_index.offset, tail.size());
  const std::uint64_t rest = stretch.offset - in_index.offset;
  in_index.limit = stretch.limit + std::min(rest, query::kNoLimit - stretch.limit);
  ASSIGN_OR_RETURN(const Walked indexed, walk_index(in_index));
  return merge(stretch, indexed, tail);
}

// What of the tail lies in the stretch, in its direction.
std::vector<const event::Record*> Finder::tail_in(const Stretch& stretch) const {
  std::vector<const event::Record*> tail;
  for (const event::Record& record : sorted_tail_) {
    bool inside = true;
    if (stretch.from.has_value() && record.seq() == stretch.from->seq) {
      inside = stretch.from->inclusive;
    } else if (stretch.from.has_value()) {
      const std::strong_ordering order = query::compare(request_.sort, event::view_of(record),
                                                        event::view_of(*stretch.from->record));
      inside = stretch.backward ? order < 0 : order > 0;
    }
    if (inside) {
      tail.push_back(&record);
    }
  }
  if (stretch.backward) {
    std::reverse(tail.begin(), tail.end());
  }
  return tail;
}

base::Result<Walked> Finder::merge(const Stretch& stretch, const Walked& indexed,
                                   const std::vector<const event::Record*>& tail) {
  Walked merged{.skipped = indexed.skipped};
  const std::uint64_t wanted = stretch.limit + (stretch.limit == query::kNoLimit ? 0 : 1);
  // Those in the tail have the greater seqs.
  const query::SortTerm& first_term = request_.sort.front();
  const bool by_seq = first_term.field == event::Field::Seq;
  const bool seq_descending = first_term.descending != stretch.backward;
  auto newer = tail.begin();
  auto older = indexed.seqs.begin();
  std::optional<event::Record> oldest;  // the record *older, once it was needed
  while (merged.seqs.size() < wanted && (newer != tail.end() || older != indexed.seqs.end())) {
    bool take_newer = older == indexed.seqs.end();
    if (!take_newer && newer != tail.end() && by_seq) {
      take_newer = seq_descending;
    } else if (!take_newer && newer != tail.end()) {
      if (!oldest.has_value()) {
        ASSIGN_OR_RETURN(oldest, matches_.rows().record(*older));
      }
      const std::strong_ordering order =
          query::compare(request_.sort, event::view_of(**newer), event::view_of(*oldest));
      take_newer = stretch.backward ? order > 0 : order < 0;
    }
    std::uint64_t next = 0;
    if (take_newer) {
      next = (*newer++)->seq();
    } else {
      next = *older++;
      oldest.reset();
    }
    if (merged.skipped < stretch.offset) {
      ++merged.skipped;
    } else {
      merged.seqs.push_back(next);
    }
  }
  return merged;
}

base::Result<Walked> Finder::walk_index(const Stretch& stretch) {
  ASSIGN_OR_RETURN(
      const std::optional<SortKeys> keys,
      SortKeys::make(request_.sort, stretch.backward, matches_.index(), columns_bound(stretch)));
  if (!keys.has_value()) {
    const std::optional<Slot> slot = TextOrder::slot_of_order(request_.sort);
    return slot.has_value() ? walk_texts(stretch, *slot) : walk_rows(stretch);
  }
  PageSink sink(stretch.offset, stretch.limit, matches_.filter(), matches_.rows(),
                matches_.index().cost());
  PageWalk walker(*keys, matches_.index(), sink);
  RETURN_IF_ERROR(walker.run(source_, stretch.from, tail_));
  return Walked{sink.seqs(), sink.skipped()};
}

// How many of the first matches a page can need.
std::uint64_t kept_of(const Stretch& stretch) {
  const std::uint64_t sum = stretch.offset + stretch.limit;
  return sum < stretch.limit || sum == query::kNoLimit ? query::kNoLimit : sum + 1;
}

// Of the first matches, those behind the offset.
Walked behind_offset(const Stretch& stretch, std::span<const std::uint64_t> first) {
  const std::uint64_t skipped = std::min<std::uint64_t>(stretch.offset, first.size());
  const auto rest = first.subspan(skipped);
  return {.seqs = {rest.begin(), rest.end()}, .skipped = skipped};
}

base::Result<Walked> Finder::walk_texts(const Stretch& stretch, Slot slot) {
  TextOrder order(request_.sort.front(), stretch.backward, slot, kept_of(stretch));
  if (stretch.from.has_value()) {
    order.begin_at(*stretch.from->record, stretch.from->inclusive);
  }
  ASSIGN_OR_RETURN(const std::vector<std::uint64_t> first, order.first(matches_));
  return behind_offset(stretch, first);
}

// Sorts what matches by reading it all, and keeps what can be on the page.
base::Result<Walked> Finder::walk_rows(const Stretch& stretch) {
  const auto before = [&](const event::Record& a, const event::Record& b) {
    const std::strong_ordering order =
        query::compare(request_.sort, event::view_of(a), event::view_of(b));
    return stretch.backward ? order > 0 : order < 0;
  };
  const event::Record* position = stretch.from.has_value() ? stretch.from->record : nullptr;
  FirstItems<event::Record, decltype(before)> records(kept_of(stretch), before);
  for (std::uint32_t bucket = 0; bucket < matches_.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const SeqSet set, matches_.in_bucket(bucket));
    for (const std::uint16_t low : set.list()) {
      const std::uint64_t seq = (std::uint64_t{bucket} << kBucketBits) + low;
      ASSIGN_OR_RETURN(event::Record record, matches_.rows().record(seq));
      const bool here = position != nullptr && seq == position->seq();
      if (here ? !stretch.from->inclusive : position != nullptr && !before(*position, record)) {
        continue;
      }
      records.add(std::move(record));
    }
  }
  std::vector<std::uint64_t> first;
  for (const event::Record& record : records.take()) {
    first.push_back(record.seq());
  }
  return behind_offset(stretch, first);
}

base::Result<Page> Finder::page_of(std::vector<std::uint64_t> seqs) {
  // Read in the order of seqs, so that each block is opened once.
  std::vector<std::size_t> places(seqs.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = i;
  }
  std::sort(places.begin(), places.end(),
            [&](std::size_t a, std::size_t b) { return seqs[a] < seqs[b]; });
  std::vector<std::optional<event::Record>> read(seqs.size());
  for (const std::size_t place : places) {
    ASSIGN_OR_RETURN(read[place], matches_.rows().record(seqs[place]));
  }
  Page page;
  page.records.reserve(read.size());
  for (std::optional<event::Record>& record : read) {
    page.records.push_back(*std::move(record));
  }
  return page;
}

}  // namespace

base::Result<Page> find_in_index(const QueryContext& context, const query::PageRequest& request,
                                 std::uint64_t bound) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Matches> matches,
                   Matches::make(context, request.filter, indexed_below(context, bound)));
  return Finder(*matches, request, bound).page();
}

std::string explain_in_index(const QueryContext& context, const query::PageRequest& request,
                             std::uint64_t bound) {
  const std::uint64_t indexed = indexed_below(context, bound);
  base::Result<std::unique_ptr<Matches>> matches = Matches::make(context, request.filter, indexed);
  if (!matches) {
    return "no plan: " + matches.error().message + "\n";
  }
  std::string text = print_plan(**matches, indexed, bound);
  Finder finder(**matches, request, bound);
  const base::Result<std::string> way = finder.way();
  text +=
      "sort by " + query::print(request.sort) + ": " + (way ? *way : way.error().message) + "\n";
  const base::Result<Page> page = finder.page();
  if (!page) {
    return text + "failed: " + page.error().message + "\n";
  }
  matches->reset();  // which counts its blocks
  return text + std::to_string(page->records.size()) + " records found\n" +
         print_cost(context.cost);
}

}  // namespace piperoll::store::rocks
