#include "store/rocksdb/dictionary_trainer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

using base::MutexLock;
using ZstdDictionaryPointer = std::shared_ptr<const base::ZstdDictionary>;

namespace {

constexpr std::size_t kSamplesMax = 256;  // blocks: some 2 MiB of usual events
constexpr std::size_t kShareHeldOut = 4;  // one of so many samples judges and does not train
constexpr std::size_t kFirstWindowShare = 16;
constexpr double kWorse = 1.1;    // a window is clearly less small than another
constexpr double kBetter = 0.97;  // a dictionary clearly better than another

bool is_power_of_two(std::uint64_t number) {
  return (number & (number - 1)) == 0;
}

}  // namespace

void DictionaryTrainer::saw(std::span<const std::uint32_t> sizes, base::ByteView records,
                            const RowDictionary* dictionary, const EncodedRows& encoded) {
  const std::size_t window =
      dictionary == nullptr ? std::max<std::size_t>(1, window_ / kFirstWindowShare) : window_;
  const std::size_t every = std::max<std::size_t>(1, window / kSamplesMax);
  MutexLock lock(mutex_);
  if (due_ || made_ != nullptr) {
    return;
  }
  if (blocks_ % every == 0 && samples_.size() < kSamplesMax) {
    samples_.push_back({.sizes = {sizes.begin(), sizes.end()}, .records = base::Bytes(records)});
  }
  bytes_to_compress_ += encoded.bytes_to_compress;
  bytes_compressed_ += encoded.bytes_compressed;
  if (++blocks_ >= window) {
    end_window();
  }
}

void DictionaryTrainer::end_window() {
  const double share =
      static_cast<double>(bytes_compressed_) / static_cast<double>(bytes_to_compress_ + 1);
  ++windows_;
  ++windows_since_try_;
  // With every try the next one for this reason comes later: there are few dictionaries for much
  // data, however it changes.
  const bool got_worse = share > least_share_ * kWorse && windows_since_try_ >= tries_;
  due_ = is_power_of_two(windows_) || got_worse;
  if (due_) {
    ++tries_;
    windows_since_try_ = 0;
    least_share_ = 1;
  } else {
    least_share_ = std::min(least_share_, share);
    samples_.clear();
  }
  blocks_ = 0;
  bytes_to_compress_ = bytes_compressed_ = 0;
}

bool DictionaryTrainer::is_due() const {
  MutexLock lock(mutex_);
  return due_;
}

void DictionaryTrainer::train() {
  std::vector<Sample> samples;
  {
    MutexLock lock(mutex_);
    CHECK(due_);
    samples = std::exchange(samples_, {});
  }
  ZstdDictionaryPointer made = better_one(std::move(samples));
  MutexLock lock(mutex_);
  made_ = std::move(made);
  due_ = false;
}

ZstdDictionaryPointer DictionaryTrainer::take() {
  MutexLock lock(mutex_);
  return std::exchange(made_, nullptr);
}

ZstdDictionaryPointer DictionaryTrainer::better_one(std::vector<Sample> samples) const {
  base::Bytes joined;
  std::vector<std::size_t> sizes;
  std::vector<Sample> held_out;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i % kShareHeldOut == kShareHeldOut - 1) {
      held_out.push_back(std::move(samples[i]));
    } else {
      const RowRests rests = rests_of(samples[i].sizes, samples[i].records);
      joined += rests.bytes;
      sizes.insert(sizes.end(), rests.sizes.begin(), rests.sizes.end());
    }
  }
  std::optional<base::Bytes> bytes =
      base::ZstdDictionary::train(joined, sizes, kRowDictionaryBytesMax);
  if (!bytes.has_value()) {
    return nullptr;
  }
  base::Result<ZstdDictionaryPointer> made =
      base::ZstdDictionary::make(*std::move(bytes), kRowBlockZstdLevel);
  if (!made) {
    return nullptr;
  }
  const RowDictionaryPointer old = dictionaries_.newest();
  const RowDictionary tried{.number = (old == nullptr ? 0 : old->number) + 1, .zstd = *made};
  const auto before = static_cast<double>(bytes_compressed(held_out, old.get()));
  const auto after = static_cast<double>(bytes_compressed(held_out, &tried));
  return after < before * kBetter ? *made : nullptr;
}

std::uint64_t DictionaryTrainer::bytes_compressed(std::span<const Sample> samples,
                                                  const RowDictionary* dictionary) {
  std::uint64_t sum = 0;
  for (const Sample& sample : samples) {
    sum += encode_row_block(sample.sizes, sample.records, dictionary, {}).bytes_compressed;
  }
  return sum;
}

}  // namespace piperoll::store::rocks
