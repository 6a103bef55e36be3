#pragma once
// JSON behind our own names (the parser is simdjson; no type of it appears here).
//
// Reading is strict, as I-JSON (RFC 7493) asks: the whole text is checked before anything is
// returned; invalid UTF-8, lone surrogates, NUL characters, duplicate member names, trailing
// content and deeper nesting than allowed are errors, whose fault names the place (RFC 6901 JSON
// Pointer).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace piperoll::base {

enum class JsonKind { Null, Boolean, Integer, Double, String, Array, Object };

class JsonMembers;

// A view of one value; valid while its JsonParser lives and has not parsed again. Copy freely.
class JsonValue {
 public:
  JsonValue() = default;
  JsonKind kind() const;
  bool is(JsonKind wanted) const { return kind() == wanted; }
  // REQUIRES: the kind named.
  bool as_bool() const;
  std::int64_t as_integer() const;  // Integer: fits in +-(2^53-1), checked by the parser
  double as_double() const;         // Integer or Double
  std::string_view as_string() const;
  std::vector<JsonValue> elements() const;
  JsonMembers members() const;  // in the order of the text
  // The member of an object; absent -> false.
  bool find(std::string_view name, JsonValue& out) const;
  // The text of a member; empty where there is none, it is no text, or this is no object.
  std::string_view text(std::string_view name) const;
  // The number of a member; nothing where there is none, it is no integer from 0, or this is no
  // object.
  std::optional<std::uint64_t> unsigned_integer(std::string_view name) const;

 private:
  friend class JsonParser;
  friend struct JsonAccess;
  const void* document_ = nullptr;
  std::size_t index_ = 0;
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

// The members of an object, for a range-based for; read as it goes, without an allocation. Valid as
// long as the value.
class JsonMembers {
 public:
  class Iterator {
   public:
    const JsonMember& operator*() const { return member_; }
    const JsonMember* operator->() const { return &member_; }
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend class JsonMembers;
    Iterator(const void* document, std::size_t at, std::size_t end);
    void load();
    const void* document_;
    std::size_t at_, end_;
    JsonMember member_;
  };
  Iterator begin() const { return {document_, begin_, end_}; }
  Iterator end() const { return {document_, end_, end_}; }
  bool empty() const { return begin_ == end_; }
  std::vector<JsonMember> list() const;

 private:
  friend class JsonValue;
  JsonMembers(const void* document, std::size_t begin, std::size_t end)
      : document_(document), begin_(begin), end_(end) {}
  const void* document_;
  std::size_t begin_, end_;
};

struct JsonLimits {
  // The outermost value is level 1 when it is an array or object. More than 1000 counts as 1000.
  std::size_t depth_max = 16;
};

// No parser takes a longer text, whatever the caller's own limits are.
inline constexpr std::size_t kJsonTextBytesMax = std::size_t{1} << 30;

// Owns the buffers of one parse; reuse it. One thread at a time.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  // InvalidArgument with one fault on anything the head of this file names; its code is
  // "malformed_json" for what is no JSON (pointer "", the detail says at which offset), else
  // "invalid_json". Numbers whose canonical form is an integer must be within +-(2^53-1) and have
  // the kind Integer however they were spelled; others must be finite doubles. TooLarge over
  // kJsonTextBytesMax.
  Result<JsonValue> parse(std::string_view text, const JsonLimits& limits = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Canonical JSON (RFC 8785) of a value: members sorted by UTF-16 code units, shortest numbers in
// ECMAScript form, minimal escapes, no white space.
void append_canonical(std::string& out, const JsonValue& value);
void append_canonical_string(std::string& out, std::string_view utf8);  // with the quotes
// The same to a place that has room for canonical_string_bytes_max(utf8.size()); returns its end.
char* write_canonical_string(char* to, std::string_view utf8);
constexpr std::size_t canonical_string_bytes_max(std::size_t bytes) {
  return 6 * bytes + 2;  // each as \u00xx
}
void append_canonical_number(std::string& out, double value);  // REQUIRES: finite
// Order of member names in canonical JSON: by UTF-16 code units of valid UTF-8.
bool utf16_less(std::string_view a, std::string_view b);

// Appends JSON text; the caller keeps the order of names. Commas are set by the writer.
// One thread at a time.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // must be one valid JSON value
  // key + value
  JsonWriter& member(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }

 private:
  void separate();
  std::string& out_;
  bool needs_comma_ = false;
};

// RFC 6901: pointer + "/" + token with ~ and / escaped.
std::string pointer_join(std::string_view pointer, std::string_view token);

}  // namespace piperoll::base
