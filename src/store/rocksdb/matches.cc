#include "store/rocksdb/matches.h"

#include <algorithm>
#include <utility>

#include "store/rocksdb/unapplied_filter.h"

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
    : view_(context.view),
      filter_(std::move(filter)),
      row_filter_(filter_),
      index_(context.database, context.view, context.lists, context.cost),
      rows_(context.database, context.view) {}

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

base::Result<void> Matches::for_each_newest(std::uint64_t bound, const VisitTail& visit) {
  const std::uint64_t indexed = plan_->bound();
  index_.cost().newest += bound - std::min(bound, indexed);
  const std::uint64_t applied = std::min(bound, view_.applied());
  for (std::uint64_t seq = indexed; seq < applied; ++seq) {
    RETURN_IF_ERROR(look_at_row(seq, visit));
  }
  for (std::uint64_t seq = std::max(indexed, view_.applied()); seq < bound;) {
    const UnappliedRun& run = view_.unapplied->run_at(seq);
    const std::uint64_t end = std::min(bound, run.end_seq());
    RETURN_IF_ERROR(look_at_run(run, seq, end, visit));
    seq = end;
  }
  return {};
}

base::Result<void> Matches::look_at_row(std::uint64_t seq, const VisitTail& visit) {
  ++index_.cost().rows;
  ASSIGN_OR_RETURN(const std::optional<event::RecordView> record, row_filter_.match(rows_, seq));
  return record.has_value() ? visit({.seq = seq,
                                     .occurred_at = record->occurred_at().micros,
                                     .recorded_at = record->recorded_at().micros})
                            : base::Result<void>();
}

base::Result<void> Matches::look_at_run(const UnappliedRun& run, std::uint64_t from,
                                        std::uint64_t to, const VisitTail& visit) {
  const UnappliedFilter columns(filter_, run);
  const std::span<const UnappliedRun::Times> times = run.times();
  for (std::uint64_t seq = from; seq < to; ++seq) {
    const Verdict verdict = columns.verdict(seq);
    if (verdict == Verdict::Unknown || times.empty()) {
      RETURN_IF_ERROR(look_at_row(seq, visit));
    } else if (verdict == Verdict::Yes) {
      const UnappliedRun::Times& time = times[seq - run.first_seq()];
      RETURN_IF_ERROR(visit({seq, time.occurred_at, time.recorded_at}));
    }
  }
  return {};
}

}  // namespace piperoll::store::rocks
