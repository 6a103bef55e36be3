#include "dialect/runai/local_time.h"

#include <gtest/gtest.h>

namespace piperoll::dialect::runai {
namespace {

std::optional<Instant> first(std::string_view text) {
  return parse_local_time(text, DayEnd::First);
}

std::int64_t micros(std::string_view rfc3339) {
  return base::parse_rfc3339(rfc3339)->micros;
}

TEST(LocalTime, TakesDatesWithAndWithoutPadding) {
  for (std::string_view text : {"2022-01-01", "2022-1-1", "2022-01-1", "2022-1-01"}) {
    EXPECT_EQ(first(text), (Instant{micros("2022-01-01T00:00:00Z"), false})) << text;
  }
}

TEST(LocalTime, EndsADateWithItsLastMicrosecond) {
  EXPECT_EQ(parse_local_time("2022-1-1", DayEnd::Last),
            (Instant{micros("2022-01-01T23:59:59.999999Z"), false}));
  EXPECT_EQ(parse_local_time("2022-1-1T00:00:00", DayEnd::Last),
            (Instant{micros("2022-01-01T00:00:00Z"), false}));
}

TEST(LocalTime, IsUtcUnlessItSaysOtherwise) {
  EXPECT_EQ(first("2022-06-07T09:01:02"), (Instant{micros("2022-06-07T09:01:02Z"), false}));
  EXPECT_EQ(first("2022-6-7T09:01:02.131"), (Instant{micros("2022-06-07T09:01:02.131Z"), false}));
  EXPECT_EQ(first("2022-06-07T09:01:02Z"), (Instant{micros("2022-06-07T09:01:02Z"), false}));
  EXPECT_EQ(first("2022-06-07T09:01:02+02:00"), (Instant{micros("2022-06-07T07:01:02Z"), false}));
  EXPECT_EQ(first("2022-06-07 09:01:02-02:00"), (Instant{micros("2022-06-07T11:01:02Z"), false}));
}

TEST(LocalTime, MayLieBefore1970) {
  EXPECT_EQ(first("1969-12-31"), (Instant{-kMicrosPerDay, false}));
  EXPECT_EQ(first("0001-1-1T00:00:00"), (Instant{-62'135'596'800'000'000, false}));
}

TEST(LocalTime, RefusesWhatIsNoTime) {
  for (std::string_view text :
       {"", "2022", "2022-01", "22-01-01", "2022-13-01", "2022-02-30", "2022-001-01", "2022/01/01",
        "2022-01-01T", "2022-01-01T09", "2022-01-01T09:01", "2022-01-01T24:00:00", "2022-01-01Z",
        "2022-01-01T09:01:02+2", "2022-01-01T09:01:02 ", " 2022-01-01", "2022-01-01T9:01:02"}) {
    EXPECT_EQ(first(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace piperoll::dialect::runai
