#include "store/rocksdb/row_filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text_search.h"
#include "base/unicode.h"
#include "query/match.h"

namespace piperoll::store::rocks {
namespace {

using Filter = query::Filter;
using Needed = std::optional<NeededText>;

constexpr std::size_t kTextBytesMin = 2;

// What records stand for without holding it: the defaults and the words of enumerations.
constexpr std::array kUnwritten = {
    std::string_view("general"), std::string_view("critical"), std::string_view("high"),
    std::string_view("medium"),  std::string_view("low"),      std::string_view("none"),
    std::string_view("intent"),  std::string_view("success"),  std::string_view("failure")};

// Neither escaped in JSON nor folded from anything but ASCII.
bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

// The longest plain part of a folded text.
Needed plain_part(std::string_view folded) {
  std::string_view longest;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    const std::size_t begin = at;
    while (at < folded.size() && is_plain(folded[at])) {
      ++at;
    }
    if (at - begin > longest.size()) {
      longest = folded.substr(begin, at - begin);
    }
  }
  if (longest.size() < kTextBytesMin) {
    return std::nullopt;
  }
  const bool written =
      std::none_of(kUnwritten.begin(), kUnwritten.end(),
                   [&](std::string_view word) { return base::contains(word, longest); });
  return written ? std::optional(NeededText{.text = std::string(longest)}) : std::nullopt;
}

Needed joined(NeededText::Kind kind, std::vector<NeededText> children) {
  if (children.empty()) {
    return std::nullopt;
  }
  if (children.size() == 1) {
    return std::move(children.front());
  }
  return NeededText{.kind = kind, .children = std::move(children)};
}

// Every one of several: those that are known.
Needed all_of(std::vector<Needed> parts) {
  std::vector<NeededText> known;
  for (Needed& part : parts) {
    if (part.has_value()) {
      known.push_back(*std::move(part));
    }
  }
  return joined(NeededText::Kind::All, std::move(known));
}

// One of several: nothing if any of them is not known.
Needed any_of(std::vector<Needed> parts) {
  std::vector<NeededText> known;
  for (Needed& part : parts) {
    if (!part.has_value()) {
      return std::nullopt;
    }
    const auto same = [&](const NeededText& other) {
      return part->kind == NeededText::Kind::Text && other.kind == part->kind &&
             other.text == part->text;
    };
    if (std::none_of(known.begin(), known.end(), same)) {
      known.push_back(*std::move(part));
    }
  }
  return joined(NeededText::Kind::Any, std::move(known));
}

template <class Item, class Make>
std::vector<Needed> each(const std::vector<Item>& items, Make make) {
  std::vector<Needed> parts;
  std::transform(items.begin(), items.end(), std::back_inserter(parts), make);
  return parts;
}

// Numbers and times have no text in the record.
bool holds_its_text(const event::FieldRef& field) {
  const event::FieldType type = event::type_of(field.field);
  return type == event::FieldType::Text || type == event::FieldType::Object;
}

NeededText text_needed(std::string text) {
  return {.text = std::move(text)};
}

// What the object of a record holds that has a path: the last name of it, as JSON has it. The name
// may hold dots itself, but no path ends behind one and within a name.
Needed name_of_path(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('.') + 1);
  return std::all_of(name.begin(), name.end(), is_plain)
             ? std::optional(text_needed(base::fold_case(name) + "\":"))
             : std::nullopt;
}

// Name and value stand side by side in canonical JSON, the value of a string in quotes. closing:
// what follows the text where it is a string.
Needed pair_of_path(std::string_view path, const std::string& text, std::string_view closing) {
  const Needed name = name_of_path(path);
  if (!name.has_value() || !std::all_of(text.begin(), text.end(), is_plain)) {
    return all_of({name, plain_part(base::fold_case(text))});
  }
  const std::string folded = base::fold_case(text);
  std::vector<Needed> forms = {text_needed(name->text + '"' + folded + std::string(closing))};
  if (text.empty() || std::string_view("-0123456789tfn[{").find(folded.front()) != text.npos) {
    forms.emplace_back(text_needed(name->text + folded));  // of a number, a word, an array
  }
  return any_of(std::move(forms));
}

