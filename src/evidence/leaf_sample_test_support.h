#pragma once
// For tests: the record of the vector in docs/formats/evidence.md, and what two independent
// programs (Node's crypto; Python with OpenSSL) computed from it.

#include <string_view>

#include "event/event.h"
#include "event/record.h"

namespace piperoll::evidence {

inline constexpr std::string_view kSampleOrigin =
    "audit.example/5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";

inline event::Event sample_event() {
  event::Event event = event::make_event("user.update");
  event.id = "0195b2a4-6c00-7000-8000-000000000001";
  event.occurred_at = base::parse_rfc3339("2026-01-02T03:04:05.678000Z").value();
  event.category = "iam";
  event.severity = event::Severity::Low;
  event.status = event::Status::Success;
  event.source = "billing";
  event.version = "1";
  event.summary = "User 42 updated";
  event.actor = {"u-1", "user", "Zo\xc3\xab", "zoe@example.com"};
  event.target = {"42", "user", "Ada"};
  event.request.id = "r-9";
  event.request.method = "PATCH";
  event.request.path = "/v1/users/42";
  event.request.status_code = 200;
  event.request.ip = "192.0.2.7";
  event.metadata = R"({"n":1,"plan":"pro"})";
  return event;
}

inline event::RecordHead sample_head() {
  event::RecordHead head;
  head.recorded_at = base::parse_rfc3339("2026-01-02T03:04:05.700000Z").value();
  for (std::size_t i = 0; i < head.seed.bytes.size(); ++i) {
    head.seed.bytes[i] = static_cast<std::uint8_t>(i);
  }
  return head;
}

// event must outlive the view.
inline event::RecordView sample_record(const event::Event& event) {
  return {.head = sample_head(), .event = event::view_of(event)};
}

struct SampleSlot {
  std::string_view salt, disclosure, digest;  // the first two empty for an absent slot
};

inline constexpr SampleSlot kSampleSlots[] = {
    {"8F12rkq5n-Wm9psxSMI2PQ",
     "WyI4RjEycmtxNW4tV205cHN4U01JMlBRIiwiZXZlbnQiLHsiYWN0aW9uIjoidXNlci51cGRhdGUiLCJjYXRl"
     "Z29yeSI6ImlhbSIsImlkIjoiMDE5NWIyYTQtNmMwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwib2NjdXJy"
     "ZWRfYXQiOiIyMDI2LTAxLTAyVDAzOjA0OjA1LjY3ODAwMFoiLCJzZXZlcml0eSI6ImxvdyIsInNvdXJjZSI6"
     "ImJpbGxpbmciLCJzdGF0dXMiOiJzdWNjZXNzIiwidmVyc2lvbiI6IjEifV0",
     "Adw9q3FrMxqs6D3m8N4HW6X62Af4IocuGjkD9eJf3c8"},
    {"Dry13rUsg70IqKk1GCyRmQ",
     "WyJEcnkxM3JVc2c3MElxS2sxR0N5Um1RIiwidGV4dCIseyJzdW1tYXJ5IjoiVXNlciA0MiB1cGRhdGVkIn1d",
     "4f4pdrSMK0I0rJKYQnftifmqwSDTZEExN3bnaHWNaNM"},
    {"0kNWUyiBYC-AnrODxf9dVg",
     "WyIwa05XVXlpQllDLUFuck9EeGY5ZFZnIiwiYWN0b3IiLHsiaWQiOiJ1LTEiLCJ0eXBlIjoidXNlciJ9XQ",
     "N8vbp1-UVpDqVJQZOZnw2hLz5GBurXqv9S5p-DDVBhs"},
    {"Tl_mvCryuAYzw3H1wc5pTg",
     "WyJUbF9tdkNyeXVBWXp3M0gxd2M1cFRnIiwiYWN0b3JfcGVyc29uIix7ImVtYWlsIjoiem9lQGV4YW1wbGUu"
     "Y29tIiwibmFtZSI6Ilpvw6sifV0",
     "04j5qetphbW9TvbrqdZxYlscIHm0Cyvdm8rU6UNktMc"},
    {"qQdB5nlxRqVQtj8mSmBO5A",
     "WyJxUWRCNW5seFJxVlF0ajhtU21CTzVBIiwidGFyZ2V0Iix7ImlkIjoiNDIiLCJ0eXBlIjoidXNlciJ9XQ",
     "73bRxKaH41WqA2eNIBfkjhqI_Jukwf4PY7LCYegRfeY"},
    {"6W8-CpHRUOLTidPHFiRImQ",
     "WyI2VzgtQ3BIUlVPTFRpZFBIRmlSSW1RIiwidGFyZ2V0X25hbWUiLHsibmFtZSI6IkFkYSJ9XQ",
     "JMw4gNQVXWDTIHyA9pIZKr7JZk56U4aqAoO3ruYf6AM"},
    {"XRU2mSCoRUE0phRD_l_RsA",
     "WyJYUlUybVNDb1JVRTBwaFJEX2xfUnNBIiwicmVxdWVzdCIseyJpZCI6InItOSIsIm1ldGhvZCI6IlBBVENI"
     "IiwicGF0aCI6Ii92MS91c2Vycy80MiIsInN0YXR1c19jb2RlIjoyMDB9XQ",
     "6W-JPZoei7QvnEoSjbr4qePfcHC8xLB_nMfnwVZHsHA"},
    {"11FOByxf7KkZeWY0gyS6XQ",
     "WyIxMUZPQnl4ZjdLa1plV1kwZ3lTNlhRIiwiY2xpZW50Iix7ImlwIjoiMTkyLjAuMi43In1d",
     "Bx859mJzpZvNxKZdJUE_9a8c1ogGAmpOpKPfJOM19XU"},
    {"", "", "4zu8gGoRTwTDADfQW59s8ThAgjMclaXSPeydhjJdyN8"},
    {"", "", "PJWcRfDrY6My3o478dIOrINrLin6UbLJkFMToi-AqIY"},
    {"IVhNf96qw-aHCnlSbmZu4g",
     "WyJJVmhOZjk2cXctYUhDbmxTYm1adTRnIiwibWV0YWRhdGEiLHsibiI6MSwicGxhbiI6InBybyJ9XQ",
     "hPkaXo6Lg837OV1GghDbdLwgIaR62sgz1w0YwhWohyA"},
    {"", "", "n2ugrrUtuhwUFifFWTbi-8PCMY6PKxvH3ik6bmls7uk"}};

inline constexpr std::string_view kSampleCommitment =
    "0ff26179c658ce8ecaf7db40a0e0a524f75bc3281a36dde624c40687ba9edaf1";
inline constexpr std::string_view kSampleLeaf =
    R"({"c":"D_JhecZYzo7K99tAoOClJPdbwygaNt3mJMQGh7qe2vE","t":"2026-01-02T03:04:05.700000Z","v":1})";
inline constexpr std::string_view kSampleLeafHash =
    "36cfc6c3949bbc2d4d827ff7dbdb2a1467da9a658f2f241b0cd1b5e6291d1001";

}  // namespace piperoll::evidence
