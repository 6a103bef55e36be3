#include "event/event.h"

#include <gtest/gtest.h>

namespace piperoll::event {
namespace {

TEST(Severity, HasOneNameForEachValue) {
  EXPECT_EQ(to_string(Severity::Critical), "critical");
  EXPECT_EQ(to_string(Severity::None), "none");
  for (int i = 0; i < 5; ++i) {
    auto severity = static_cast<Severity>(i);
    EXPECT_EQ(parse_severity(to_string(severity)), severity);
  }
  for (std::string_view text : {"", "Low", "lo", "lowest", "info"}) {
    EXPECT_EQ(parse_severity(text), std::nullopt) << text;
  }
}

TEST(Status, HasOneNameForEachValue) {
  EXPECT_EQ(to_string(Status::Intent), "intent");
  for (int i = 0; i < 3; ++i) {
    auto status = static_cast<Status>(i);
    EXPECT_EQ(parse_status(to_string(status)), status);
  }
  for (std::string_view text : {"", "Success", "ok", "failures"}) {
    EXPECT_EQ(parse_status(text), std::nullopt) << text;
  }
}

TEST(MakeEvent, HasTheDefaultsAndNothingElse) {
  Event event = make_event("user.login");

  Event expected;
  expected.action = "user.login";
  expected.category = "general";
  expected.version = "1";
  expected.severity = Severity::Low;
  expected.status = Status::Success;
  EXPECT_EQ(event, expected);
  EXPECT_EQ(event.occurred_at, std::nullopt);
}

TEST(ViewOf, PointsIntoTheEvent) {
  Event event = make_event("a");
  event.summary = "text";
  event.request.status_code = std::uint16_t{200};

  EventView view = view_of(event);

  EXPECT_EQ(view.action.data(), event.action.data());
  ASSERT_TRUE(view.summary.has_value());
  EXPECT_EQ(view.summary->data(), event.summary->data());
  EXPECT_EQ(view.error, std::nullopt);
  EXPECT_EQ(view.request.status_code, 200);
}

}  // namespace
}  // namespace piperoll::event
