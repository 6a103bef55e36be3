#include "event/event_json.h"

#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/event_encoding.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

using Strings = std::vector<std::string>;

base::Result<Event> read(std::string_view json, ServerMembers server = ServerMembers::Refuse,
                         std::string_view pointer_base = "") {
  base::JsonParser parser;
  return read_event(parser.parse(json, {.depth_max = 100}).value(), server, pointer_base);
}

// "pointer: detail" of each fault.
Strings faults_in(std::string_view json, ServerMembers server = ServerMembers::Refuse,
                  std::string_view pointer_base = "") {
  auto event = read(json, server, pointer_base);
  Strings faults;
  if (!event.has_value()) {
    EXPECT_EQ(event.error().kind, base::ErrorKind::InvalidArgument);
    EXPECT_EQ(event.error().code, "invalid_event");
    for (const base::Fault& fault : event.error().faults) {
      faults.push_back(fault.pointer + ": " + fault.detail);
    }
  }
  return faults;
}

Strings pointers_in(std::string_view json) {
  Strings pointers;
  for (const std::string& fault : faults_in(json)) {
    pointers.push_back(fault.substr(0, fault.find(':')));
  }
  return pointers;
}

constexpr std::string_view kFull = R"({
  "id": "0195b2a4-6c00-7000-8000-000000000001",
  "occurred_at": "2026-01-02T04:04:05.678901234+01:00",
  "action": "user.update", "source": "billing", "category": "iam",
  "summary": "User 42 updated", "severity": "high", "status": "intent", "error": "late",
  "commit_id": "5B8A1F0E-2d4c-4c59-9e5e-0a1b2c3d4e5f", "version": "2",
  "actor": {"id": "u-1", "type": "user", "name": "Zo\u00eb", "email": "zoe@example.com"},
  "target": {"id": "42", "type": "user", "name": "Ada"},
  "application": {"id": "00000000-0000-0000-0000-0000000000AA", "key": "shop"},
  "cluster_id": "00000000-0000-0000-0000-0000000000BB",
  "request": {"id": "r-9", "ip": "2001:DB8:0::1", "method": "PATCH", "path": "/v1/users/42",
              "status_code": 2.0e2, "user_agent": "curl/8"},
  "context": {"b": [1.50, null], "a": "\u0041"}, "params": {"x": {"y": {}}},
  "metadata": {"plan": "pro", "n": 1}})";

TEST(ReadEvent, TakesEveryMemberInCanonicalForm) {
  Event expected = make_event("user.update");
  expected.id = "0195b2a4-6c00-7000-8000-000000000001";
  expected.occurred_at = base::parse_rfc3339("2026-01-02T03:04:05.678901Z").value();
  expected.source = "billing";
  expected.category = "iam";
  expected.summary = "User 42 updated";
  expected.severity = Severity::High;
  expected.status = Status::Intent;
  expected.error = "late";
  expected.commit_id = "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";
  expected.version = "2";
  expected.actor = {"u-1", "user", "Zo\xc3\xab", "zoe@example.com"};
  expected.target = {"42", "user", "Ada"};
  expected.application = {"00000000-0000-0000-0000-0000000000aa", "shop"};
  expected.cluster_id = "00000000-0000-0000-0000-0000000000bb";
  expected.request = {"r-9", "2001:db8::1", "PATCH", "/v1/users/42", std::uint16_t{200}, "curl/8"};
  expected.context = R"({"a":"A","b":[1.5,null]})";
  expected.params = R"({"x":{"y":{}}})";
  expected.metadata = R"({"n":1,"plan":"pro"})";

  auto event = read(kFull);

  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(*event, expected);
}

TEST(ReadEvent, NeedsOnlyAnAction) {
  EXPECT_EQ(*read(R"({"action":"a"})"), make_event("a"));
}

