#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <simdjson.h>

#include "base/check.h"
#include "base/json.h"
#include "base/json_error.h"
#include "base/json_tape.h"

namespace piperoll::base {
namespace {

constexpr double kPlainIntegerEnd = 1e21;  // from here on canonical JSON writes an exponent

// The parser's own bound on nesting, above every limit a caller can have.
constexpr std::size_t kParserDepthMax = 1024;
static_assert(kJsonDepthMax < kParserDepthMax - 1);

// Buffers for a text of this size are kept from one parse to the next; what a larger one took
// (about 14 bytes for each of its bytes) is given back by the next small one.
constexpr std::size_t kKeptTextBytes = std::size_t{1} << 20;
constexpr std::size_t kTextBytesMin = std::size_t{1} << 12;

// Objects with more members are sorted to find equal names; up to here every pair is compared.
constexpr std::size_t kPairwiseMembersMax = 16;

constexpr char kDuplicateName[] = "duplicate name: each name is allowed once in an object";

// Equal names have equal signatures: length and first eight bytes, folded into one word.
std::uint64_t signature(std::string_view name) {
  return head_of(name) ^ (name.size() * 0x9e3779b97f4a7c15U);
}

struct NameSlot {
  std::uint64_t signature;
  std::string_view name;
  bool operator==(const NameSlot&) const = default;
  auto operator<=>(const NameSlot&) const = default;
};

// The names of an object with few members.
class FewNames {
 public:
  // False when the name is there already. REQUIRES: count names were added, fewer than the most.
  bool add(std::string_view name, std::size_t count) {
    std::uint64_t mine = signature(name);
    // One of 64 bits for each name: where it is clear, which is the usual case, the name is new.
    std::uint64_t bit = std::uint64_t{1} << (mine * 0x9e3779b97f4a7c15U >> 58);
    if ((seen_ & bit) != 0) {
      for (std::size_t i = 0; i < count; ++i) {
        if (signatures_[i] == mine && names_[i] == name) {
          return false;
        }
      }
    }
    seen_ |= bit;
    signatures_[count] = mine;
    names_[count] = name;
    return true;
  }

 private:
  std::uint64_t seen_ = 0;
  std::uint64_t signatures_[kPairwiseMembersMax];
  std::string_view names_[kPairwiseMembersMax];
};

// One walk over a tape that is already known to be well-formed. The steps return false after the
// first fault, which error() then holds.
class Checker {
 public:
  Checker(JsonTape& tape, std::size_t depth_max, bool has_unicode_escapes,
          std::vector<NameSlot>& slots)
      : tape_(tape),
        depth_max_(depth_max),
        has_unicode_escapes_(has_unicode_escapes),
        slots_(slots) {}

  // depth: levels of arrays and objects around the value.
  bool check_value(std::size_t index, std::size_t depth, const JsonPlace* place) {
    switch (tape_.type(index)) {
      case '"':
        // Only an escape can bring in what is refused; raw bytes were checked by the parser.
        return !has_unicode_escapes_ || check_string(tape_.string(index), place);
      case '{':
        return check_depth(depth, place) && check_object(index, depth + 1, place);
      case '[':
        return check_depth(depth, place) && check_array(index, depth + 1, place);
      case 'l':
        return check_integer(index, place);
      case 'u':
        return refuse(place, kIntegerOutOfRange);  // used only beyond the largest std::int64_t
      case 'd':
        return check_double(index, place);
      default:
        return true;
    }
  }

  // REQUIRES: a step returned false.
  Error error() && { return std::move(error_); }

 private:
  bool refuse(const JsonPlace* place, const std::string& detail) {
    error_ = invalid_json(to_pointer(place), detail);
    return false;
  }

  bool check_depth(std::size_t depth, const JsonPlace* place) {
    return depth < depth_max_ || refuse(place, nested_too_deeply(depth_max_));
  }

  bool check_array(std::size_t index, std::size_t depth, const JsonPlace* place) {
    JsonPlace inside{.parent = place, .in_array = true};
    std::size_t end = tape_.closing(index);
    for (std::size_t at = index + 1; at < end; at = tape_.after(at)) {
      if (!check_value(at, depth, &inside)) {
        return false;
      }
      ++inside.index;
    }
    return true;
  }

  bool check_object(std::size_t index, std::size_t depth, const JsonPlace* place) {
    FewNames names;
    std::size_t count = 0;
    JsonPlace inside{.parent = place};
    std::size_t end = tape_.closing(index);
    for (std::size_t at = index + 1; at < end; at = tape_.after(at + 1), ++count) {
      inside.name = tape_.string(at);
      if (has_unicode_escapes_ && !check_string(inside.name, &inside)) {
        return false;
      }
      if (count < kPairwiseMembersMax && !names.add(inside.name, count)) {
        return refuse(&inside, kDuplicateName);
      }
      if (!check_value(at + 1, depth, &inside)) {
        return false;
      }
    }
    return count <= kPairwiseMembersMax || check_many_names(index, place);
  }

