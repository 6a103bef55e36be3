#include "http/refusal.h"

#include <gtest/gtest.h>

#include "http/handler.h"

namespace piperoll::http {
namespace {

TEST(Refusal, HasTheStatusOfItsCode) {
  EXPECT_EQ(refusal_status(malformed_request("x")), 400);
  EXPECT_EQ(refusal_status(request_ended_early()), 400);
  EXPECT_EQ(refusal_status(broken_compression({})), 400);
  EXPECT_EQ(refusal_status(request_timeout("x")), 408);
  EXPECT_EQ(refusal_status(body_too_large(1)), 413);
  EXPECT_EQ(refusal_status(unknown_content_coding()), 415);
  EXPECT_EQ(refusal_status(expectation_failed()), 417);
  EXPECT_EQ(refusal_status(header_too_large("x")), 431);
  EXPECT_EQ(refusal_status(internal_failure()), 500);
  EXPECT_EQ(refusal_status(no_answer()), 500);
  EXPECT_EQ(refusal_status(transfer_coding_unsupported()), 501);
  EXPECT_EQ(refusal_status(overloaded()), 503);
  EXPECT_EQ(refusal_status(too_many_connections()), 503);
  EXPECT_EQ(refusal_status(handler_timeout()), 503);
  EXPECT_EQ(refusal_status(http_version_unsupported("x")), 505);
  EXPECT_EQ(refusal_status({.message = "of nobody", .code = "else"}), 500);
}

TEST(Refusal, IsAProblemDocument) {
  wire::Response response = refusal_response(malformed_request("a \"b\" \x01\xff"), "id-1");

  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.at(0),
            (std::pair<std::string, std::string>{"Content-Type", "application/problem+json"}));
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Bad Request","status":400,)"
                           R"("detail":"the request is not valid HTTP/1.1: a \"b\" \u0001\u00ff",)"
                           R"("code":"malformed_request","errors":[],"request_id":"id-1"})");
}

TEST(Refusal, NeverShowsItsDetail) {
  wire::Response response =
      refusal_response(broken_compression({.message = "inflate: bad block"}), "id");

  EXPECT_EQ(response.body.find("inflate"), std::string::npos);
}

TEST(Refusal, SaysWhatWouldHelp) {
  auto header = [](const wire::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) {
        return value;
      }
    }
    return std::string();
  };

  EXPECT_EQ(header(refusal_response(overloaded(), "id"), "Retry-After"), "1");
  EXPECT_EQ(header(refusal_response(unknown_content_coding(), "id"), "Accept-Encoding"),
            "gzip, zstd");
}

}  // namespace
}  // namespace piperoll::http
