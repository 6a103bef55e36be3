#pragma once
// Why a JSON text is refused: internal to base. Pure functions.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::base {

inline constexpr std::int64_t kJsonIntegerMax = (std::int64_t{1} << 53) - 1;

// JsonLimits::depth_max above this counts as this: reader and explainer are recursive.
inline constexpr std::size_t kJsonDepthMax = 1000;

inline constexpr char kIntegerOutOfRange[] =
    "integer out of range: -9007199254740991 to 9007199254740991 is allowed "
    "(larger ones can be sent as strings)";
inline constexpr char kNulCharacter[] = "NUL character: every character but U+0000 is allowed";
inline constexpr char kLoneSurrogate[] = "lone surrogate: surrogates are allowed only in pairs";
std::string nested_too_deeply(std::size_t depth_max);

// Where a walk over nested values stands: a chain of frames on the stack, made into text only for
// an error. A view: the frames around it must outlive it.
struct JsonPlace {
  const JsonPlace* parent = nullptr;  // null: the outermost value
  std::string_view name = {};
  std::size_t index = 0;
  bool in_array = false;
};

std::string to_pointer(const JsonPlace* place);  // null: the whole text, ""

// A rule of ours is broken at the place; code "invalid_json".
Error invalid_json(std::string pointer, std::string detail);

// What is wrong with a text that the parser refused, and where. The parser says neither, so the
// text is read once more, slowly. Code "malformed_json" for what is not JSON at all, "invalid_json"
// else. REQUIRES: depth_max <= kJsonDepthMax.
Error explain_json_error(std::string_view text, std::size_t depth_max);

}  // namespace piperoll::base
