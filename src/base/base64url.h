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

}  // namespace piperoll::base
