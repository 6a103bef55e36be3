#include "query/match.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "base/unicode.h"

namespace piperoll::query {

namespace {

const std::string& only_text(const Filter& filter) {
  CHECK(filter.texts.size() == 1);
  return filter.texts.front();
}

bool match_shifted(const Filter& filter, const event::RecordView& record) {
  const std::optional<std::int64_t> number = event::number_of(record, filter.field.field);
  return number.has_value() &&
         base::contains_folded(std::to_string(*number + filter.shift), only_text(filter));
}

bool match_range(const Filter& filter, const event::RecordView& record) {
  const std::optional<std::int64_t> number = event::number_of(record, filter.field.field);
  return number.has_value() && filter.min <= *number && *number <= filter.max;
}

bool match_words(const Filter& filter, const event::RecordView& record) {
  const std::vector<std::string> texts = event::texts_of(record);
  return std::all_of(filter.texts.begin(), filter.texts.end(), [&](const std::string& word) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return base::contains_folded(text, word); });
  });
}

std::strong_ordering compare_numbers(const SortTerm& term, const event::RecordView& a,
                                     const event::RecordView& b) {
  const std::optional<std::int64_t> left = event::number_of(a, term.field);
  const std::optional<std::int64_t> right = event::number_of(b, term.field);
  if (term.absent == Absent::Lowest) {
    return left.value_or(0) <=> right.value_or(0);
  }
  if (left.has_value() && right.has_value()) {
    return *left <=> *right;
  }
  return right.has_value() <=> left.has_value();  // the absent one is greater
}

std::strong_ordering compare_texts(const SortTerm& term, const event::RecordView& a,
                                   const event::RecordView& b) {
  event::FieldScratch left_scratch;
  event::FieldScratch right_scratch;
  const std::optional<std::string_view> left = event::text_of(a, term.field, left_scratch);
  const std::optional<std::string_view> right = event::text_of(b, term.field, right_scratch);
  if (term.absent == Absent::Lowest) {
    return left.value_or("") <=> right.value_or("");
  }
  if (left.has_value() && right.has_value()) {
    return *left <=> *right;
  }
  return right.has_value() <=> left.has_value();
}

std::strong_ordering compare_term(const SortTerm& term, const event::RecordView& a,
                                  const event::RecordView& b) {
  const bool text = event::type_of(term.field) == event::FieldType::Text;
  const std::strong_ordering ascending =
      text ? compare_texts(term, a, b) : compare_numbers(term, a, b);
  return term.descending ? 0 <=> ascending : ascending;
}

}  // namespace

bool match_text(const Filter& filter, std::string_view text) {
  switch (filter.kind) {
    case Filter::Kind::Equal:
      return text == only_text(filter);
    case Filter::Kind::In:
      return std::find(filter.texts.begin(), filter.texts.end(), text) != filter.texts.end();
    case Filter::Kind::Contains:
      return base::contains_folded(text, only_text(filter));
    case Filter::Kind::Prefix:
      return text.starts_with(only_text(filter));
    default:
      return true;  // Exists
  }
}

bool match(const Filter& filter, const event::RecordView& record) {
  const auto matches = [&](const Filter& child) { return match(child, record); };
  switch (filter.kind) {
    case Filter::Kind::All:
      return true;
    case Filter::Kind::And:
      return std::all_of(filter.children.begin(), filter.children.end(), matches);
    case Filter::Kind::Or:
      return std::any_of(filter.children.begin(), filter.children.end(), matches);
    case Filter::Kind::Not:
      CHECK(filter.children.size() == 1);
      return !matches(filter.children.front());
    case Filter::Kind::Range:
      return match_range(filter, record);
    case Filter::Kind::Words:
      return match_words(filter, record);
    case Filter::Kind::Contains:
      if (filter.shift != 0) {
        return match_shifted(filter, record);
      }
      [[fallthrough]];
    default: {
      event::FieldScratch scratch;
      const std::optional<std::string_view> text = event::text_of(record, filter.field, scratch);
      return text.has_value() && match_text(filter, *text);
    }
  }
}

std::strong_ordering compare(const Sort& sort, const event::RecordView& a,
                             const event::RecordView& b) {
  CHECK(!sort.empty());
  for (const SortTerm& term : sort) {
    const std::strong_ordering order = compare_term(term, a, b);
    if (order != std::strong_ordering::equal) {
      return order;
    }
  }
  return sort.front().descending ? b.seq() <=> a.seq() : a.seq() <=> b.seq();
}

}  // namespace piperoll::query
