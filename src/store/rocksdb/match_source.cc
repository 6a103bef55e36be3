#include "store/rocksdb/match_source.h"

namespace piperoll::store::rocks {

base::Result<const BucketMatch*> MatchSource::at(std::uint32_t bucket) {
  std::optional<BucketMatch>& kept = kept_[bucket];
  if (!kept.has_value()) {
    ASSIGN_OR_RETURN(kept, compute(bucket));
  }
  return &*kept;
}

base::Result<BucketMatch> GroupSource::compute(std::uint32_t bucket) {
  ASSIGN_OR_RETURN(const BucketMatch* base, base_.at(bucket));
  if (base->possible().empty()) {
    return BucketMatch{};
  }
  ASSIGN_OR_RETURN(const SeqSet group, records_with(index_, slot_, codes_, bucket));
  BucketMatch match = *base;
  match.sure &= group;
  if (match.wider.has_value()) {
    *match.wider &= group;
  }
  return match;
}

}  // namespace piperoll::store::rocks
