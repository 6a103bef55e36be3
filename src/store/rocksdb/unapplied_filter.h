#pragma once
// UnappliedFilter: what the columns of records that wait to be applied tell of a filter, so that
// few of them have to be taken apart.

#include <cstdint>
#include <span>
#include <vector>

#include "query/filter.h"
#include "store/unapplied.h"

namespace piperoll::store::rocks {

// What is known of a record: it does not match; only its bytes tell; it matches.
enum class Verdict : std::uint8_t { No, Unknown, Yes };

// Of one run. One thread at a time.
class UnappliedFilter {
 public:
  // Both outlive it.
  UnappliedFilter(const query::Filter& filter, const UnappliedRun& run);
  // REQUIRES: seq of the run
  Verdict verdict(std::uint64_t seq) const;

 private:
  using Kind = query::Filter::Kind;
  // A filter with what of the run it looks at.
  struct Node {
    Kind kind = Kind::All;
    std::int64_t min = 0, max = 0;                    // Range
    std::span<const UnappliedRun::Times> times = {};  // Range
    std::span<const std::uint32_t> hashes = {};       // Equal, In, Exists
    std::vector<std::uint32_t> wanted = {};           // Equal, In
    bool recorded_at = false;                         // Range: of that, else of occurred_at
    bool unknown = false;                             // no column tells
    std::vector<Node> children = {};
  };
  static Node node_of(const query::Filter& filter, const UnappliedRun& run);
  static Node node_of_time(const query::Filter& filter, const UnappliedRun& run);
  static Verdict judge(const Node& node, std::size_t index);
  // One child with the decisive verdict decides: No of And, Yes of Or.
  static Verdict judge_children(const Node& node, std::size_t index, Verdict decisive);

  const UnappliedRun& run_;
  Node root_;
};

}  // namespace piperoll::store::rocks
