#include <algorithm>
#include <charconv>
#include <utility>

#include "base/timestamp.h"
#include "store/rocksdb/filter_plan.h"
#include "store/rocksdb/path_values.h"

namespace piperoll::store::rocks {
namespace {

using Kind = PlanNode::Kind;
using Filter = query::Filter;

constexpr std::size_t kCountedCodesMax = 64;  // whose totals are looked up for an estimate

std::optional<std::uint64_t> parse_seq(std::string_view text) {
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  const bool canonical = text == "0" || (!text.empty() && text.front() != '0');
  if (error != std::errc() || end != text.data() + text.size() || !canonical) {
    return std::nullopt;
  }
  return seq;
}

// The time whose text is exactly this one.
std::optional<std::int64_t> parse_time(std::string_view text) {
  const base::Result<base::Timestamp> time = base::parse_rfc3339(text);
  if (!time || base::format_rfc3339(*time) != text) {
    return std::nullopt;
  }
  return time->micros;
}

class Builder {
 public:
  Builder(IndexReader& index, IdLookup& ids, std::uint64_t bound)
      : index_(index), ids_(ids), bound_(bound) {}

  base::Result<PlanNode> build(const Filter& filter);

 private:
  PlanNode node(Kind kind, const Filter& filter, std::uint64_t estimate) const {
    PlanNode made;
    made.kind = kind;
    made.filter = filter;
    made.filter.children.clear();
    made.estimate = std::min(estimate, bound_);
    return made;
  }
  PlanNode nothing(const Filter& filter) const { return node(Kind::Nothing, filter, 0); }
  PlanNode everything(const Filter& filter) const { return node(Kind::Everything, filter, bound_); }
  PlanNode rows(const Filter& filter) const { return node(Kind::Rows, filter, bound_); }

  base::Result<PlanNode> branch(Kind kind, const Filter& filter);
  base::Result<PlanNode> leaf(const Filter& filter);
  base::Result<PlanNode> on_values(const Filter& filter, Slot slot);
  base::Result<std::vector<Code>> codes_of(const Filter& filter, Slot slot);
  base::Result<std::vector<Code>> searched_codes(const Filter& filter, Slot slot);
  base::Result<std::uint64_t> estimate_of(const PlanNode& values);
  base::Result<PlanNode> on_id(const Filter& filter);
  PlanNode on_seq(const Filter& filter) const;
  base::Result<PlanNode> on_time(const Filter& filter, TimeColumn column);
  base::Result<PlanNode> between(const Filter& filter, TimeColumn column, std::int64_t min,
                                 std::int64_t max);
  PlanNode span(const Filter& filter) const;

