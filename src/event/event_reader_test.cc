#include "event/event_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_limits.h"
#include "event/testing/event_arbitrary.h"

namespace piperoll::event {
namespace {

using base::JsonKind;
using base::JsonValue;
using Strings = std::vector<std::string>;

// What the long way makes of a text.
base::Result<Event> read_by_the_long_way(std::string_view json) {
  base::JsonParser parser;
  ASSIGN_OR_RETURN(const JsonValue value, parser.parse(json, {.depth_max = kDepthMax}));
  return read_event(value);
}

// What the reader appends, or its error, against that.
::testing::AssertionResult reads_as_the_long_way(EventReader& reader, std::string_view json) {
  base::Bytes arena = "before";
  const auto read = reader.read(json, arena);
  const auto expected = read_by_the_long_way(json);
  if (read.has_value() != expected.has_value()) {
    return ::testing::AssertionFailure() << "only one takes " << json;
  }
  if (!read) {
    return read.error() == expected.error() && arena == "before"
               ? ::testing::AssertionSuccess()
               : ::testing::AssertionFailure() << "another error for " << json;
  }
  return arena == "before" + encode_event(view_of(*expected)) && read->offset == 6 &&
                 read->length == arena.size() - 6
             ? ::testing::AssertionSuccess()
             : ::testing::AssertionFailure() << "another event from " << json;
}

// Whether the short way is enough.
bool takes(std::string_view json) {
  EventReader reader;
  base::Bytes arena;
  base::JsonCursor cursor(json);
  return reader.take(cursor, arena).has_value() && cursor.at_end();
}

std::string text_of_length(std::size_t characters, const char* character) {
  std::string text = "\"";
  for (std::size_t i = 0; i < characters; ++i) {
    text += character;
  }
  return text + "\"";
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(EventReader, EncodesAWholeEvent) {
  EventReader reader;
  EXPECT_TRUE(reads_as_the_long_way(reader, R"({
      "id":"0195b2a4-6c00-7000-8000-000000000001","occurred_at":"2026-01-02T03:04:05.678901Z",
      "action":"user.update","source":"billing","category":"iam","summary":"User 42 updated",
      "severity":"high","status":"intent","error":"late",
      "commit_id":"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f","version":"2",
      "actor":{"id":"u-1","type":"user","name":"Zo\u00eb","email":"zoe@example.com"},
      "target":{"id":"42","type":"user","name":"Ada"},
      "application":{"id":"00000000-0000-0000-0000-0000000000aa","key":"shop"},
      "cluster_id":"00000000-0000-0000-0000-0000000000bb",
      "request":{"id":"r-9","ip":"2001:db8::1","method":"PATCH","path":"/v1/users/42",
                 "status_code":200,"user_agent":"curl/8"},
      "context":{"b":[1.50,null],"a":"A"},"params":{"x":{"y":{}}},"metadata":{"plan":"pro","n":1}
      })"));
}

TEST(EventReader, EncodesWhatMustBeMadeCanonicalFirst) {
  EventReader reader;
  for (std::string_view member :
       {R"("commit_id":"5B8A1F0E-2D4C-4C59-9E5E-0A1B2C3D4E5F")",
        R"("cluster_id":"5B8A1F0E-2D4C-4C59-9E5E-0A1B2C3D4E5F")",
        R"("application":{"id":"5B8A1F0E-2D4C-4C59-9E5E-0A1B2C3D4E5F"})",
        R"("request":{"ip":"2001:DB8:0::1"})", R"("request":{"ip":"010.0.0.1"})",
        R"("request":{"status_code":2e2})", R"("context":{})", R"("context":null)", R"("error":"")",
        R"("error":"late")", R"("error":"late","status":"success")",
        R"("category":null,"version":"","actor":{},"target":{"id":null})"}) {
    EXPECT_TRUE(reads_as_the_long_way(reader, R"({"action":"a",)" + std::string(member) + "}"));
  }
  for (std::string_view action : {"é", "\x7f", "\xc2\xa0", "\xc2\xa0 x", " x", "  ", "", "\\t"}) {
    EXPECT_TRUE(reads_as_the_long_way(reader, R"({"action":")" + std::string(action) + "\"}"));
  }
}

TEST(EventReader, GoesToTheLimitsAndNotBeyond) {
  EventReader reader;
  const std::vector<std::pair<std::string, std::size_t>> limits = {{"action", kActionMax},
                                                                   {"source", kSourceMax},
                                                                   {"category", kCategoryMax},
                                                                   {"summary", kSummaryMax},
                                                                   {"error", kErrorMax},
                                                                   {"version", kVersionMax},
                                                                   {"id", kIdMax}};
  for (const auto& [name, limit] : limits) {
    for (const char* character : {"x", "é", "😀"}) {
      for (std::size_t length : {limit / 4, limit / 4 + 1, limit / 2 + 1, limit, limit + 1}) {
        std::string json = name == "action" ? "{" : R"({"action":"a",)";
        json += "\"" + name + "\":" + text_of_length(length, character) + "}";
        EXPECT_TRUE(reads_as_the_long_way(reader, json));
      }
    }
  }
  for (std::size_t levels = 12; levels <= 16; ++levels) {
    EXPECT_TRUE(
        reads_as_the_long_way(reader, R"({"action":"a","params":{"a":)" + nested(levels) + "}}"));
  }
  for (std::size_t length : {8'000U, 40'000U, 49'000U, 49'060U, 49'061U, 49'062U, 49'063U, 49'064U,
                             49'065U, 49'066U, 49'067U, 49'068U, 49'100U}) {
    EXPECT_TRUE(reads_as_the_long_way(
        reader, R"({"action":"a","metadata":{"a":)" + text_of_length(length, "x") + "}}"));
  }
}

TEST(EventReader, LeavesTheArenaAloneWhereAnEventIsRefused) {
  EventReader reader;
  for (std::string_view json :
       {"[]", "null", "{}", R"({"action":1})", R"({"action":"a","params":{"a":1},"x":1})",
        R"({"action":"a","actor":[]})", R"({"action":"a","actor":{"x":1,"id":2}})",
        R"({"action":"a","occurred_at":"2026-02-30T00:00:00Z","severity":"x","status":1})",
        R"({"action":"a","seq":1,"recorded_at":null})",
        R"({"action":"a","application":{"key":"Shop"},"request":{"ip":"1","status_code":600}})"}) {
    EXPECT_TRUE(reads_as_the_long_way(reader, json));
  }
}

// JSON of an event in which some members are replaced by what is odd.
rc::Gen<std::string> odd_value() {
  return rc::gen::elementOf(Strings{"null",
                                    "true",
                                    "0",
                                    "99",
                                    "200",
                                    "599",
                                    "600",
                                    "1e2",
                                    "2.5",
                                    "-1",
                                    "65736",
                                    "\"\"",
                                    "\" \"",
                                    "\"a\"",
                                    "\"A b\"",
                                    "\"\\u0041\"",
                                    "\"\\n\"",
                                    "\"\xc2\xa0\"",
                                    "\"x/y\"",
                                    "\"high\"",
                                    "\"failure\"",
                                    "\"192.0.2.7\"",
                                    "\"192.000.2.7\"",
                                    "\"2001:DB8::1\"",
                                    "\"::ffff:1.2.3.4\"",
                                    "\"5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f\"",
                                    "\"5B8A1F0E-2d4c-4c59-9e5e-0a1b2c3d4e5f\"",
                                    "\"5b8a1f0e2d4c4c599e5e0a1b2c3d4e5f\"",
                                    "\"2026-01-02T03:04:05Z\"",
                                    "\"2026-01-02t03:04:05.1234567+01:00\"",
                                    "\"1969-12-31T23:59:59Z\"",
                                    "[]",
                                    "{}",
                                    "{\"b\":1.0,\"a\":[]}",
                                    "{\"id\":\"x\",\"type\":1}",
                                    "{\"name\":null,\"ip\":\"::1\"}",
                                    text_of_length(65, "x"),
                                    text_of_length(65, "\xc3\xa9"),
                                    text_of_length(129, "x"),
                                    text_of_length(1025, "y"),
                                    text_of_length(8193, "z"),
                                    "{\"a\":" + nested(13) + "}",
                                    "{\"a\":" + nested(14) + "}",
                                    "{\"a\":" + nested(15) + "}",
                                    "{\"[\":\"" + std::string(20, '[') + "\"}"});
}

std::string with_odd_members(const JsonValue& object, int one_in) {
  std::string json = "{";
  auto add = [&](std::string_view name, const std::string& value) {
    json += json.size() > 1 ? " , " : "";
    base::append_canonical_string(json, name);
    json += ": " + value;
  };
  for (const base::JsonMember& member : object.members()) {
    std::string value;
    const int dice = *rc::gen::inRange(0, one_in);
    if (dice == 0) {
      value = *odd_value();
    } else if (dice == 1 && member.value.is(JsonKind::Object)) {
      value = with_odd_members(member.value, 4);
    } else {
      base::append_canonical(value, member.value);
    }
    add(member.name, value);
  }
  if (*rc::gen::inRange(0, one_in) == 0) {
    // Names that no event has, or that it has already said: then the text is no strict JSON.
    add(*rc::gen::elementOf(Strings{"seq", "org_id", "x", "", "source", "Action", "ip", "type"}),
        *odd_value());
  }
  return json + "}";
}

RC_GTEST_PROP(EventReader, AgreesWithTheLongWayOnOddEvents, ()) {
  static EventReader reader;  // memory of the events before must not matter
  base::JsonParser parser;
  const std::string whole = canonical_json(view_of(*arbitrary_event()));
  const std::string json =
      with_odd_members(parser.parse(whole).value(), *rc::gen::elementOf(std::vector{3, 8, 40}));
  RC_ASSERT(reads_as_the_long_way(reader, json));
}

RC_GTEST_PROP(EventReader, AgreesWithTheLongWayOnDamagedEvents, ()) {
  EventReader reader;
  std::string json = canonical_json(view_of(*arbitrary_event()));
  const int edits = *rc::gen::inRange(0, 4);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
    const auto piece =
        *rc::gen::elementOf(Strings{"", " ", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1.50",
                                    "-", "null", "\xc3", "\xc3\xab", "\\u0041", "\\ud800", "\x01"});
    json.replace(at, *rc::gen::inRange<std::size_t>(0, 3), piece);
  }
  RC_ASSERT(reads_as_the_long_way(reader, json));
}

RC_GTEST_PROP(EventReader, TakesTheShortWayForMostValidEvents, ()) {
  Event event = *arbitrary_event();
  event.action = "user.login";  // one that begins with white space or another alphabet goes round
  RC_ASSERT(takes(canonical_json(view_of(event))));
}

TEST(EventReader, TakesEscapesSpacesAndUnsortedObjects) {
  EXPECT_TRUE(takes(R"( { "summary" : "a\u00eb\n" , "action":"a", "context" : { "b":1.0, "a":"\/" },
                          "commit_id":"5B8A1F0E-2D4C-4C59-9E5E-0A1B2C3D4E5F",
                          "request":{"ip":"2001:DB8::1"} } )"));
  EXPECT_FALSE(takes(R"({"action":"a","x":1})"));
}

RC_GTEST_PROP(EncodedHead, IsWhatTheEventSays, ()) {
  const Event event = *arbitrary_event();
  const base::Bytes bytes = encode_event(view_of(event));
  const EncodedHead head = head_of(bytes);
  RC_ASSERT(head.id == event.id);
  RC_ASSERT(head.occurred_at == event.occurred_at);
  RC_ASSERT(head.names_application ==
            (event.application.id.has_value() || event.application.key.has_value()));
}

}  // namespace
}  // namespace piperoll::event
