#include "event/event_validate.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/ip_address.h"
#include "base/unicode.h"
#include "base/uuid.h"
#include "event/canonical_scan.h"
#include "event/event_json.h"
#include "event/event_limits.h"

namespace piperoll::event {
namespace {

// Canonical JSON turns one byte of a text into at most six (\u001f).
constexpr std::size_t kEscapedBytesMax = 6;
// More than all names, quotes, commas, braces, enumerations and numbers of an event take.
constexpr std::size_t kFixedJsonBytesMax = 1024;

constexpr std::string_view kIdRule = "must be 1 to 128 characters of A-Z a-z 0-9 - _ . : / @ + =";

constexpr std::array<bool, 256> id_characters() {
  std::array<bool, 256> allowed{};
  for (int c = 0; c < 256; ++c) {
    allowed[static_cast<std::size_t>(c)] =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
  for (char c : std::string_view("-_.:/@+=")) {
    allowed[static_cast<std::uint8_t>(c)] = true;
  }
  return allowed;
}
constexpr std::array<bool, 256> kIdCharacters = id_characters();

// Only bytes 01 to 7f: nearly every text, and nothing more to check but its length.
bool is_plain_ascii(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHighs = 0x8080808080808080U;
  std::uint64_t odd = 0;  // high bit of a byte: it is above 7f, or zero
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    odd |= (word | (word - kOnes)) & kHighs;
  }
  for (; at < text.size(); ++at) {
    auto byte = static_cast<std::uint8_t>(text[at]);
    odd |= byte == 0 || byte > 0x7f ? kHighs : 0;
  }
  return odd == 0;
}

// What is wrong with a text of at most length_max code points; empty when nothing is.
std::string text_problem(std::string_view text, std::size_t length_max) {
  std::size_t length = text.size();
  if (!is_plain_ascii(text)) {
    if (!base::is_valid_utf8(text)) {
      return "must be valid UTF-8";
    }
    if (text.find('\0') != std::string_view::npos) {
      return "must not hold NUL characters";
    }
    length = base::code_point_count(text);
  }
  if (length > length_max) {
    return "must be at most " + std::to_string(length_max) + " characters, is " +
           std::to_string(length);
  }
  return {};
}

void canonicalise_uuid(std::optional<std::string>& text) {
  if (!text || base::parse_canonical_uuid(*text)) {
    return;
  }
  if (auto uuid = base::parse_uuid(*text)) {
    *text = uuid->to_string();
  }
}

// Gathers faults; each check looks at one member.
class Checker {
 public:
  explicit Checker(std::string_view pointer_base) : base_(pointer_base) {}

