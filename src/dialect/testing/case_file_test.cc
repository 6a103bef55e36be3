#include "dialect/testing/case_file.h"

#include <gtest/gtest.h>

namespace piperoll::dialect::testing {
namespace {

constexpr std::string_view kFile =
    "# what this shows\n"
    "\n"
    "=== one\n"
    "--- request\n"
    "POST /a?b=c HTTP/1.1\n"
    "X-One:  1 \n"
    "\n"
    "{\"a\":\n"
    "1}\n"
    "--- call\n"
    "credential none\n"
    "--- response\n"
    "200\n"
    "\n"
    "{}\n"
    "\n"
    "=== two\n"
    "--- request\n"
    "GET / HTTP/1.1\n"
    "--- response\n"
    "404\n";

TEST(CaseFile, IsReadSectionBySection) {
  CaseFile file = parse_case_file(kFile);

  ASSERT_EQ(file.cases.size(), 2U);
  EXPECT_EQ(file.comment, "# what this shows");
  EXPECT_EQ(file.cases[0].title, "one");
  EXPECT_EQ(file.cases[0].call, "credential none");
  EXPECT_EQ(file.cases[0].response, "200\n\n{}");
  EXPECT_EQ(file.cases[1].response, "404");
  EXPECT_EQ(parse_case_file(print_case_file(file)).cases[0].request, file.cases[0].request);
}

TEST(CaseFile, HoldsRequestsAsHttpHasThem) {
  CaseFile file = parse_case_file(kFile);

  wire::Request request = parse_request(file.cases[0].request);

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.header("x-one"), "1");
  EXPECT_EQ(request.body, "{\"a\":\n1}");
}

}  // namespace
}  // namespace piperoll::dialect::testing
