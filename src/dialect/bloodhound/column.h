#pragma once
// The columns of BloodHound's audit_logs table that can be filtered and sorted, and how. Pure
// functions.

#include <cstdint>
#include <optional>
#include <string_view>

#include "event/fields.h"

namespace piperoll::dialect::bloodhound {

enum class Predicate : std::uint8_t {
  Equal,
  Approximate,
  NotEqual,
  Greater,
  AtLeast,
  Less,
  AtMost
};

// "eq", "~eq", "neq", "gt", "gte", "lt", "lte"; case-sensitive.
std::optional<Predicate> parse_predicate(std::string_view text);
bool is_ordering(Predicate predicate);  // gt, gte, lt, lte

struct Column {
  enum class Type : std::uint8_t { Id, Text, Status, Time };
  std::string_view name;
  Type type;
  event::Field field;
  bool supports(Predicate predicate) const;
};

// Null if there is no such column, or none that can be filtered and sorted.
const Column* find_column(std::string_view name);

}  // namespace piperoll::dialect::bloodhound
