#pragma once
// FilterPlan: a filter turned into reads of the index. A plan answers bucket by bucket with the
// records that match for certain and those that may; the latter must be read and given to
// query::match. That is how everything the index does not know (dynamic paths, words, values
// without a code) stays exact.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "store/rocksdb/index_reader.h"
#include "store/rocksdb/seq_set.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

// Of one bucket. sure is a subset of possible().
struct BucketMatch {
  SeqSet sure;
  std::optional<SeqSet> wider = {};  // absent: exact
  bool exact() const { return !wider.has_value(); }
  const SeqSet& possible() const { return wider.has_value() ? *wider : sure; }
};

struct PlanNode {
  enum class Kind : std::uint8_t {
    Nothing,
    Everything,
    And,
    Or,
    Not,
    Values,   // the field's code is one of codes
    Present,  // the field has a value
    Times,    // min <= time <= max
    Seqs,     // one of seqs
    SeqSpan,  // min <= seq <= max
    SeqText,  // the decimal text of the seq satisfies filter
    Rows,     // only the record tells
  };
  Kind kind = Kind::Nothing;
  Slot slot = 0;
  std::vector<Code> codes = {};  // ascending
  // Values: records from this seq on have no code and may match: those in seqs if hashed, else
  // those whose text does.
  std::uint64_t unlisted_from = kNever;
  bool hashed = false;
  TimeColumn column = TimeColumn::Occurred;
  std::int64_t min = 0, max = 0;
  std::vector<std::uint64_t> seqs = {};  // ascending
  // Rows: a record that matches has one of these values at a path, if there are any here.
  std::vector<std::uint32_t> path_values = {};
  query::Filter filter = {};  // of the leaf, for rows, texts and explain
  std::vector<PlanNode> children = {};
  std::uint64_t estimate = 0;  // at most about so many records; orders the children of And
};

// The records of a bucket whose field has one of the codes; with kAbsent among them, also those
// without the field. codes ascending.
base::Result<SeqSet> records_with(IndexReader& index, Slot slot, const std::vector<Code>& codes,
                                  std::uint32_t bucket);

// text: of a value of an Integer field. REQUIRES: filter is a Range.
bool is_in_range(const query::Filter& filter, std::string_view text);

// What the leaves of a plan need beside the index.
class IdLookup {
 public:
  virtual ~IdLookup() = default;
  // The seq of the record with that id.
  virtual base::Result<std::optional<std::uint64_t>> seq_of(std::string_view id) = 0;
};

// REQUIRES: the log is indexed; bound <= its size. Reads dictionaries and totals.
base::Result<PlanNode> make_plan(const query::Filter& filter, IndexReader& index, IdLookup& ids,
                                 std::uint64_t bound);
// One line a node, indented.
std::string explain_plan(const PlanNode& plan, const IndexReader& index);

class FilterPlan {
 public:
  FilterPlan(PlanNode root, IndexReader& index, std::uint64_t bound)
      : root_(std::move(root)), index_(index), bound_(bound) {}
  const PlanNode& root() const { return root_; }
  std::uint64_t bound() const { return bound_; }
  std::uint32_t bucket_count() const {
    return static_cast<std::uint32_t>((bound_ + kBucketSeqs - 1) >> kBucketBits);
  }
  // Records of the bucket below bound.
  SeqSet universe(std::uint32_t bucket) const;
  base::Result<BucketMatch> evaluate(std::uint32_t bucket);

 private:
  base::Result<BucketMatch> evaluate(const PlanNode& node, std::uint32_t bucket);
  base::Result<BucketMatch> part_of_all(const PlanNode& node, std::uint32_t bucket,
                                        const SeqSet& candidates);
  base::Result<BucketMatch> all_of(const PlanNode& node, std::uint32_t bucket);
  base::Result<BucketMatch> any_of(const PlanNode& node, std::uint32_t bucket);
  base::Result<BucketMatch> values(const PlanNode& node, std::uint32_t bucket);
  base::Result<SeqSet> search_texts(const PlanNode& node, std::uint32_t bucket, SeqSet& sure);
  // candidates: only of these it need be right; null: of all.
  base::Result<BucketMatch> times(const PlanNode& node, std::uint32_t bucket,
                                  const SeqSet* candidates);
  base::Result<void> times_in_segment(const PlanNode& node, std::uint64_t segment,
                                      const SeqSet* candidates, std::vector<std::uint16_t>& lows);

  PlanNode root_;
  IndexReader& index_;
  std::uint64_t bound_;
};

}  // namespace piperoll::store::rocks
