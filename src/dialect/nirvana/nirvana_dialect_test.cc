#include "dialect/nirvana/nirvana_dialect.h"

#include <gtest/gtest.h>

#include "dialect/testing/case_file.h"
#include "dialect/testing/run_cases.h"

namespace piperoll::dialect::nirvana {
namespace {

TEST(Nirvana, AnswersAsRecorded) {
  testing::expect_cases(*make_nirvana_dialect(),
                        PIPEROLL_SOURCE_DIR "/src/dialect/nirvana/testdata");
}

TEST(Nirvana, OwnsEverythingBelowItsPrefix) {
  auto dialect = make_nirvana_dialect();

  EXPECT_TRUE(dialect->owns("/v1/audit_logs"));
  EXPECT_TRUE(dialect->owns("/v1/audit_logs/x"));
  EXPECT_FALSE(dialect->owns("/v1/audit_logs_x"));
  EXPECT_FALSE(dialect->owns("/v1/events"));
}

TEST(Nirvana, TellsItsClientWhereARetryIsUseless) {
  using base::ErrorKind;
  struct Case {
    base::Error error;
    int status;
    bool retry;
  };
  const Case cases[] = {
      {{.kind = ErrorKind::InvalidArgument, .message = "m"}, 400, false},
      {{.kind = ErrorKind::TooLarge, .message = "m"}, 413, false},
      {{.kind = ErrorKind::InvalidArgument, .message = "m", .code = "unsupported_coding"},
       415,
       false},
      {{.kind = ErrorKind::ResourceExhausted, .message = "m", .code = "busy"}, 429, true},
      {{.kind = ErrorKind::Unavailable, .message = "m"}, 503, true},
      {{.kind = ErrorKind::Internal, .message = "m"}, 500, true},
  };
  wire::Request request;
  for (const Case& c : cases) {
    wire::Response response = make_nirvana_dialect()->encode_error(request, c.error);
    bool retry = true;
    for (const auto& [name, value] : response.headers) {
      retry = retry && name != "x-should-retry";
    }

    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(response.body, R"({"message":"m"})");
    EXPECT_EQ(retry, c.retry) << c.status;
  }
}

}  // namespace
}  // namespace piperoll::dialect::nirvana
