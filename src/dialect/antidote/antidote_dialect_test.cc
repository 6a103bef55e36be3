#include "dialect/antidote/antidote_dialect.h"

#include <gtest/gtest.h>

#include "dialect/testing/case_file.h"
#include "dialect/testing/run_cases.h"

namespace piperoll::dialect::antidote {
namespace {

TEST(Antidote, AnswersAsRecorded) {
  testing::expect_cases(*make_antidote_dialect(),
                        PIPEROLL_SOURCE_DIR "/src/dialect/antidote/testdata");
}

TEST(Antidote, OwnsEverythingBelowItsPrefix) {
  auto dialect = make_antidote_dialect();

  EXPECT_TRUE(dialect->owns("/api/audit-trail"));
  EXPECT_TRUE(dialect->owns("/api/audit-trail/records/x"));
  EXPECT_FALSE(dialect->owns("/api/audit-trails"));
  EXPECT_FALSE(dialect->owns("/api/v2/audit"));
}

TEST(Antidote, WordsFailuresOfTheServer) {
  struct Case {
    base::Error error;
    int status;
    std::string_view code;
  };
  using base::ErrorKind;
  const Case cases[] = {
      {{.kind = ErrorKind::TooLarge, .message = "m"}, 413, "PAYLOAD_TOO_LARGE"},
      {{.kind = ErrorKind::InvalidArgument, .message = "m", .code = "unsupported_coding"},
       415,
       "UNSUPPORTED_MEDIA_TYPE"},
      {{.kind = ErrorKind::InvalidArgument, .message = "m"}, 400, "BAD_REQUEST"},
      {{.kind = ErrorKind::ResourceExhausted, .message = "m", .code = "busy"}, 429, "RATE_LIMITED"},
      {{.kind = ErrorKind::Unavailable, .message = "m"}, 503, "SERVICE_UNAVAILABLE"},
      {{.kind = ErrorKind::Internal, .message = "m"}, 500, "INTERNAL_ERROR"},
  };
  wire::Request request;
  for (const Case& c : cases) {
    wire::Response response = make_antidote_dialect()->encode_error(request, c.error);

    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(response.body,
              "{\"error\":{\"code\":\"" + std::string(c.code) + "\",\"message\":\"m\"}}");
  }
}

}  // namespace
}  // namespace piperoll::dialect::antidote
