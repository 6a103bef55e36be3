#include "dialect/bloodhound/bloodhound_dialect.h"

#include <gtest/gtest.h>

#include "dialect/testing/run_cases.h"

namespace piperoll::dialect::bloodhound {
namespace {

TEST(Bloodhound, AnswersAsRecorded) {
  testing::expect_cases(*make_bloodhound_dialect(),
                        PIPEROLL_SOURCE_DIR "/src/dialect/bloodhound/testdata");
}

TEST(Bloodhound, OwnsEverythingBelowItsPrefix) {
  auto dialect = make_bloodhound_dialect();

  EXPECT_TRUE(dialect->owns("/api/v2"));
  EXPECT_TRUE(dialect->owns("/api/v2/audit"));
  EXPECT_TRUE(dialect->owns("/api/v2/users"));
  EXPECT_FALSE(dialect->owns("/api/v20"));
  EXPECT_FALSE(dialect->owns("/api/audit-trail/records"));
}

TEST(Bloodhound, StampsFailuresOfTheServer) {
  base::FakeClock clock(base::Timestamp{1'767'323'045'500'000});
  auto dialect = make_bloodhound_dialect(clock);
  wire::Request request;
  request.request_id = "req-1";

  wire::Response response = dialect->encode_error(
      request, {.kind = base::ErrorKind::ResourceExhausted, .message = "slow <down>"});

  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body,
            R"({"http_status":429,"timestamp":"2026-01-02T03:04:05.5Z","request_id":"req-1",)"
            R"("errors":[{"context":"","message":"slow \u003cdown\u003e"}]})");
  EXPECT_EQ(response.headers.back().first, "Retry-After");
}

TEST(Bloodhound, KnowsTheStatusOfEveryFailure) {
  using base::ErrorKind;
  struct Case {
    ErrorKind kind;
    std::string code;
    int status;
  };
  const Case cases[] = {
      {ErrorKind::TooLarge, "", 413},
      {ErrorKind::InvalidArgument, "unsupported_coding", 415},
      {ErrorKind::InvalidArgument, "", 400},
      {ErrorKind::Unavailable, "shutting_down", 503},
      {ErrorKind::Internal, "", 500},
      {ErrorKind::ResourceExhausted, "timeout", 500},
  };
  for (const Case& c : cases) {
    wire::Response response = make_bloodhound_dialect()->encode_error(
        {}, {.kind = c.kind, .message = "m", .code = c.code});
    EXPECT_EQ(response.status, c.status) << c.code;
  }
}

}  // namespace
}  // namespace piperoll::dialect::bloodhound