  // The same for an object of any size: equal names become neighbours.
  bool check_many_names(std::size_t index, const JsonPlace* place) {
    slots_.clear();
    std::size_t end = tape_.closing(index);
    for (std::size_t at = index + 1; at < end; at = tape_.after(at + 1)) {
      std::string_view name = tape_.string(at);
      slots_.push_back({signature(name), name});
    }
    std::sort(slots_.begin(), slots_.end());
    auto twin = std::adjacent_find(slots_.begin(), slots_.end());
    if (twin == slots_.end()) {
      return true;
    }
    JsonPlace member{.parent = place, .name = twin->name};
    return refuse(&member, kDuplicateName);
  }

  // The parser of today refuses escaped lone surrogates itself; this is asked all the same.
  bool check_string(std::string_view text, const JsonPlace* place) {
    if (text.find('\0') != std::string_view::npos) {
      return refuse(place, kNulCharacter);
    }
    if (!simdjson::validate_utf8(text.data(), text.size())) {
      return refuse(place, kLoneSurrogate);
    }
    return true;
  }

  bool check_integer(std::size_t index, const JsonPlace* place) {
    auto value = tape_.number<std::int64_t>(index);
    return (value <= kJsonIntegerMax && value >= -kJsonIntegerMax) ||
           refuse(place, kIntegerOutOfRange);
  }

  // A double that canonical JSON writes as a plain integer is one, however it was spelled.
  bool check_double(std::size_t index, const JsonPlace* place) {
    auto value = tape_.number<double>(index);
    if (std::abs(value) >= kPlainIntegerEnd || std::trunc(value) != value) {
      return true;
    }
    if (std::abs(value) > static_cast<double>(kJsonIntegerMax)) {
      return refuse(place, kIntegerOutOfRange);
    }
    tape_.words[index] = std::uint64_t{'l'} << 56;
    tape_.words[index + 1] = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    return true;
  }

  JsonTape& tape_;
  std::size_t depth_max_;
  bool has_unicode_escapes_;
  std::vector<NameSlot>& slots_;
  Error error_;
};

// Is there a "\u" in the text, which is JSON? Most texts hold no backslash at all.
bool has_unicode_escape(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos;
       at = text.find('\\', at + 2)) {
    if (text[at + 1] == 'u') {
      return true;
    }
  }
  return false;
}

}  // namespace

struct JsonParser::Impl {
  simdjson::dom::parser parser;
  simdjson::dom::document document;
  std::unique_ptr<char[]> text;
  std::size_t text_capacity = 0;
  std::vector<NameSlot> slots;
  JsonTape tape;

  // Room for a text of so many bytes (at most kJsonTextBytesMax); powers of two, so that growing
  // sizes do not each allocate.
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
  if (text.size() > kJsonTextBytesMax) {
    return Error{.kind = ErrorKind::TooLarge,
                 .message = "JSON text of over " + std::to_string(kJsonTextBytesMax) + " bytes"};
  }
  std::size_t depth_max = std::min(limits.depth_max, kJsonDepthMax);
  impl_->reserve(text.size());
  std::memcpy(impl_->text.get(), text.data(), text.size());
  auto root = impl_->parser.parse_into_document(impl_->document, impl_->text.get(), text.size(),
                                                /*realloc_if_needed=*/false);
  if (root.error() != simdjson::SUCCESS) {
    return explain_json_error(text, depth_max);
  }
  impl_->tape = {.words = impl_->document.tape.get(),
                 .strings = reinterpret_cast<const char*>(impl_->document.string_buf.get())};
  Checker checker(impl_->tape, depth_max, has_unicode_escape(text), impl_->slots);
  constexpr std::size_t kRoot = 1;  // word 0 frames the document
  if (!checker.check_value(kRoot, 0, nullptr)) {
    return std::move(checker).error();
  }
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

JsonMembers JsonValue::members() const {
  CHECK(is(JsonKind::Object));
  return {document_, index_ + 1, JsonAccess::tape(*this).closing(index_)};
}

std::vector<JsonMember> JsonMembers::list() const {
  std::vector<JsonMember> list;
  for (const JsonMember& member : *this) {
    list.push_back(member);
  }
  return list;
}

JsonMembers::Iterator::Iterator(const void* document, std::size_t at, std::size_t end)
    : document_(document), at_(at), end_(end) {
  load();
}

JsonMembers::Iterator& JsonMembers::Iterator::operator++() {
  at_ = static_cast<const JsonTape*>(document_)->after(at_ + 1);
  load();
  return *this;
}

void JsonMembers::Iterator::load() {
  if (at_ < end_) {
    const auto& tape = *static_cast<const JsonTape*>(document_);
    member_ = {tape.string(at_), JsonAccess::make(tape, at_ + 1)};
  }
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

std::string_view JsonValue::text(std::string_view name) const {
  JsonValue value;
  return is(JsonKind::Object) && find(name, value) && value.is(JsonKind::String)
             ? value.as_string()
             : std::string_view();
}

std::optional<std::uint64_t> JsonValue::unsigned_integer(std::string_view name) const {
  JsonValue value;
  if (!is(JsonKind::Object) || !find(name, value) || !value.is(JsonKind::Integer) ||
      value.as_integer() < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(value.as_integer());
}

}  // namespace piperoll::base