TEST(ReadEvent, TakesNullAndEmptyObjectsForAbsence) {
  EXPECT_EQ(*read(R"({"action":"a","id":null,"occurred_at":null,"source":null,"category":null,
      "summary":null,"severity":null,"status":null,"error":null,"commit_id":null,"version":null,
      "actor":null,"target":null,"application":null,"cluster_id":null,"request":null,
      "context":null,"params":null,"metadata":null})"),
            make_event("a"));
  EXPECT_EQ(*read(R"({"action":"a","actor":{},"target":{},"application":{},"request":{},
      "context":{},"params":{},"metadata":{}})"),
            make_event("a"));
  EXPECT_EQ(*read(R"({"action":"a","actor":{"id":null,"type":null,"name":null,"email":null},
      "target":{"id":null},"application":{"id":null,"key":null},
      "request":{"id":null,"ip":null,"status_code":null}})"),
            make_event("a"));
}

TEST(ReadEvent, TakesAnEmptyStringForAValue) {
  Event event = *read(R"({"action":"a","source":"","category":"","summary":"","error":"",
      "version":"","actor":{"id":"","email":""},"request":{"path":""}})");

  Event expected = make_event("a");
  expected.source = expected.summary = expected.error = "";
  expected.category = expected.version = "";
  expected.actor.id = expected.actor.email = "";
  expected.request.path = "";
  EXPECT_EQ(event, expected);
}

TEST(ReadEvent, DerivesTheStatusFromTheError) {
  EXPECT_EQ(read(R"({"action":"a"})")->status, Status::Success);
  EXPECT_EQ(read(R"({"action":"a","error":null})")->status, Status::Success);
  EXPECT_EQ(read(R"({"action":"a","error":""})")->status, Status::Success);
  EXPECT_EQ(read(R"({"action":"a","error":"x"})")->status, Status::Failure);
  EXPECT_EQ(read(R"({"status":null,"action":"a","error":"x"})")->status, Status::Failure);
  EXPECT_EQ(read(R"({"action":"a","error":"x","status":"success"})")->status, Status::Success);
  EXPECT_EQ(read(R"({"action":"a","status":"failure"})")->status, Status::Failure);
}

TEST(ReadEvent, DoesNotMindSpellingAndOrder) {
  Event a = *read(R"({"action":"caf\u00e9","occurred_at":"2026-01-02T03:04:05Z",
                      "params":{"n":100,"m":{"b":1,"a":2}}})");
  Event b = *read(R"({"params":{"m":{"a":2.0,"b":1e0},"n":1E+2},
                      "occurred_at":"2026-01-01T22:04:05.000000999-05:00","action":"café"})");
  EXPECT_EQ(a, b);
  EXPECT_EQ(encode_event(view_of(a)), encode_event(view_of(b)));
}

TEST(ReadEvent, WantsAnObject) {
  for (std::string_view json : {"null", "[]", "1", "\"a\"", "true"}) {
    EXPECT_EQ(faults_in(json, ServerMembers::Refuse, "/3"), (Strings{"/3: must be an object"}));
  }
}

TEST(ReadEvent, WantsAnAction) {
  for (std::string_view json : {"{}", R"({"action":null})", R"({"action":""})"}) {
    EXPECT_EQ(faults_in(json), (Strings{"/action: is required: 1 to 128 characters"})) << json;
  }
}

TEST(ReadEvent, TellsAnEmptyIdFromNone) {
  EXPECT_EQ(faults_in(R"({"action":"a","id":""})"),
            (Strings{"/id: must not be empty (leave it out to have one made)"}));
}

// Every member with a value of a wrong kind is one fault, at its place, in the contract's order.
TEST(ReadEvent, TellsEveryWrongKindOnce) {
  const Strings members = {"/id",      "/occurred_at", "/action", "/source",      "/category",
                           "/summary", "/severity",    "/status", "/error",       "/commit_id",
                           "/version", "/actor",       "/target", "/application", "/cluster_id",
                           "/request", "/context",     "/params", "/metadata"};
  for (std::string_view wrong : {"1", "true", "[]", "[{}]", "1.5"}) {
    std::string json;
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
      json += (json.empty() ? "{\"" : ",\"") + member->substr(1) + "\":" + std::string(wrong);
    }
    EXPECT_EQ(pointers_in(json + "}"), members) << wrong;
  }
  for (const std::string& member : members) {
    std::string name = member.substr(1);
    bool is_object = name == "actor" || name == "target" || name == "application" ||
                     name == "request" || name == "context" || name == "params" ||
                     name == "metadata";
    std::string json = R"({"action":"a",")" + name + "\":" + (is_object ? "\"x\"" : "{}") + "}";
    if (name == "action") {
      json = R"({"action":{}})";
    }
    EXPECT_EQ(pointers_in(json), Strings{member}) << json;
  }
}

