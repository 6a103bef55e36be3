#include "cli/event_line.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace piperoll::cli {
namespace {

constexpr std::string_view kEvent =
    R"({"occurred_at":"2026-01-02T03:04:05.678901Z","action":"user.update","status":"failure",)"
    R"("severity":"high","actor":{"id":"u-1","name":"Zoë"},"target":{"type":"user","id":"42"},)"
    R"("request":{"ip":"192.0.2.7"},"error":"denied"})";

TEST(EventLine, SaysWhoDidWhat) {
  EXPECT_EQ(*event_line(kEvent, false),
            "2026-01-02 03:04:05.678  failure  high      user.update  Zoë -> user 42  192.0.2.7  "
            "denied");
}

TEST(EventLine, NeedsAnActionAlone) {
  EXPECT_EQ(*event_line(R"({"action":"a","status":"success","severity":"low"})", false),
            "success  low       a");
  EXPECT_FALSE(event_line("[]", false));
  EXPECT_FALSE(event_line("{}", false));
  EXPECT_FALSE(event_line("{", false));
}

TEST(EventLine, PadsTimesWithoutAFraction) {
  EXPECT_THAT(*event_line(R"({"action":"a","occurred_at":"2026-01-02T03:04:05Z"})", false),
              testing::StartsWith("2026-01-02 03:04:05      "));
}

TEST(EventLine, ColoursTheStatus) {
  EXPECT_THAT(*event_line(kEvent, true), testing::HasSubstr("\x1b[31mfailure\x1b[0m"));
}

TEST(EventLine, WhatIsInAnEventCommandsNoTerminal) {
  const std::string line =
      *event_line(R"({"action":"a\u001b[2J\u0007\u009b1m\u007f","status":"x"})", false);

  EXPECT_THAT(line, testing::HasSubstr(R"(a\x1b[2J\x07\x9b1m\x7f)"));
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(EventStreamReader, GivesEventsHoweverTheStreamIsCut) {
  constexpr std::string_view kStream =
      "retry: 1000\n: connected\n\nid: 7\ndata: {\"a\":\ndata: 1}\n\n: still here\n\n"
      "event: overrun\ndata: {}\n\nid: 8\r\ndata: {}\r\n\r\n";
  for (std::size_t size = 1; size <= kStream.size(); ++size) {
    EventStreamReader reader;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < kStream.size(); at += size) {
      reader.feed(kStream.substr(at, size), [&](const EventStreamReader::Event& event) {
        seen.push_back(event.name + " " + event.id + " " + event.data);
      });
    }

    EXPECT_THAT(seen, testing::ElementsAre("message 7 {\"a\":\n1}", "overrun 7 {}", "message 8 {}"))
        << size;
  }
}

}  // namespace
}  // namespace piperoll::cli
