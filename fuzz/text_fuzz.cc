// Any bytes as each of the small text forms of base. What is read and shown again is read as the
// same value.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/coding.h"
#include "base/ip_address.h"
#include "base/timestamp.h"
#include "base/unicode.h"
#include "base/uuid.h"

namespace {

using namespace piperoll::base;

void check_bytes(std::string_view text) {
  if (auto bytes = base64_decode(text)) {
    CHECK(base64_encode(*bytes) == text);
  }
  if (auto bytes = base64url_decode(text)) {
    CHECK(base64url_encode(*bytes) == text);
  }
  if (auto bytes = hex_decode(text)) {
    CHECK(hex_encode(*bytes).size() == text.size());
  }
}

void check_values(std::string_view text) {
  if (auto time = parse_rfc3339(text)) {
    CHECK(*time >= kTimestampMin && *time <= kTimestampMax);
    CHECK(*parse_rfc3339(format_rfc3339(*time)) == *time);
    CHECK(*parse_rfc3339(format_rfc3339_trimmed(*time)) == *time);
  }
  if (auto id = parse_uuid(text)) {
    CHECK(*parse_uuid(id->to_string()) == *id);
  }
  if (auto address = canonical_ip(text)) {
    CHECK(*canonical_ip(*address) == *address);
  }
}

void check_unicode(std::string_view text) {
  std::string folded = fold_case(text);
  CHECK(contains_folded(text, folded.substr(0, 16)));
  if (is_valid_utf8(text)) {
    CHECK(is_valid_utf8(folded));
    CHECK(code_point_count(folded) == code_point_count(text));
    CHECK(fold_case(folded) == folded);
  }
  CHECK(!is_blank(text) || folded == text);
}

// Reads until the end; no order of reads leaves the input.
void check_decoder(std::string_view bytes) {
  Decoder decoder(bytes);
  for (unsigned step = 0; decoder.ok() && !decoder.at_end(); ++step) {
    switch (step % 5) {
      case 0:
        decoder.varint();
        break;
      case 1:
        decoder.string();
        break;
      case 2:
        decoder.signed_varint();
        break;
      case 3:
        decoder.be16();
        break;
      default:
        decoder.u8();
    }
    CHECK(decoder.rest().size() < bytes.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_bytes(text);
  check_values(text);
  check_unicode(text);
  check_decoder(text);
  return 0;
}
