#pragma once
// MatchSource: a set of candidates, given bucket by bucket; the filter's, or a part of another's.
// What a source has computed it keeps until it goes away. One thread at a time.

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/rocksdb/filter_plan.h"

namespace piperoll::store::rocks {

class MatchSource {
 public:
  explicit MatchSource(std::uint64_t bound)
      : bound_(bound), kept_((bound + kBucketSeqs - 1) >> kBucketBits) {}
  virtual ~MatchSource() = default;
  MatchSource(const MatchSource&) = delete;
  MatchSource& operator=(const MatchSource&) = delete;

  std::uint64_t bound() const { return bound_; }  // every candidate is below
  std::uint32_t bucket_count() const { return static_cast<std::uint32_t>(kept_.size()); }
  // Valid as long as the source.
  base::Result<const BucketMatch*> at(std::uint32_t bucket);
  // Every record below bound() is in it, for certain.
  virtual bool is_everything() const { return false; }

 private:
  virtual base::Result<BucketMatch> compute(std::uint32_t bucket) = 0;

  std::uint64_t bound_;
  std::vector<std::optional<BucketMatch>> kept_;
};

class FilterSource : public MatchSource {
 public:
  explicit FilterSource(FilterPlan& plan) : MatchSource(plan.bound()), plan_(plan) {}
  bool is_everything() const override { return plan_.root().kind == PlanNode::Kind::Everything; }

 private:
  base::Result<BucketMatch> compute(std::uint32_t bucket) override {
    return plan_.evaluate(bucket);
  }
  FilterPlan& plan_;
};

// Those of base whose field has one of the codes (kAbsent: is absent).
class GroupSource : public MatchSource {
 public:
  GroupSource(MatchSource& base, IndexReader& index, Slot slot, std::vector<Code> codes)
      : MatchSource(base.bound()),
        base_(base),
        index_(index),
        slot_(slot),
        codes_(std::move(codes)) {}

 private:
  base::Result<BucketMatch> compute(std::uint32_t bucket) override;

  MatchSource& base_;
  IndexReader& index_;
  Slot slot_;
  std::vector<Code> codes_;  // ascending
};

}  // namespace piperoll::store::rocks
