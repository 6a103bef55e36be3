#include "store/rocksdb/filter_plan.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "query/match.h"

namespace piperoll::store::rocks {
namespace {

std::uint64_t first_seq_of(std::uint32_t bucket) {
  return std::uint64_t{bucket} << kBucketBits;
}

// The part of the span [first, last] that lies in the bucket.
SeqSet span_in(std::uint32_t bucket, std::uint64_t first, std::uint64_t last) {
  const std::uint64_t begin = first_seq_of(bucket);
  const std::uint64_t end = begin + kBucketSeqs;
  if (last < begin || first >= end || first > last) {
    return {};
  }
  return SeqSet::range(static_cast<std::uint32_t>(std::max(first, begin) - begin),
                       static_cast<std::uint32_t>(std::min(last, end - 1) - begin + 1));
}

SeqSet seqs_in(std::uint32_t bucket, const std::vector<std::uint64_t>& seqs) {
  SeqSet set;
  auto at = std::lower_bound(seqs.begin(), seqs.end(), first_seq_of(bucket));
  for (; at != seqs.end() && *at >> kBucketBits == bucket; ++at) {
    set.add(static_cast<std::uint16_t>(*at % kBucketSeqs));
  }
  return set;
}

SeqSet seq_texts_in(std::uint32_t bucket, const query::Filter& filter, std::uint64_t bound) {
  SeqSet set;
  const std::uint64_t begin = first_seq_of(bucket);
  const std::uint64_t end = std::min(begin + kBucketSeqs, bound);
  char text[24];
  for (std::uint64_t seq = begin; seq < end; ++seq) {
    const auto number = static_cast<std::int64_t>(seq) + filter.shift;
    const char* last = std::to_chars(text, text + sizeof text, number).ptr;
    if (query::match_text(filter, {text, static_cast<std::size_t>(last - text)})) {
      set.add(static_cast<std::uint16_t>(seq - begin));
    }
  }
  return set;
}

// Which of the texts match.
void find_texts(const query::Filter& filter, const TextSegment& texts, std::uint32_t offset,
                std::vector<std::uint16_t>& lows) {
  if (filter.kind == query::Filter::Kind::Contains) {
    texts.find_containing(filter.texts.front(), offset, lows);
    return;
  }
  const bool range = filter.kind == query::Filter::Kind::Range;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (range ? is_in_range(filter, texts.text(i)) : query::match_text(filter, texts.text(i))) {
      lows.push_back(static_cast<std::uint16_t>(offset + texts.place(i)));
    }
  }
}

}  // namespace

// Few codes: their postings. Many, or no postings yet: the column, which costs the same however
// many there are.
base::Result<SeqSet> records_with(IndexReader& index, Slot slot, const std::vector<Code>& codes,
                                  std::uint32_t bucket) {
  SeqSet set;
  if (codes.empty()) {
    return set;
  }
  if (codes.size() <= kPostingsPerPredicateMax && index.has_postings(slot, bucket)) {
    for (const Code code : codes) {
      ASSIGN_OR_RETURN(SeqSet posting, index.posting(slot, code, bucket));
      if (code == kAbsent) {
        set = SeqSet::range(0, kBucketSeqs);
        set -= posting;
      } else {
        set |= posting;
      }
    }
    return set;
  }
  std::span<const Code> present = codes;
  if (codes.front() == kAbsent) {
    // All but those that have the field.
    present = present.subspan(1);
    ASSIGN_OR_RETURN(const SeqSet with_any, index.in_column(slot, CodeFilter(), bucket));
    set = SeqSet::range(0, kBucketSeqs);
    set -= with_any;
  }
  if (!present.empty()) {
    ASSIGN_OR_RETURN(const SeqSet found, index.in_column(slot, CodeFilter(present), bucket));
    set |= found;
  }
  return set;
}

SeqSet FilterPlan::universe(std::uint32_t bucket) const {
  return bound_ == 0 ? SeqSet() : span_in(bucket, 0, bound_ - 1);
}

base::Result<BucketMatch> FilterPlan::evaluate(std::uint32_t bucket) {
  ++index_.cost().buckets;
  ASSIGN_OR_RETURN(BucketMatch match, evaluate(root_, bucket));
  if (first_seq_of(bucket) + kBucketSeqs <= bound_) {
    return match;
  }
  const SeqSet all = universe(bucket);
  match.sure &= all;
  if (match.wider.has_value()) {
    *match.wider &= all;
  }
  return match;
}

