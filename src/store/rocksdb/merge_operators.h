#pragma once
// How RocksDB joins a value with what is merged into it. Thread-safe.

#include <memory>

#include <rocksdb/merge_operator.h>

#include "store/rocksdb/column_families.h"

namespace piperoll::store::rocks {

// post: union of sets. ids, time, codes and tree: parts one after the other. roll: sums by key.
// Null for the other families, which are never merged into. Names are part of the format.
std::shared_ptr<rocksdb::MergeOperator> merge_operator(Family family);

}  // namespace piperoll::store::rocks
