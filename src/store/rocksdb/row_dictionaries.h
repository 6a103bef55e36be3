#pragma once
// Dictionaries that blocks of rows are compressed with: what the events of this server have in
// common, so that small blocks are as small as large ones. One is newest and used for new blocks;
// a block names its own. Kept in meta; shared by all logs. ADR 76.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/zstd_block.h"

namespace piperoll::store::rocks {

class Database;

struct RowDictionary {
  std::uint64_t number = 0;  // from 1, in the order made
  std::shared_ptr<const base::ZstdDictionary> zstd;
};
using RowDictionaryPointer = std::shared_ptr<const RowDictionary>;

// All dictionaries of a store. Thread-safe.
class RowDictionaries {
 public:
  RowDictionaryPointer find(std::uint64_t number) const;  // null: there is none
  RowDictionaryPointer newest() const;                    // null: there is none yet
  // Gives it the next number.
  RowDictionaryPointer add(std::shared_ptr<const base::ZstdDictionary> zstd);
  std::uint64_t bytes() const;

 private:
  mutable base::Mutex mutex_;
  std::vector<RowDictionaryPointer> by_number_ GUARDED_BY(mutex_);
};

// Reads those that are in the database into it. Corruption if one is missing or damaged.
base::Result<void> load_row_dictionaries(Database& database);

}  // namespace piperoll::store::rocks
