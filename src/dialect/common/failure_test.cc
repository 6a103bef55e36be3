#include "dialect/common/failure.h"

#include <gtest/gtest.h>

namespace piperoll::dialect {
namespace {

using base::ErrorKind;

int status(ErrorKind kind, std::string code = "") {
  return http_status_of({.kind = kind, .message = "", .code = std::move(code)});
}

TEST(HttpStatus, FollowsTheKindOfTheError) {
  EXPECT_EQ(status(ErrorKind::InvalidArgument), 400);
  EXPECT_EQ(status(ErrorKind::InvalidArgument, "unsupported_coding"), 415);
  EXPECT_EQ(status(ErrorKind::InvalidArgument, "unsupported_media_type"), 415);
  EXPECT_EQ(status(ErrorKind::Unauthenticated), 401);
  EXPECT_EQ(status(ErrorKind::Forbidden), 403);
  EXPECT_EQ(status(ErrorKind::NotFound), 404);
  EXPECT_EQ(status(ErrorKind::Conflict), 409);
  EXPECT_EQ(status(ErrorKind::TooLarge), 413);
  EXPECT_EQ(status(ErrorKind::ResourceExhausted, "busy"), 429);
  EXPECT_EQ(status(ErrorKind::ResourceExhausted, "timeout"), 503);
  EXPECT_EQ(status(ErrorKind::Unavailable), 503);
  EXPECT_EQ(status(ErrorKind::Corruption), 500);
  EXPECT_EQ(status(ErrorKind::Indeterminate), 500);
  EXPECT_EQ(status(ErrorKind::Internal), 500);
}

TEST(RetryAfter, IsSaidWhereLaterMayWork) {
  for (int code : {200, 400, 429, 500, 503}) {
    wire::Response response;
    response.status = code;
    add_retry_after(response);
    EXPECT_EQ(response.headers.size(), code == 429 || code == 503 ? 1U : 0U) << code;
  }
}

TEST(FirstRejection, SkipsWhatWasAbortedForIt) {
  using Kind = operation::AppendResult::Kind;
  operation::Appended appended;
  appended.results.resize(3);
  appended.results[0].kind = Kind::Aborted;
  EXPECT_EQ(first_rejection(appended), nullptr);

  appended.results[2].kind = Kind::Rejected;
  appended.results[2].error = base::Error{.kind = ErrorKind::Conflict, .message = "taken"};
  ASSERT_NE(first_rejection(appended), nullptr);
  EXPECT_EQ(first_rejection(appended)->message, "taken");
}

}  // namespace
}  // namespace piperoll::dialect
