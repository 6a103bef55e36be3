#include "dialect/runai/runai_dialect.h"

#include <gtest/gtest.h>

#include "dialect/testing/run_cases.h"

namespace piperoll::dialect::runai {
namespace {

TEST(Runai, AnswersAsRecorded) {
  testing::expect_cases(*make_runai_dialect(), PIPEROLL_SOURCE_DIR "/src/dialect/runai/testdata");
}

TEST(Runai, OwnsEverythingBelowItsPrefix) {
  auto dialect = make_runai_dialect();

  EXPECT_TRUE(dialect->owns("/v1/k8s"));
  EXPECT_TRUE(dialect->owns("/v1/k8s/audit"));
  EXPECT_TRUE(dialect->owns("/v1/k8s/clusters"));
  EXPECT_FALSE(dialect->owns("/v1/k8sx"));
  EXPECT_FALSE(dialect->owns("/v1/events"));
}

TEST(Runai, WordsFailuresOfTheServer) {
  using base::ErrorKind;
  struct Case {
    base::Error error;
    std::string_view body;
    bool retry_after;
  };
  const Case cases[] = {
      {{.kind = ErrorKind::TooLarge, .message = "body over 16 MiB"},
       R"({"code":413,"message":"Request is too large.","details":"body over 16 MiB"})",
       false},
      {{.kind = ErrorKind::InvalidArgument, .message = "no br", .code = "unsupported_coding"},
       R"({"code":415,"message":"Unsupported media type.","details":"no br"})",
       false},
      {{.kind = ErrorKind::ResourceExhausted, .message = "busy", .code = "busy"},
       R"({"code":429,"message":"Too many requests.","details":"busy"})",
       true},
      {{.kind = ErrorKind::Unavailable, .message = "no space", .code = "no_space"},
       R"({"code":503,"message":"Please try again in few minutes.","details":"no space"})",
       true},
      {{.kind = ErrorKind::Internal, .message = "secret"},
       R"({"code":500,"message":"Something went wrong."})",
       false},
  };
  for (const Case& c : cases) {
    wire::Response response = make_runai_dialect()->encode_error({}, c.error);
    EXPECT_EQ(response.body, c.body);
    EXPECT_EQ(response.headers.back().first == "Retry-After", c.retry_after) << response.status;
  }
}

}  // namespace
}  // namespace piperoll::dialect::runai
