#pragma once
// Reads canonical JSON text (RFC 8785) in place: no tree, no memory. For texts that are valid by
// construction (context, params, metadata of an event); on any other text the functions stay inside
// it and find something or nothing. Pure functions.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace piperoll::event {

// Walks the members of one object in the order of the text. Views into the text.
class MemberCursor {
 public:
  explicit MemberCursor(std::string_view object);
  bool next();                                         // false when there is no further member
  std::string_view raw_name() const { return name_; }  // between the quotes, escapes untouched
  std::string_view value() const { return value_; }    // canonical JSON

 private:
  std::string_view rest_;  // from the quote of the next name on
  std::string_view name_, value_;
};

// The text that raw (the inside of a JSON string) stands for: raw itself when it holds no escape,
// otherwise made in room.
std::string_view unescaped(std::string_view raw, std::string& room);

// The value at path below object, as canonical JSON; the rule is that of FieldRef (fields.h).
std::optional<std::string_view> find_path(std::string_view object, std::string_view path);

// A value as filters see it: strings without quotes and escapes, others as they stand.
std::string_view value_text(std::string_view value, std::string& room);

// Appends every string value (not name) at any depth, unescaped.
void append_string_values(std::vector<std::string>& out, std::string_view json);

// Levels of nesting: 0 for a scalar, 1 for {}. Nothing when brackets or quotes do not match.
std::optional<std::size_t> depth_of(std::string_view json);
// At most so many levels, and rarely more than there are: eight bytes at a time, strings not told
// from brackets.
std::size_t depth_bound(std::string_view json);

}  // namespace piperoll::event