TEST(ReadEvent, TellsWrongKindsInsideParts) {
  EXPECT_EQ(pointers_in(R"({"action":"a",
      "request":{"user_agent":1,"status_code":"200","path":{},"method":[],"ip":1,"id":true},
      "application":{"key":1,"id":1},"target":{"name":1,"type":1,"id":1},
      "actor":{"email":1,"name":1,"type":1,"id":1}})"),
            (Strings{"/actor/id", "/actor/type", "/actor/name", "/actor/email", "/target/id",
                     "/target/type", "/target/name", "/application/id", "/application/key",
                     "/request/id", "/request/ip", "/request/method", "/request/path",
                     "/request/status_code", "/request/user_agent"}));
}

TEST(ReadEvent, SaysWhatIsAllowed) {
  EXPECT_EQ(
      faults_in(R"({"action":"a","severity":"HIGH","status":"ok","occurred_at":"today",
                          "source":1,"params":[],"target":"x"})"),
      (Strings{"/occurred_at: must be an RFC 3339 date and time in the years 1970 to 9999, "
               "for example 2026-01-02T03:04:05.678Z",
               "/source: must be a string",
               "/severity: must be one of critical, high, medium, low, none",
               "/status: must be one of intent, success, failure",
               "/target: must be an object of id, type, name", "/params: must be an object"}));
}

TEST(ReadEvent, KeepsTimesOfAllYearsAndRefusesOthers) {
  for (std::string_view good : {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
                                "1970-01-01T01:00:00+01:00", "2026-12-31t23:59:60z"}) {
    EXPECT_EQ(faults_in(R"({"action":"a","occurred_at":")" + std::string(good) + "\"}"), Strings{})
        << good;
  }
  for (std::string_view bad :
       {"", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
        "2026-02-29T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "1767323045"}) {
    EXPECT_EQ(pointers_in(R"({"action":"a","occurred_at":")" + std::string(bad) + "\"}"),
              Strings{"/occurred_at"})
        << bad;
  }
}

TEST(ReadEvent, TakesStatusCodesThatAreIntegers) {
  for (std::string_view good : {"100", "599", "200.0", "2e2"}) {
    EXPECT_EQ(faults_in(R"({"action":"a","request":{"status_code":)" + std::string(good) + "}}"),
              Strings{})
        << good;
  }
  for (std::string_view bad : {"99", "600", "200.5", "-200", "\"200\"", "65736", "1e30", "false"}) {
    EXPECT_EQ(faults_in(R"({"action":"a","request":{"status_code":)" + std::string(bad) + "}}"),
              Strings{"/request/status_code: must be an integer from 100 to 599"})
        << bad;
  }
}

TEST(ReadEvent, RefusesUnknownMembersAndNamesTheAllowed) {
  const std::string top =
      "is unknown; allowed are id, occurred_at, action, source, category, summary, severity, "
      "status, error, commit_id, version, actor, target, application, cluster_id, request, "
      "context, params, metadata";
  EXPECT_EQ(faults_in(R"({"action":"a","Action":1,"a/b~":null,"":1,
                    "actor":{"ID":1},"target":{"email":"x"},"application":{"name":1},
                    "request":{"url":1}})"),
            (Strings{"/actor/ID: is unknown; allowed are id, type, name, email",
                     "/target/email: is unknown; allowed are id, type, name",
                     "/application/name: is unknown; allowed are id, key",
                     "/request/url: is unknown; allowed are id, ip, method, path, status_code, "
                     "user_agent",
                     "/Action: " + top, "/a~1b~0: " + top, "/: " + top}));
}

TEST(ReadEvent, CountsUnknownMembersBeyondTheFirstSixteen) {
  std::string json = R"({"action":"a")";
  for (int i = 0; i < 116; ++i) {
    json += ",\"x" + std::to_string(i) + "\":1";
  }
  Strings faults = faults_in(json + "}");
  ASSERT_EQ(faults.size(), 17U);
  EXPECT_TRUE(faults.back().starts_with(": 100 more members are unknown; allowed are id, "))
      << faults.back();
}

