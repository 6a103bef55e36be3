#pragma once
// Where the keys of an issuer come from, and when those that come from elsewhere are fetched.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "auth/key_set.h"

namespace piperoll::auth {

struct KeyStats {
  std::uint64_t fetches = 0, failures = 0;
  std::optional<std::int64_t> age_micros;  // since the last good fetch
};

// Thread-safe.
class KeySource {
 public:
  virtual ~KeySource() = default;
  // The newest set that is still believed; null: there is none. The same pointer while it is the
  // same set, so that what was verified with it can be remembered with it.
  virtual std::shared_ptr<const KeySet> keys() const = 0;
  // A token names a key that the set lacks. True: a newer set is being fetched, and done is called
  // once when that has ended, well or badly, on any thread. False: nothing newer is to be had now,
  // and done is not called. Never blocks.
  virtual bool refresh(std::function<void()> done) = 0;
  // Fetches no more, and lets everybody who waits go on. May be called again.
  virtual void stop() {}
  virtual KeyStats stats() const { return {}; }
};

// A set that never changes.
std::unique_ptr<KeySource> fixed_keys(KeySet keys);

// When to fetch. Times are monotonic microseconds. A value; one thread at a time.
class FetchPlan {
 public:
  static constexpr std::int64_t kSecond = 1'000'000;
  static constexpr std::int64_t kAgeMin = 300 * kSecond;             // Cache-Control is held to
  static constexpr std::int64_t kAgeMax = 24 * 3600 * kSecond;       // these bounds
  static constexpr std::int64_t kAgeDefault = 3600 * kSecond;        // where it says nothing
  static constexpr std::int64_t kRetryMin = 10 * kSecond;            // after a failure, doubled
  static constexpr std::int64_t kRetryMax = 300 * kSecond;           // with each one more
  static constexpr std::int64_t kUnknownKeyPause = 60 * kSecond;     // else random names of keys
                                                                     // would make us a hammer
  static constexpr std::int64_t kBelievedMax = 72 * 3600 * kSecond;  // without a good fetch

  // The first fetch is due at once.
  explicit FetchPlan(std::int64_t now) : due_(now) {}

  std::int64_t due() const { return due_; }
  // An unknown key: whether to fetch now. If so the fetch is due and counts as begun.
  bool ask(std::int64_t now);
  void succeeded(std::int64_t now, std::optional<std::int64_t> max_age_seconds);
  void failed(std::int64_t now);
  // Whether what was last fetched may still be used.
  bool is_believed(std::int64_t now) const;

 private:
  std::int64_t due_;
  std::int64_t retry_ = kRetryMin;
  std::optional<std::int64_t> asked_, succeeded_;
};

}  // namespace piperoll::auth
