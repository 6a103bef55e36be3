#include "base/timestamp.h"

#include <ctime>
#include <iomanip>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/clock.h"

namespace piperoll::base {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

std::string shown(std::string_view text) {
  auto time = parse_rfc3339(text);
  return time ? format_rfc3339(*time) : "refused";
}

int days_of_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// Counts the calendar day by day from its rules alone.
TEST(Timestamp, CountsEveryDayFrom1970To9999) {
  std::int64_t days = 0;
  for (int year = 1970; year <= 9999; ++year) {
    for (int month = 1; month <= 12; ++month) {
      ASSERT_FALSE(is_valid_date(year, month, 0));
      ASSERT_FALSE(is_valid_date(year, month, days_of_month(year, month) + 1));
      for (int day = 1; day <= days_of_month(year, month); ++day, ++days) {
        Timestamp midnight{days * kMicrosPerDay};
        ASSERT_EQ(from_civil({.year = year, .month = month, .day = day}), midnight);
        CivilTime last = to_civil({midnight.micros + kMicrosPerDay - 1});
        ASSERT_TRUE(last.year == year && last.month == month && last.day == day);
        ASSERT_TRUE(is_valid_date(year, month, day));
      }
    }
  }
  EXPECT_EQ(days * kMicrosPerDay - 1, kTimestampMax.micros);
}

TEST(Timestamp, ReadsBackDaysOfEveryMonthAsText) {
  for (std::int64_t day = 0; day * kMicrosPerDay <= kTimestampMax.micros; day += 13) {
    Timestamp time{day * kMicrosPerDay + day % kMicrosPerDay};
    std::string text = format_rfc3339(time);
    ASSERT_EQ(text.size(), 27U);
    ASSERT_EQ(*parse_rfc3339(text), time) << text;
  }
}

TEST(Timestamp, HandlesTimesBefore1970) {
  CivilTime civil = to_civil({-1});
  EXPECT_EQ(civil.year, 1969);
  EXPECT_EQ(civil.second, 59);
  EXPECT_EQ(civil.micros, 999'999);
  EXPECT_EQ(from_civil(civil).micros, -1);
}

TEST(IsValidDate, KnowsLeapYears) {
  EXPECT_TRUE(is_valid_date(2000, 2, 29));
  EXPECT_TRUE(is_valid_date(2024, 2, 29));
  EXPECT_FALSE(is_valid_date(2023, 2, 29));
  EXPECT_FALSE(is_valid_date(2100, 2, 29));
  EXPECT_FALSE(is_valid_date(2024, 13, 1));
  EXPECT_FALSE(is_valid_date(2024, 0, 1));
  EXPECT_FALSE(is_valid_date(2024, -1, 1));
  EXPECT_FALSE(is_valid_date(2024, 1, -1));
  EXPECT_FALSE(is_valid_date(2024, 257, 1));
  EXPECT_FALSE(is_valid_date(2024, 1, 257));
  EXPECT_FALSE(is_valid_date(100'000, 1, 1));
}

TEST(ParseRfc3339, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ(shown("1985-04-12T23:20:50.52Z"), "1985-04-12T23:20:50.520000Z");
  EXPECT_EQ(shown("1996-12-19T16:39:57-08:00"), "1996-12-20T00:39:57.000000Z");
  EXPECT_EQ(shown("1990-12-31T23:59:60Z"), "1990-12-31T23:59:59.999999Z");
  EXPECT_EQ(shown("1990-12-31T15:59:60-08:00"), "1990-12-31T23:59:59.999999Z");
  EXPECT_EQ(shown("2037-01-01T12:00:27.87+00:20"), "2037-01-01T11:40:27.870000Z");
}

TEST(ParseRfc3339, TakesTheLooserSpellings) {
  EXPECT_EQ(shown("2026-01-02t03:04:05z"), "2026-01-02T03:04:05.000000Z");
  EXPECT_EQ(shown("2026-01-02 03:04:05Z"), "2026-01-02T03:04:05.000000Z");
  EXPECT_EQ(shown("2026-01-02T03:04:05-00:00"), "2026-01-02T03:04:05.000000Z");
}

TEST(ParseRfc3339, CutsTheFractionToMicroseconds) {
  EXPECT_EQ(shown("2026-01-02T03:04:05.1Z"), "2026-01-02T03:04:05.100000Z");
  EXPECT_EQ(shown("2026-01-02T03:04:05.000001Z"), "2026-01-02T03:04:05.000001Z");
  EXPECT_EQ(shown("2026-01-02T03:04:05.999999999Z"), "2026-01-02T03:04:05.999999Z");
  EXPECT_EQ(shown("2026-01-02T03:04:05." + std::string(1000, '9') + "+01:00"),
            "2026-01-02T02:04:05.999999Z");
  EXPECT_EQ(shown("1990-12-31T23:59:60.25Z"), "1990-12-31T23:59:59.999999Z");
}

TEST(ParseRfc3339, RefusesWhatIsNotADateTime) {
  for (std::string_view text : {"",
                                "2026",
                                "2026-01-02",
                                "2026-01-02T03:04:05",
                                "2026-01-02T03:04Z",
                                "2026-01-02T03:04:05.Z",
                                "2026-01-02T03:04:05,5Z",
                                "2026-01-02T03:04:05.5",
                                "2026-01-02T03:04:05 Z",
                                "2026-01-02T03:04:05Z ",
                                " 2026-01-02T03:04:05Z",
                                "2026-01-02T03:04:05+0100",
                                "2026-01-02T03:04:05+01",
                                "2026-01-02T03:04:05+1:00",
                                "2026-01-02T03:04:05+01:0",
                                "2026-01-02T03:04:05+01-00",
                                "2026-01-02T03:04:05*01:00",
                                "2026-01-02T03:04:05ZZ",
                                "2026-1-02T03:04:05Z",
                                "2026/01/02T03:04:05Z",
                                "2026-01-02_03:04:05Z",
                                "20260102T030405Z",
                                "2026-01-02T03.04.05Z",
                                "+2026-01-02T03:04:05Z",
                                "02026-01-02T03:04:05Z",
                                "2026-01-02T03:04:0aZ",
                                "2026-01-0/T03:04:05Z",
                                "2026-01-0:T03:04:05Z",
                                "\xff\xff\xff\xff-01-02T03:04:05Z",
                                "2026-01-02T03:04:05.-1Z",
                                "2026-01-02T03:04:05\u2212"
                                "01:00"}) {
    EXPECT_EQ(shown(text), "refused") << text;
  }
  EXPECT_EQ(shown(std::string_view("2026-01-02T03:04:05Z\0", 21)), "refused");
  EXPECT_EQ(parse_rfc3339("x").error().kind, ErrorKind::InvalidArgument);
}

TEST(ParseRfc3339, RefusesDaysAndTimesThatAreNot) {
  for (std::string_view text :
       {"2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T12:59:60Z",
        "2026-01-01T23:58:60Z", "2026-01-01T23:59:60+01:00", "2026-01-01T00:00:60Z"}) {
    EXPECT_EQ(shown(text), "refused") << text;
  }
}

TEST(ParseRfc3339, KeepsToItsRangeAfterTheOffset) {
  EXPECT_EQ(shown("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(shown("1969-12-31T23:59:59.999999Z"), "refused");
  EXPECT_EQ(shown("1970-01-01T00:59:59+01:00"), "refused");
  EXPECT_EQ(shown("1970-01-01T01:00:00+01:00"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(shown("1969-12-31T23:00:00-01:00"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(shown("9999-12-31T23:59:59.999999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(shown("9999-12-31T23:59:59-00:01"), "refused");
  EXPECT_EQ(shown("9999-12-31T23:59:60Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(shown("0000-01-01T00:00:00Z"), "refused");
}

TEST(FormatRfc3339, HasAFormForEachReader) {
  auto at = [](int micros) {
    return Timestamp{from_civil({.year = 2026, .month = 1, .day = 2, .hour = 3, .micros = micros})};
  };
  EXPECT_EQ(format_rfc3339(at(0)), "2026-01-02T03:00:00.000000Z");
  EXPECT_EQ(format_rfc3339_trimmed(at(0)), "2026-01-02T03:00:00Z");
  EXPECT_EQ(format_rfc3339_trimmed(at(120'000)), "2026-01-02T03:00:00.12Z");
  EXPECT_EQ(format_rfc3339_trimmed(at(100'001)), "2026-01-02T03:00:00.100001Z");
  EXPECT_EQ(format_rfc3339_trimmed(at(10)), "2026-01-02T03:00:00.00001Z");
  EXPECT_EQ(format_rfc3339_grouped(at(0)), "2026-01-02T03:00:00Z");
  EXPECT_EQ(format_rfc3339_grouped(at(120'000)), "2026-01-02T03:00:00.120Z");
  EXPECT_EQ(format_rfc3339_grouped(at(120'010)), "2026-01-02T03:00:00.120010Z");
  EXPECT_EQ(format_rfc3339_millis(at(0)), "2026-01-02T03:00:00.000Z");
  EXPECT_EQ(format_rfc3339_millis(at(999'999)), "2026-01-02T03:00:00.999Z");
  std::string out = "at ";
  append_rfc3339(out, at(7));
  EXPECT_EQ(out, "at 2026-01-02T03:00:00.000007Z");
}

rc::Gen<Timestamp> any_time() {
  return rc::gen::map(
      rc::gen::inRange<std::int64_t>(kTimestampMin.micros, kTimestampMax.micros + 1),
      [](std::int64_t micros) { return Timestamp{micros}; });
}

RC_GTEST_PROP(TimestampProperty, AgreesWithTheCLibrary, ()) {
  Timestamp time = *any_time();
  std::time_t seconds = time.micros / kMicrosPerSecond;
  std::tm broken_down{};
  gmtime_r(&seconds, &broken_down);
  std::ostringstream expected;
  expected << std::put_time(&broken_down, "%Y-%m-%dT%H:%M:%S.") << std::setw(6) << std::setfill('0')
           << time.micros % kMicrosPerSecond << "Z";
  RC_ASSERT(format_rfc3339(time) == expected.str());

  std::string room(kRfc3339Chars, '?');
  RC_ASSERT(write_rfc3339(room.data(), time) == room.data() + room.size());
  RC_ASSERT(room == expected.str());
}

RC_GTEST_PROP(TimestampProperty, ReadsBackEveryForm, ()) {
  Timestamp time = *any_time();
  auto floor_to = [&](std::int64_t step) { return Timestamp{time.micros - time.micros % step}; };
  RC_ASSERT(*parse_rfc3339(format_rfc3339(time)) == time);
  RC_ASSERT(*parse_rfc3339(format_rfc3339_trimmed(time)) == time);
  RC_ASSERT(*parse_rfc3339(format_rfc3339_grouped(time)) == time);
  RC_ASSERT(*parse_rfc3339(format_rfc3339_millis(time)) == floor_to(1000));
}

RC_GTEST_PROP(TimestampProperty, ShiftsByTheOffset, ()) {
  Timestamp time = *any_time();
  auto minutes = *rc::gen::inRange(-1439, 1440);
  Timestamp local{time.micros + minutes * 60 * kMicrosPerSecond};
  RC_PRE(local >= kTimestampMin && local <= kTimestampMax);
  char offset[24];
  int size = minutes < 0 ? -minutes : minutes;
  std::snprintf(offset, sizeof offset, "%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60,
                size % 60);
  std::string text = format_rfc3339(local);
  text.replace(text.size() - 1, 1, offset);
  RC_ASSERT(*parse_rfc3339(text) == time);
}

// Any one byte changed: accepted only where the result is still a date-time, and then exactly that.
RC_GTEST_PROP(TimestampProperty, SurvivesAnyByte, ()) {
  std::string text = format_rfc3339(*any_time());
  auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::arbitrary<char>();
  auto parsed = parse_rfc3339(text);
  if (parsed) {
    text[10] = 'T';
    text[26] = 'Z';
    std::string back = format_rfc3339(*parsed);
    RC_ASSERT(back == text || text.substr(17, 2) == "60");
  }
}

TEST(FakeClock, MovesWhenTold) {
  FakeClock clock(Timestamp{1000});
  clock.advance(5);
  clock.jump(-100);
  EXPECT_EQ(clock.now().micros, 905);
  EXPECT_EQ(clock.monotonic_micros(), 5);
}

TEST(SystemClock, IsWithinTheRange) {
  SystemClock clock;
  EXPECT_GT(clock.now(), from_civil({.year = 2024, .month = 1, .day = 1}));
  EXPECT_LT(clock.now(), kTimestampMax);
  std::int64_t first = clock.monotonic_micros();
  EXPECT_LE(first, clock.monotonic_micros());
}

}  // namespace
}  // namespace piperoll::base