base::Result<BucketMatch> FilterPlan::evaluate(const PlanNode& node, std::uint32_t bucket) {
  switch (node.kind) {
    case PlanNode::Kind::Nothing:
      return BucketMatch{};
    case PlanNode::Kind::Everything:
      return BucketMatch{universe(bucket)};
    case PlanNode::Kind::And:
      return all_of(node, bucket);
    case PlanNode::Kind::Or:
      return any_of(node, bucket);
    case PlanNode::Kind::Not: {
      ASSIGN_OR_RETURN(BucketMatch child, evaluate(node.children.front(), bucket));
      BucketMatch match{universe(bucket)};
      if (!child.exact()) {
        match.wider = match.sure;
        *match.wider -= child.sure;
      }
      match.sure -= child.possible();
      return match;
    }
    case PlanNode::Kind::Values:
      return values(node, bucket);
    case PlanNode::Kind::Present: {
      ASSIGN_OR_RETURN(SeqSet present, index_.posting(node.slot, kAbsent, bucket));
      return BucketMatch{std::move(present)};
    }
    case PlanNode::Kind::Times:
      return times(node, bucket, nullptr);
    case PlanNode::Kind::Seqs:
      return BucketMatch{seqs_in(bucket, node.seqs)};
    case PlanNode::Kind::SeqSpan:
      return BucketMatch{span_in(bucket, static_cast<std::uint64_t>(node.min),
                                 static_cast<std::uint64_t>(node.max))};
    case PlanNode::Kind::SeqText:
      return BucketMatch{seq_texts_in(bucket, node.filter, bound_)};
    case PlanNode::Kind::Rows:
      break;
  }
  // Dynamic paths: only records that have the object at all.
  const std::optional<Slot> slot = slot_of(node.filter.field.field);
  const bool narrowed = slot.has_value() && !kIndexedFields[*slot].has_values &&
                        node.filter.kind != query::Filter::Kind::Words;
  if (!narrowed) {
    return BucketMatch{{}, universe(bucket)};
  }
  ASSIGN_OR_RETURN(SeqSet present, index_.posting(*slot, kAbsent, bucket));
  if (!node.path_values.empty()) {
    ASSIGN_OR_RETURN(const SeqSet without, index_.without_path_values(node.path_values, bucket));
    present -= without;
  }
  return BucketMatch{{}, std::move(present)};
}

base::Result<BucketMatch> FilterPlan::all_of(const PlanNode& node, std::uint32_t bucket) {
  if (node.children.empty()) {
    return BucketMatch{universe(bucket)};
  }
  ASSIGN_OR_RETURN(BucketMatch match, evaluate(node.children.front(), bucket));
  for (std::size_t i = 1; i < node.children.size() && !match.possible().empty(); ++i) {
    ASSIGN_OR_RETURN(BucketMatch next, part_of_all(node.children[i], bucket, match.possible()));
    if (!match.exact() || !next.exact()) {
      SeqSet wider = match.possible();
      wider &= next.possible();
      match.wider = std::move(wider);
    }
    match.sure &= next.sure;
  }
  return match.possible().empty() ? BucketMatch{} : std::move(match);
}

// A search through texts or filters costs the same however few records are still asked for; times
// are looked at one by one.
base::Result<BucketMatch> FilterPlan::part_of_all(const PlanNode& node, std::uint32_t bucket,
                                                  const SeqSet& candidates) {
  if (node.kind == PlanNode::Kind::Times) {
    return times(node, bucket, &candidates);
  }
  const bool searches =
      node.kind == PlanNode::Kind::Values && node.unlisted_from != kNever && !node.hashed;
  const bool filters = node.kind == PlanNode::Kind::Rows && !node.path_values.empty();
  const std::uint64_t rows_max = searches  ? kRowsBeforeTextsMax
                                 : filters ? kRowsBeforeFiltersMax
                                           : 0;
  return candidates.count() <= rows_max ? BucketMatch{{}, candidates} : evaluate(node, bucket);
}

base::Result<BucketMatch> FilterPlan::any_of(const PlanNode& node, std::uint32_t bucket) {
  BucketMatch match;
  for (const PlanNode& child : node.children) {
    ASSIGN_OR_RETURN(BucketMatch next, evaluate(child, bucket));
    if (!match.exact() || !next.exact()) {
      SeqSet wider = match.possible();
      wider |= next.possible();
      match.wider = std::move(wider);
    }
    match.sure |= next.sure;
  }
  return match;
}

