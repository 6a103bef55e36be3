#include "query/testing/query_arbitrary.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/json.h"

namespace piperoll::query {

namespace {

constexpr std::size_t kTextsMax = 200;  // remembered of one field

// RapidCheck begins with small ranges and widens them; choices between kinds are not sizes.
template <class T>
rc::Gen<T> in_range(T min, T max) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(min, max));
}

bool one_in(int n) {
  return *in_range(0, n) == 0;
}

// One of values; unlike rc::gen::elementOf it does not copy them all.
template <class T>
T some_of(const std::vector<T>& values) {
  return values[*in_range<std::size_t>(0, values.size())];
}

// ---- What records hold.

using Records = std::span<const event::RecordView>;
// The records that hold something at a path.
using Paths = std::map<std::string, std::vector<event::RecordView>>;

void collect_paths(const base::JsonValue& object, const std::string& prefix,
                   const event::RecordView& record, Paths& paths) {
  for (const base::JsonMember& member : object.members()) {
    const std::string path = prefix + std::string(member.name);
    if (!path.empty()) {
      paths[path].push_back(record);
    }
    if (member.value.is(base::JsonKind::Object)) {
      collect_paths(member.value, path + ".", record, paths);
    }
  }
}

Paths paths_of(Records records, event::Field root) {
  Paths paths;
  base::JsonParser parser;
  for (const event::RecordView& record : records) {
    event::FieldScratch scratch;
    const auto text = event::text_of(record, root, scratch);
    if (text.has_value()) {
      const base::Result<base::JsonValue> value = parser.parse(*text);
      CHECK(value.has_value());
      collect_paths(*value, "", record, paths);
    }
  }
  return paths;
}

Vocabulary::Entry entry_of(Records records, event::FieldRef field) {
  Vocabulary::Entry entry{std::move(field), {}};
  for (const event::RecordView& record : records) {
    event::FieldScratch scratch;
    const auto text = event::text_of(record, entry.field, scratch);
    if (text.has_value() && entry.texts.size() < kTextsMax) {
      entry.texts.emplace_back(*text);
    }
  }
  return entry;
}

void add_numbers(Records records, event::Field field, Vocabulary& vocabulary) {
  for (const event::RecordView& record : records) {
    if (const auto number = event::number_of(record, field); number.has_value()) {
      vocabulary.numbers[field].push_back(*number);
    }
  }
}

// ---- Texts and parts of texts.

// Offsets at which code points begin, and the end.
std::vector<std::size_t> boundaries(std::string_view text) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
      offsets.push_back(i);
    }
  }
  offsets.push_back(text.size());
  return offsets;
}

std::string some_part(std::string_view text) {
  const std::vector<std::size_t> offsets = boundaries(text);
  const std::size_t begin = *in_range<std::size_t>(0, offsets.size());
  const std::size_t most = std::min<std::size_t>(offsets.size() - begin, 8);
  const std::size_t end = begin + *in_range<std::size_t>(0, most);
  return std::string(text.substr(offsets[begin], offsets[end] - offsets[begin]));
}

std::string some_prefix(std::string_view text) {
  const std::vector<std::size_t> offsets = boundaries(text);
  return std::string(text.substr(0, some_of(offsets)));
}

std::string in_other_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return text;
}

// The paths may be many: they are half of what is spoken about.
const Vocabulary::Entry& some_entry(const Vocabulary& vocabulary) {
  constexpr auto kMembers = static_cast<std::size_t>(event::Field::Context);
  const std::size_t among = one_in(2) ? kMembers : vocabulary.entries.size();
  return vocabulary.entries[*in_range<std::size_t>(0, among)];
}

std::string some_text(const Vocabulary& vocabulary, const Vocabulary::Entry& entry) {
  if (entry.texts.empty() || one_in(6)) {
    return some_of(vocabulary.texts);
  }
  return some_of(entry.texts);
}

Filter some_in(const Vocabulary& vocabulary, const Vocabulary::Entry& entry) {
  std::vector<std::string> texts;
  const int count = *in_range(0, 5);
  for (int i = 0; i < count; ++i) {
    texts.push_back(some_text(vocabulary, entry));
  }
  return in(entry.field, std::move(texts));
}

Filter some_words(const Vocabulary& vocabulary) {
  std::string text;
  const int count = *in_range(0, 3);
  for (int i = 0; i < count; ++i) {
    text += some_part(some_of(vocabulary.texts)) + (one_in(4) ? " \xe2\x80\x83 " : " ");
  }
  return words(text);
}

std::int64_t some_bound(const std::vector<std::int64_t>& numbers, std::int64_t open) {
  if (one_in(3)) {
    return open;
  }
  return some_of(numbers) + some_of<std::int64_t>({0, 0, 1, -1, 1000});
}

Filter some_range(const Vocabulary& vocabulary) {
  const event::Field field = some_of<event::Field>(
      {event::Field::Seq, event::Field::OccurredAt, event::Field::OccurredAt,
       event::Field::RecordedAt, event::Field::RequestStatusCode, event::Field::Action});
  const auto found = vocabulary.numbers.find(field);
  if (found == vocabulary.numbers.end()) {
    return range(field, 0, 1000);  // no record has one
  }
  std::int64_t min = some_bound(found->second, std::numeric_limits<std::int64_t>::min());
  std::int64_t max = some_bound(found->second, std::numeric_limits<std::int64_t>::max());
  if (min > max && !one_in(5)) {
    std::swap(min, max);
  }
  return range(field, min, max);
}

