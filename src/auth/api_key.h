#pragma once
// API keys: "prl_" + 30 random base62 characters + 6 base62 characters of CRC-32 (ISO-HDLC) over
// those 30, so that a mistyped key and a scanner's false hit are told without looking anything up.
// Only SHA-256 of the whole text is kept. Pure but for generate_api_key.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace piperoll::auth {

inline constexpr std::string_view kApiKeyPrefix = "prl_";
inline constexpr std::size_t kApiKeyLength = 40;

using KeyDigest = std::array<std::uint8_t, 32>;

std::string generate_api_key();
bool is_well_formed_api_key(std::string_view key);  // prefix, alphabet, length and checksum
KeyDigest digest_of(std::string_view key);
std::string display_prefix(std::string_view key);  // "prl_" and the first four characters after it
std::string key_checksum(std::string_view body);   // six characters; vector: standards.md 8.3

}  // namespace piperoll::auth
