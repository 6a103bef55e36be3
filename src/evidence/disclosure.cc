#include "evidence/disclosure.h"

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/sha256.h"

namespace piperoll::evidence {
namespace {

base::Error malformed() {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = "a disclosure must be base64url of [salt, name, object] in canonical JSON"};
}

base::Error refused(Slot slot, const char* why) {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = std::string(name_of(slot)) + ": " + why,
          .code = "disclosure_invalid"};
}

}  // namespace

std::string print_disclosure(std::string_view salt, Slot slot, std::string_view value) {
  std::string json;
  json.append("[\"").append(salt).append("\",\"").append(name_of(slot)).append("\",");
  json.append(value).append("]");
  return base::base64url_encode(json);
}

base::Result<Disclosure> parse_disclosure(std::string_view text) {
  const auto json = base::base64url_decode(text);
  if (!json) {
    return malformed();
  }
  base::JsonParser parser;
  const auto value = parser.parse(*json);
  if (!value || !value->is(base::JsonKind::Array)) {
    return malformed();
  }
  const std::vector<base::JsonValue> parts = value->elements();
  if (parts.size() != 3 || !parts[0].is(base::JsonKind::String) ||
      !parts[1].is(base::JsonKind::String) || !parts[2].is(base::JsonKind::Object)) {
    return malformed();
  }
  const std::string_view salt = parts[0].as_string();
  const auto slot = slot_named(parts[1].as_string());
  if (salt.size() != kSaltChars || !base::base64url_decode(salt) || !slot) {
    return malformed();
  }
  Disclosure disclosure{.salt = std::string(salt), .slot = *slot, .value = {}};
  base::append_canonical(disclosure.value, parts[2]);
  if (print_disclosure(disclosure.salt, disclosure.slot, disclosure.value) != text) {
    return malformed();
  }
  return disclosure;
}

std::string disclosure_digest(std::string_view text) {
  return base::base64url_encode(crypto::as_bytes(crypto::sha256(text)));
}

base::Result<void> check_disclosures(const Manifest& manifest, const Disclosures& disclosures) {
  for (const Slot slot : kSlots) {
    const std::string& text = disclosures[index_of(slot)];
    if (text.empty()) {
      continue;
    }
    const auto disclosure = parse_disclosure(text);
    if (!disclosure) {
      return refused(slot, "not a disclosure");
    }
    if (disclosure->slot != slot) {
      return refused(slot, "the disclosure of another slot");
    }
    if (disclosure_digest(text) != manifest.digests.at(slot)) {
      return refused(slot, "not what was recorded");
    }
  }
  return {};
}

}  // namespace piperoll::evidence
