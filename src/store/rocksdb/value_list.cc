#include "store/rocksdb/value_list.h"

#include <algorithm>
#include <iterator>

#include "base/text_search.h"
#include "base/unicode.h"
#include "store/rocksdb/answers.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

base::Result<ValueList> ValueList::extend(const ValueList& before, const Database& database,
                                          const Snapshot& snapshot, LogNumber log, Slot slot,
                                          Code end_code) {
  ValueList list;
  list.texts_ = before.texts_;
  list.folded_ = before.folded_;
  list.folded_ends_ = before.folded_ends_;
  const std::uint8_t number = kIndexedFields[slot].number;
  Cursor cursor(database, Family::Dict, snapshot, code_key(log, number, before.end_code()),
                code_key(log, number, end_code));
  std::vector<Item> added;
  Code next = before.end_code();
  for (cursor.seek_first(); cursor.valid(); cursor.next(), ++next) {
    const base::ByteView text = cursor.value();
    if (parse_code_key(cursor.key()) != next) {
      break;
    }
    added.push_back({list.texts_.size(), static_cast<std::uint32_t>(text.size()), next});
    list.texts_.append(text);
    list.folded_.append(base::fold_case(text)).push_back('\0');  // no value holds a NUL
    list.folded_ends_.push_back(list.folded_.size());
  }
  RETURN_IF_ERROR(cursor.status());
  if (next != end_code) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "the dictionary of a field has a gap",
                       .code = "damaged_index"};
  }
  const event::Field field = kIndexedFields[slot].field;
  const auto less = [&](const Item& a, const Item& b) {
    const std::string_view texts = list.texts_;
    return value_less(field, texts.substr(a.text_at, a.text_bytes),
                      texts.substr(b.text_at, b.text_bytes));
  };
  std::sort(added.begin(), added.end(), less);
  std::merge(before.items_.begin(), before.items_.end(), added.begin(), added.end(),
             std::back_inserter(list.items_), less);
  list.ranks_.resize(list.items_.size());
  for (std::size_t rank = 0; rank < list.items_.size(); ++rank) {
    list.ranks_[list.items_[rank].code - kFirstCode] = static_cast<std::uint32_t>(rank);
  }
  return list;
}

std::optional<Code> ValueList::find(std::string_view wanted, event::Field field) const {
  const auto found = std::lower_bound(
      items_.begin(), items_.end(), wanted, [&](const Item& item, std::string_view text) {
        return value_less(field, std::string_view(texts_).substr(item.text_at, item.text_bytes),
                          text);
      });
  if (found == items_.end() || text(static_cast<std::size_t>(found - items_.begin())) != wanted) {
    return std::nullopt;
  }
  return found->code;
}

std::size_t ValueList::lower_bound(std::string_view wanted) const {
  const auto found = std::lower_bound(
      items_.begin(), items_.end(), wanted, [&](const Item& item, std::string_view text) {
        return std::string_view(texts_).substr(item.text_at, item.text_bytes) < text;
      });
  return static_cast<std::size_t>(found - items_.begin());
}

// The first end from `from` on that lies behind place. In steps that double: mostly it is near.
// REQUIRES: there is one.
ValueList::Ends::const_iterator ValueList::end_behind(Ends::const_iterator from,
                                                      std::size_t place) const {
  std::ptrdiff_t step = 1;
  while (step < folded_ends_.end() - from && from[step - 1] <= place) {
    from += step;
    step *= 2;
  }
  return std::upper_bound(from, from + std::min(step, folded_ends_.end() - from), place);
}

std::vector<Code> ValueList::codes_containing(std::string_view folded_needle) const {
  std::vector<Code> codes;
  if (folded_needle.find('\0') != std::string_view::npos) {
    return codes;
  }
  auto end = folded_ends_.begin();  // of the text found last or, ahead of the first, any
  for (std::size_t at = 0; at < folded_.size(); at = *end) {
    const std::size_t place = base::find_text(folded_, folded_needle, at);
    if (place == base::Bytes::npos) {
      break;
    }
    end = end_behind(end, place);
    codes.push_back(kFirstCode + static_cast<Code>(end - folded_ends_.begin()));
  }
  return codes;
}

std::size_t ValueList::memory_bytes() const {
  return sizeof(ValueList) + texts_.capacity() + folded_.capacity() +
         folded_ends_.capacity() * sizeof(std::uint64_t) + items_.capacity() * sizeof(Item) +
         ranks_.capacity() * sizeof(std::uint32_t);
}

base::Result<std::shared_ptr<const ValueList>> ValueLists::get(const Database& database,
                                                               const ReadView& view, Slot slot) {
  const Key key{view.head->number, slot};
  const Code wanted = view.head->fields[slot].next_code;
  const auto is_enough = [&](const ValueList& list) { return list.end_code() >= wanted; };
  std::shared_ptr<const ValueList> known = kept_.find(key);
  if (known != nullptr && is_enough(*known)) {
    return known;
  }
  const ValueList nothing;
  ASSIGN_OR_RETURN(ValueList list,
                   ValueList::extend(known == nullptr ? nothing : *known, database, view.snapshot,
                                     view.head->number, slot, wanted));
  auto made = std::make_shared<const ValueList>(std::move(list));
  kept_.keep(key, made, made->memory_bytes(), is_enough);
  return made;
}

}  // namespace piperoll::store::rocks
