#include "dialect/bloodhound/signature.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "auth/request_signature.h"
#include "base/bytes.h"
#include "base/uuid.h"
#include "dialect/common/go_time.h"

namespace piperoll::dialect::bloodhound {
namespace {

constexpr char kStart[] = "unable to validate request signature for client: ";
constexpr std::int64_t kMicrosPerMinute = 60 * base::kMicrosPerSecond;
constexpr std::size_t kHourEnd = 13;  // of "2026-01-02T03"

base::Error bad_header(const std::string& problem) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = kStart + problem};
}

// "+02:00" and "-02:00" as minutes; 0 for "Z". REQUIRES: parse_go_time() took the text.
int offset_minutes(std::string_view date) {
  if (date.ends_with('Z') || date.size() < 6) {
    return 0;
  }
  const std::string_view zone = date.substr(date.size() - 6);
  const auto digit = [&](std::size_t at) { return zone[at] - '0'; };
  const int minutes = (digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5);
  return zone[0] == '-' ? -minutes : minutes;
}

// Up to the hour, as the server writes it: with two digits, which it does not ask of its clients.
std::string date_hour(std::string_view date) {
  const std::size_t colon = date.find(':');
  if (colon == kHourEnd - 1) {
    return std::string(date.substr(0, colon - 1)) + "0" + date[colon - 1];
  }
  return std::string(date.substr(0, kHourEnd));
}

// time.RFC3339 in the client's zone, without a fraction.
std::string in_zone(base::Timestamp time, int offset) {
  const base::CivilTime civil = base::to_civil({time.micros + offset * kMicrosPerMinute});
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month,
                civil.day, civil.hour, civil.minute, civil.second);
  if (offset == 0) {
    return std::string(text) + "Z";
  }
  char zone[32];
  const int minutes = std::abs(offset);
  std::snprintf(zone, sizeof zone, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60,
                minutes % 60);
  return std::string(text) + zone;
}

std::string date_message(const ClientDate& date, base::Timestamp now) {
  const std::int64_t late = now.micros - date.time.micros;
  const std::int64_t beyond =
      std::max<std::int64_t>(std::abs(late) - auth::kSignatureSkewMicros, 0);
  char minutes[64];
  std::snprintf(minutes, sizeof minutes, "%.2f",
                static_cast<double>(beyond) / static_cast<double>(kMicrosPerMinute));
  return std::string("signature too far ") + (late < 0 ? "ahead" : "behind") + " by " + minutes +
         " minutes. Server time is " + in_zone(now, date.offset_minutes) + ". Client time is " +
         in_zone(date.time, date.offset_minutes);
}

}  // namespace

base::Result<SignatureHeaders> read_signature(const wire::Request& request,
                                              std::string_view key_id) {
  auto id = base::parse_uuid(key_id);
  if (!id) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "Token ID is malformed."};
  }
  const std::string_view date = request.header("RequestDate").value_or("");
  if (date.empty()) {
    return bad_header("no request date header");
  }
  auto time = parse_go_time(date);
  if (!time) {
    return bad_header("malformed request date: " + time.error().message);
  }
  const std::string_view signature = request.header("Signature").value_or("");
  if (signature.empty()) {
    return bad_header("no signature header");
  }
  auto bytes = base::base64_decode(signature);
  if (!bytes) {
    return bad_header("malformed signature header: " + bytes.error().message);
  }
  SignatureHeaders headers;
  headers.date = {{time->micros}, offset_minutes(date)};
  auto signed_request = std::make_shared<auth::SignedRequest>();
  *signed_request = {.key_id = *id,
                     .method = std::string(request.method),
                     .target = std::string(request.target),
                     .date_hour = date_hour(date),
                     .date = headers.date.time,
                     .body = std::string(request.body),
                     .signature = *std::move(bytes)};
  headers.credential = {.kind = auth::Credential::Kind::SignedRequest};
  headers.credential.signed_request = std::move(signed_request);
  return headers;
}

std::string signature_message(const base::Error& error, const ClientDate& date,
                              base::Timestamp now) {
  if (error.code == "signature_key_unknown") {
    return std::string(kStart) + "resource not found";
  }
  if (error.code == "signature_unavailable") {
    return std::string(kStart) + "use of API keys has been disabled";
  }
  if (error.code == "org_disabled") {
    return std::string(kStart) + "user disabled";
  }
  if (error.code == "signature_date") {
    return kStart + date_message(date, now);
  }
  if (error.code == "signature_mismatch") {
    return std::string(kStart) + "digest validation failed: signature digest mismatch";
  }
  return {};
}

}  // namespace piperoll::dialect::bloodhound
