#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "query/filter.h"

namespace piperoll::query {

namespace {

using Kind = Filter::Kind;
using Texts = std::vector<std::string>;

Filter none() {
  return any_of({});
}
bool is_all(const Filter& filter) {
  return filter.kind == Kind::All;
}
bool is_none(const Filter& filter) {
  return filter.kind == Kind::Or && filter.children.empty();
}
bool is_text_set(const Filter& filter) {
  return filter.kind == Kind::Equal || filter.kind == Kind::In;
}

// Fields that every record has (contract section 2: made by the server or filled in by default).
bool is_always_present(const event::FieldRef& field) {
  switch (field.field) {
    case event::Field::Id:
    case event::Field::Seq:
    case event::Field::OccurredAt:
    case event::Field::RecordedAt:
    case event::Field::Action:
    case event::Field::Category:
    case event::Field::Severity:
    case event::Field::Status:
    case event::Field::Version:
      return true;
    default:
      return false;
  }
}

void sort_unique(Texts& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

Filter simplest_exists(event::FieldRef field) {
  return is_always_present(field) ? all() : exists(std::move(field));
}

Filter simplest_text_set(event::FieldRef field, Texts texts) {
  sort_unique(texts);
  if (texts.empty()) {
    return none();
  }
  if (texts.size() == 1) {
    return equal(std::move(field), std::move(texts.front()));
  }
  return in(std::move(field), std::move(texts));
}

Filter simplest_range(event::Field field, std::int64_t min, std::int64_t max) {
  const event::FieldType type = event::type_of(field);
  const bool has_numbers = type == event::FieldType::Integer || type == event::FieldType::Time;
  if (!has_numbers || min > max) {
    return none();
  }
  if (min == std::numeric_limits<std::int64_t>::min() &&
      max == std::numeric_limits<std::int64_t>::max()) {
    return simplest_exists({field, {}});
  }
  return range(field, min, max);
}

// Where a word is found, every part of it is found.
Filter simplest_words(Texts words) {
  sort_unique(words);
  Texts kept;
  for (std::size_t i = 0; i < words.size(); ++i) {
    bool implied = words[i].empty();  // every record has some text
    for (std::size_t j = 0; j < words.size() && !implied; ++j) {
      implied = i != j && words[j].find(words[i]) != std::string::npos;
    }
    if (!implied) {
      kept.push_back(words[i]);
    }
  }
  if (kept.empty()) {
    return all();
  }
  Filter filter;
  filter.kind = Kind::Words;
  filter.texts = std::move(kept);
  return filter;
}

Filter normalize_not(Filter child) {
  if (is_all(child)) {
    return none();
  }
  if (is_none(child)) {
    return all();
  }
  if (child.kind == Kind::Not) {
    return std::move(child.children.front());
  }
  return negate(std::move(child));
}

// Moves the children of nested And (Or) up, and leaves out what changes nothing: All (none).
// Children are normalised, so one level is enough.
std::vector<Filter> flattened(Kind kind, std::vector<Filter> children) {
  std::vector<Filter> flat;
  for (Filter& child : children) {
    if (child.kind == kind) {
      std::move(child.children.begin(), child.children.end(), std::back_inserter(flat));
    } else if (!(kind == Kind::And && is_all(child))) {
      flat.push_back(std::move(child));
    }
  }
  return flat;
}

Texts intersection(const Texts& a, const Texts& b) {
  Texts both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

Texts set_union(const Texts& a, const Texts& b) {
  Texts either;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(either));
  return either;
}

// a and b joined into one leaf that means the same under kind; nothing if there is none.
// Both are normalised: texts are sorted.
std::optional<Filter> merged(Kind kind, const Filter& a, const Filter& b) {
  if (is_text_set(a) && is_text_set(b) && a.field == b.field) {
    return simplest_text_set(
        a.field, kind == Kind::And ? intersection(a.texts, b.texts) : set_union(a.texts, b.texts));
  }
  if (kind != Kind::And || a.kind != b.kind) {
    return std::nullopt;
  }
  if (a.kind == Kind::Range && a.field == b.field) {
    return simplest_range(a.field.field, std::max(a.min, b.min), std::min(a.max, b.max));
  }
  if (a.kind == Kind::Words) {
    return simplest_words(set_union(a.texts, b.texts));
  }
  return std::nullopt;
}

// What merged() may join, so that only those are compared: one key for each kind and field.
std::string merge_key(const Filter& filter) {
  if (is_text_set(filter)) {
    return "=" + filter.field.print();
  }
  if (filter.kind == Kind::Range) {
    return "r" + filter.field.print();
  }
  return filter.kind == Kind::Words ? "w" : "";
}

std::vector<Filter> merge_leaves(Kind kind, std::vector<Filter> children) {
  std::vector<Filter> result;
  std::map<std::string, std::size_t> place_of;  // in result
  for (Filter& child : children) {
    const std::string key = merge_key(child);
    const auto found = key.empty() ? place_of.end() : place_of.find(key);
    if (found != place_of.end() && (is_none(result[found->second]))) {
      continue;  // under And: none already
    }
    std::optional<Filter> joined;
    if (found != place_of.end()) {
      joined = merged(kind, result[found->second], child);
    }
    if (joined.has_value()) {
      result[found->second] = *std::move(joined);
      continue;
    }
    if (!key.empty()) {
      place_of.emplace(key, result.size());
    }
    result.push_back(std::move(child));
  }
  return result;
}

// By printed form: equal prints mean equal filters.
void sort_unique(std::vector<Filter>& filters) {
  std::map<std::string, Filter> by_print;
  for (Filter& filter : filters) {
    std::string key = print(filter);
    by_print.emplace(std::move(key), std::move(filter));
  }
  filters.clear();
  for (auto& [key, filter] : by_print) {
    filters.push_back(std::move(filter));
  }
}

// x and not x together: And matches nothing, Or everything. REQUIRES: sorted by print.
bool has_complements(const std::vector<Filter>& filters) {
  return std::any_of(filters.begin(), filters.end(), [&](const Filter& filter) {
    return filter.kind == Kind::Not &&
           std::find(filters.begin(), filters.end(), filter.children.front()) != filters.end();
  });
}

Filter normalize_branch(Kind kind, std::vector<Filter> children) {
  children = merge_leaves(kind, flattened(kind, std::move(children)));
  const bool is_and = kind == Kind::And;
  const auto decides = is_and ? is_none : is_all;  // one such child settles it
  sort_unique(children);
  if (std::any_of(children.begin(), children.end(), decides) || has_complements(children)) {
    return is_and ? none() : all();
  }
  if (children.size() == 1) {
    return std::move(children.front());
  }
  if (children.empty()) {
    return is_and ? all() : none();
  }
  return is_and ? all_of(std::move(children)) : any_of(std::move(children));
}

Filter simplest_substring(Filter filter) {
  CHECK(filter.texts.size() == 1);
  if (filter.texts.front().empty()) {
    return simplest_exists(std::move(filter.field));
  }
  Filter plain;  // without what other kinds use
  plain.kind = filter.kind;
  plain.field = std::move(filter.field);
  plain.texts = std::move(filter.texts);
  plain.shift = filter.shift;
  return plain;
}

}  // namespace

Filter normalize(Filter filter) {
  for (Filter& child : filter.children) {
    child = normalize(std::move(child));
  }
  switch (filter.kind) {
    case Kind::All:
      return all();
    case Kind::And:
    case Kind::Or:
      return normalize_branch(filter.kind, std::move(filter.children));
    case Kind::Not:
      CHECK(filter.children.size() == 1);
      return normalize_not(std::move(filter.children.front()));
    case Kind::Equal:
    case Kind::In:
      return simplest_text_set(std::move(filter.field), std::move(filter.texts));
    case Kind::Contains:
    case Kind::Prefix:
      return simplest_substring(std::move(filter));
    case Kind::Exists:
      return simplest_exists(std::move(filter.field));
    case Kind::Range:
      return simplest_range(filter.field.field, filter.min, filter.max);
    case Kind::Words:
      return simplest_words(std::move(filter.texts));
  }
  CHECK(false);
}

}  // namespace piperoll::query
