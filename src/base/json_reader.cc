#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include <simdjson.h>

#include "base/check.h"
#include "base/json.h"
#include "base/json_tape.h"

namespace piperoll::base {
namespace {

constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;
constexpr double kPlainIntegerEnd = 1e21;  // from here on canonical JSON writes an exponent

// The parser's own bound on nesting, above every limit a caller can have.
constexpr std::size_t kParserDepthMax = 1024;

// Buffers for a text of this size are kept from one parse to the next; what a larger one took
// (about 14 bytes for each of its bytes) is given back by the next small one.
constexpr std::size_t kKeptTextBytes = std::size_t{1} << 20;
constexpr std::size_t kTextBytesMin = std::size_t{1} << 12;

// Objects with more members are sorted to find equal names; up to here every pair is compared.
constexpr std::size_t kPairwiseMembersMax = 16;

// Where the check stands: a chain of frames on the stack, made into text only for an error.
struct Place {
  const Place* parent = nullptr;
  std::string_view name = {};
  std::size_t index = 0;
  bool in_array = false;
};

std::string to_pointer(const Place* place) {
  if (place == nullptr) {
    return {};
  }
  std::string parent = to_pointer(place->parent);
  return place->in_array ? pointer_join(parent, std::to_string(place->index))
                         : pointer_join(parent, place->name);
}

Error invalid(const Place* place, const std::string& detail) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = detail,
          .code = "invalid_json",
          .faults = {Fault{to_pointer(place), detail}}};
}

Error malformed(const std::string& detail) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "malformed JSON: " + detail,
          .code = "malformed_json",
          .faults = {Fault{"", detail}}};
}

Error integer_out_of_range(const Place* place) {
  return invalid(place,
                 "integer out of range: -9007199254740991 to 9007199254740991 is allowed "
                 "(send larger ones as strings)");
}

// Equal names have equal signatures: length and first eight bytes, folded into one word.
std::uint64_t signature(std::string_view name) {
  std::uint64_t head = 0;
  std::memcpy(&head, name.data(), std::min(name.size(), sizeof head));
  return head ^ (name.size() * 0x9e3779b97f4a7c15U);
}

struct NameSlot {
  std::uint64_t signature;
  std::string_view name;
  bool operator==(const NameSlot&) const = default;
  auto operator<=>(const NameSlot&) const = default;
};

// One walk over a tape that is already known to be well-formed.
class Checker {
 public:
  Checker(JsonTape& tape, std::size_t depth_max, bool has_unicode_escapes,
          std::vector<NameSlot>& slots)
      : tape_(tape),
        depth_max_(depth_max),
        has_unicode_escapes_(has_unicode_escapes),
        slots_(slots) {}

  // depth: levels of arrays and objects around the value.
  Result<void> check_value(std::size_t index, std::size_t depth, const Place* place) {
    switch (tape_.type(index)) {
      case '{':
      case '[':
        return check_container(index, depth + 1, place);
      case '"':
        return check_string(tape_.string(index), place);
      case 'l':
        return check_integer(index, place);
      case 'u':
        return integer_out_of_range(place);  // used only beyond the largest std::int64_t
      case 'd':
        return check_double(index, place);
      default:
        return {};
    }
  }

 private:
  Result<void> check_container(std::size_t index, std::size_t depth, const Place* place) {
    if (depth > depth_max_) {
      return invalid(place, "nested too deeply: at most " + std::to_string(depth_max_) +
                                " levels of objects and arrays are allowed");
    }
    if (tape_.type(index) == '{') {
      return check_object(index, depth, place);
    }
    Place inside{.parent = place, .in_array = true};
    std::size_t end = tape_.closing(index);
    for (std::size_t at = index + 1; at < end; at = tape_.after(at)) {
      RETURN_IF_ERROR(check_value(at, depth, &inside));
      ++inside.index;
    }
    return {};
  }

  Result<void> check_object(std::size_t index, std::size_t depth, const Place* place) {
    RETURN_IF_ERROR(check_names(index, place));
    std::size_t end = tape_.closing(index);
    Place inside{.parent = place};
    for (std::size_t at = index + 1; at < end; at = tape_.after(at + 1)) {
      inside.name = tape_.string(at);
      RETURN_IF_ERROR(check_value(at + 1, depth, &inside));
    }
    return {};
  }

