#pragma once
// What a parse leaves behind, and how reader and writer walk over it: internal to base. Immutable
// once the parser has returned.
//
// A tape is an array of 64-bit words. The high byte of a word says what it is, the other 56 bits
// are its payload:
//
//   byte   payload                                                        words
//   { [    low 32 bits: index of the word behind the matching } ]         up to there
//   } ]    (not used here)                                                1
//   "      offset in strings: 32-bit length, then the bytes               1
//   l d    none; the next word is the std::int64_t or double              2
//   t f n  none                                                           1
//
// In an object, names (as strings) and values take turns.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/json.h"

namespace piperoll::base {

struct JsonTape {
  std::uint64_t* words = nullptr;
  const char* strings = nullptr;

  char type(std::size_t index) const { return static_cast<char>(words[index] >> 56); }

  // The index of the word behind the value at index.
  std::size_t after(std::size_t index) const {
    switch (type(index)) {
      case '{':
      case '[':
        return words[index] & 0xffffffff;
      case 'l':
      case 'd':
      case 'u':
        return index + 2;
      default:
        return index + 1;
    }
  }

  // The index of the closing word. REQUIRES: an object or array.
  std::size_t closing(std::size_t index) const { return after(index) - 1; }

  // REQUIRES: a string.
  std::string_view string(std::size_t index) const {
    const char* at = strings + (words[index] & 0x00ff'ffff'ffff'ffff);
    std::uint32_t size;
    std::memcpy(&size, at, sizeof size);
    return {at + sizeof size, size};
  }

  // The second word of a number.
  template <class T>
  T number(std::size_t index) const {
    static_assert(sizeof(T) == sizeof(std::uint64_t));
    T value;
    std::memcpy(&value, &words[index + 1], sizeof value);
    return value;
  }
};

// The first eight bytes of a string on a tape, in the order of memory, zeros behind a shorter one.
// Always reads eight: the parser's string buffer ends with room for that.
inline std::uint64_t head_of(std::string_view on_tape) {
  std::uint64_t head;
  std::memcpy(&head, on_tape.data(), sizeof head);
  return on_tape.size() < sizeof head ? head & ((std::uint64_t{1} << (8 * on_tape.size())) - 1)
                                      : head;
}

struct JsonAccess {
  static const JsonTape& tape(const JsonValue& value) {
    return *static_cast<const JsonTape*>(value.document_);
  }
  static std::size_t index(const JsonValue& value) { return value.index_; }
  static JsonValue make(const JsonTape& tape, std::size_t index) {
    JsonValue value;
    value.document_ = &tape;
    value.index_ = index;
    return value;
  }
};

}  // namespace piperoll::base
