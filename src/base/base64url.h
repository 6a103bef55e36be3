#pragma once
// Base64url (RFC 4648 section 5, without padding) to a place given, for fixed forms that are filled
// in where they lie. Pure functions.

#include <cstddef>

#include "base/bytes.h"

namespace piperoll::base {

constexpr std::size_t base64url_chars(std::size_t bytes) {
  return (bytes * 4 + 2) / 3;
}
// Writes base64url_chars(bytes.size()) characters.
void write_base64url(char* to, ByteView bytes);

// The same to and from buffers that go on, which saves the care for their ends: reads up to so much
// behind bytes and overwrites up to so much behind the characters.
inline constexpr std::size_t kBase64urlSlack = 32;
// REQUIRES: the byte behind bytes is 0
void write_base64url_loosely(char* to, ByteView bytes);
// 16 bytes to 22 characters; writes 32.
void write_base64url_of_16(char* to, const char* bytes);

}  // namespace piperoll::base
