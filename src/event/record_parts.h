#pragma once
// A record in two parts: its random bytes, which no compression makes smaller and which spoil it
// for the others, and the rest. Any bytes can be divided and come back as they were; what is no
// record has no random bytes. Byte table in docs/formats/record.md. Pure functions.

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace piperoll::event {

// What the random part holds, in this order: a seed, or the key that it follows from, is always
// there first if anything is. Numbers are on disk (docs/formats/store.md).
enum class RandomPart : std::uint8_t {
  Nothing = 0,
  Seed = 1,
  SeedAndMadeId = 2,
  SeedAndChosenId = 3,  // that is a UUID in canonical form, as its 16 bytes
};
inline constexpr std::size_t kSeedBytes = 32;
inline constexpr std::size_t kRandomPartBytesMax = 48;
inline constexpr std::size_t kBytesOfTextMax = 20;  // by which a record is longer than its parts

std::size_t size_of(RandomPart part);

// Appends each part of what may be a record.
RandomPart divide_record(base::ByteView bytes, base::Bytes& random, base::Bytes& rest);

// Appends what was divided. random: size_of(part) bytes. False, and nothing is appended, where no
// record has such parts.
bool join_record(base::Bytes& out, RandomPart part, base::ByteView random, base::ByteView rest);

}  // namespace piperoll::event