TEST(ReadEvent, RefusesOrIgnoresWhatTheServerSets) {
  std::string_view json =
      R"({"action":"a","seq":1,"recorded_at":"x","org_id":[],"seed":{"a":1},"other":1})";

  EXPECT_EQ(pointers_in(json), (Strings{"/seq", "/recorded_at", "/org_id", "/seed", "/other"}));
  Strings left = faults_in(json, ServerMembers::Ignore);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left[0].starts_with("/other: "));
}

TEST(ReadEvent, PutsThePointerBaseBeforeEveryPointer) {
  Strings faults = faults_in(R"({"id":1,"x":1,"actor":{"id":1}})", ServerMembers::Refuse, "/7");
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_TRUE(faults[0].starts_with("/7/id: "));
  EXPECT_TRUE(faults[1].starts_with("/7/action: "));
  EXPECT_TRUE(faults[2].starts_with("/7/actor/id: "));
  EXPECT_TRUE(faults[3].starts_with("/7/x: "));
}

TEST(ReadEvent, CountsLevelsFromTheEventWhereverItStands) {
  auto nested = [](int levels) {
    std::string json = "1";
    for (int i = 0; i < levels; ++i) {
      json = "[" + json + "]";
    }
    return R"({"action":"a","params":{"a":)" + json + "}}";
  };
  EXPECT_EQ(pointers_in(nested(14)), Strings{}) << "event 1, params 2, arrays 3 to 16";
  EXPECT_EQ(pointers_in(nested(15)), Strings{"/params"});
}

TEST(ReadEvent, RefusesMoreThan48KiB) {
  auto json_of = [](std::size_t length) {
    return R"({"action":"a","metadata":{"a":")" + std::string(length, 'x') + "\"}}";
  };
  std::size_t rest = canonical_json(view_of(*read(json_of(1)))).size() - 1;
  EXPECT_EQ(pointers_in(json_of(48 * 1024 - rest)), Strings{});
  EXPECT_EQ(faults_in(json_of(48 * 1024 - rest + 1)),
            Strings{": the event must be at most 49152 bytes of canonical JSON, is 49153"});
}

TEST(ReadObject, MakesCanonicalTextOrNothing) {
  base::JsonParser parser;
  auto text = [&](std::string_view json) {
    return read_object(parser.parse(json).value(), "/params");
  };
  EXPECT_EQ(*text(R"({ "b":1.0, "a":[ ] })"), R"({"a":[],"b":1})");
  EXPECT_EQ(*text("{}"), "");
  EXPECT_EQ(*text("null"), "");
  for (std::string_view json : {"[]", "1", "\"\"", "false"}) {
    auto refused = text(json);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().faults, (std::vector<base::Fault>{{"/params", "must be an object"}}));
  }
}

const base::Uuid kOrg = base::parse_uuid("5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f").value();

RecordHead some_head() {
  RecordHead head;
  head.seq = 7;
  head.recorded_at = base::parse_rfc3339("2026-01-02T03:04:05.7Z").value();
  std::iota(head.seed.bytes.begin(), head.seed.bytes.end(), std::uint8_t{0});
  return head;
}

std::string written(const Event& event, const RecordHead& head, WriteOptions options = {}) {
  std::string out;
  write_record(out, RecordView{head, view_of(event)}, kOrg, options);
  return out;
}

TEST(WriteRecord, ShowsWhatIsPresentInTheOrderOfTheContract) {
  EXPECT_EQ(
      written(*read(kFull), some_head(), {.seed = some_head().seed.bytes}),
      R"({"id":"0195b2a4-6c00-7000-8000-000000000001","occurred_at":"2026-01-02T03:04:05.678901Z",)"
      R"("action":"user.update","source":"billing","category":"iam","summary":"User 42 updated",)"
      R"("severity":"high","status":"intent","error":"late",)"
      R"("commit_id":"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f","version":"2",)"
      R"("actor":{"id":"u-1","type":"user","name":"Zoë","email":"zoe@example.com"},)"
      R"("target":{"id":"42","type":"user","name":"Ada"},)"
      R"("application":{"id":"00000000-0000-0000-0000-0000000000aa","key":"shop"},)"
      R"("cluster_id":"00000000-0000-0000-0000-0000000000bb",)"
      R"("request":{"id":"r-9","ip":"2001:db8::1","method":"PATCH","path":"/v1/users/42",)"
      R"("status_code":200,"user_agent":"curl/8"},)"
      R"("context":{"a":"A","b":[1.5,null]},"params":{"x":{"y":{}}},)"
      R"("metadata":{"n":1,"plan":"pro"},)"
      R"("seq":7,"recorded_at":"2026-01-02T03:04:05.700000Z",)"
      R"("org_id":"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f",)"
      R"("seed":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"})");
}

