#include "cli/generate.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/uuid.h"

namespace piperoll::cli {
namespace {

using event::Event;
using event::Severity;
using event::Status;

struct Action {
  const char* name;
  const char* category;
  const char* verb;  // for the summary
  const char* target_type;
  const char* method;
  Severity severity;
  bool change;  // comes as an intent and its outcome
};

// The likeliest first: zipf() picks small numbers more often.
constexpr std::array kActions = {
    Action{"user.login", "authentication", "signed in to", "workspace", "POST", Severity::Low,
           false},
    Action{"document.read", "data", "read", "document", "GET", Severity::None, false},
    Action{"project.list", "data", "listed", "project", "GET", Severity::None, false},
    Action{"document.update", "data", "updated", "document", "PATCH", Severity::Low, true},
    Action{"user.logout", "authentication", "signed out of", "workspace", "POST", Severity::None,
           false},
    Action{"invoice.read", "billing", "read", "invoice", "GET", Severity::Low, false},
    Action{"document.create", "data", "created", "document", "POST", Severity::Low, false},
    Action{"user.update", "iam", "updated", "user", "PATCH", Severity::Medium, true},
    Action{"vm.created", "infrastructure", "created", "vm", "POST", Severity::Low, true},
    Action{"api_key.create", "iam", "created", "api_key", "POST", Severity::High, true},
    Action{"document.delete", "data", "deleted", "document", "DELETE", Severity::Medium, true},
    Action{"group.member.add", "iam", "added a member to", "group", "PUT", Severity::Medium, true},
    Action{"invoice.pay", "billing", "paid", "invoice", "POST", Severity::Medium, true},
    Action{"user.delete", "iam", "deleted", "user", "DELETE", Severity::High, true},
    Action{"vm.deleted", "infrastructure", "deleted", "vm", "DELETE", Severity::Medium, true},
    Action{"role.grant", "iam", "granted a role on", "project", "POST", Severity::High, true},
    Action{"export.start", "data", "started an export of", "project", "POST", Severity::High,
           false},
    Action{"settings.update", "configuration", "changed the settings of", "workspace", "PUT",
           Severity::High, true},
    Action{"mfa.disable", "authentication", "disabled MFA for", "user", "DELETE",
           Severity::Critical, true},
    Action{"audit.read", "audit", "read the audit log of", "workspace", "GET", Severity::Medium,
           false},
};

constexpr std::array kGivenNames = {"Ada",    "Grace",  "Zoë",   "Linus", "Mei",  "Søren",
                                    "Amara",  "Jürgen", "Chloé", "Ravi",  "Yuki", "Olga",
                                    "Mateus", "Łucja",  "Noor",  "Tomás"};
constexpr std::array kFamilyNames = {"Lovelace", "Hopper", "Müller", "Okafor",   "Tanaka",
                                     "Silva",    "Nowak",  "Kumar",  "Dubois",   "Jensen",
                                     "Petrov",   "Garcia", "Haddad", "Lindqvist"};
constexpr std::array kSources = {"web", "api-gateway", "billing", "iam", "console", "scheduler"};
constexpr std::array kUserAgents = {"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
                                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1.15",
                                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0",
                                    "terraform/1.9.2",
                                    "curl/8.8.0",
                                    "python-requests/2.32.3"};
constexpr std::array kErrors = {"permission denied", "not found",
                                "the resource was changed by another request", "quota exceeded",
                                "upstream timed out"};
constexpr std::array kPlans = {"free", "pro", "team", "enterprise"};
constexpr std::array kRegions = {"eu-north-1", "eu-west-1", "us-east-1", "ap-south-1"};

constexpr std::uint64_t kActorsPerOrg = 400;
constexpr std::uint64_t kTargetsPerOrg = 5'000;
constexpr std::int64_t kGapMicros = 4'000'000;  // between two events, on average

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

std::string lower_ascii(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') {
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if (c >= 'a' && c <= 'z') {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

Generator::Generator(const GenerateOptions& options)
    : options_(options),
      state_(mix(options.seed + 0x9E3779B97F4A7C15ULL)),
      time_micros_(options.end.micros -
                   static_cast<std::int64_t>(std::min<std::uint64_t>(options.events, 400'000'000)) *
                       kGapMicros) {
  time_micros_ = std::max<std::int64_t>(time_micros_, 0);
}

std::uint64_t Generator::random() {
  state_ += 0x9E3779B97F4A7C15ULL;
  return mix(state_);
}

std::uint64_t Generator::below(std::uint64_t bound) {
  return random() % bound;
}

// The product of two uniform numbers leans to the small ones much as actors and actions do, and
// needs no floating point, whose last digit may differ between machines.
std::uint64_t Generator::zipf(std::uint64_t bound) {
  const std::uint64_t a = random() >> 44;  // 20 bits each
  const std::uint64_t b = random() >> 44;
  return static_cast<std::uint64_t>(((a * b) >> 20) * bound) >> 20;
}

bool Generator::chance(std::uint64_t per_thousand) {
  return below(1000) < per_thousand;
}

std::string Generator::uuid(std::uint64_t kind, std::uint64_t number) const {
  base::Uuid id;
  const std::uint64_t high = mix(options_.seed * 1'000'003 + kind);
  const std::uint64_t low = mix(high ^ (number + 1) * 0x9E3779B97F4A7C15ULL);
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(mix(low + 7) >> (8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id.to_string();
}

void Generator::fill_actor(Event& event, std::uint64_t org) {
  const std::uint64_t number = org * kActorsPerOrg + zipf(kActorsPerOrg);
  event.actor.id = "u-" + uuid(1, number).substr(0, 8);
  if (number % 11 == 3) {
    event.actor.type = "service_account";
    event.actor.name =
        std::string(kSources[number % kSources.size()]) + "-bot-" + std::to_string(number);
    return;
  }
  const std::string given = kGivenNames[mix(number) % kGivenNames.size()];
  const std::string family = kFamilyNames[mix(number + 1) % kFamilyNames.size()];
  event.actor.type = "user";
  event.actor.name = given + " " + family;
  event.actor.email = lower_ascii(given) + "." + lower_ascii(family) + std::to_string(number) +
                      "@company" + std::to_string(org) + ".example";
}

void Generator::fill_target(Event& event, std::uint64_t org, std::size_t action) {
  const std::uint64_t number = org * kTargetsPerOrg + zipf(kTargetsPerOrg);
  event.target.type = kActions[action].target_type;
  event.target.id = uuid(2 + action, number);
  event.target.name = std::string(kActions[action].target_type) + " " + std::to_string(number);
}

void Generator::fill_request(Event& event, std::size_t action) {
  event.request.id = uuid(99, random());
  event.request.method = kActions[action].method;
  event.request.path = "/api/" + *event.target.type + "s/" + *event.target.id;
  event.request.status_code = event.status == Status::Failure ? 403 : 200;
  event.request.user_agent = kUserAgents[zipf(kUserAgents.size())];
  if (!chance(300)) {
    const std::uint64_t host = zipf(4'000);
    event.request.ip = chance(100) ? "2001:db8::" + std::to_string(1 + host % 999)
                                   : "198.51." + std::to_string(100 + host / 250) + "." +
                                         std::to_string(1 + host % 250);
  }
}

// context, params, metadata: canonical JSON, members in order.
void Generator::fill_details(Event& event) {
  event.context = std::string(R"({"region":")") + kRegions[zipf(kRegions.size())] + "\"}";
  if (event.request.method == "PATCH" || event.request.method == "PUT") {
    event.params = R"({"after":{"version":)" + std::to_string(2 + below(40)) +
                   R"(},"before":{"version":)" + std::to_string(1 + below(2)) + "}}";
  }
  event.metadata = R"({"plan":")" + std::string(kPlans[zipf(kPlans.size())]) + R"(","session":)" +
                   std::to_string(zipf(100'000)) + "}";
}

Event Generator::next() {
  const std::uint64_t number = made_++;
  // By day twice the events of the night: the gaps follow the hour.
  const std::int64_t hour = time_micros_ / 3'600'000'000 % 24;
  const std::int64_t gap = hour >= 7 && hour < 19 ? kGapMicros * 2 / 3 : kGapMicros * 4 / 3;
  time_micros_ += gap / 2 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(gap)));
  if (!pending_.empty()) {
    Event outcome = std::move(pending_.back());
    pending_.pop_back();
    outcome.id = uuid(100, number);
    outcome.occurred_at = base::Timestamp{std::min(time_micros_, options_.end.micros)};
    return outcome;
  }
  const std::size_t action = zipf(kActions.size());
  const std::uint64_t org = options_.orgs > 1 ? zipf(options_.orgs) : 0;
  Event event = event::make_event(kActions[action].name);
  event.id = uuid(100, number);
  // Some arrive late: most of those by minutes, a few by hours.
  const std::uint64_t late = chance(50) ? (chance(200) ? below(86'400) : below(300)) : 0;
  event.occurred_at =
      base::Timestamp{std::max<std::int64_t>(0, std::min(time_micros_, options_.end.micros) -
                                                    static_cast<std::int64_t>(late) * 1'000'000)};
  event.category = kActions[action].category;
  event.severity = kActions[action].severity;
  event.source = kSources[zipf(kSources.size())];
  fill_actor(event, org);
  fill_target(event, org, action);
  event.summary =
      event.actor.name.value_or("") + " " + kActions[action].verb + " " + *event.target.name;
  const bool fails = chance(30);
  event.status = fails ? Status::Failure : Status::Success;
  if (fails) {
    event.error = kErrors[zipf(kErrors.size())];
  }
  fill_request(event, action);
  fill_details(event);
  if (kActions[action].change && made_ < options_.events) {
    event.commit_id = uuid(101, number);
    pending_.push_back(event);
    event.status = Status::Intent;
    event.error.reset();
    event.request.status_code.reset();
  }
  return event;
}

}  // namespace piperoll::cli
