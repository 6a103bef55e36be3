#include "store/testing/contract_world.h"

#include <cmath>
#include <utility>

#include <rapidcheck.h>

#include "base/json.h"
#include "event/event_encoding.h"
#include "event/testing/event_arbitrary.h"
#include "store/testing/colliding_texts.h"

namespace piperoll::store::testing {

namespace {

constexpr std::int64_t kSecond = base::kMicrosPerSecond;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kDay = 24 * kHour;

base::Uuid some_org(std::mt19937_64& random) {
  base::Uuid org;
  for (std::uint8_t& byte : org.bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  return org;
}

std::vector<event::Event> wild_events(std::mt19937_64& random) {
  constexpr int kCount = 80;
  const rc::Gen<event::Event> generator = event::arbitrary_event();
  std::vector<event::Event> events;
  for (int i = 0; i < kCount; ++i) {
    events.push_back(generator(rc::Random(random()), rc::kNominalSize).value());
  }
  return events;
}

// Members must come in the order of canonical JSON.
class ObjectText {
 public:
  void add(const char* name, const std::string& json) {
    text_ += text_.empty() ? "{" : ",";
    base::append_canonical_string(text_, name);
    text_ += ":" + json;
  }
  std::string take() { return text_.empty() ? std::string() : text_ + "}"; }

 private:
  std::string text_;
};

std::string quoted(const std::string& text) {
  std::string json;
  base::append_canonical_string(json, text);
  return json;
}

}  // namespace

World::World(std::uint64_t seed, const WorldOptions& options, const IdCipher& ids)
    : random_(seed), options_(options), ids_(ids) {
  for (std::size_t i = 0; i < options_.organisations; ++i) {
    const base::Uuid org = some_org(random_);
    logs_.push_back({org, event::LogKind::Events});
    logs_.push_back({org, event::LogKind::Access});
  }
  if (options_.wild_events) {
    wild_ = wild_events(random_);
  }
  clock_ = base::from_civil({.year = 2026, .month = 1, .day = 30, .hour = 22, .minute = 55});
}

std::uint64_t World::below(std::uint64_t bound) {
  return random_() % bound;
}

template <class T>
const T& World::pick(const std::vector<T>& values) {
  const double at = static_cast<double>(below(1'000'000)) / 1'000'000;
  return values[static_cast<std::size_t>(at * at * at * static_cast<double>(values.size()))];
}

std::string World::numbered(const char* prefix, std::uint64_t bound) {
  return prefix + std::to_string(below(bound));
}

std::string World::valued(const char* prefix, std::uint64_t bound) {
  return options_.colliding ? prefix + colliding_text(static_cast<std::uint32_t>(below(bound)))
                            : numbered(prefix, bound);
}

event::LogId World::some_log() {
  if (!options_.even && !one_in(3)) {
    return logs_.front();
  }
  return logs_[below(logs_.size())];
}

// Often not at all, mostly a little, now and then into another hour, day or month.
void World::advance_clock() {
  const std::uint64_t step = below(100);
  if (step < 40) {
    return;
  }
  std::int64_t most = 1000;
  if (step >= 70) {
    most = step < 97 ? kSecond : kHour;
  }
  if (step == 99 && one_in(10)) {
    most = 20 * kDay;
  }
  clock_.micros += static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most)));
}

std::optional<base::Timestamp> World::some_occurred_at(LogState& state) {
  const std::uint64_t kind = below(100);
  const std::int64_t now = clock_.micros;
  const auto ago = [&](std::int64_t most) {
    return base::Timestamp{now -
                           static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most)))};
  };
  if (kind < 15) {
    return std::nullopt;
  }
  if (kind < 30 && state.occurred_at.has_value()) {
    return state.occurred_at;  // the same instant
  }
  if (kind < 40) {
    return base::Timestamp{now / kSecond * kSecond};
  }
  if (kind < 80) {
    return ago(5 * kSecond);
  }
  if (kind < 90) {
    return ago(3 * kHour);
  }
  if (kind < 94) {
    return ago(60 * kDay);
  }
  if (kind < 96) {
    return ago(8 * 365 * kDay);
  }
  if (kind < 98) {
    return base::Timestamp{now + static_cast<std::int64_t>(below(2 * kHour))};
  }
  return one_in(2) ? base::kTimestampMin : base::kTimestampMax;
}

