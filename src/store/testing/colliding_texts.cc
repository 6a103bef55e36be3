#include "store/testing/colliding_texts.h"

#include <array>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/crc32c.h"

namespace piperoll::store::testing {
namespace {

// Each letter is one of '@' to 'O' and so carries four bits.
using Bits = std::uint64_t;
constexpr std::size_t kLetters = 16;
constexpr unsigned kBitsPerLetter = 4;

std::string text_of(Bits bits) {
  std::string text(kLetters, '@');
  for (char& letter : text) {
    letter = static_cast<char>(letter + static_cast<char>(bits % 16));
    bits >>= kBitsPerLetter;
  }
  return text;
}

std::uint32_t change_of(Bits bits) {
  return base::crc32c(text_of(bits)) ^ base::crc32c(text_of(0));
}

// Changes of the text that leave the checksum as it is, none the sum of others: what Gaussian
// elimination leaves over of the changes of single bits.
std::vector<Bits> free_changes() {
  std::array<std::pair<std::uint32_t, Bits>, 32> pivots{};
  std::vector<Bits> free;
  for (unsigned i = 0; i < kLetters * kBitsPerLetter; ++i) {
    Bits bits = Bits{1} << i;
    std::uint32_t change = change_of(bits);
    for (unsigned top = 32; top-- > 0 && change != 0;) {
      if ((change >> top & 1U) == 0) {
        continue;
      }
      if (pivots[top].first == 0) {
        pivots[top] = {change, bits};
        break;
      }
      change ^= pivots[top].first;
      bits ^= pivots[top].second;
    }
    if (change == 0) {
      free.push_back(bits);
    }
  }
  return free;
}

}  // namespace

std::string colliding_text(std::uint32_t number) {
  static const std::vector<Bits> kChanges = free_changes();
  CHECK(kChanges.size() == 32);
  Bits bits = 0;
  for (unsigned i = 0; i < 32; ++i) {
    bits ^= (number >> i & 1U) != 0 ? kChanges[i] : 0;
  }
  return text_of(bits);
}

}  // namespace piperoll::store::testing
