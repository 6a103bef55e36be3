#pragma once
// Byte strings and their text forms. Bytes are held in std::string: every library we call takes
// char pointers, and records, keys and bodies pass through without a copy.

#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::base {

using Bytes = std::string;
using ByteView = std::string_view;

std::string hex_encode(ByteView bytes);  // lower case
// InvalidArgument on an odd length or a character outside [0-9a-fA-F].
Result<Bytes> hex_decode(std::string_view text);

// RFC 4648 section 4 (with padding) and section 5 (URL-safe, without padding). Decoding is strict:
// InvalidArgument on any other character, wrong padding or non-zero trailing bits.
std::string base64_encode(ByteView bytes);
Result<Bytes> base64_decode(std::string_view text);
std::string base64url_encode(ByteView bytes);
void append_base64url(std::string& out, ByteView bytes);
Result<Bytes> base64url_decode(std::string_view text);

}  // namespace piperoll::base
