#pragma once
// Time comes through an interface, so that tests choose it. Implementations are thread-safe.

#include <atomic>
#include <cstdint>

#include "base/timestamp.h"

namespace piperoll::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;                  // wall clock
  virtual std::int64_t monotonic_micros() const = 0;  // never goes back; arbitrary origin
};

class SystemClock : public Clock {
 public:
  Timestamp now() const override;
  std::int64_t monotonic_micros() const override;
};

// Stands still until told; advance() moves both readings, jump() the wall clock alone.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Timestamp start) : wall_(start.micros) {}
  Timestamp now() const override { return Timestamp{wall_.load()}; }
  std::int64_t monotonic_micros() const override { return monotonic_.load(); }
  void advance(std::int64_t micros) {
    wall_ += micros;
    monotonic_ += micros;
  }
  void jump(std::int64_t micros) { wall_ += micros; }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> monotonic_{0};
};

}  // namespace piperoll::base