base::Result<BucketMatch> FilterPlan::values(const PlanNode& node, std::uint32_t bucket) {
  ASSIGN_OR_RETURN(SeqSet sure, records_with(index_, node.slot, node.codes, bucket));
  BucketMatch match{std::move(sure)};
  if (node.unlisted_from == kNever || first_seq_of(bucket) + kBucketSeqs <= node.unlisted_from) {
    return match;
  }
  SeqSet wider = node.hashed ? seqs_in(bucket, node.seqs) : SeqSet();
  const bool has_texts = kIndexedFields[node.slot].has_texts;
  if (!node.hashed) {
    ASSIGN_OR_RETURN(wider, search_texts(node, bucket, match.sure));
  } else if (has_texts && wider.count() > kRowsBeforeTextsMax) {
    ASSIGN_OR_RETURN(const SeqSet unknown, search_texts(node, bucket, match.sure));
    wider &= unknown;
  }
  if (wider.empty()) {
    return match;
  }
  wider |= match.sure;
  match.wider = std::move(wider);
  return match;
}

// Adds those whose text matches to sure. Returns those whose texts are not there to look at.
base::Result<SeqSet> FilterPlan::search_texts(const PlanNode& node, std::uint32_t bucket,
                                              SeqSet& sure) {
  SeqSet unknown = span_in(bucket, node.unlisted_from, bound_ - 1);
  TextLists::Pointer kept;
  if (node.filter.kind == query::Filter::Kind::Contains) {
    ASSIGN_OR_RETURN(kept, index_.bucket_texts(node.slot, bucket));
  }
  if (kept != nullptr) {
    sure |= kept->find_containing(node.filter.texts.front());
    kept->take_known(unknown);
  } else {
    std::vector<std::uint16_t> lows;
    RETURN_IF_ERROR(index_.for_each_texts(
        node.slot, bucket,
        [&](std::uint32_t offset, const TextSegment& texts) -> base::Result<void> {
          find_texts(node.filter, texts, offset, lows);
          texts.take_known(offset, unknown);
          return {};
        }));
    sure |= SeqSet::of_sorted(lows);
  }
  if (!unknown.empty()) {
    ASSIGN_OR_RETURN(const SeqSet present, index_.posting(node.slot, kAbsent, bucket));
    unknown &= present;
  }
  return unknown;
}

base::Result<BucketMatch> FilterPlan::times(const PlanNode& node, std::uint32_t bucket,
                                            const SeqSet* candidates) {
  ASSIGN_OR_RETURN(const BucketBoundsPointer all, index_.bounds(node.column, bucket));
  if (all->whole.empty() || all->whole.greatest < node.min || all->whole.least > node.max) {
    return BucketMatch{};
  }
  if (node.min <= all->whole.least && all->whole.greatest <= node.max) {
    return BucketMatch{universe(bucket)};
  }
  const std::uint64_t wanted = candidates == nullptr ? ~std::uint64_t{0} : candidates->segments();
  SeqSet set;
  std::vector<std::uint16_t> lows;
  for (std::uint32_t i = 0; i < all->segments.size(); ++i) {
    const TimeBounds& bounds = all->segments[i];
    const std::uint32_t begin = i * kSegmentSeqs;
    if ((wanted >> i & 1U) == 0 || bounds.empty() || bounds.greatest < node.min ||
        bounds.least > node.max) {
      continue;
    }
    if (node.min <= bounds.least && bounds.greatest <= node.max) {
      set.add_range(begin, begin + kSegmentSeqs);
      continue;
    }
    RETURN_IF_ERROR(
        times_in_segment(node, std::uint64_t{bucket} * kSegmentsPerBucket + i, candidates, lows));
  }
  set |= SeqSet::of_sorted(lows);
  return BucketMatch{std::move(set)};
}

base::Result<void> FilterPlan::times_in_segment(const PlanNode& node, std::uint64_t segment,
                                                const SeqSet* candidates,
                                                std::vector<std::uint16_t>& lows) {
  ASSIGN_OR_RETURN(const std::span<const std::int64_t> times, index_.times(node.column, segment));
  const auto begin = static_cast<std::uint32_t>(segment % kSegmentsPerBucket * kSegmentSeqs);
  const auto is_inside = [&](std::int64_t time) { return node.min <= time && time <= node.max; };
  if (candidates != nullptr) {
    for (const std::uint16_t low : candidates->list_in(begin, begin + kSegmentSeqs)) {
      if (is_inside(times[low % kSegmentSeqs])) {
        lows.push_back(low);
      }
    }
    return {};
  }
  for (std::uint32_t at = 0; at < kSegmentSeqs; ++at) {
    if (is_inside(times[at])) {
      lows.push_back(static_cast<std::uint16_t>(begin + at));
    }
  }
  return {};
}

}  // namespace piperoll::store::rocks
