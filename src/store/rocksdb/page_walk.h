#pragma once
// PageWalk: the candidates of a source in the order of a page, given to a sink until it has enough.
//
//   seq    buckets in order; whole ones are skipped by their count
//   time   best first: buckets, then their segments, then records wait in a heap under the best
//          time that they can hold, so that only what overlaps is opened; a long offset is passed
//          over by counting (time_skip.h)
//   value  groups of equal values by rank, found by counting; small ones are sorted together by all
//          terms, large ones are walked by the terms that follow
//
// One thread at a time.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/index_reader.h"
#include "store/rocksdb/match_source.h"
#include "store/rocksdb/page_sink.h"
#include "store/rocksdb/sort_keys.h"
#include "store/rocksdb/tail_match.h"

namespace piperoll::store::rocks {

// Only what comes after this record; inclusive: or is it.
struct Position {
  std::uint64_t seq = 0;
  bool inclusive = false;
  const event::Record* record = nullptr;  // that one; need not be in the index
  std::vector<SortKey> keys = {};         // filled by PageWalk
};

class PageWalk {
 public:
  // All outlive it.
  PageWalk(const SortKeys& keys, IndexReader& index, PageSink& sink)
      : keys_(keys), index_(index), sink_(sink) {}
  // Whether an order by keys takes matches that are not in the index among those that are.
  static bool takes_tail(const query::Sort& sort);
  // tail: empty unless takes_tail; outlives the call.
  base::Result<void> run(MatchSource& source, std::optional<Position> position,
                         std::span<const TailMatch> tail);

 private:
  struct Candidate {
    std::uint64_t seq = 0;
    bool sure = false;
  };
  struct Group;
  class Queue;

  // Each returns false when the sink has enough. at_position: everything here is equal to the
  // position in the terms before term.
  base::Result<bool> walk(MatchSource& source, std::size_t term, bool at_position);
  base::Result<bool> walk_seqs(MatchSource& source, bool descending, bool at_position);
  base::Result<bool> walk_times(MatchSource& source, std::size_t term, bool at_position);
  base::Result<bool> walk_values(MatchSource& source, std::size_t term, bool at_position);
  base::Result<bool> walk_run(Queue& queue, std::size_t term, bool at_position);
  // Sorts by the terms from term on.
  base::Result<bool> walk_whole(std::vector<Candidate> candidates, std::size_t term,
                                bool at_position);

  // Where a walk by time begins: what has a lesser key is not given to the sink.
  struct Start {
    bool at_position = false;
    SortKey from = std::numeric_limits<SortKey>::min();
  };
  base::Result<Start> start_of_times(MatchSource& source, std::size_t term, bool at_position);
  base::Result<void> fill_queue(MatchSource& source, std::size_t term, Start start, Queue& queue);
  base::Result<void> open_bucket(MatchSource& source, std::size_t term, Start start, Queue& queue);
  base::Result<void> open_segment(MatchSource& source, std::size_t term, Start start, Queue& queue);
  std::vector<SortKey> tail_keys(std::size_t term) const;
  base::Result<std::vector<Group>> groups_of(MatchSource& source, std::size_t term, bool& exact);
  static std::vector<Group> with_own_keys(std::vector<Group> groups);
  base::Result<std::vector<Candidate>> candidates_of(MatchSource& source);
  bool is_past(std::uint64_t seq) const;  // behind the position, in the order of seqs

  const SortKeys& keys_;
  IndexReader& index_;
  PageSink& sink_;
  std::optional<Position> position_;
  std::span<const TailMatch> tail_;
};

}  // namespace piperoll::store::rocks
