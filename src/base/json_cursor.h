#pragma once
// JsonCursor: reads JSON text of a known shape from front to back, in place: no tree, no memory.
//
// A short way beside JsonParser, for what is almost always there. A step that does not find what it
// is asked for, in a form that can be handed out as it stands, returns false and moves nowhere;
// that says nothing about the text, and JsonParser has the word. What the steps accept JsonParser
// accepts too, with the same values; names said twice are the caller's to notice, but for
// canonical(). Views into the text. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace piperoll::base {

class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // All skip white space before what they look for.
  bool take(char punctuation) {
    skip_space();
    if (at_ == end_ || *at_ != punctuation) {
      return false;
    }
    ++at_;
    return true;
  }
  bool at_end() {
    skip_space();
    return at_ == end_;
  }
  bool null() {
    skip_space();
    return at_ != end_ && *at_ == 'n' && literal("null");
  }
  bool string(std::string_view& out);  // without escapes
  bool integer(std::int64_t& out);     // of at most 15 digits, written as such
  bool canonical(std::string_view& out, std::size_t levels_max);  // an object as RFC 8785 has it

  // A string with its quotes and escapes, or an object up to its closing brace: what lies between
  // is not checked.
  bool raw_string(std::string_view& out);
  bool raw_object(std::string_view& out);

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) {
      ++at_;
    }
  }
  bool canonical_value(std::size_t levels_max);
  bool canonical_object(std::size_t levels_max);
  bool canonical_array(std::size_t levels_max);
  bool canonical_string();
  bool canonical_number();
  bool literal(std::string_view word);

  const char* at_;
  const char* end_;
};

}  // namespace piperoll::base
