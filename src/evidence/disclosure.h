#pragma once
// Disclosures (RFC 9901): one slot of a record in the form that is hashed, base64url of the UTF-8
// text of [salt, name, value]. Values, pure functions.

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/manifest.h"
#include "evidence/slots.h"

namespace piperoll::evidence {

inline constexpr std::size_t kSaltChars = 22;  // 16 bytes as base64url

// The disclosures of one record, by index_of; empty where none is shown, because the slot is
// absent, erased, or held back.
using Disclosures = std::array<std::string, kSlotCount>;

struct Disclosure {
  std::string salt;
  Slot slot = Slot::Event;
  std::string value;  // an object, canonical JSON
  bool operator==(const Disclosure&) const = default;
};

std::string print_disclosure(std::string_view salt, Slot slot, std::string_view value);
// InvalidArgument for anything that print_disclosure would not give from a salt of kSaltChars and a
// canonical object.
base::Result<Disclosure> parse_disclosure(std::string_view text);

// base64url of SHA-256 over the text of the disclosure (RFC 9901 section 4.2.3).
std::string disclosure_digest(std::string_view text);

// That each disclosure is well formed, of the slot it stands for, and the one that the manifest
// lists there. InvalidArgument with the code "disclosure_invalid" names the slot.
base::Result<void> check_disclosures(const Manifest& manifest, const Disclosures& disclosures);

}  // namespace piperoll::evidence
