#pragma once
// Uuid: 16 bytes with the text form of RFC 9562.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::base {

struct Uuid {
  static constexpr std::size_t kTextBytes = 36;
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  std::string to_string() const;     // 36 characters, lower case
  void write_text(char* out) const;  // the same; out has room for them
  std::string_view as_bytes() const { return {reinterpret_cast<const char*>(bytes.data()), 16}; }
  static Uuid from_bytes(std::string_view sixteen);  // REQUIRES: sixteen.size() == 16
};

// The 8-4-4-4-12 form, either case; InvalidArgument for anything else.
Result<Uuid> parse_uuid(std::string_view text);
// The UUID whose to_string() is text, byte for byte; nothing for any other text.
std::optional<Uuid> parse_canonical_uuid(std::string_view text);

struct UuidHash {
  std::size_t operator()(const Uuid& id) const;
};

}  // namespace piperoll::base
