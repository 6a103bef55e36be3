#include "store/rocksdb/matches.h"

#include <utility>

namespace piperoll::store::rocks {

base::Result<std::unique_ptr<Matches>> Matches::make(const QueryContext& context,
                                                     const query::Filter& filter,
                                                     std::uint64_t bound) {
  auto matches = std::make_unique<Matches>(Passkey{}, context, query::normalize(filter));
  ASSIGN_OR_RETURN(PlanNode root, make_plan(matches->filter_, matches->index_, context.ids, bound));
  matches->plan_ = std::make_unique<FilterPlan>(std::move(root), matches->index_, bound);
  return matches;
}

Matches::Matches(Passkey, const QueryContext& context, query::Filter filter)
    : filter_(std::move(filter)),
      row_filter_(filter_),
      index_(context.database, context.view, context.lists, context.cost),
      rows_(context.database, context.view.snapshot, context.view.head->number) {}

base::Result<SeqSet> Matches::in_bucket(std::uint32_t bucket) {
  ASSIGN_OR_RETURN(BucketMatch match, plan_->evaluate(bucket));
  if (match.exact()) {
    return std::move(match.sure);
  }
  SeqSet unsure = *match.wider;
  unsure -= match.sure;
  const std::uint64_t base = std::uint64_t{bucket} << kBucketBits;
  for (const std::uint16_t low : unsure.list()) {
    ++index_.cost().rows;
    ASSIGN_OR_RETURN(const std::optional<event::RecordView> record,
                     row_filter_.match(rows_, base + low));
    if (record.has_value()) {
      match.sure.add(low);
    }
  }
  return std::move(match.sure);
}

}  // namespace piperoll::store::rocks