  // No name twice, and each of them a good string.
  Result<void> check_names(std::size_t index, const Place* place) {
    std::size_t end = tape_.closing(index);
    std::array<std::uint64_t, kPairwiseMembersMax> signatures;
    std::array<std::string_view, kPairwiseMembersMax> names;
    std::size_t count = 0;
    for (std::size_t at = index + 1; at < end; at = tape_.after(at + 1)) {
      if (count == kPairwiseMembersMax) {
        return check_many_names(index, place);
      }
      std::string_view name = tape_.string(at);
      if (has_unicode_escapes_) {
        RETURN_IF_ERROR(check_name(name, place));
      }
      std::uint64_t mine = signature(name);
      for (std::size_t i = 0; i < count; ++i) {
        if (signatures[i] == mine && names[i] == name) {
          return duplicate(name, place);
        }
      }
      signatures[count] = mine;
      names[count] = name;
      ++count;
    }
    return {};
  }

  Result<void> check_many_names(std::size_t index, const Place* place) {
    slots_.clear();
    std::size_t end = tape_.closing(index);
    for (std::size_t at = index + 1; at < end; at = tape_.after(at + 1)) {
      std::string_view name = tape_.string(at);
      if (has_unicode_escapes_) {
        RETURN_IF_ERROR(check_name(name, place));
      }
      slots_.push_back({signature(name), name});
    }
    std::sort(slots_.begin(), slots_.end());
    auto twin = std::adjacent_find(slots_.begin(), slots_.end());
    if (twin != slots_.end()) {
      return duplicate(twin->name, place);
    }
    return {};
  }

  static Error duplicate(std::string_view name, const Place* parent) {
    Place member{.parent = parent, .name = name};
    return invalid(&member, "duplicate name: each name is allowed once in an object");
  }

  Result<void> check_name(std::string_view name, const Place* parent) {
    Place member{.parent = parent, .name = name};
    return check_string(name, &member);
  }

  // Only an escape can bring in a NUL or a lone surrogate: raw ones are refused by the parser.
  Result<void> check_string(std::string_view text, const Place* place) const {
    if (!has_unicode_escapes_) {
      return {};
    }
    if (text.find('\0') != std::string_view::npos) {
      return invalid(place, "NUL character (\\u0000): every other character is allowed");
    }
    if (!simdjson::validate_utf8(text.data(), text.size())) {
      return invalid(place, "lone surrogate: surrogates are allowed only in pairs");
    }
    return {};
  }

  Result<void> check_integer(std::size_t index, const Place* place) const {
    auto value = tape_.number<std::int64_t>(index);
    if (value > kIntegerMax || value < -kIntegerMax) {
      return integer_out_of_range(place);
    }
    return {};
  }

  // A double that canonical JSON writes as a plain integer is one, however it was spelled.
  Result<void> check_double(std::size_t index, const Place* place) {
    auto value = tape_.number<double>(index);
    if (std::abs(value) >= kPlainIntegerEnd || std::trunc(value) != value) {
      return {};
    }
    if (std::abs(value) > static_cast<double>(kIntegerMax)) {
      return integer_out_of_range(place);
    }
    tape_.words[index] = std::uint64_t{'l'} << 56;
    tape_.words[index + 1] = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    return {};
  }

  JsonTape& tape_;
  std::size_t depth_max_;
  bool has_unicode_escapes_;
  std::vector<NameSlot>& slots_;
};

// Looks for "\u"; most texts hold no backslash at all.
bool has_unicode_escape(std::string_view text) {
  const void* found = memmem(text.data(), text.size(), "\\u", 2);
  return found != nullptr;
}

Error from_simdjson(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return malformed("the text is empty");
    case simdjson::UTF8_ERROR:
      return malformed("not valid UTF-8");
    case simdjson::STRING_ERROR:
      return malformed("bad escape or lone surrogate in a string");
    case simdjson::UNESCAPED_CHARS:
      return malformed("unescaped control character in a string");
    case simdjson::UNCLOSED_STRING:
      return malformed("a string is not closed");
    case simdjson::NUMBER_ERROR:
      return malformed("bad number, or one out of range");
    case simdjson::DEPTH_ERROR:
      return malformed("nested too deeply");
    default:
      return malformed("syntax error");
  }
}

}  // namespace

struct JsonParser::Impl {
  simdjson::dom::parser parser;
  simdjson::dom::document document;
  std::unique_ptr<char[]> text;
  std::size_t text_capacity = 0;
  std::vector<NameSlot> slots;
  JsonTape tape;