  IndexReader& index_;
  IdLookup& ids_;
  std::uint64_t bound_;
};

base::Result<PlanNode> Builder::build(const Filter& filter) {
  switch (filter.kind) {
    case Filter::Kind::All:
      return everything(filter);
    case Filter::Kind::And:
      return branch(Kind::And, filter);
    case Filter::Kind::Or:
      return branch(Kind::Or, filter);
    case Filter::Kind::Not:
      return branch(Kind::Not, filter);
    case Filter::Kind::Words:
      return filter.texts.empty() ? everything(filter) : rows(filter);
    default:
      return leaf(filter);
  }
}

base::Result<PlanNode> Builder::branch(Kind kind, const Filter& filter) {
  if (kind == Kind::Or && filter.children.empty()) {
    return nothing(filter);
  }
  PlanNode made = node(kind, filter, 0);
  for (const Filter& child : filter.children) {
    ASSIGN_OR_RETURN(PlanNode built, build(child));
    made.children.push_back(std::move(built));
  }
  if (kind == Kind::Not) {
    made.estimate = bound_ - made.children.front().estimate;
    return made;
  }
  if (kind == Kind::Or) {
    for (const PlanNode& child : made.children) {
      made.estimate = std::min(bound_, made.estimate + child.estimate);
    }
    return made;
  }
  // The rarest first: where it has nothing, the others are not read.
  std::stable_sort(made.children.begin(), made.children.end(),
                   [](const PlanNode& a, const PlanNode& b) { return a.estimate < b.estimate; });
  made.estimate = made.children.empty() ? bound_ : made.children.front().estimate;
  return made;
}

base::Result<PlanNode> Builder::leaf(const Filter& filter) {
  switch (filter.field.field) {
    case event::Field::Id:
      return on_id(filter);
    case event::Field::Seq:
      return on_seq(filter);
    case event::Field::OccurredAt:
      return on_time(filter, TimeColumn::Occurred);
    case event::Field::RecordedAt:
      return on_time(filter, TimeColumn::Recorded);
    default:
      break;
  }
  const std::optional<Slot> slot = slot_of(filter.field.field);
  if (!slot.has_value()) {
    return rows(filter);
  }
  if (filter.kind == Filter::Kind::Exists && filter.field.path.empty()) {
    ASSIGN_OR_RETURN(const std::uint64_t present, index_.total(*slot, kAbsent));
    PlanNode made = node(Kind::Present, filter, present);
    made.slot = *slot;
    return made;
  }
  if (!kIndexedFields[*slot].has_values) {
    if (filter.kind == Filter::Kind::Range) {
      return nothing(filter);
    }
    ASSIGN_OR_RETURN(const std::uint64_t present, index_.total(*slot, kAbsent));
    PlanNode made = node(Kind::Rows, filter, present);
    made.path_values = path_value_hashes(filter);
    return made;
  }
  return on_values(filter, *slot);
}

base::Result<PlanNode> Builder::on_values(const Filter& filter, Slot slot) {
  const bool numeric = event::type_of(kIndexedFields[slot].field) == event::FieldType::Integer;
  if (filter.kind == Filter::Kind::Range && !numeric) {
    return nothing(filter);
  }
  PlanNode made = node(Kind::Values, filter, 0);
  made.slot = slot;
  ASSIGN_OR_RETURN(made.codes, codes_of(filter, slot));
  std::sort(made.codes.begin(), made.codes.end());
  made.codes.erase(std::unique(made.codes.begin(), made.codes.end()), made.codes.end());
  if (!index_.all_listed(slot, bound_)) {
    made.unlisted_from = index_.field(slot).stopped_at;
    made.hashed = filter.kind == Filter::Kind::Equal || filter.kind == Filter::Kind::In;
    if (made.hashed) {
      for (const std::string& text : filter.texts) {
        ASSIGN_OR_RETURN(const std::vector<std::uint64_t> seqs, index_.unlisted(slot, text));
        made.seqs.insert(made.seqs.end(), seqs.begin(), seqs.end());
      }
      std::sort(made.seqs.begin(), made.seqs.end());
    }
  }
  ASSIGN_OR_RETURN(made.estimate, estimate_of(made));
  if (made.codes.empty() && made.unlisted_from == kNever) {
    return nothing(filter);
  }
  return made;
}

base::Result<std::vector<Code>> Builder::codes_of(const Filter& filter, Slot slot) {
  if (filter.kind != Filter::Kind::Equal && filter.kind != Filter::Kind::In) {
    return searched_codes(filter, slot);
  }
  std::vector<Code> codes;
  for (const std::string& text : filter.texts) {
    ASSIGN_OR_RETURN(const std::optional<Code> code, index_.code_of(slot, text));
    if (code.has_value()) {
      codes.push_back(*code);
    }
  }
  return codes;
}

base::Result<std::vector<Code>> Builder::searched_codes(const Filter& filter, Slot slot) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const ValueList> list, index_.values(slot));
  const Code end = index_.field(slot).next_code;
  const bool sorted_texts = event::type_of(kIndexedFields[slot].field) == event::FieldType::Text;
  const bool prefix = filter.kind == Filter::Kind::Prefix;
  std::vector<Code> codes;
  if (filter.kind == Filter::Kind::Contains) {
    codes = list->codes_containing(filter.texts.front());
    codes.erase(std::lower_bound(codes.begin(), codes.end(), end), codes.end());
    return codes;
  }
  std::size_t rank = prefix && sorted_texts ? list->lower_bound(filter.texts.front()) : 0;
  for (; rank < list->size(); ++rank) {
    const std::string_view text = list->text(rank);
    bool matches = true;
    if (prefix) {
      matches = text.starts_with(filter.texts.front());
      if (!matches && sorted_texts) {
        break;
      }
    } else {
      matches = is_in_range(filter, text);
    }
    if (matches && list->code(rank) < end) {
      codes.push_back(list->code(rank));
    }
  }
  return codes;
}

