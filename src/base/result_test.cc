#include "base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {

Error an_error() {
  return {.kind = ErrorKind::NotFound, .message = "no such thing", .code = "missing"};
}

Result<int> half(int value) {
  if (value % 2 != 0) {
    return Error{.kind = ErrorKind::InvalidArgument, .message = "odd"};
  }
  return value / 2;
}

Result<int> quarter(int value) {
  ASSIGN_OR_RETURN(int first, half(value));
  ASSIGN_OR_RETURN(auto second, half(first));
  return second;
}

Result<void> must_be_even(int value) {
  RETURN_IF_ERROR(half(value));
  return {};
}

Result<std::unique_ptr<int>> boxed(int value) {
  ASSIGN_OR_RETURN(int halved, half(value));
  return std::make_unique<int>(halved);
}

TEST(Result, HoldsAValueOrAnError) {
  Result<int> good = 4;
  Result<int> bad = an_error();
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(*good, 4);
  EXPECT_EQ(good.value(), 4);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), an_error());
}

TEST(Result, PassesErrorsOn) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(7).error().message, "odd");
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_TRUE(must_be_even(2));
  EXPECT_EQ(must_be_even(3).error().kind, ErrorKind::InvalidArgument);
}

TEST(Result, MovesValuesThatCannotBeCopied) {
  auto made = boxed(10);
  ASSERT_TRUE(made);
  std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 5);
}

TEST(Result, ReachesIntoItsValue) {
  Result<std::string> text = std::string("abc");
  EXPECT_EQ(text->size(), 3U);
  text->push_back('d');
  EXPECT_EQ(*text, "abcd");
}

TEST(ResultDeathTest, ChecksBeforeItReads) {
  Result<int> good = 1;
  Result<int> bad = an_error();
  EXPECT_DEATH(static_cast<void>(bad.value()), "result.h:[0-9]+: check failed: has_value");
  EXPECT_DEATH(static_cast<void>(*bad), "check failed");
  EXPECT_DEATH(static_cast<void>(good.error()), "check failed: !has_value");
  EXPECT_DEATH(static_cast<void>(Result<void>().error()), "check failed: !has_value");
}

TEST(Error, TakesContext) {
  Error error = an_error().with_context("event 7 of 20");
  EXPECT_EQ(error.message, "event 7 of 20: no such thing");
  EXPECT_EQ(error.kind, ErrorKind::NotFound);
  EXPECT_EQ(error.code, "missing");
}

TEST(ErrorKind, HasANameForEach) {
  EXPECT_STREQ(to_string(ErrorKind::InvalidArgument), "invalid_argument");
  EXPECT_STREQ(to_string(ErrorKind::Unauthenticated), "unauthenticated");
  EXPECT_STREQ(to_string(ErrorKind::Forbidden), "forbidden");
  EXPECT_STREQ(to_string(ErrorKind::NotFound), "not_found");
  EXPECT_STREQ(to_string(ErrorKind::Conflict), "conflict");
  EXPECT_STREQ(to_string(ErrorKind::TooLarge), "too_large");
  EXPECT_STREQ(to_string(ErrorKind::ResourceExhausted), "resource_exhausted");
  EXPECT_STREQ(to_string(ErrorKind::Unavailable), "unavailable");
  EXPECT_STREQ(to_string(ErrorKind::Corruption), "corruption");
  EXPECT_STREQ(to_string(ErrorKind::Indeterminate), "indeterminate");
  EXPECT_STREQ(to_string(ErrorKind::Internal), "internal");
}

}  // namespace
}  // namespace piperoll::base
