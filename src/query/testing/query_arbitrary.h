#pragma once
// RapidCheck generators of filters, sorts and pages, for the tests of this and other modules. They
// speak of the fields and texts of given records, so that most filters match some of these.

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "event/record.h"
#include "query/query.h"

namespace piperoll::query {

// Printed by RapidCheck and GoogleTest when a test fails.
inline std::ostream& operator<<(std::ostream& out, const Filter& filter) {
  return out << print(filter);
}
inline void showValue(const Filter& filter, std::ostream& out) {
  out << print(filter);
}
inline void showValue(const Sort& sort, std::ostream& out) {
  out << print(sort);
}
std::string print(const PageRequest& request);
inline void showValue(const PageRequest& request, std::ostream& out) {
  out << print(request);
}

struct Vocabulary {
  struct Entry {
    event::FieldRef field;
    std::vector<std::string> texts;  // some that records have, the frequent ones more often
  };
  std::vector<Entry> entries;  // every field that has texts: Text, Integer, Time and dynamic paths
  std::vector<std::string> texts;  // of all entries together, and some that no record has
  std::map<event::Field, std::vector<std::int64_t>> numbers;  // of Integer and Time fields
  std::uint64_t size = 0;                                     // of the log
};

// REQUIRES: records not empty, in seq order; size may be more than the records shown.
std::shared_ptr<const Vocabulary> vocabulary_of(std::span<const event::RecordView> records,
                                                std::uint64_t size);

using VocabularyPointer = std::shared_ptr<const Vocabulary>;
rc::Gen<event::FieldRef> arbitrary_field(VocabularyPointer vocabulary);
rc::Gen<Filter> arbitrary_leaf(VocabularyPointer vocabulary);
// At most levels of And, Or and Not above the leaves.
rc::Gen<Filter> arbitrary_filter(VocabularyPointer vocabulary, int levels = 3);
rc::Gen<Sort> arbitrary_sort();
rc::Gen<PageRequest> arbitrary_page_request(VocabularyPointer vocabulary);

}  // namespace piperoll::query