base::Result<std::uint64_t> Builder::estimate_of(const PlanNode& values) {
  std::uint64_t sum = 0;
  if (values.unlisted_from != kNever) {
    sum = values.hashed ? values.seqs.size() : bound_ - values.unlisted_from;
  }
  if (values.codes.size() <= kCountedCodesMax) {
    for (const Code code : values.codes) {
      ASSIGN_OR_RETURN(const std::uint64_t total, index_.total(values.slot, code));
      sum += total;
    }
    return std::min(sum, bound_);
  }
  ASSIGN_OR_RETURN(const FieldTotalsPointer totals, index_.totals(values.slot));
  for (const Code code : values.codes) {
    sum += totals->by_code[code];
  }
  return std::min(sum, bound_);
}

base::Result<PlanNode> Builder::on_id(const Filter& filter) {
  if (filter.kind == Filter::Kind::Exists) {
    return everything(filter);
  }
  if (filter.kind == Filter::Kind::Range) {
    return nothing(filter);
  }
  if (filter.kind != Filter::Kind::Equal && filter.kind != Filter::Kind::In) {
    return rows(filter);
  }
  PlanNode made = node(Kind::Seqs, filter, filter.texts.size());
  for (const std::string& text : filter.texts) {
    ASSIGN_OR_RETURN(const std::optional<std::uint64_t> seq, ids_.seq_of(text));
    if (seq.has_value() && *seq < bound_) {
      made.seqs.push_back(*seq);
    }
  }
  std::sort(made.seqs.begin(), made.seqs.end());
  return made;
}

// REQUIRES: a Range.
PlanNode Builder::span(const Filter& filter) const {
  PlanNode made = node(Kind::SeqSpan, filter, bound_);
  made.min = std::max<std::int64_t>(filter.min, 0);
  made.max = filter.max;
  if (made.max < made.min) {
    return nothing(filter);
  }
  made.estimate =
      std::min(bound_, static_cast<std::uint64_t>(made.max) - static_cast<std::uint64_t>(made.min));
  return made;
}

PlanNode Builder::on_seq(const Filter& filter) const {
  switch (filter.kind) {
    case Filter::Kind::Exists:
      return everything(filter);
    case Filter::Kind::Range:
      return span(filter);
    case Filter::Kind::Equal:
    case Filter::Kind::In: {
      PlanNode made = node(Kind::Seqs, filter, filter.texts.size());
      for (const std::string& text : filter.texts) {
        if (const std::optional<std::uint64_t> seq = parse_seq(text); seq.has_value()) {
          made.seqs.push_back(*seq);
        }
      }
      std::sort(made.seqs.begin(), made.seqs.end());
      return made;
    }
    default:
      return node(Kind::SeqText, filter, bound_);
  }
}

// Estimate: the records of the segments that may hold such times.
base::Result<PlanNode> Builder::between(const Filter& filter, TimeColumn column, std::int64_t min,
                                        std::int64_t max) {
  PlanNode made = node(Kind::Times, filter, 0);
  made.column = column;
  made.min = min;
  made.max = max;
  const auto overlaps = [&](const TimeBounds& bounds) {
    return !bounds.empty() && bounds.least <= max && bounds.greatest >= min;
  };
  std::uint64_t segments = 0;
  for (std::uint32_t bucket = 0; std::uint64_t{bucket} << kBucketBits < bound_; ++bucket) {
    ASSIGN_OR_RETURN(const BucketBoundsPointer bounds, index_.bounds(column, bucket));
    if (overlaps(bounds->whole)) {
      segments += static_cast<std::uint64_t>(
          std::count_if(bounds->segments.begin(), bounds->segments.end(), overlaps));
    }
  }
  made.estimate = std::min(bound_, segments * kSegmentSeqs);
  return made;
}