TEST(WriteRecord, LeavesOutWhatIsAbsent) {
  Event event = make_event("a");
  event.id = "e";
  event.actor.name = "";
  EXPECT_EQ(written(event, some_head()),
            R"({"id":"e","occurred_at":"2026-01-02T03:04:05.700000Z","action":"a",)"
            R"("category":"general","severity":"low","status":"success","version":"1",)"
            R"("actor":{"name":""},"seq":7,"recorded_at":"2026-01-02T03:04:05.700000Z",)"
            R"("org_id":"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f"})");
}

RC_GTEST_PROP(WriteRecord, ReadsBackAsTheEventWithItsTime, ()) {
  Event event = *arbitrary_event();
  RC_PRE(!event.id.empty());
  RecordHead head = some_head();
  std::string json = written(
      event, head,
      {.seed = *rc::gen::element(std::optional<RecordSeed>(), std::optional(head.seed.bytes))});
  base::JsonParser parser;
  auto value = parser.parse(json);
  RC_ASSERT(value.has_value());
  auto again = read_event(*value, ServerMembers::Ignore);
  RC_ASSERT(again.has_value());
  event.occurred_at = event.occurred_at.value_or(head.recorded_at);
  RC_ASSERT(*again == event);
}

TEST(CanonicalJson, SortsTheMembers) {
  EXPECT_EQ(
      canonical_json(view_of(*read(kFull))),
      R"({"action":"user.update","actor":{"email":"zoe@example.com","id":"u-1","name":"Zoë",)"
      R"("type":"user"},"application":{"id":"00000000-0000-0000-0000-0000000000aa",)"
      R"("key":"shop"},"category":"iam","cluster_id":"00000000-0000-0000-0000-0000000000bb",)"
      R"("commit_id":"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f","context":{"a":"A","b":[1.5,null]},)"
      R"("error":"late","id":"0195b2a4-6c00-7000-8000-000000000001",)"
      R"("metadata":{"n":1,"plan":"pro"},"occurred_at":"2026-01-02T03:04:05.678901Z",)"
      R"("params":{"x":{"y":{}}},"request":{"id":"r-9","ip":"2001:db8::1","method":"PATCH",)"
      R"("path":"/v1/users/42","status_code":200,"user_agent":"curl/8"},"severity":"high",)"
      R"("source":"billing","status":"intent","summary":"User 42 updated",)"
      R"("target":{"id":"42","name":"Ada","type":"user"},"version":"2"})");
  EXPECT_EQ(canonical_json(view_of(make_event("a"))),
            R"({"action":"a","category":"general","severity":"low","status":"success",)"
            R"("version":"1"})");
}

TEST(ReadEvent, ARecordMayBeLargerByWhatTheServerSet) {
  const std::string sent = R"({"action":"a","metadata":{"a":""}})";
  const std::size_t room = kCanonicalBytesMax - canonical_json(view_of(read(sent).value())).size();
  const auto record = [&](std::size_t more) {
    return R"({"id":"01970000-0000-7000-8000-000000000000","occurred_at":"2026-01-02T03:04:05.678901Z",)"
           R"("action":"a","metadata":{"a":")" +
           std::string(room + more, 'x') + R"("}, "seq":0})";
  };

  const auto largest = read(record(0), ServerMembers::Ignore);
  ASSERT_TRUE(largest.has_value()) << largest.error().message;
  EXPECT_EQ(canonical_json(view_of(*largest)).size(), kCanonicalBytesMax + kServerSetBytesMax);
  EXPECT_FALSE(read(record(1), ServerMembers::Ignore).has_value());
}

}  // namespace
}  // namespace piperoll::event
