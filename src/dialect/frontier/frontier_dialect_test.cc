#include "dialect/frontier/frontier_dialect.h"

#include <gtest/gtest.h>

#include "dialect/testing/case_file.h"
#include "dialect/testing/run_cases.h"

namespace piperoll::dialect::frontier {
namespace {

TEST(Frontier, AnswersAsRecorded) {
  testing::expect_cases(*make_frontier_dialect(),
                        PIPEROLL_SOURCE_DIR "/src/dialect/frontier/testdata");
}

TEST(Frontier, OwnsEverythingBelowItsPrefix) {
  auto dialect = make_frontier_dialect();

  EXPECT_TRUE(dialect->owns("/v1beta1"));
  EXPECT_TRUE(dialect->owns("/v1beta1/organizations/x/auditlogs"));
  EXPECT_TRUE(dialect->owns("/v1beta1/admin"));
  EXPECT_FALSE(dialect->owns("/v1beta10"));
  EXPECT_FALSE(dialect->owns("/v1/events"));
  EXPECT_EQ(dialect->routes().size(), 3U);
}

TEST(Frontier, WordsFailuresOfTheServer) {
  struct Case {
    base::Error error;
    int status;
    std::string_view body;
  };
  using base::ErrorKind;
  const Case cases[] = {
      {{.kind = ErrorKind::TooLarge, .message = "body over 16 MiB"},
       413,
       R"({"code":8,"message":"body over 16 MiB","details":[]})"},
      {{.kind = ErrorKind::InvalidArgument, .message = "no br", .code = "unsupported_coding"},
       415,
       R"({"code":3,"message":"no br","details":[]})"},
      {{.kind = ErrorKind::InvalidArgument, .message = "broken gzip"},
       400,
       R"({"code":3,"message":"broken gzip","details":[]})"},
      {{.kind = ErrorKind::ResourceExhausted, .message = "busy", .code = "busy"},
       429,
       R"({"code":8,"message":"busy","details":[]})"},
      {{.kind = ErrorKind::Unavailable, .message = "no space", .code = "no_space"},
       503,
       R"({"code":14,"message":"no space","details":[]})"},
      {{.kind = ErrorKind::Corruption, .message = "row 7 is damaged"},
       500,
       R"({"code":13,"message":"internal server error","details":[]})"},
  };
  wire::Request request;
  for (const Case& c : cases) {
    wire::Response response = make_frontier_dialect()->encode_error(request, c.error);
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(response.body, c.body);
    bool has_retry_after = response.headers.back().first == "Retry-After";
    EXPECT_EQ(has_retry_after, c.status == 429 || c.status == 503) << c.status;
  }
}

}  // namespace
}  // namespace piperoll::dialect::frontier
