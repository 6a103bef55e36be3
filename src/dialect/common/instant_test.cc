#include "dialect/common/instant.h"

#include <limits>

#include <gtest/gtest.h>

namespace piperoll::dialect {
namespace {

TEST(ParseInstant, KnowsWhatIsFinerThanAMicrosecond) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:01Z"), (Instant{1'000'000, false}));
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00.0000010Z"), (Instant{1, false}));
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00.0000011Z"), (Instant{1, true}));
  EXPECT_EQ(parse_instant("1970-01-01t01:00:00.000001001+01:00"), (Instant{1, true}));
}

TEST(ParseInstant, TakesYearsBeforeThoseOfEvents) {
  EXPECT_EQ(parse_instant("1969-12-31T23:59:59Z"), (Instant{-1'000'000, false}));
  EXPECT_EQ(parse_instant("1969-12-31T23:59:59.9999999Z"), (Instant{-1, true}));
  EXPECT_EQ(parse_instant("0001-01-01T00:00:00Z"), (Instant{-62'135'596'800'000'000, false}));
}

TEST(ParseInstant, RefusesWhatIsNoTime) {
  for (std::string_view text :
       {"", "yesterday", "2024-01-01", "2024-02-30T00:00:00Z", "2024-01-01T00:00:00"}) {
    EXPECT_EQ(parse_instant(text), std::nullopt) << text;
  }
}

TEST(Bounds, AreExactBetweenMicroseconds) {
  Instant at{5, false}, after{5, true};

  EXPECT_EQ(lower_bound(at), 5);
  EXPECT_EQ(upper_bound(at), 5);
  EXPECT_EQ(lower_bound(after), 6);
  EXPECT_EQ(upper_bound(after), 5);
}

TEST(OccurredBetween, IsOpenWhereNothingIsSaid) {
  EXPECT_EQ(occurred_between(std::nullopt, std::nullopt), query::all());
  EXPECT_EQ(occurred_between(Instant{1, false}, std::nullopt),
            query::range(event::Field::OccurredAt, 1, std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(occurred_between(std::nullopt, Instant{9, true}),
            query::range(event::Field::OccurredAt, std::numeric_limits<std::int64_t>::min(), 9));
}

TEST(MicrosOf, AgreesWithBaseWhereBothKnowTheYear) {
  for (std::int64_t day = 0; day < 20'000; day += 13) {
    base::Timestamp time{day * kMicrosPerDay + 3'723'000'004};
    EXPECT_EQ(micros_of(base::to_civil(time), 0), time.micros);
    EXPECT_EQ(micros_of(base::to_civil(time), 3'600), time.micros - 3'600'000'000);
  }
}

}  // namespace
}  // namespace piperoll::dialect
