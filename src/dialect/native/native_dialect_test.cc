#include "dialect/native/native_dialect.h"

#include <gtest/gtest.h>

#include "dialect/native/admin.h"
#include "dialect/native/csv.h"
#include "dialect/testing/run_cases.h"

namespace piperoll::dialect::native {
namespace {

TEST(Native, AnswersAsRecorded) {
  testing::expect_cases(*make_native_dialect(), PIPEROLL_SOURCE_DIR "/src/dialect/native/testdata");
}

TEST(Native, OwnsEverythingBelowItsPrefix) {
  auto dialect = make_native_dialect();

  EXPECT_TRUE(dialect->owns("/v1"));
  EXPECT_TRUE(dialect->owns("/v1/events/x"));
  EXPECT_FALSE(dialect->owns("/v1beta1/organizations"));
  EXPECT_FALSE(dialect->owns("/api/v2/audit"));
}

TEST(Native, ExpiryIsADurationOrATime) {
  const base::Timestamp now{1'000'000'000};

  EXPECT_EQ(parse_expiry("30s", now)->micros, now.micros + 30'000'000);
  EXPECT_EQ(parse_expiry("15m", now)->micros, now.micros + 900'000'000);
  EXPECT_EQ(parse_expiry("12h", now)->micros, now.micros + 43'200'000'000);
  EXPECT_EQ(parse_expiry("90d", now)->micros, now.micros + 7'776'000'000'000);
  EXPECT_EQ(parse_expiry("2026-01-02T00:00:00Z", now)->micros, 1'767'312'000'000'000);
  for (const char* bad : {"", "s", "0s", "-1d", "1w", "1.5h", "90 d", "99999999999d"}) {
    EXPECT_FALSE(parse_expiry(bad, now)) << bad;
  }
}

TEST(Csv, CellsAreQuotedAndNeverFormulas) {
  auto cell = [](std::string_view text) {
    std::string out;
    append_csv_cell(out, text);
    return out;
  };
  EXPECT_EQ(cell(""), "");
  EXPECT_EQ(cell("plain"), "plain");
  EXPECT_EQ(cell("a,b"), "\"a,b\"");
  EXPECT_EQ(cell("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(cell("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(cell("=1+1"), "'=1+1");
  EXPECT_EQ(cell("+1"), "'+1");
  EXPECT_EQ(cell("-1"), "'-1");
  EXPECT_EQ(cell("@x"), "'@x");
  EXPECT_EQ(cell("\tx"), "'\tx");
  EXPECT_EQ(cell("=a,b"), "\"'=a,b\"");
}

}  // namespace
}  // namespace piperoll::dialect::native