base::Result<PlanNode> Builder::on_time(const Filter& filter, TimeColumn column) {
  switch (filter.kind) {
    case Filter::Kind::Exists:
      return everything(filter);
    case Filter::Kind::Range:
      return between(filter, column, filter.min, filter.max);
    case Filter::Kind::Equal:
    case Filter::Kind::In: {
      PlanNode made = node(Kind::Or, filter, 0);
      for (const std::string& text : filter.texts) {
        if (const std::optional<std::int64_t> time = parse_time(text); time.has_value()) {
          ASSIGN_OR_RETURN(PlanNode at, between(filter, column, *time, *time));
          made.estimate = std::min(bound_, made.estimate + at.estimate);
          made.children.push_back(std::move(at));
        }
      }
      return made.children.empty() ? nothing(filter) : made;
    }
    default:
      return rows(filter);
  }
}

// What a node does, for people.
std::string describe(const PlanNode& node, const IndexReader& index) {
  const std::string about = "about " + std::to_string(node.estimate) + " records";
  switch (node.kind) {
    case Kind::Nothing:
      return "nothing matches " + query::print(node.filter);
    case Kind::Everything:
      return "every record";
    case Kind::And:
      return "all of, the rarest first (" + about + ")";
    case Kind::Or:
      return "any of (" + about + ")";
    case Kind::Not:
      return "all but (" + about + ")";
    case Kind::Values: {
      const bool few = node.codes.size() <= kPostingsPerPredicateMax;
      std::string text = std::string(few ? "postings" : "column") + " of " +
                         node.filter.field.print() + ", " + std::to_string(node.codes.size()) +
                         " of " + std::to_string(index.field(node.slot).next_code - kFirstCode) +
                         " values: " + about;
      if (node.unlisted_from != kNever) {
        text += "; from " + std::to_string(node.unlisted_from) +
                " on, where values have no code, " +
                (node.hashed ? "rows found by hash: " + std::to_string(node.seqs.size())
                 : kIndexedFields[node.slot].has_texts ? std::string("texts of the field")
                                                       : std::string("rows"));
      }
      return text;
    }
    case Kind::Present:
      return "presence of " + node.filter.field.print() + ": " + about;
    case Kind::Times:
      return std::string("time column ") +
             (node.column == TimeColumn::Occurred ? "occurred_at" : "recorded_at") + " from " +
             std::to_string(node.min) + " to " + std::to_string(node.max) + ": " + about;
    case Kind::Seqs:
      return std::to_string(node.seqs.size()) + " records by number";
    case Kind::SeqSpan:
      return "records " + std::to_string(node.min) + " to " + std::to_string(node.max);
    case Kind::SeqText:
      return "numbers of records: " + query::print(node.filter);
    case Kind::Rows:
      break;
  }
  return "rows, read one by one" +
         std::string(node.path_values.empty() ? "" : " where filters do not rule them out") + " (" +
         about + "): " + query::print(node.filter);
}

void explain_into(const PlanNode& node, const IndexReader& index, std::size_t depth,
                  std::string& out) {
  out.append(2 * depth, ' ').append(describe(node, index)).push_back('\n');
  for (const PlanNode& child : node.children) {
    explain_into(child, index, depth + 1, out);
  }
}

}  // namespace

bool is_in_range(const query::Filter& filter, std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return filter.min <= number && number <= filter.max;
}

base::Result<PlanNode> make_plan(const query::Filter& filter, IndexReader& index, IdLookup& ids,
                                 std::uint64_t bound) {
  return Builder(index, ids, bound).build(filter);
}

std::string explain_plan(const PlanNode& plan, const IndexReader& index) {
  std::string out;
  explain_into(plan, index, 0, out);
  return out;
}

}  // namespace piperoll::store::rocks