  // Room for a text of so many bytes; powers of two, so that growing sizes do not each allocate.
  void reserve(std::size_t bytes) {
    std::size_t wanted = std::max(std::bit_ceil(bytes), kTextBytesMin);
    bool wasteful = text_capacity > kKeptTextBytes && wanted <= kKeptTextBytes;
    if (wanted <= text_capacity && !wasteful) {
      return;
    }
    parser = simdjson::dom::parser();
    document = simdjson::dom::document();
    slots = {};
    text = std::make_unique<char[]>(wanted + simdjson::SIMDJSON_PADDING);
    text_capacity = wanted;
    CHECK(parser.allocate(wanted, kParserDepthMax) == simdjson::SUCCESS);
    CHECK(document.allocate(wanted) == simdjson::SUCCESS);
  }
};

JsonParser::JsonParser() : impl_(std::make_unique<Impl>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<JsonValue> JsonParser::parse(std::string_view text, const JsonLimits& limits) {
  if (text.empty()) {
    return malformed("the text is empty");
  }
  impl_->reserve(text.size());
  std::memcpy(impl_->text.get(), text.data(), text.size());
  auto root = impl_->parser.parse_into_document(impl_->document, impl_->text.get(), text.size(),
                                                /*realloc_if_needed=*/false);
  if (root.error() != simdjson::SUCCESS) {
    return from_simdjson(root.error());
  }
  impl_->tape = {.words = impl_->document.tape.get(),
                 .strings = reinterpret_cast<const char*>(impl_->document.string_buf.get())};
  Checker checker(impl_->tape, limits.depth_max, has_unicode_escape(text), impl_->slots);
  constexpr std::size_t kRoot = 1;  // word 0 frames the document
  RETURN_IF_ERROR(checker.check_value(kRoot, 0, nullptr));
  return JsonAccess::make(impl_->tape, kRoot);
}

JsonKind JsonValue::kind() const {
  if (document_ == nullptr) {
    return JsonKind::Null;
  }
  switch (JsonAccess::tape(*this).type(index_)) {
    case 't':
    case 'f':
      return JsonKind::Boolean;
    case 'l':
      return JsonKind::Integer;
    case 'd':
      return JsonKind::Double;
    case '"':
      return JsonKind::String;
    case '[':
      return JsonKind::Array;
    case '{':
      return JsonKind::Object;
    default:
      return JsonKind::Null;
  }
}

bool JsonValue::as_bool() const {
  CHECK(is(JsonKind::Boolean));
  return JsonAccess::tape(*this).type(index_) == 't';
}

std::int64_t JsonValue::as_integer() const {
  CHECK(is(JsonKind::Integer));
  return JsonAccess::tape(*this).number<std::int64_t>(index_);
}

double JsonValue::as_double() const {
  if (is(JsonKind::Integer)) {
    return static_cast<double>(as_integer());
  }
  CHECK(is(JsonKind::Double));
  return JsonAccess::tape(*this).number<double>(index_);
}

std::string_view JsonValue::as_string() const {
  CHECK(is(JsonKind::String));
  return JsonAccess::tape(*this).string(index_);
}

std::vector<JsonValue> JsonValue::elements() const {
  CHECK(is(JsonKind::Array));
  const JsonTape& tape = JsonAccess::tape(*this);
  std::vector<JsonValue> values;
  std::size_t end = tape.closing(index_);
  for (std::size_t at = index_ + 1; at < end; at = tape.after(at)) {
    values.push_back(JsonAccess::make(tape, at));
  }
  return values;
}

std::vector<JsonMember> JsonValue::members() const {
  CHECK(is(JsonKind::Object));
  const JsonTape& tape = JsonAccess::tape(*this);
  std::vector<JsonMember> members;
  std::size_t end = tape.closing(index_);
  for (std::size_t at = index_ + 1; at < end; at = tape.after(at + 1)) {
    members.push_back({tape.string(at), JsonAccess::make(tape, at + 1)});
  }
  return members;
}

bool JsonValue::find(std::string_view name, JsonValue& out) const {
  CHECK(is(JsonKind::Object));
  const JsonTape& tape = JsonAccess::tape(*this);
  std::size_t end = tape.closing(index_);
  for (std::size_t at = index_ + 1; at < end; at = tape.after(at + 1)) {
    if (tape.string(at) == name) {
      out = JsonAccess::make(tape, at + 1);
      return true;
    }
  }
  return false;
}

}  // namespace piperoll::base