std::string World::some_client_id(LogState& state) {
  const std::string number = std::to_string(state.client_ids++);
  const std::string twelve = std::string(12 - number.size(), '0') + number;
  switch (below(6)) {
    case 0:
      return "00000000-0000-4000-8000-" + twelve;
    case 1:
      return "0198f3e4-7a00-7abc-9def-" + twelve;  // as if a server had made it
    case 2:
      return "ABCDEF00-0000-4000-8000-" + twelve;
    case 3:
      return "a/b:c@d+e=f.g_h-" + number;
    case 4:
      return number + std::string(128 - number.size(), 'x');
    default:
      return "evt-" + number;
  }
}

std::string World::some_metadata() {
  static const std::vector<std::string> plans = {"pro", "free", "Enterprise", "\xc3\x84-plan"};
  static const std::vector<std::string> odd = {"0.5",         "-1", "true", "null",
                                               "[1,\"two\"]", "10", "9"};
  ObjectText object;
  if (one_in(2)) {
    object.add("attempt", std::to_string(below(12)));
  }
  if (one_in(3)) {
    object.add("labels", "{\"env\":" + quoted(one_in(3) ? "dev" : "prod") +
                             ",\"team\":" + quoted(numbered("t", 9)) + "}");
  }
  if (one_in(5)) {
    object.add("labels.env", quoted("dotted"));  // found as labels.env where there is no labels
  }
  if (one_in(2)) {
    object.add("plan", quoted(pick(plans)));
  }
  if (one_in(4)) {
    object.add("value", one_in(2) ? pick(odd) : quoted(numbered("v", options_.variety)));
  }
  if (one_in(options_.variety > 1000 ? 3 : 30)) {
    object.add(("x" + std::to_string(below(options_.variety * 4))).c_str(), quoted("rare"));
  }
  return object.take();
}

std::string World::some_context() {
  ObjectText object;
  if (one_in(4)) {
    object.add("k8s", "{\"namespace\":\"default\",\"pod\":" +
                          quoted(numbered("api-", options_.variety)) + "}");
  }
  if (one_in(4)) {
    object.add("session", quoted(numbered("s-", options_.variety * 10)));
  }
  return object.take();
}

void World::fill_parties(event::Event& event) {
  static const std::vector<std::string> types = {"user", "api_key", "service", "", "User"};
  static const std::vector<std::string> names = {"Alice", "bob", "\xc3\x9cmit", "ALICE", "Bob B."};
  if (!one_in(8)) {
    event.actor.id = valued("u-", options_.variety);
    event.actor.type = pick(types);
  }
  if (one_in(2)) {
    event.actor.name = pick(names);
    event.actor.email = numbered("user", options_.variety) + "@acme.example";
  }
  if (one_in(2)) {
    event.target.id = valued("doc-", options_.variety * 3);
    event.target.type = pick(types);
  }
  if (one_in(4)) {
    event.target.name = pick(names);
  }
}

void World::fill_request(event::Event& event) {
  static const std::vector<std::string> methods = {"GET", "POST", "DELETE", "get"};
  static const std::vector<std::uint16_t> codes = {200, 201, 404, 500, 100, 599};
  if (one_in(4)) {
    return;
  }
  event.request.ip = "192.0.2." + std::to_string(below(30));
  event.request.method = pick(methods);
  event.request.path = valued("/v1/items/", options_.variety * 5);
  if (!one_in(3)) {
    event.request.status_code = pick(codes);
  }
  if (one_in(2)) {
    event.request.id = options_.colliding ? valued("req-", std::uint64_t{1} << 32)
                                          : "req-" + std::to_string(random_());
  }
}

