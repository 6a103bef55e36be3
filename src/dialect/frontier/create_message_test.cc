#include "dialect/frontier/create_message.h"

#include <gtest/gtest.h>

namespace piperoll::dialect::frontier {
namespace {

std::vector<event::Event> logs_of(std::string_view body) {
  auto events = read_create_message(body);
  EXPECT_TRUE(events.has_value()) << body << ": " << events.error().message;
  return events ? *std::move(events) : std::vector<event::Event>();
}

TEST(CreateMessage, HoldsEveryField) {
  auto logs = logs_of(R"({"org_id":"ignored","logs":[{"id":"e-1","source":"billing",
      "action":"project.create","actor":{"id":"a","type":"user","name":"Ada"},
      "target":{"id":"t","type":"project","name":"P"},"context":{"b":"2","a":"1"},
      "created_at":"2026-01-02T03:04:05.123456789Z"}]})");

  ASSERT_EQ(logs.size(), 1U);
  EXPECT_EQ(logs[0].id, "e-1");
  EXPECT_EQ(logs[0].source, "billing");
  EXPECT_EQ(logs[0].action, "project.create");
  EXPECT_EQ(logs[0].actor.id, "a");
  EXPECT_EQ(logs[0].actor.type, "user");
  EXPECT_EQ(logs[0].actor.name, "Ada");
  EXPECT_EQ(logs[0].target.id, "t");
  EXPECT_EQ(logs[0].target.type, "project");
  EXPECT_EQ(logs[0].target.name, "P");
  EXPECT_EQ(logs[0].context, R"({"a":"1","b":"2"})");
  EXPECT_EQ(base::format_rfc3339(*logs[0].occurred_at), "2026-01-02T03:04:05.123456Z");
}

TEST(CreateMessage, TakesCamelCaseNamesAndIgnoresUnknownOnes) {
  auto logs = logs_of(R"({"orgId":"x","other":[{"deep":{}}],
      "logs":[{"action":"a","createdAt":"2026-01-02T03:04:05+01:00","extra":1}]})");

  ASSERT_EQ(logs.size(), 1U);
  EXPECT_EQ(base::format_rfc3339(*logs[0].occurred_at), "2026-01-02T02:04:05.000000Z");
}

TEST(CreateMessage, TreatsNullAndEmptyTextAsAbsence) {
  for (std::string_view log :
       {R"({})", R"({"id":"","actor":{},"target":null,"context":{},"created_at":null})",
        R"({"id":null,"actor":null,"target":{"id":"","name":null},"context":null})"}) {
    auto logs = logs_of("{\"logs\":[" + std::string(log) + "]}");
    ASSERT_EQ(logs.size(), 1U);
    event::Event empty = event::make_event("");
    empty.source = "";
    EXPECT_EQ(logs[0], empty) << log;
  }
}

TEST(CreateMessage, KeepsEmptyTextInTheContext) {
  EXPECT_EQ(logs_of(R"({"logs":[{"context":{"a":""}}]})")[0].context, R"({"a":""})");
}

TEST(CreateMessage, IsEmptyWhenTheBodyIs) {
  for (std::string_view body : {"", " \n", "{}", R"({"logs":null})", R"({"logs":[]})"}) {
    EXPECT_TRUE(logs_of(body).empty()) << body;
  }
}

TEST(CreateMessage, IsTheFirstValueOfTheBody) {
  EXPECT_EQ(logs_of(R"( {"logs":[{"action":"}\"]"}]} {"logs":[{},{}]} junk)").size(), 1U);
}

TEST(CreateMessage, RefusesOtherTypes) {
  for (std::string_view body :
       {"null",
        "[]",
        "1",
        "\"x\"",
        "{",
        R"({"logs":{}})",
        R"({"logs":[null]})",
        R"({"logs":[1]})",
        R"({"org_id":1})",
        R"({"logs":[{"id":1}]})",
        R"({"logs":[{"source":true}]})",
        R"({"logs":[{"actor":"x"}]})",
        R"({"logs":[{"actor":{"id":1}}]})",
        R"({"logs":[{"target":[]}]})",
        R"({"logs":[{"context":{"a":1}}]})",
        R"({"logs":[{"context":{"a":null}}]})",
        R"({"logs":[{"context":[]}]})",
        R"({"logs":[{"created_at":1}]})",
        R"({"logs":[{"created_at":""}]})",
        R"({"logs":[{"created_at":"2026-01-02"}]})",
        R"({"logs":[{"created_at":"1969-12-31T23:59:59Z"}]})",
        R"({"logs":[{"created_at":"2026-01-02T03:04:05Z","createdAt":null}]})",
        R"({"logs":[{"action":"a","action":"b"}]})",
        "{\"logs\":[{\"action\":\"\xff\"}]}"}) {
    auto events = read_create_message(body);
    ASSERT_FALSE(events.has_value()) << body;
    EXPECT_EQ(events.error().kind, base::ErrorKind::InvalidArgument);
  }
}

}  // namespace
}  // namespace piperoll::dialect::frontier
