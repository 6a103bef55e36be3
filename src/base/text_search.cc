#include "base/text_search.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace piperoll::base {
namespace {

std::size_t find_by_library(std::string_view text, std::string_view needle, std::size_t from) {
  const void* const found =
      memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

#if defined(__SSE2__)

constexpr std::size_t kVectorBytes = sizeof(__m128i);
// Compared in vain, per byte of text passed, before the library takes over, whose worst case is
// linear.
constexpr std::size_t kWastePerByte = 4;
constexpr std::size_t kWasteMin = 4096;

__m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

unsigned equal_bytes(__m128i a, __m128i b) {
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)));
}

// Compares only where the first and the last byte of the needle are.
std::size_t find_by_vectors(std::string_view text, std::string_view needle, std::size_t from) {
  const std::size_t last = needle.size() - 1;
  const __m128i first_byte = _mm_set1_epi8(needle.front());
  const __m128i last_byte = _mm_set1_epi8(needle.back());
  std::size_t waste = 0;
  std::size_t at = from;
  for (; at + last + kVectorBytes <= text.size(); at += kVectorBytes) {
    unsigned places = equal_bytes(load(text.data() + at), first_byte) &
                      equal_bytes(load(text.data() + at + last), last_byte);
    for (; places != 0; places &= places - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(places));
      if (std::memcmp(text.data() + place, needle.data(), needle.size()) == 0) {
        return place;
      }
      waste += needle.size();
    }
    if (waste > kWasteMin + kWastePerByte * (at - from)) {
      return find_by_library(text, needle, at + kVectorBytes);
    }
  }
  return find_by_library(text, needle, at);
}

#endif

}  // namespace

std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size() || needle.size() > text.size() - from) {
    return std::string_view::npos;
  }
  if (needle.empty()) {
    return from;
  }
#if defined(__SSE2__)
  return find_by_vectors(text, needle, from);
#else
  return find_by_library(text, needle, from);
#endif
}

std::size_t count_of(std::string_view text, char byte) {
  std::size_t count = 0;
  std::size_t at = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(byte);
  const __m128i zero = _mm_setzero_si128();
  while (at + kVectorBytes <= text.size()) {
    // Each byte of sums takes up to 255 ones.
    const std::size_t end =
        at + std::min<std::size_t>(255, (text.size() - at) / kVectorBytes) * kVectorBytes;
    __m128i sums = zero;
    for (; at < end; at += kVectorBytes) {
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(load(text.data() + at), wanted));
    }
    const __m128i halves = _mm_sad_epu8(sums, zero);
    count += static_cast<std::size_t>(_mm_cvtsi128_si64(halves)) +
             static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_srli_si128(halves, 8)));
  }
#endif
  return count + static_cast<std::size_t>(
                     std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), byte));
}

}  // namespace piperoll::base