  void text(std::string_view pointer, std::string_view text, std::size_t length_max) {
    if (std::string problem = text_problem(text, length_max); !problem.empty()) {
      add(pointer, std::move(problem));
    }
  }
  void optional_text(std::string_view pointer, const std::optional<std::string>& value,
                     std::size_t length_max) {
    if (value) {
      text(pointer, *value, length_max);
    }
  }
  void id(std::string_view id) {
    if (!id.empty() && !is_valid_event_id(id)) {
      add("/id", std::string(kIdRule));
    }
  }
  void time(const std::optional<Timestamp>& time) {
    if (time && (*time < base::kTimestampMin || *time > base::kTimestampMax)) {
      add("/occurred_at", "must lie in the years 1970 to 9999");
    }
  }
  void action(std::string_view action) {
    if (action.empty()) {
      add("/action", "is required: 1 to 128 characters");
    } else if (std::string problem = text_problem(action, kActionMax); !problem.empty()) {
      add("/action", std::move(problem));
    } else if (base::is_blank(action)) {
      add("/action", "must not be only white space");
    }
  }
  void uuid(std::string_view pointer, const std::optional<std::string>& value) {
    if (value && !base::parse_uuid(*value)) {
      add(pointer, "must be a UUID of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    }
  }
  void application_key(const std::optional<std::string>& key) {
    if (key && !is_valid_application_key(*key)) {
      add("/application/key", "must match ^[a-z][a-z0-9_]{0,63}$");
    }
  }
  void ip(const std::optional<std::string>& ip) {
    if (ip && !base::canonical_ip(*ip)) {
      add("/request/ip", "must be an IPv4 or IPv6 address");
    }
  }
  void status_code(const std::optional<std::uint16_t>& code) {
    if (code && (*code < kStatusCodeMin || *code > kStatusCodeMax)) {
      add("/request/status_code", "must be an integer from 100 to 599");
    }
  }
  void object(std::string_view pointer, std::string_view object) {
    if (object.empty()) {
      return;
    }
    if (object.size() < 3 || object.front() != '{' || object.back() != '}') {
      add(pointer, "must be an object in canonical JSON, not empty");
      return;
    }
    if (depth_bound(object) < kDepthMax) {
      return;
    }
    std::size_t depth = depth_of(object).value_or(kDepthMax);
    if (depth + 1 > kDepthMax) {
      add(pointer, "must be at most " + std::to_string(kDepthMax - 1) + " levels deep, is " +
                       std::to_string(depth) + " (an event has at most " +
                       std::to_string(kDepthMax) + ")");
    }
  }
  void size(const Event& event, std::size_t bytes_max) {
    if (!needs_measuring(event)) {
      return;
    }
    std::size_t bytes = canonical_json(view_of(event)).size();
    if (bytes > bytes_max) {
      add("", "the event must be at most " + std::to_string(bytes_max) +
                  " bytes of canonical JSON, is " + std::to_string(bytes));
    }
  }
  std::vector<base::Fault> take() && { return std::move(faults_); }

 private:
  void add(std::string_view pointer, std::string detail) {
    faults_.push_back({std::string(base_).append(pointer), std::move(detail)});
  }
  static bool needs_measuring(const Event& event);

  std::string_view base_;
  std::vector<base::Fault> faults_;
};

bool Checker::needs_measuring(const Event& event) {
  const auto& actor = event.actor;
  const auto& target = event.target;
  const auto& request = event.request;
  std::size_t texts =
      event.id.size() + event.action.size() + event.category.size() + event.version.size();
  for (const auto* text :
       {&event.source, &event.summary, &event.error, &event.commit_id, &event.cluster_id, &actor.id,
        &actor.type, &actor.name, &actor.email, &target.id, &target.type, &target.name,
        &event.application.id, &event.application.key, &request.id, &request.ip, &request.method,
        &request.path, &request.user_agent}) {
    texts += *text ? (*text)->size() : 0;
  }
  std::size_t objects = event.context.size() + event.params.size() + event.metadata.size();
  return may_be_too_large(texts, objects);
}

void check_parts(Checker& check, const Event& event) {
  check.optional_text("/actor/id", event.actor.id, kPartyIdMax);
  check.optional_text("/actor/type", event.actor.type, kPartyTypeMax);
  check.optional_text("/actor/name", event.actor.name, kPartyNameMax);
  check.optional_text("/actor/email", event.actor.email, kEmailMax);
  check.optional_text("/target/id", event.target.id, kPartyIdMax);
  check.optional_text("/target/type", event.target.type, kPartyTypeMax);
  check.optional_text("/target/name", event.target.name, kPartyNameMax);
  check.uuid("/application/id", event.application.id);
  check.application_key(event.application.key);
  check.uuid("/cluster_id", event.cluster_id);
  check.optional_text("/request/id", event.request.id, kRequestIdMax);
  check.ip(event.request.ip);
  check.optional_text("/request/method", event.request.method, kMethodMax);
  check.optional_text("/request/path", event.request.path, kPathMax);
  check.status_code(event.request.status_code);
  check.optional_text("/request/user_agent", event.request.user_agent, kUserAgentMax);
}

}  // namespace

std::vector<base::Fault> faults_of(const Event& event, std::string_view pointer_base,
                                   std::size_t bytes_max) {
  Checker check(pointer_base);
  check.id(event.id);
  check.time(event.occurred_at);
  check.action(event.action);
  check.optional_text("/source", event.source, kSourceMax);
  check.text("/category", event.category, kCategoryMax);
  check.optional_text("/summary", event.summary, kSummaryMax);
  check.optional_text("/error", event.error, kErrorMax);
  check.uuid("/commit_id", event.commit_id);
  check.text("/version", event.version, kVersionMax);
  check_parts(check, event);
  check.object("/context", event.context);
  check.object("/params", event.params);
  check.object("/metadata", event.metadata);
  check.size(event, bytes_max);
  return std::move(check).take();
}

void canonicalise(Event& event) {
  canonicalise_uuid(event.commit_id);
  canonicalise_uuid(event.cluster_id);
  canonicalise_uuid(event.application.id);
  if (event.request.ip) {
    if (auto ip = base::canonical_ip(*event.request.ip)) {
      event.request.ip = *std::move(ip);
    }
  }
}

base::Result<void> validate(Event& event, std::string_view pointer_base) {
  canonicalise(event);
  std::vector<base::Fault> faults = faults_of(event, pointer_base);
  if (faults.empty()) {
    return {};
  }
  return invalid_event(std::move(faults));
}

base::Error invalid_event(std::vector<base::Fault> faults) {
  CHECK(!faults.empty());
  std::string message = "the event is not valid: ";
  if (!faults.front().pointer.empty()) {
    message += faults.front().pointer + " ";
  }
  message += faults.front().detail;
  if (faults.size() > 1) {
    message += " (and " + std::to_string(faults.size() - 1) + " more)";
  }
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = std::move(message),
          .code = "invalid_event",
          .faults = std::move(faults)};
}

bool may_be_too_large(std::size_t text_bytes, std::size_t object_bytes) {
  return text_bytes * kEscapedBytesMax + object_bytes + kFixedJsonBytesMax > kCanonicalBytesMax;
}

bool is_valid_event_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdMax && std::all_of(id.begin(), id.end(), [](char c) {
    return kIdCharacters[static_cast<std::uint8_t>(c)];
  });
}

bool is_valid_application_key(std::string_view key) {
  auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !key.empty() && key.size() <= 64 && is_letter(key.front()) &&
         std::all_of(key.begin(), key.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace piperoll::event
