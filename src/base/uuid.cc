#include "base/uuid.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace piperoll::base {
namespace {

constexpr std::size_t kTextSize = 36;

// A dash stands before the bytes 4, 6, 8 and 10.
constexpr bool dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return lower - 'a' + 10;
  }
  return -1;
}

// Either case. False: not a UUID; id is then anything.
bool read_uuid(std::string_view text, Uuid& id) {
  if (text.size() != kTextSize) {
    return false;
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') {
      return false;
    }
    int high = hex_value(text[at]);
    int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return true;
}

}  // namespace

std::string Uuid::to_string() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kTextSize, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    at += dash_before(i) ? 1U : 0U;
    text[at++] = kDigits[bytes[i] >> 4];
    text[at++] = kDigits[bytes[i] & 15];
  }
  return text;
}

Uuid Uuid::from_bytes(std::string_view sixteen) {
  CHECK(sixteen.size() == 16);
  Uuid id;
  std::memcpy(id.bytes.data(), sixteen.data(), sixteen.size());
  return id;
}

Result<Uuid> parse_uuid(std::string_view text) {
  Uuid id;
  if (!read_uuid(text, id)) {
    return Error{
        .kind = ErrorKind::InvalidArgument,
        .message = "not a UUID: 32 hex digits as 8-4-4-4-12, divided by hyphens, are expected"};
  }
  return id;
}

std::optional<Uuid> parse_canonical_uuid(std::string_view text) {
  Uuid id;
  const bool has_upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  return !has_upper && read_uuid(text, id) ? std::optional(id) : std::nullopt;
}

std::size_t UuidHash::operator()(const Uuid& id) const {
  __extension__ using Wide = unsigned __int128;
  std::uint64_t words[2];
  std::memcpy(words, id.bytes.data(), sizeof words);
  // Both halves of one wide product, so that every bit of both words reaches every bit of the hash:
  // ids of one millisecond share half of their bits. The constants are odd and arbitrary.
  Wide product = Wide{words[0] ^ 0x9e3779b97f4a7c15U} * (words[1] ^ 0xd1b54a32d192ed03U);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace piperoll::base
