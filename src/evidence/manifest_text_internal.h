#pragma once
// The two fixed texts from their variable parts. Pure functions.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/base64url.h"
#include "evidence/manifest.h"

namespace piperoll::evidence {

// quoted_log: the origin as a JSON string; time: RFC 3339 with six digits.
void append_manifest_text(std::string& out, const SlotDigests& digests, std::string_view quoted_log,
                          std::string_view time);
void append_leaf_text(std::string& out, const tlog::Hash& commitment, std::string_view time);

// A digest that can be encoded loosely (base/base64url.h).
struct LooseDigest {
  crypto::Sha256Digest bytes;
  std::array<std::uint8_t, base::kBase64urlSlack> zeros{};
};

// The same to a place with so much more room than the text takes.
inline constexpr std::size_t kTextSlack = base::kBase64urlSlack;
std::size_t manifest_text_bytes(std::string_view quoted_log);
char* write_manifest_text(char* to, std::span<const LooseDigest, kSlotCount> digests,
                          std::string_view quoted_log, std::string_view time);
char* write_leaf_text(char* to, const LooseDigest& commitment, std::string_view time);

}  // namespace piperoll::evidence
