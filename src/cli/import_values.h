#pragma once
// Small steps of the import mappings: values by path, cut to the limits of the model. Pure.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace piperoll::cli {

// The value at a path of member names, or nothing; null counts as absent.
std::optional<base::JsonValue> value_at(const base::JsonValue& object,
                                        std::initializer_list<std::string_view> path);
// A string there, at most code_points_max of it; numbers and booleans as their JSON text; nothing
// for anything else and for an empty string.
std::optional<std::string> text_at(const base::JsonValue& object,
                                   std::initializer_list<std::string_view> path,
                                   std::size_t code_points_max);
std::string cut_code_points(std::string_view text, std::size_t code_points_max);
// Canonical JSON of the object without the members named; "" when nothing is left.
std::string rest_of(const base::JsonValue& object, std::initializer_list<std::string_view> without);
// Canonical JSON of the object there; "" if it is none or empty.
std::string object_at(const base::JsonValue& object, std::initializer_list<std::string_view> path);

}  // namespace piperoll::cli
