#pragma once
// BlockPacker: encodes full blocks of rows on a thread of its own, beside the applying thread,
// which writes the index meanwhile. Compressing them is a third of what applying a record costs
// (docs/benchmarks.md). When it has nothing to do it trains the dictionaries they need.

#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/mutex.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/dictionary_trainer.h"

namespace piperoll::store::rocks {

// As encode_row_block() takes it, with the key it is put under.
struct FullBlock {
  base::Bytes key;
  event::LogId log;
  std::vector<std::uint32_t> sizes;
  base::Bytes records;
};

// add() and finish() on the applying thread alone.
class BlockPacker {
 public:
  // database outlives it. dictionary_window: as DictionaryTrainer.
  explicit BlockPacker(Database& database, std::size_t dictionary_window);
  ~BlockPacker();  // what was added and not finished is forgotten
  BlockPacker(const BlockPacker&) = delete;
  BlockPacker& operator=(const BlockPacker&) = delete;

  void add(FullBlock block);
  // Puts the blocks that were added into the batch. Encodes with the thread what is left of them.
  // Puts a new dictionary too, which the blocks of later batches need.
  void finish(rocksdb::WriteBatch& batch);

 private:
  struct Job {
    FullBlock block;
    base::Bytes value;
  };
  void run();
  // Encodes the next block that nobody has taken. False when there is none.
  bool encode_one() EXCLUDES_LOCK(mutex_);

  Database& database_;
  DictionaryTrainer trainer_;
  base::Mutex mutex_;
  base::CondVar added_, encoded_all_;
  std::deque<Job> jobs_ GUARDED_BY(mutex_);  // in a deque none moves when another is added
  std::size_t taken_ GUARDED_BY(mutex_) = 0;
  std::size_t encoded_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace piperoll::store::rocks
