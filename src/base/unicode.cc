#include "base/unicode.h"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <simdjson.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/check.h"
#include "base/text_search.h"

namespace piperoll::base {
namespace {

constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;

// Eight bytes at a time: the compiler leaves loops over bytes as they are at -O2.
std::uint64_t load64(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool is_ascii(std::string_view text) {
  // Without an early exit: texts are short.
  std::uint64_t seen = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    seen |= load64(text.data() + at);
  }
  for (; at < text.size(); ++at) {
    seen |= static_cast<unsigned char>(text[at]);
  }
  return (seen & kHighBits) == 0;
}

char ascii_fold(char c) {
  bool is_upper = c >= 'A' && c <= 'Z';
  return static_cast<char>(c | (is_upper ? 0x20 : 0));
}

// text is ASCII. Folded piece by piece into a buffer on the stack; pieces overlap by one less than
// the needle, so that no occurrence is cut.
bool ascii_contains_folded(std::string_view text, std::string_view needle) {
  std::array<char, 2 * kFoldedNeedleBytesOnStack> folded;  // not cleared
  if (needle.size() > kFoldedNeedleBytesOnStack) {
    return contains(fold_case(text), needle);
  }
  while (text.size() >= needle.size()) {
    std::string_view piece = text.substr(0, folded.size());
    fold_ascii(piece, folded.data());
    if (contains({folded.data(), piece.size()}, needle)) {
      return true;
    }
    if (piece.size() == text.size()) {
      return false;
    }
    text.remove_prefix(piece.size() - (needle.size() - 1));
  }
  return false;
}

// The code point at text[at], at moved behind it; negative where the text is not UTF-8.
// The macro of ICU converts without asking.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
UChar32 next_code_point(std::string_view text, std::size_t& at) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  UChar32 code_point;
  U8_NEXT(bytes, at, text.size(), code_point);
  return code_point;
}
#pragma GCC diagnostic pop

}  // namespace

void fold_ascii(std::string_view text, char* out) {
  std::size_t at = 0;
#if defined(__SSE2__)
  for (; at + sizeof(__m128i) <= text.size(); at += sizeof(__m128i)) {
    // As signed numbers, bytes beyond ASCII are below 'A'.
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                        _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at),
                     _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20))));
  }
#endif
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = load64(text.data() + at);
    // The high bit of each byte: ASCII, at least 'A', and not above 'Z'. No sum leaves its byte.
    std::uint64_t low = word & ~kHighBits;
    std::uint64_t upper = (low + (0x80 - 'A') * kOnes) & ~(low + (0x80 - 'Z' - 1) * kOnes) & ~word;
    word |= (upper & kHighBits) >> 2;
    std::memcpy(out + at, &word, sizeof word);
  }
  for (; at < text.size(); ++at) {
    out[at] = ascii_fold(text[at]);
  }
}

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t code_point_count(std::string_view text) {
  // Every byte but the continuations 10xxxxxx begins a code point.
  std::size_t continuations = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = load64(text.data() + at);
    std::uint64_t flags = (word & ~(word << 1) & kHighBits) >> 7;
    continuations += flags * kOnes >> 56;  // the sum of the eight flags
  }
  for (; at < text.size(); ++at) {
    continuations += (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U ? 1U : 0U;
  }
  return text.size() - continuations;
}

bool is_blank(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!u_isUWhiteSpace(next_code_point(text, at))) {
      return false;
    }
  }
  return true;
}

std::string fold_case(std::string_view text) {
  std::string folded;
  if (is_ascii(text)) {
    folded.resize(text.size());
    fold_ascii(text, folded.data());
    return folded;
  }
  folded.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t begin = at;
    UChar32 code_point = next_code_point(text, at);
    if (code_point < 0) {
      folded.append(text.substr(begin, at - begin));
    } else {
      append_utf8(folded, static_cast<char32_t>(u_foldCase(code_point, U_FOLD_CASE_DEFAULT)));
    }
  }
  return folded;
}

void append_utf8(std::string& out, char32_t code_point) {
  CHECK(code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff));
  auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

bool contains_folded(std::string_view text, std::string_view folded_needle) {
  if (folded_needle.empty()) {
    return true;
  }
  if (is_ascii(text)) {
    return ascii_contains_folded(text, folded_needle);
  }
  return contains(fold_case(text), folded_needle);
}

}  // namespace piperoll::base
