#include "dialect/bloodhound/signature.h"

#include <gtest/gtest.h>

#include "auth/request_signature.h"

namespace piperoll::dialect::bloodhound {
namespace {

constexpr std::string_view kId = "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";
const std::string kStart = "unable to validate request signature for client: ";

wire::Request signed_request(std::string_view date, std::string_view signature) {
  wire::Request request;
  request.method = "GET";
  request.target = "/api/v2/audit?limit=1";
  request.headers = {{"RequestDate", date}, {"Signature", signature}};
  return request;
}

TEST(Signature, IsReadWithWhatItIsOver) {
  wire::Request request = signed_request("2026-01-02T03:04:05.123456+02:00", "AQID");
  request.body = "{}";

  auto headers = read_signature(request, kId);

  ASSERT_TRUE(headers.has_value()) << headers.error().message;
  EXPECT_EQ(headers->credential.kind, auth::Credential::Kind::SignedRequest);
  const auth::SignedRequest& read = *headers->credential.signed_request;
  EXPECT_EQ(read.key_id.to_string(), kId);
  EXPECT_EQ(read.method, "GET");
  EXPECT_EQ(read.target, "/api/v2/audit?limit=1");
  EXPECT_EQ(read.date_hour, "2026-01-02T03");
  EXPECT_EQ(read.date, *base::parse_rfc3339("2026-01-02T01:04:05.123456Z"));
  EXPECT_EQ(read.body, "{}");
  EXPECT_EQ(read.signature, "\x01\x02\x03");
  EXPECT_EQ(headers->date.offset_minutes, 120);
}

TEST(Signature, IsOverTheHourWithTwoDigits) {
  const auto hour = [](std::string_view date) {
    return read_signature(signed_request(date, "AAAA"), kId)->credential.signed_request->date_hour;
  };
  EXPECT_EQ(hour("2026-01-02T13:04:05Z"), "2026-01-02T13");
  EXPECT_EQ(hour("2026-01-02T3:04:05Z"), "2026-01-02T03");
}

TEST(Signature, SaysWhatItsHeadersLack) {
  const auto problem = [](const wire::Request& request, std::string_view id) {
    auto headers = read_signature(request, id);
    EXPECT_FALSE(headers.has_value());
    EXPECT_EQ(headers.error().kind, base::ErrorKind::InvalidArgument);
    return headers.error().message;
  };
  EXPECT_EQ(problem(signed_request("", ""), "nope"), "Token ID is malformed.");
  EXPECT_EQ(problem(signed_request("", "AAAA"), kId), kStart + "no request date header");
  EXPECT_EQ(problem(signed_request("today", "AAAA"), kId),
            kStart +
                "malformed request date: parsing time \"today\" as "
                "\"2006-01-02T15:04:05.999999999Z07:00\": cannot parse \"today\" as \"2006\"");
  EXPECT_EQ(problem(signed_request("2026-01-02T03:04:05Z", ""), kId),
            kStart + "no signature header");
  EXPECT_EQ(problem(signed_request("2026-01-02T03:04:05Z", "!"), kId)
                .find(kStart + "malformed signature header: "),
            0U);
}

TEST(Signature, IsRefusedInBloodhoundsWords) {
  const ClientDate date{*base::parse_rfc3339("2026-01-02T03:04:05Z"), 0};
  const auto message = [&](const std::string& code, std::string_view now, int offset = 0) {
    return signature_message({.code = code}, {date.time, offset}, *base::parse_rfc3339(now));
  };
  constexpr std::string_view kNow = "2026-01-02T03:04:05Z";
  EXPECT_EQ(message("signature_key_unknown", kNow), kStart + "resource not found");
  EXPECT_EQ(message("signature_unavailable", kNow), kStart + "use of API keys has been disabled");
  EXPECT_EQ(message("org_disabled", kNow), kStart + "user disabled");
  EXPECT_EQ(message("signature_mismatch", kNow),
            kStart + "digest validation failed: signature digest mismatch");
  EXPECT_EQ(message("no_right", kNow), "");
  // The minutes are those beyond the hour that is allowed.
  EXPECT_EQ(message("signature_date", "2026-01-02T04:34:20Z"),
            kStart +
                "signature too far behind by 30.25 minutes. Server time is "
                "2026-01-02T04:34:20Z. Client time is 2026-01-02T03:04:05Z");
  EXPECT_EQ(message("signature_date", "2026-01-02T01:04:05Z"),
            kStart +
                "signature too far ahead by 60.00 minutes. Server time is "
                "2026-01-02T01:04:05Z. Client time is 2026-01-02T03:04:05Z");
  EXPECT_EQ(message("signature_date", "2026-01-03T03:04:05Z", -90),
            kStart +
                "signature too far behind by 1380.00 minutes. Server time is "
                "2026-01-03T01:34:05-01:30. Client time is 2026-01-02T01:34:05-01:30");
}

}  // namespace
}  // namespace piperoll::dialect::bloodhound
