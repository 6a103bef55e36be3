#pragma once
// A progress line on standard error: share done, rate, time left. Silent where standard error is no
// terminal. One thread at a time.

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace piperoll::cli {

class Progress {
 public:
  // total: bytes to read; 0 if that is not known.
  Progress(std::string what, std::uint64_t total, const base::Clock& clock, bool terminal);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Redraws at most ten times a second.
  void update(std::uint64_t bytes, std::uint64_t events);

 private:
  const std::string what_;
  const std::uint64_t total_;
  const base::Clock& clock_;
  const bool terminal_;
  const std::int64_t started_;
  std::int64_t drawn_ = 0;
};

// "importing  45 % [#########           ] 1,234,567 events  98,765/s  12 s left"
std::string progress_line(const std::string& what, std::uint64_t bytes, std::uint64_t total,
                          std::uint64_t events, double seconds);
std::string with_thousands(std::uint64_t number);  // 1,234,567

}  // namespace piperoll::cli
