#include <algorithm>
#include <utility>

#include "query/match.h"
#include "store/rocksdb/index_queries.h"
#include "store/rocksdb/match_source.h"
#include "store/rocksdb/matches.h"
#include "store/rocksdb/page_walk.h"

namespace piperoll::store::rocks {
namespace {

struct Walked {
  std::vector<std::uint64_t> seqs;  // one more than the limit if there are more
  bool skipped_any = false;
};

// A stretch of the ordered matches: from an end or a position on, forward or backward.
struct Stretch {
  bool backward = false;
  std::optional<Position> from = {};
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;
};

// One page: its matches in one order.
class Finder {
 public:
  Finder(Matches& matches, const query::PageRequest& request)
      : matches_(matches), request_(request), source_(matches.plan()) {}

  base::Result<Page> page(std::uint64_t bound);
  base::Result<bool> has_columns();

 private:
  base::Result<Page> forward();
  base::Result<Page> backward();
  base::Result<void> cut_at_after(Walked& walked, Page& page);
  base::Result<Walked> walk(const Stretch& stretch);
  base::Result<Walked> walk_rows(const Stretch& stretch);
  base::Result<bool> any(bool backward, std::uint64_t from, bool inclusive);
  base::Result<std::strong_ordering> order(std::uint64_t a, std::uint64_t b);
  base::Result<Page> page_of(std::vector<std::uint64_t> seqs);
  std::uint64_t columns_bound(const Stretch& stretch) const;

  Matches& matches_;
  const query::PageRequest& request_;
  FilterSource source_;
};

base::Result<Page> Finder::page(std::uint64_t bound) {
  base::Result<Page> page = request_.before_seq.has_value() ? backward() : forward();
  if (page) {
    page->tree_size = bound;
  }
  return page;
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
  bool more_before = walked.skipped_any;
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
  flags.more_after = walked.skipped_any;
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
  return stretch.from.has_value() ? std::max(bound, stretch.from->seq + 1) : bound;
}

base::Result<bool> Finder::has_columns() {
  ASSIGN_OR_RETURN(const std::optional<SortKeys> keys,
                   SortKeys::make(request_.sort, false, matches_.index(), columns_bound({})));
  return keys.has_value();
}

base::Result<Walked> Finder::walk(const Stretch& stretch) {
  ASSIGN_OR_RETURN(
      const std::optional<SortKeys> keys,
      SortKeys::make(request_.sort, stretch.backward, matches_.index(), columns_bound(stretch)));
  if (!keys.has_value()) {
    return walk_rows(stretch);
  }
  PageSink sink(stretch.offset, stretch.limit, matches_.filter(), matches_.rows());
  PageWalk walker(*keys, matches_.index(), sink);
  RETURN_IF_ERROR(walker.run(source_, stretch.from));
  return Walked{sink.seqs(), sink.skipped_any()};
}

// Sorts what matches by reading it all, and keeps what can be on the page.
base::Result<Walked> Finder::walk_rows(const Stretch& stretch) {
  const auto before = [&](const event::Record& a, const event::Record& b) {
    const std::strong_ordering order =
        query::compare(request_.sort, event::view_of(a), event::view_of(b));
    return stretch.backward ? order > 0 : order < 0;
  };
  std::optional<event::Record> position;
  if (stretch.from.has_value()) {
    ASSIGN_OR_RETURN(position, matches_.rows().record(stretch.from->seq));
  }
  const std::uint64_t sum = stretch.offset + stretch.limit;
  const std::uint64_t kept =
      sum < stretch.limit || sum == query::kNoLimit ? query::kNoLimit : sum + 1;
  std::vector<event::Record> records;
  const auto keep_first = [&] {
    if (records.size() > kept) {
      const auto end = records.begin() + static_cast<std::ptrdiff_t>(kept);
      std::nth_element(records.begin(), end, records.end(), before);
      records.erase(end, records.end());
    }
  };
  for (std::uint32_t bucket = 0; bucket < matches_.bucket_count(); ++bucket) {
    ASSIGN_OR_RETURN(const SeqSet set, matches_.in_bucket(bucket));
    for (const std::uint16_t low : set.list()) {
      const std::uint64_t seq = (std::uint64_t{bucket} << kBucketBits) + low;
      ASSIGN_OR_RETURN(event::Record record, matches_.rows().record(seq));
      const bool here = position.has_value() && seq == position->seq();
      if (here ? !stretch.from->inclusive : position.has_value() && !before(*position, record)) {
        continue;
      }
      records.push_back(std::move(record));
      if (records.size() / 2 > kept) {
        keep_first();
      }
    }
  }
  keep_first();
  std::sort(records.begin(), records.end(), before);
  const std::uint64_t skipped = std::min<std::uint64_t>(stretch.offset, records.size());
  Walked walked{.skipped_any = skipped > 0};
  for (std::uint64_t i = skipped; i < records.size(); ++i) {
    walked.seqs.push_back(records[i].seq());
  }
  return walked;
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
                   Matches::make(context, request.filter, bound));
  return Finder(*matches, request).page(bound);
}

std::string explain_in_index(const QueryContext& context, const query::PageRequest& request,
                             std::uint64_t bound) {
  const base::Result<std::unique_ptr<Matches>> matches =
      Matches::make(context, request.filter, bound);
  if (!matches) {
    return "no plan: " + matches.error().message + "\n";
  }
  std::string text = std::to_string(bound) + " records in " +
                     std::to_string((*matches)->bucket_count()) + " buckets, indexed\n";
  text += explain_plan((*matches)->plan().root(), (*matches)->index());
  const base::Result<bool> columns = Finder(**matches, request).has_columns();
  text += "sort by " + query::print(request.sort) +
          (columns && *columns ? ": columns, stop after the page\n" : ": read every match\n");
  return text;
}

}  // namespace piperoll::store::rocks