Filter some_leaf(const Vocabulary& vocabulary) {
  const Vocabulary::Entry& entry = some_entry(vocabulary);
  const int kind = *in_range(0, 40);
  if (kind < 10) {
    return equal(entry.field, some_text(vocabulary, entry));
  }
  if (kind < 15) {
    return some_in(vocabulary, entry);
  }
  if (kind < 21) {
    const std::string needle = some_part(some_text(vocabulary, entry));
    return contains(entry.field, one_in(3) ? in_other_case(needle) : needle);
  }
  if (kind < 26) {
    return prefix(entry.field, some_prefix(some_text(vocabulary, entry)));
  }
  if (kind < 30) {
    return exists(entry.field);
  }
  if (kind < 36) {
    return some_range(vocabulary);
  }
  if (kind < 38) {
    return some_words(vocabulary);
  }
  return kind == 38 ? seq_contains(std::to_string(*in_range(0, 30)), *in_range(0, 2)) : all();
}

Filter some_filter(const Vocabulary& vocabulary, int levels) {
  const int kind = levels > 0 ? *in_range(0, 10) : 9;
  if (kind > 5) {
    return some_leaf(vocabulary);
  }
  if (kind == 0) {
    return negate(some_filter(vocabulary, levels - 1));
  }
  std::vector<Filter> children;
  const int count = *in_range(0, 4);
  for (int i = 0; i < count; ++i) {
    children.push_back(some_filter(vocabulary, levels - 1));
  }
  return kind < 4 ? all_of(std::move(children)) : any_of(std::move(children));
}

std::optional<std::uint64_t> some_seq(const Vocabulary& vocabulary) {
  return *in_range<std::uint64_t>(0, vocabulary.size);
}

}  // namespace

std::string print(const PageRequest& request) {
  const auto number = [](const char* name, std::optional<std::uint64_t> value) {
    return value.has_value() ? std::string(" ") + name + "=" + std::to_string(*value) : "";
  };
  return print(request.filter) + " sort=" + print(request.sort) + number("limit", request.limit) +
         number("offset", request.offset) + number("after", request.after_seq) +
         number("before", request.before_seq) + number("tree_size", request.tree_size);
}

std::shared_ptr<const Vocabulary> vocabulary_of(std::span<const event::RecordView> records,
                                                std::uint64_t size) {
  CHECK(!records.empty());
  auto vocabulary = std::make_shared<Vocabulary>();
  vocabulary->size = size;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<event::Field>(i);
    if (event::type_of(field) == event::FieldType::Object) {
      for (const auto& [path, holders] : paths_of(records, field)) {
        vocabulary->entries.push_back(entry_of(holders, {field, path}));
      }
    } else {
      vocabulary->entries.push_back(entry_of(records, {field, {}}));
      add_numbers(records, field, *vocabulary);
    }
  }
  vocabulary->entries.push_back({{event::Field::Metadata, "no.such.path"}, {}});
  vocabulary->texts = {"", "no record has this", "\xc3\x9f", "null"};
  for (const Vocabulary::Entry& entry : vocabulary->entries) {
    vocabulary->texts.insert(
        vocabulary->texts.end(), entry.texts.begin(),
        entry.texts.begin() + std::min<std::ptrdiff_t>(std::ssize(entry.texts), 5));
  }
  return vocabulary;
}

rc::Gen<event::FieldRef> arbitrary_field(VocabularyPointer vocabulary) {
  return rc::gen::exec([vocabulary] { return some_entry(*vocabulary).field; });
}

rc::Gen<Filter> arbitrary_leaf(VocabularyPointer vocabulary) {
  return rc::gen::exec([vocabulary] { return some_leaf(*vocabulary); });
}

rc::Gen<Filter> arbitrary_filter(VocabularyPointer vocabulary, int levels) {
  return rc::gen::exec([vocabulary, levels] { return some_filter(*vocabulary, levels); });
}

rc::Gen<Sort> arbitrary_sort() {
  return rc::gen::exec([] {
    if (one_in(4)) {
      return newest_first();
    }
    Sort sort;
    const int terms = some_of<int>({1, 1, 1, 2, 3});
    for (int i = 0; i < terms; ++i) {
      SortTerm term;
      const int field = *in_range(0, static_cast<int>(event::Field::Context) + 6);
      if (field < static_cast<int>(event::Field::Context)) {
        term.field = static_cast<event::Field>(field);
      }
      term.descending = one_in(2);
      term.absent = one_in(3) ? Absent::Lowest : Absent::Highest;
      sort.push_back(term);
    }
    return sort;
  });
}

rc::Gen<PageRequest> arbitrary_page_request(VocabularyPointer vocabulary) {
  return rc::gen::exec([vocabulary] {
    PageRequest request;
    request.filter = *arbitrary_filter(vocabulary);
    request.sort = *arbitrary_sort();
    request.limit = some_of<std::uint64_t>({1, 2, 7, 50, 50, 1000, kNoLimit, 0});
    if (one_in(3)) {
      request.offset = *in_range<std::uint64_t>(0, one_in(2) ? 20 : vocabulary->size + 3);
    }
    if (one_in(3)) {
      request.after_seq = some_seq(*vocabulary);
    }
    if (one_in(5)) {
      request.before_seq = some_seq(*vocabulary);
    }
    if (one_in(3)) {
      request.tree_size = *in_range<std::uint64_t>(0, vocabulary->size + 3);
    }
    return request;
  });
}

}  // namespace piperoll::query
