#pragma once
// Filters: what a record must satisfy. One tree for all surfaces; match.h says what it means and
// every store must agree with that. Immutable values.

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "event/fields.h"

namespace piperoll::query {

struct Filter {
  enum class Kind : std::uint8_t {
    All,       // every record
    And,       // all children (no children: every record)
    Or,        // any child (no children: none)
    Not,       // not its only child; so Not(Equal) holds where the field is absent
    Equal,     // the field is present and its text is texts[0]
    In,        // the field is present and its text is one of texts
    Contains,  // the field is present and contains texts[0], case-insensitively (simple folding)
    Prefix,    // the field is present and its text begins with texts[0], exactly
    Exists,    // the field is present
    Range,     // Integer and Time fields: present and min <= value <= max (microseconds for times)
    Words,     // every one of texts is found, case-insensitively, inside some text of the record
  };

  Kind kind = Kind::All;
  event::FieldRef field;
  std::vector<std::string> texts;  // Contains and Words: folded already
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  // Contains on Field::Seq alone: its text is the decimal form of seq + shift, for surfaces whose
  // ids count from 1.
  std::int64_t shift = 0;
  std::vector<Filter> children;

  bool operator==(const Filter&) const = default;
};

// Builders. contains() and words() fold their arguments; words() splits at white space; the empty
// needle of contains() is found in every present field.
Filter all();
Filter all_of(std::vector<Filter> children);
Filter any_of(std::vector<Filter> children);
Filter negate(Filter child);
Filter equal(event::FieldRef field, std::string text);
Filter in(event::FieldRef field, std::vector<std::string> texts);
Filter contains(event::FieldRef field, std::string_view needle);
Filter seq_contains(std::string_view needle, std::int64_t shift);  // Contains on Field::Seq
Filter prefix(event::FieldRef field, std::string text);
Filter exists(event::FieldRef field);
Filter range(event::Field field, std::int64_t min, std::int64_t max);  // both inclusive
Filter words(std::string_view text);

// Canonical text of a filter, injective: "(and (= action "user.create") (not (exists actor.id)))".
// For tests, explain, the access log and the binding of cursors.
std::string print(const Filter& filter);

// The same filter, simpler: nested And/Or joined, double Not removed, constants folded, ranges of
// one field under And merged, children sorted and made unique. Never changes what matches.
Filter normalize(Filter filter);

}  // namespace piperoll::query
