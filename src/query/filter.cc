#include "query/filter.h"

#include <utility>

#include "base/unicode.h"

namespace piperoll::query {

namespace {

Filter leaf(Filter::Kind kind, event::FieldRef field, std::vector<std::string> texts) {
  Filter filter;
  filter.kind = kind;
  filter.field = std::move(field);
  filter.texts = std::move(texts);
  return filter;
}

Filter branch(Filter::Kind kind, std::vector<Filter> children) {
  Filter filter;
  filter.kind = kind;
  filter.children = std::move(children);
  return filter;
}

// Bytes of the UTF-8 sequence that begins with lead, as far as lead can tell.
std::size_t sequence_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc0) {
    return 1;
  }
  if (byte < 0xe0) {
    return 2;
  }
  return byte < 0xf0 ? 3 : 4;
}

std::vector<std::string> split_at_white_space(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  while (!text.empty()) {
    const std::string_view code_point = text.substr(0, sequence_bytes(text.front()));
    text.remove_prefix(code_point.size());
    if (!base::is_blank(code_point)) {
      part.append(code_point);
    } else if (!part.empty()) {
      parts.push_back(std::move(part));
      part.clear();
    }
  }
  if (!part.empty()) {
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

Filter all() {
  return {};
}

Filter all_of(std::vector<Filter> children) {
  return branch(Filter::Kind::And, std::move(children));
}

Filter any_of(std::vector<Filter> children) {
  return branch(Filter::Kind::Or, std::move(children));
}

Filter negate(Filter child) {
  Filter filter;
  filter.kind = Filter::Kind::Not;
  filter.children.push_back(std::move(child));
  return filter;
}

Filter equal(event::FieldRef field, std::string text) {
  return leaf(Filter::Kind::Equal, std::move(field), {std::move(text)});
}

Filter in(event::FieldRef field, std::vector<std::string> texts) {
  return leaf(Filter::Kind::In, std::move(field), std::move(texts));
}

Filter contains(event::FieldRef field, std::string_view needle) {
  return leaf(Filter::Kind::Contains, std::move(field), {base::fold_case(needle)});
}

Filter seq_contains(std::string_view needle, std::int64_t shift) {
  Filter filter = contains({event::Field::Seq, {}}, needle);
  filter.shift = shift;
  return filter;
}

Filter prefix(event::FieldRef field, std::string text) {
  return leaf(Filter::Kind::Prefix, std::move(field), {std::move(text)});
}

Filter exists(event::FieldRef field) {
  return leaf(Filter::Kind::Exists, std::move(field), {});
}

Filter range(event::Field field, std::int64_t min, std::int64_t max) {
  Filter filter = leaf(Filter::Kind::Range, {field, {}}, {});
  filter.min = min;
  filter.max = max;
  return filter;
}

Filter words(std::string_view text) {
  return leaf(Filter::Kind::Words, {}, split_at_white_space(base::fold_case(text)));
}

}  // namespace piperoll::query
