#pragma once
// NameTable: finds one of a few known names without comparing with more than one of them.
// Immutable.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "base/short_bytes.h"

namespace piperoll::event {

// Entry has a member "name"; the names are not empty and differ.
template <class Entry, std::size_t N>
class NameTable {
 public:
  // At compile time: looks for a factor under which no two names share a place.
  explicit constexpr NameTable(const std::array<Entry, N>& entries) : entries_(entries) {
    for (int tries = 0; !place_all(); ++tries) {
      CHECK(tries < kTriesMax);  // no factor keeps these names apart: stops the compiler
      factor_ += kFactorStep;
    }
  }

  // The index of the entry with this name.
  std::optional<std::size_t> find(std::string_view name) const {
    if (name.empty()) {
      return std::nullopt;
    }
    const std::size_t index = places_[place_of(name)];
    if (index >= N || !base::equal_text(entries_[index].name, name)) {
      return std::nullopt;
    }
    return index;
  }
  const Entry& operator[](std::size_t index) const { return entries_[index]; }

 private:
  static constexpr std::size_t kPlaces = 64;  // 2^6: the six highest of 32 bits
  static constexpr std::uint8_t kEmpty = 0xff;
  static constexpr int kTriesMax = 1'000;
  static constexpr std::uint32_t kFactorStep = 0x9e3779b2;  // even: the factor stays odd
  static_assert(N < kPlaces / 2);

  constexpr std::size_t place_of(std::string_view name) const {
    const std::uint32_t first = static_cast<std::uint8_t>(name.front());
    const std::uint32_t last = static_cast<std::uint8_t>(name.back());
    const auto size = static_cast<std::uint32_t>(name.size());
    return (first + (last << 8U) + (size << 16U)) * factor_ >> 26U;
  }

  constexpr bool place_all() {
    places_.fill(kEmpty);
    for (std::size_t i = 0; i < N; ++i) {
      std::uint8_t& place = places_[place_of(entries_[i].name)];
      if (place != kEmpty) {
        return false;
      }
      place = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  std::array<Entry, N> entries_;
  std::array<std::uint8_t, kPlaces> places_{};
  std::uint32_t factor_ = 1;
};

}  // namespace piperoll::event
