#include "base/uuid.h"

#include <cstring>

#include "base/bytes.h"

namespace piperoll::base {
namespace {

constexpr std::size_t kTextSize = Uuid::kTextBytes;

// A dash stands before the bytes 4, 6, 8 and 10.
constexpr bool dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

using HexValues = std::array<std::int8_t, 256>;

// Of each character; -1: no digit.
constexpr HexValues hex_values(std::string_view digits, std::string_view more_digits) {
  HexValues values{};
  values.fill(-1);
  for (const std::string_view all : {digits, more_digits}) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      values[static_cast<std::uint8_t>(all[i])] = static_cast<std::int8_t>(i);
    }
  }
  return values;
}
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr HexValues kEitherCase = hex_values(kDigits, "0123456789ABCDEF");
constexpr HexValues kLowerCase = hex_values(kDigits, kDigits);

// The two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kPairs = [] {
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {kDigits[i >> 4], kDigits[i & 15]};
  }
  return pairs;
}();

// False: not a UUID; id is then anything. Wrong digits are told at the end, together: branches cost
// more than reading on.
bool read_uuid(std::string_view text, const HexValues& values, Uuid& id) {
  if (text.size() != kTextSize) {
    return false;
  }
  const char* at = text.data();
  int all = 0;  // negative once any digit was
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i) && *at++ != '-') {
      return false;
    }
    const int high = values[static_cast<std::uint8_t>(at[0])];
    const int low = values[static_cast<std::uint8_t>(at[1])];
    all |= high | low;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return all >= 0;
}

}  // namespace

std::string Uuid::to_string() const {
  std::string text(kTextSize, '\0');
  write_text(text.data());
  return text;
}

void Uuid::write_text(char* out) const {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i)) {
      *out++ = '-';
    }
    std::memcpy(out, kPairs[bytes[i]].data(), 2);
    out += 2;
  }
}

Uuid Uuid::from_bytes(std::string_view sixteen) {
  CHECK(sixteen.size() == 16);
  Uuid id;
  std::memcpy(id.bytes.data(), sixteen.data(), sixteen.size());
  return id;
}

Result<Uuid> parse_uuid(std::string_view text) {
  Uuid id;
  if (!read_uuid(text, kEitherCase, id)) {
    return Error{
        .kind = ErrorKind::InvalidArgument,
        .message = "not a UUID: 32 hex digits as 8-4-4-4-12, divided by hyphens, are expected"};
  }
  return id;
}

std::optional<Uuid> parse_canonical_uuid(std::string_view text) {
  Uuid id;
  return read_uuid(text, kLowerCase, id) ? std::optional(id) : std::nullopt;
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