event::Event World::tame_event() {
  static const std::vector<std::string> actions = {
      "user.login", "user.create",   "user.delete", "project.create", "project.update",
      "key.create", "member.invite", "User.Login",  "export",         "\xe6\x9d\xb1"};
  static const std::vector<std::string> sources = {"web", "api", "cli", "", "Web", "cron"};
  static const std::vector<std::string> categories = {"general", "iam", "billing", ""};
  event::Event event = event::make_event(pick(actions));
  if (!one_in(3)) {
    event.source = pick(sources);
  }
  event.category = pick(categories);
  if (one_in(3)) {
    event.summary = valued("Something happened to item ", options_.variety * 20);
  }
  event.severity = static_cast<event::Severity>(below(5));
  event.status = static_cast<event::Status>(below(3));
  if (one_in(5)) {
    event.error = one_in(4) ? "" : numbered("error ", 20);
  }
  if (one_in(6)) {
    event.commit_id = "5b8a1f0e-2d4c-4c59-9e5e-0000000000" + std::to_string(10 + below(30));
  }
  fill_parties(event);
  fill_request(event);
  event.context = some_context();
  event.metadata = some_metadata();
  if (one_in(6)) {
    event.params = "{\"limit\":" + std::to_string(below(100)) + "}";
  }
  return event;
}

event::Event World::lean_event() {
  static const std::vector<std::string> actions = {"user.login", "user.create", "export"};
  event::Event event = event::make_event(pick(actions));
  event.actor.id = valued("u-", options_.variety);
  event.severity = static_cast<event::Severity>(below(5));
  if (one_in(50)) {
    event.metadata = some_metadata();
  }
  return event;
}

event::Event World::some_event() {
  if (!wild_.empty() && one_in(4)) {
    return wild_[below(wild_.size())];
  }
  return tame_event();
}

FrameRecord World::event_record() {
  FrameRecord record;
  record.log = some_log();
  LogState& state = states_[record.log];
  event::Event event = state.size < options_.lean_until ? lean_event() : some_event();
  event.occurred_at = some_occurred_at(state);
  state.occurred_at = event.occurred_at;
  event::RecordHead head;
  head.seq = state.size++;
  head.recorded_at = clock_;
  // As a committer gives them: of a run, of a group, or (older records) of each.
  head.seed.is_key = !one_in(4);
  if (!head.seed.is_key || head.seq % event::kSeedRunRecords == 0 || one_in(10)) {
    for (std::uint8_t& byte : state.seed) {
      byte = static_cast<std::uint8_t>(random_());
    }
  }
  head.seed.bytes = state.seed;
  if (one_in(2)) {
    event.id = some_client_id(state);
  } else {
    event.id.clear();
    head.made_id = ids_.make(record.log, head.seq, clock_);
  }
  event::append_record(record.bytes, head, event::encode_event(event::view_of(event)));
  if (options_.leaves) {
    record.leaf = tlog::leaf_hash(record.bytes);
  }
  return record;
}

FrameRecord World::control_record() {
  FrameRecord record;
  record.kind = AppliedRecord::Kind::Control;
  record.bytes = "control " + std::to_string(random_());
  record.bytes.resize(below(record.bytes.size() + 1));  // an empty one, too
  return record;
}

Frame World::next_frame() {
  Frame frame;
  lsn_ += 1 + below(3);
  frame.lsn = lsn_;
  const std::uint64_t count = 1 + below(options_.frame_records_max);
  for (std::uint64_t i = 0; i < count; ++i) {
    advance_clock();
    frame.records.push_back(one_in(40) ? control_record() : event_record());
  }
  return frame;
}

}  // namespace piperoll::store::testing
