#pragma once
// What the front has done, as counters. Thread-safe; each number is exact, together they are not a
// snapshot.

#include <atomic>
#include <cstdint>

namespace piperoll::http {

struct Stats {
  std::atomic<std::int64_t> connections_open = 0;
  std::atomic<std::uint64_t> connections_accepted = 0;
  std::atomic<std::uint64_t> connections_refused = 0;  // over the limit
  std::atomic<std::uint64_t> requests = 0;             // given to the handler
  std::atomic<std::uint64_t> requests_refused = 0;     // answered by the front
  std::atomic<std::uint64_t> timeouts = 0;             // connections and requests that were late
  std::atomic<std::uint64_t> bodies_decoded = 0;       // gzip, zstd
  std::atomic<std::uint64_t> streams_broken = 0;       // ended by an error of their source
  std::atomic<std::uint64_t> bytes_in = 0;
  std::atomic<std::uint64_t> bytes_out = 0;
};

}  // namespace piperoll::http
