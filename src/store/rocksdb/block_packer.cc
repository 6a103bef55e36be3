#include "store/rocksdb/block_packer.h"

#include <utility>

#include "base/thread.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/row_codec.h"

namespace piperoll::store::rocks {

using base::MutexLock;

namespace {
// So many blocks must wait to be worth waking a thread for.
constexpr std::size_t kWorthWaking = 2;
}  // namespace

BlockPacker::BlockPacker(Database& database, std::size_t dictionary_window)
    : database_(database), trainer_(database.row_dictionaries(), dictionary_window) {
  thread_ = std::thread([this] {
    base::name_this_thread("row packer");
    base::lower_this_threads_priority();
    run();
  });
}

BlockPacker::~BlockPacker() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    taken_ = jobs_.size();
    added_.notify_one();
  }
  thread_.join();
}

void BlockPacker::add(FullBlock block) {
  MutexLock lock(mutex_);
  jobs_.push_back({.block = std::move(block), .value = {}});
  if (jobs_.size() - taken_ >= kWorthWaking) {
    added_.notify_one();
  }
}

bool BlockPacker::encode_one() {
  Job* job = nullptr;
  {
    MutexLock lock(mutex_);
    if (taken_ == jobs_.size()) {
      return false;
    }
    job = &jobs_[taken_++];
  }
  const FullBlock& block = job->block;
  const RowDictionaryPointer dictionary = database_.row_dictionaries().newest();
  EncodedRows encoded =
      encode_row_block(block.sizes, block.records, dictionary.get(), database_.made_ids(block.log));
  trainer_.saw(block.sizes, block.records, dictionary.get(), encoded);
  job->value = std::move(encoded.value);
  base::give_way();
  MutexLock lock(mutex_);
  if (++encoded_ == jobs_.size()) {
    encoded_all_.notify_one();
  }
  return true;
}

void BlockPacker::run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!stopping_ && jobs_.size() - taken_ < kWorthWaking) {
        added_.wait(mutex_);
      }
      if (stopping_) {
        return;
      }
    }
    while (encode_one()) {
    }
    if (trainer_.is_due()) {
      trainer_.train();
    }
  }
}

void BlockPacker::finish(rocksdb::WriteBatch& batch) {
  while (encode_one()) {
  }
  MutexLock lock(mutex_);
  while (encoded_ < jobs_.size()) {
    encoded_all_.wait(mutex_);
  }
  for (const Job& job : jobs_) {
    batch.Put(database_.handle(Family::Rows), rocksdb::Slice(job.block.key),
              rocksdb::Slice(job.value));
  }
  jobs_.clear();
  taken_ = encoded_ = 0;
  // Nothing is being encoded now: blocks with this dictionary come with later batches.
  if (std::shared_ptr<const base::ZstdDictionary> made = trainer_.take()) {
    const RowDictionaryPointer added = database_.row_dictionaries().add(std::move(made));
    const base::ByteView bytes = added->zstd->bytes();
    batch.Put(database_.handle(Family::Meta), rocksdb::Slice(dictionary_key(added->number)),
              rocksdb::Slice(bytes.data(), bytes.size()));
  }
}

}  // namespace piperoll::store::rocks
