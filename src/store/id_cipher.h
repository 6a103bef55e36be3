#pragma once
// The ids that the server gives to events. Thread-safe.
//
// An id is a UUIDv7 (RFC 9562 section 5.7):
//
//   bits 0-47    milliseconds since 1970 of the time given
//   bits 48-51   0111 (version 7)
//   bits 52-63   first 12 bits of X
//   bits 64-65   10 (variant)
//   bits 66-127  last 62 bits of X
//
// X is (seq, 48 bits; zero, 26 bits) under a permutation of 74 bits that only the holder of the key
// can compute: a balanced Feistel network of 8 rounds over 37 + 37 bits. The round function is the
// first 37 bits of the AES-256 CBC-MAC over three blocks:
//
//   organisation (16) | kind (1), zero (7), milliseconds (8) | round (8), right half (8)
//
// So ids tell nobody how many events there are, cannot be guessed, and a foreign id is taken for
// one of ours with a probability of 2^-26: the caller compares with the record at that seq.

#include <memory>

#include "base/bytes.h"
#include "base/mutex.h"
#include "crypto/aes.h"
#include "store/event_store.h"

namespace piperoll::store {

class FeistelIdCipher : public IdCipher {
 public:
  static constexpr std::size_t kKeyBytes = crypto::Aes256::kKeyBytes;

  explicit FeistelIdCipher(base::ByteView key);  // REQUIRES: key.size() == kKeyBytes

  base::Uuid make(const event::LogId& log, std::uint64_t seq, base::Timestamp time) const override;
  void make_many(const event::LogId& log, std::span<const event::RecordPlace> places,
                 std::span<base::Uuid> ids) const override;
  std::optional<std::uint64_t> seq_of(const event::LogId& log, const base::Uuid& id) const override;

 private:
  class Lease;

  base::Bytes key_;
  mutable base::Mutex mutex_;
  mutable std::vector<crypto::Aes256> idle_ GUARDED_BY(mutex_);  // as many as were used at once
};

}  // namespace piperoll::store