// Of a filter on a dynamic path: known by its name at the least, while values may be any word.
Needed needed_at_path(const Filter& filter) {
  const std::string& path = filter.field.path;
  switch (filter.kind) {
    case Filter::Kind::Equal:
    case Filter::Kind::In:
      return any_of(each(filter.texts,
                         [&](const std::string& text) { return pair_of_path(path, text, "\""); }));
    case Filter::Kind::Prefix:
      return pair_of_path(path, filter.texts.front(), "");
    case Filter::Kind::Contains:
      return all_of({name_of_path(path), plain_part(filter.texts.front())});
    case Filter::Kind::Exists:
      return name_of_path(path);
    default:
      return std::nullopt;
  }
}

}  // namespace

Needed needed_text(const Filter& filter) {
  if (!filter.field.path.empty()) {
    return needed_at_path(filter);
  }
  const auto of_equal = [](const std::string& text) { return plain_part(base::fold_case(text)); };
  const auto of_folded = [](const std::string& text) { return plain_part(text); };
  switch (filter.kind) {
    case Filter::Kind::And:
      return all_of(each(filter.children, needed_text));
    case Filter::Kind::Or:
      return any_of(each(filter.children, needed_text));
    case Filter::Kind::Words:
      return all_of(each(filter.texts, of_folded));
    case Filter::Kind::Equal:
    case Filter::Kind::In:
    case Filter::Kind::Prefix:
      return holds_its_text(filter.field) ? any_of(each(filter.texts, of_equal)) : std::nullopt;
    case Filter::Kind::Contains:
      return holds_its_text(filter.field) ? any_of(each(filter.texts, of_folded)) : std::nullopt;
    default:
      return std::nullopt;
  }
}

void append_folded_row(base::Bytes& out, base::ByteView record) {
  const std::size_t at = out.size();
  out.resize(at + record.size());
  base::fold_ascii(record, out.data() + at);
  event::append_made_id(out, record);
}

bool may_hold(const NeededText& needed, std::string_view folded) {
  const auto holds = [&](const NeededText& child) { return may_hold(child, folded); };
  switch (needed.kind) {
    case NeededText::Kind::All:
      return std::all_of(needed.children.begin(), needed.children.end(), holds);
    case NeededText::Kind::Any:
      return std::any_of(needed.children.begin(), needed.children.end(), holds);
    case NeededText::Kind::Text:
      break;
  }
  if (base::contains(folded, needed.text)) {
    return true;
  }
  // The two letters outside ASCII that fold into it: KELVIN SIGN and LATIN SMALL LETTER LONG S.
  return (base::contains(needed.text, "k") && base::contains(folded, "\xe2\x84\xaa")) ||
         (base::contains(needed.text, "s") && base::contains(folded, "\xc5\xbf"));
}

base::Result<std::optional<event::RecordView>> RowFilter::match(RowReader& rows,
                                                                std::uint64_t seq) {
  ASSIGN_OR_RETURN(const bool may, may_match(rows, seq));
  if (!may) {
    return std::optional<event::RecordView>();
  }
  ASSIGN_OR_RETURN(const event::RecordView record, rows.view(seq));
  return query::match(filter_, record) ? std::optional(record) : std::nullopt;
}

base::Result<bool> RowFilter::may_match(RowReader& rows, std::uint64_t seq) {
  if (!needed_.has_value()) {
    return true;
  }
  if (const std::optional<base::ByteView> waiting = rows.unapplied(seq)) {
    folded_row_.clear();
    append_folded_row(folded_row_, *waiting);
    return may_hold(*needed_, folded_row_);
  }
  ASSIGN_OR_RETURN(const RowBlock* const block, rows.block(seq));
  return may_match(*block, seq);
}

bool RowFilter::may_match(const RowBlock& block, std::uint64_t seq) {
  if (seq < begin_ || seq >= end_ || block.first_seq() != begin_ || block.end_seq() != end_) {
    look_at(block);
  }
  if (!block_may_match_) {
    return false;
  }
  const std::size_t index = seq - begin_;
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return may_hold(*needed_, std::string_view(folded_).substr(begin, ends_[index] - begin));
}

void RowFilter::look_at(const RowBlock& block) {
  begin_ = block.first_seq();
  end_ = block.end_seq();
  ends_.clear();
  folded_.clear();
  for (std::uint64_t seq = begin_; seq < end_; ++seq) {
    append_folded_row(folded_, block.record(seq));
    ends_.push_back(folded_.size());
  }
  block_may_match_ = may_hold(*needed_, folded_);
}

}  // namespace piperoll::store::rocks
