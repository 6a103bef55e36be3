#include "store/rocksdb/row_dictionaries.h"

#include <optional>
#include <utility>

#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

using base::MutexLock;

RowDictionaryPointer RowDictionaries::find(std::uint64_t number) const {
  MutexLock lock(mutex_);
  return number >= 1 && number <= by_number_.size() ? by_number_[number - 1] : nullptr;
}

RowDictionaryPointer RowDictionaries::newest() const {
  MutexLock lock(mutex_);
  return by_number_.empty() ? nullptr : by_number_.back();
}

RowDictionaryPointer RowDictionaries::add(std::shared_ptr<const base::ZstdDictionary> zstd) {
  MutexLock lock(mutex_);
  by_number_.push_back(std::make_shared<const RowDictionary>(
      RowDictionary{.number = by_number_.size() + 1, .zstd = std::move(zstd)}));
  return by_number_.back();
}

std::uint64_t RowDictionaries::bytes() const {
  MutexLock lock(mutex_);
  std::uint64_t sum = 0;
  for (const RowDictionaryPointer& dictionary : by_number_) {
    sum += dictionary->zstd->bytes().size();
  }
  return sum;
}

base::Result<void> load_row_dictionaries(Database& database) {
  Cursor cursor(database, Family::Meta, nullptr, dictionary_prefix(), end_of(dictionary_prefix()));
  std::uint64_t number = 0;
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    const std::optional<std::uint64_t> found = parse_dictionary_key(cursor.key());
    if (!found.has_value() || *found != ++number) {
      return base::Error{
          .kind = base::ErrorKind::Corruption,
          .message = "dictionary " + std::to_string(number) + " of the store's rows is not there",
          .code = "damaged_store"};
    }
    ASSIGN_OR_RETURN(std::shared_ptr<const base::ZstdDictionary> made,
                     base::ZstdDictionary::make(base::Bytes(cursor.value()), kRowBlockZstdLevel));
    database.row_dictionaries().add(std::move(made));
  }
  return cursor.status();
}

}  // namespace piperoll::store::rocks
