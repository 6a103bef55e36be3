#pragma once
// UTF-8 text: validity, length in code points, simple case folding (Unicode CaseFolding.txt, status
// C and S; ICU u_foldCase). Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

namespace piperoll::base {

bool is_valid_utf8(std::string_view text);  // no surrogates, no overlong forms, <= U+10FFFF
// REQUIRES: valid UTF-8.
std::size_t code_point_count(std::string_view text);
// Only white space (Unicode White_Space), or empty.
bool is_blank(std::string_view text);
std::string fold_case(std::string_view text);  // simple folding, so the count of code points stays
// Lower-case copies of A to Z at out, every other byte as it is. REQUIRES: room for text.size()
// bytes.
void fold_ascii(std::string_view text, char* out);
void append_utf8(std::string& out, char32_t code_point);
// Does fold_case(text) contain folded_needle? Where text is ASCII and the needle no longer than
// kFoldedNeedleBytesOnStack, no memory is allocated.
// REQUIRES: folded_needle == fold_case(folded_needle).
inline constexpr std::size_t kFoldedNeedleBytesOnStack = 2048;
bool contains_folded(std::string_view text, std::string_view folded_needle);

}  // namespace piperoll::base
