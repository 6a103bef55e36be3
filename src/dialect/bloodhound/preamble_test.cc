#include "dialect/bloodhound/preamble.h"

#include <gtest/gtest.h>

namespace piperoll::dialect::bloodhound {
namespace {

wire::Request request_with(std::vector<wire::HeaderView> headers) {
  wire::Request request;
  request.method = "GET";
  request.target = "/api/v2/audit";
  request.headers = std::move(headers);
  return request;
}

TEST(Prefer, IsAWaitInSeconds) {
  for (std::string_view value : {"wait=5", "5", " 5 ", "respond-async=1, wait=5", "wait = 5,x=y"}) {
    auto wait = read_prefer(request_with({{"Prefer", value}}));
    ASSERT_TRUE(wait.has_value()) << value << ": " << wait.error().message;
    EXPECT_EQ(*wait, 5) << value;
  }
}

TEST(Prefer, IsNothingWhereItIsEmptyOrZero) {
  EXPECT_EQ(*read_prefer(request_with({})), std::nullopt);
  EXPECT_EQ(*read_prefer(request_with({{"Prefer", ""}})), std::nullopt);
  EXPECT_EQ(*read_prefer(request_with({{"Prefer", "wait=0"}})), std::nullopt);
  EXPECT_EQ(*read_prefer(request_with({{"Prefer", "0"}})), std::nullopt);
}

TEST(Prefer, IsRefusedInBloodhoundsWords) {
  struct Case {
    std::string_view value, problem;
  };
  const Case cases[] = {
      {"respond-async", "leave field empty or specify with : 'wait=x'"},
      {"wait", "leave field empty or specify with : 'wait=x'"},
      {",", "leave field empty or specify with : 'wait=x'"},
      {"Wait=5", "leave field empty or specify with : 'wait=x'"},
      {"wait=1.5", "strconv.Atoi: parsing \"1.5\": invalid syntax"},
      {"wait=", "strconv.Atoi: parsing \"\": invalid syntax"},
      {"wait=-1", "failed to bypass limits: feature disabled"},
      {"-1", "failed to bypass limits: feature disabled"},
      {"wait=-2", "incorrect bypass limit value"},
  };
  for (const Case& c : cases) {
    auto wait = read_prefer(request_with({{"Prefer", c.value}}));
    ASSERT_FALSE(wait.has_value()) << c.value;
    EXPECT_EQ(wait.error().message,
              "Prefer header has an invalid value: " + std::string(c.problem));
  }
}

TEST(Authorization, IsABearerKeyOrNothing) {
  EXPECT_EQ(read_authorization(request_with({{"Authorization", "BEARER key-1"}}))->secret, "key-1");
  EXPECT_EQ(read_authorization(request_with({}))->kind, auth::Credential::Kind::None);
  EXPECT_EQ(read_authorization(request_with({{"Authorization", ""}}))->kind,
            auth::Credential::Kind::None);
}

TEST(Authorization, HasTwoComponentsAndAKnownScheme) {
  const std::string components = "Expected only two components for the Authorization header.";
  for (std::string_view value : {"Bearer", "key-1", "Bearer a b", "Bearer  a"}) {
    auto read = read_authorization(request_with({{"Authorization", value}}));
    ASSERT_FALSE(read.has_value()) << value;
    EXPECT_EQ(read.error().message, components);
  }
  EXPECT_EQ(read_authorization(request_with({{"Authorization", "Basic YTpi"}})).error().message,
            "Unexpected authorization scheme: basic.");
}

TEST(Authorization, SaysWhatASignedRequestLacks) {
  const std::string start = "unable to validate request signature for client: ";
  std::vector<wire::HeaderView> headers = {{"Authorization", "bhesignature nope"}};
  auto problem = [&] { return read_authorization(request_with(headers)).error(); };

  EXPECT_EQ(problem().message, "Token ID is malformed.");
  headers[0].value = "bhesignature 5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";
  EXPECT_EQ(problem().message, start + "no request date header");
  headers.push_back({"RequestDate", "today"});
  EXPECT_EQ(problem().message.find(start + "malformed request date: parsing time \"today\""), 0U);
  headers[1].value = "2026-01-02T03:04:05.123456789Z";
  EXPECT_EQ(problem().message, start + "no signature header");
  headers.push_back({"Signature", "!"});
  EXPECT_EQ(problem().message.find(start + "malformed signature header: "), 0U);
  EXPECT_EQ(problem().kind, base::ErrorKind::InvalidArgument);
  headers[2].value = "AAAA";
  EXPECT_EQ(problem().message, start + "use of API keys has been disabled");
  EXPECT_EQ(problem().kind, base::ErrorKind::Unauthenticated);
}

}  // namespace
}  // namespace piperoll::dialect::bloodhound
