#include "wire/message.h"

#include <gtest/gtest.h>

namespace piperoll::wire {
namespace {

Request request_with(std::string_view target, std::vector<HeaderView> headers = {}) {
  Request request;
  request.method = "GET";
  request.target = target;
  request.headers = std::move(headers);
  return request;
}

TEST(Request, FindsTheFirstHeaderWhateverItsCase) {
  Request request = request_with("/", {{"Accept", "a"}, {"X-One", "1"}, {"x-one", "2"}});

  EXPECT_EQ(request.header("x-ONE"), "1");
  EXPECT_EQ(request.header("accept"), "a");
  EXPECT_EQ(request.header("X-On"), std::nullopt);
  EXPECT_EQ(request.header(""), std::nullopt);
}

TEST(Request, SplitsTheTargetAtTheFirstQuestionMark) {
  struct Case {
    std::string_view target, path, query;
  };
  const Case cases[] = {
      {"/a/b?x=1&y=?z", "/a/b", "x=1&y=?z"},
      {"/a", "/a", ""},
      {"/a?", "/a", ""},
      {"?q", "", "q"},
      {"", "", ""},
      {"/a%3Fb?c", "/a%3Fb", "c"},
  };
  for (const Case& c : cases) {
    Request request = request_with(c.target);
    EXPECT_EQ(request.path(), c.path) << c.target;
    EXPECT_EQ(request.query(), c.query) << c.target;
  }
}

TEST(Request, FindsCookiesOverAllHeaders) {
  Request request = request_with("/", {{"Cookie", "a=1; b=two;c = three ; flag; d="},
                                       {"cookie", "a=second; e=\"quoted\"; f=x=y"},
                                       {"X-Cookie", "g=no"}});

  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("b"), "two");
  EXPECT_EQ(request.cookie("c"), "three");
  EXPECT_EQ(request.cookie("d"), "");
  EXPECT_EQ(request.cookie("e"), "quoted");
  EXPECT_EQ(request.cookie("f"), "x=y");
  EXPECT_EQ(request.cookie("flag"), std::nullopt);
  EXPECT_EQ(request.cookie("g"), std::nullopt);
  EXPECT_EQ(request.cookie("A"), std::nullopt) << "names of cookies are case-sensitive";
}

TEST(Request, LeavesALoneQuoteInACookie) {
  Request request = request_with("/", {{"Cookie", "a=\"; b=\"x; c=\"\""}});

  EXPECT_EQ(request.cookie("a"), "\"");
  EXPECT_EQ(request.cookie("b"), "\"x");
  EXPECT_EQ(request.cookie("c"), "");
}

TEST(Response, CarriesStatusTypeAndBody) {
  Response response = make_response(201, "application/json", "{}");
  response.set("Location", "/x");

  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "{}");
  ASSERT_EQ(response.headers.size(), 2U);
  EXPECT_EQ(response.headers[0],
            (std::pair<std::string, std::string>("Content-Type", "application/json")));
  EXPECT_EQ(response.headers[1], (std::pair<std::string, std::string>("Location", "/x")));
  EXPECT_EQ(text_response(404, "no").headers[0].second, "text/plain; charset=utf-8");
}

TEST(ReasonPhrase, KnowsTheCodesWeAnswerWith) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(422), "Unprocessable Content");
  EXPECT_EQ(reason_phrase(429), "Too Many Requests");
  EXPECT_EQ(reason_phrase(503), "Service Unavailable");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(99), "Unknown");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(reason_phrase(600), "Unknown");
}

TEST(HeaderNameEqual, IgnoresTheCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(header_name_equal("Content-Type", "content-TYPE"));
  EXPECT_TRUE(header_name_equal("", ""));
  EXPECT_FALSE(header_name_equal("Content-Type", "Content-Typ"));
  EXPECT_FALSE(header_name_equal("a@", "a`")) << "differ only in bit 0x20, but are no letters";
}

}  // namespace
}  // namespace piperoll::wire
