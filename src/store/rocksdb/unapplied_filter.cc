#include "store/rocksdb/unapplied_filter.h"

#include <algorithm>

namespace piperoll::store::rocks {
namespace {

Verdict verdict_if(bool matches) {
  return matches ? Verdict::Yes : Verdict::No;
}

Verdict opposite(Verdict verdict) {
  return verdict == Verdict::Unknown ? verdict : verdict_if(verdict == Verdict::No);
}

}  // namespace

UnappliedFilter::UnappliedFilter(const query::Filter& filter, const UnappliedRun& run)
    : run_(run), root_(node_of(filter, run)) {}

Verdict UnappliedFilter::verdict(std::uint64_t seq) const {
  return judge(root_, seq - run_.first_seq());
}

UnappliedFilter::Node UnappliedFilter::node_of(const query::Filter& filter,
                                               const UnappliedRun& run) {
  Node node{.kind = filter.kind};
  switch (filter.kind) {
    case Kind::All:
      return node;
    case Kind::And:
    case Kind::Or:
    case Kind::Not:
      for (const query::Filter& child : filter.children) {
        node.children.push_back(node_of(child, run));
      }
      return node;
    case Kind::Range:
      return node_of_time(filter, run);
    case Kind::Equal:
    case Kind::In:
    case Kind::Exists:
      break;
    default:
      node.unknown = true;
      return node;
  }
  if (filter.field.path.empty()) {
    node.hashes = run.hashes(filter.field.field);
  }
  node.unknown = node.hashes.empty();
  for (const std::string& text : filter.texts) {
    node.wanted.push_back(UnappliedRun::hash_of(text));
  }
  return node;
}

UnappliedFilter::Node UnappliedFilter::node_of_time(const query::Filter& filter,
                                                    const UnappliedRun& run) {
  Node node{.kind = filter.kind, .min = filter.min, .max = filter.max};
  node.recorded_at = filter.field.field == event::Field::RecordedAt;
  if (node.recorded_at || filter.field.field == event::Field::OccurredAt) {
    node.times = run.times();
  }
  node.unknown = node.times.empty();
  return node;
}

Verdict UnappliedFilter::judge_children(const Node& node, std::size_t index, Verdict decisive) {
  Verdict all = opposite(decisive);
  for (const Node& child : node.children) {
    const Verdict one = judge(child, index);
    if (one == decisive) {
      return decisive;
    }
    if (one == Verdict::Unknown) {
      all = Verdict::Unknown;
    }
  }
  return all;
}

Verdict UnappliedFilter::judge(const Node& node, std::size_t index) {
  if (node.unknown) {
    return Verdict::Unknown;
  }
  switch (node.kind) {
    case Kind::And:
      return judge_children(node, index, Verdict::No);
    case Kind::Or:
      return judge_children(node, index, Verdict::Yes);
    case Kind::Not:
      return opposite(judge(node.children.front(), index));
    case Kind::Range: {
      const UnappliedRun::Times& times = node.times[index];
      const std::int64_t time = node.recorded_at ? times.recorded_at : times.occurred_at;
      return verdict_if(node.min <= time && time <= node.max);
    }
    case Kind::Equal:
    case Kind::In: {
      const bool may = std::find(node.wanted.begin(), node.wanted.end(), node.hashes[index]) !=
                       node.wanted.end();
      return may ? Verdict::Unknown : Verdict::No;
    }
    case Kind::Exists:
      return verdict_if(node.hashes[index] != UnappliedRun::kAbsent);
    default:
      return Verdict::Yes;  // All
  }
}

}  // namespace piperoll::store::rocks
