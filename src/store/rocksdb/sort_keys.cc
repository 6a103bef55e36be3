#include "store/rocksdb/sort_keys.h"

#include <limits>

#include "store/rocksdb/answers.h"
#include "store/rocksdb/column_codec.h"

namespace piperoll::store::rocks {
namespace {

constexpr SortKey kHighest = std::numeric_limits<SortKey>::max();

// Absent counts as "" (query::Absent::Lowest): it shares the place of "" if there is one, and is
// else before every text, also of those that the list does not have.
std::int64_t lowest_key(const ValueList& list) {
  const bool has_empty = list.size() > 0 && list.text(0).empty();
  return has_empty ? 0 : -2;
}

base::Result<std::optional<KeyTerm>> make_term(const query::SortTerm& wanted, IndexReader& index,
                                               std::uint64_t bound) {
  KeyTerm term;
  term.descending = wanted.descending;
  switch (wanted.field) {
    case event::Field::Seq:
      return std::optional(term);
    case event::Field::OccurredAt:
    case event::Field::RecordedAt:
      term.kind = KeyTerm::Kind::Time;
      term.column =
          wanted.field == event::Field::OccurredAt ? TimeColumn::Occurred : TimeColumn::Recorded;
      return std::optional(term);
    default:
      break;
  }
  const std::optional<Slot> slot = slot_of(wanted.field);
  if (!slot.has_value() || !index.all_listed(*slot, bound)) {
    return std::optional<KeyTerm>();
  }
  term.kind = KeyTerm::Kind::Values;
  term.slot = *slot;
  ASSIGN_OR_RETURN(term.list, index.values(*slot));
  term.absent_is_lowest = wanted.absent == query::Absent::Lowest;
  term.absent = term.of_number(term.absent_is_lowest ? lowest_key(*term.list) : kHighest);
  return std::optional(term);
}

}  // namespace

base::Result<std::optional<SortKeys>> SortKeys::make(const query::Sort& sort, bool reversed,
                                                     IndexReader& index, std::uint64_t bound) {
  SortKeys keys;
  for (query::SortTerm wanted : sort) {
    wanted.descending = wanted.descending != reversed;
    ASSIGN_OR_RETURN(std::optional<KeyTerm> term, make_term(wanted, index, bound));
    if (!term.has_value()) {
      return std::optional<SortKeys>();
    }
    keys.terms_.push_back(*std::move(term));
  }
  keys.seq_descending_ = keys.terms_.front().descending;
  return std::optional(std::move(keys));
}

base::Result<SortKey> SortKeys::key(std::size_t term, std::uint64_t seq, IndexReader& index) const {
  const KeyTerm& wanted = terms_[term];
  switch (wanted.kind) {
    case KeyTerm::Kind::Seq:
      return wanted.of_number(static_cast<std::int64_t>(seq));
    case KeyTerm::Kind::Time: {
      ASSIGN_OR_RETURN(const std::int64_t time, index.time_at(wanted.column, seq));
      return wanted.of_number(time);
    }
    case KeyTerm::Kind::Values:
      break;
  }
  ASSIGN_OR_RETURN(const Code code, index.code_at(wanted.slot, seq));
  if (code == kUnlisted || (code != kAbsent && code >= wanted.list->end_code())) {
    return damaged_column();
  }
  return wanted.of_code(code);
}

SortKey SortKeys::key_of(std::size_t term, const event::Record& record) const {
  const KeyTerm& wanted = terms_[term];
  switch (wanted.kind) {
    case KeyTerm::Kind::Seq:
      return wanted.of_number(static_cast<std::int64_t>(record.seq()));
    case KeyTerm::Kind::Time:
      return wanted.of_number(wanted.column == TimeColumn::Occurred ? record.occurred_at().micros
                                                                    : record.recorded_at().micros);
    case KeyTerm::Kind::Values:
      break;
  }
  event::FieldScratch scratch;
  const std::optional<std::string_view> text =
      indexed_text(event::view_of(record), wanted.slot, scratch);
  if (!text.has_value() || (wanted.absent_is_lowest && text->empty())) {
    return wanted.absent;
  }
  const event::Field field = kIndexedFields[wanted.slot].field;
  std::size_t rank = 0;
  if (event::type_of(field) == event::FieldType::Text) {
    rank = wanted.list->lower_bound(*text);
  } else {
    while (rank < wanted.list->size() && value_less(field, wanted.list->text(rank), *text)) {
      ++rank;
    }
  }
  const bool listed = rank < wanted.list->size() && wanted.list->text(rank) == *text;
  return listed ? wanted.of_rank(rank) : wanted.before_rank(rank);
}

}  // namespace piperoll::store::rocks
