#include "base/delta_scan.h"

#include <bit>
#include <limits>

#include <emmintrin.h>

namespace piperoll::base {
namespace {

constexpr std::size_t kStep = 16;  // bytes looked at together

std::uint64_t sum_of(__m128i bytes) {
  const __m128i sums = _mm_sad_epu8(bytes, _mm_setzero_si128());  // of each half
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(sums)) +
         static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
}

}  // namespace

bool DeltaScan::read_one() {
  if (left_ == 0 || decoder_.at_end()) {
    if (left_ > 0) {
      decoder_.fail();
    }
    return false;
  }
  value_ += decoder_.varint();
  --left_;
  ++passed_;
  return decoder_.ok();
}

// The next bytes hold varints of one or two bytes, as nearly all are, and the last of them is still
// less than wanted: they are behind us. False: nothing was passed.
bool DeltaScan::skip_some(std::uint64_t wanted) {
  if (left_ < kStep || decoder_.rest().size() < kStep) {
    return false;
  }
  __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(decoder_.rest().data()));
  auto goes_on = static_cast<unsigned>(_mm_movemask_epi8(bytes));
  if ((goes_on & goes_on << 1U) != 0) {
    return false;  // one of three bytes or more
  }
  std::size_t used = kStep;
  if ((goes_on & 1U << (kStep - 1)) != 0) {  // into the next step: its first byte is left for that
    goes_on &= ~(1U << (kStep - 1));
    bytes = _mm_srli_si128(_mm_slli_si128(bytes, 1), 1);
    --used;
  }
  const __m128i bits = _mm_and_si128(bytes, _mm_set1_epi8(0x7f));
  const __m128i is_second = _mm_slli_si128(_mm_cmplt_epi8(bytes, _mm_setzero_si128()), 1);
  const std::uint64_t sum =
      sum_of(_mm_andnot_si128(is_second, bits)) + (sum_of(_mm_and_si128(is_second, bits)) << 7U);
  if (value_ + sum >= wanted) {
    return false;
  }
  const std::size_t count = used - static_cast<std::size_t>(std::popcount(goes_on));
  value_ += sum;
  left_ -= count;
  passed_ += count;
  decoder_.bytes(used);
  return true;
}

bool DeltaScan::seek(std::uint64_t wanted) {
  while (passed_ == 0 || value_ < wanted) {
    if (skip_some(wanted)) {
      continue;
    }
    // It is near: looking a step ahead again from each place would cost more.
    for (std::size_t i = 0; i < kStep && (passed_ == 0 || value_ < wanted); ++i) {
      if (!read_one()) {
        return false;
      }
    }
  }
  return true;
}

ByteView DeltaScan::skip_rest() {
  while (skip_some(std::numeric_limits<std::uint64_t>::max()) || read_one()) {
  }
  return decoder_.rest();
}

}  // namespace piperoll::base
