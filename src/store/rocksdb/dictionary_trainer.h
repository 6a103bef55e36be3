#pragma once
// DictionaryTrainer: when blocks of rows need another dictionary, and what it is made of. It sees
// every full block that is compressed, in windows of a fixed number, and keeps some of them as
// samples. After the first, second, fourth, eighth window and so on, and after one that got clearly
// less small than those before, a dictionary is trained; it is taken if it makes samples that it
// was not trained on clearly smaller. All of this goes by what is compressed: random bytes, which
// stand beside it, would hide what changes. Thread-safe. ADR 76 and 84.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "store/rocksdb/row_codec.h"
#include "store/rocksdb/row_dictionaries.h"

namespace piperoll::store::rocks {

class DictionaryTrainer {
 public:
  // dictionaries outlives it. window: blocks; a sixteenth of it while there is no dictionary.
  DictionaryTrainer(const RowDictionaries& dictionaries, std::size_t window)
      : dictionaries_(dictionaries), window_(window) {}

  // A block, as encode_row_block() was given it with the newest dictionary, and what it made of it.
  void saw(std::span<const std::uint32_t> sizes, base::ByteView records,
           const RowDictionary* dictionary, const EncodedRows& encoded);
  bool is_due() const;
  // Takes a third of a second of the calling thread. REQUIRES: is_due(); one thread.
  void train();
  // What train() made, once; in use when the caller has added it to the dictionaries. Null: nothing
  // new.
  std::shared_ptr<const base::ZstdDictionary> take();

 private:
  struct Sample {
    std::vector<std::uint32_t> sizes;
    base::Bytes records;
  };
  static std::uint64_t bytes_compressed(std::span<const Sample> samples,
                                        const RowDictionary* dictionary);
  // Null: not clearly smaller than with the newest.
  std::shared_ptr<const base::ZstdDictionary> better_one(std::vector<Sample> samples) const;
  void end_window();

  const RowDictionaries& dictionaries_;
  const std::size_t window_;

  mutable base::Mutex mutex_;
  std::vector<Sample> samples_ GUARDED_BY(mutex_);          // of this window
  std::size_t blocks_ GUARDED_BY(mutex_) = 0;               // in it
  std::uint64_t bytes_to_compress_ GUARDED_BY(mutex_) = 0;  // in it, without random bytes
  std::uint64_t bytes_compressed_ GUARDED_BY(mutex_) = 0;
  std::uint64_t windows_ GUARDED_BY(mutex_) = 0;
  std::uint64_t tries_ GUARDED_BY(mutex_) = 0, windows_since_try_ GUARDED_BY(mutex_) = 0;
  double least_share_ GUARDED_BY(mutex_) = 1;  // of bytes, of a window since the last try
  bool due_ GUARDED_BY(mutex_) = false;
  std::shared_ptr<const base::ZstdDictionary> made_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::store::rocks
