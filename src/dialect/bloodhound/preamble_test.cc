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
  EXPECT_EQ(
      read_authorization(request_with({{"Authorization", "BEARER key-1"}}))->credential.secret,
      "key-1");
  EXPECT_EQ(read_authorization(request_with({}))->credential.kind, auth::Credential::Kind::None);
  EXPECT_EQ(read_authorization(request_with({{"Authorization", ""}}))->credential.kind,
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

TEST(Authorization, IsASignatureToo) {
  auto read = read_authorization(
      request_with({{"Authorization", "BHESignature 5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f"},
                    {"RequestDate", "2026-01-02T03:04:05Z"},
                    {"Signature", "AAAA"}}));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->credential.kind, auth::Credential::Kind::SignedRequest);
  EXPECT_TRUE(read->signed_at.has_value());
  EXPECT_EQ(
      read_authorization(request_with({{"Authorization", "bhesignature nope"}})).error().message,
      "Token ID is malformed.");
}

}  // namespace
}  // namespace piperoll::dialect::bloodhound
