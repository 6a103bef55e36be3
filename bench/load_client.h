#pragma once
// The load itself: connections to one server on loopback, driven by one thread.

#include <cstdint>
#include <string>
#include <vector>

#include "load_bodies.h"

namespace piperoll::bench {

struct LoadOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t connections = 64;
  double seconds = 5;
  // Requests a second over all connections; 0: closed loop (the next request when the answer came).
  // In the open loop a latency counts from when the request was due, not from when it was sent.
  double rate = 0;
};

struct LoadResult {
  std::uint64_t requests = 0, failures = 0;
  double seconds = 0;
  std::vector<std::uint32_t> latencies_micros;  // sorted
  double client_cpu_seconds = 0;
  std::string first_failure;
};

// Ends with a message and exit code 1 when it cannot connect.
LoadResult run_load(const LoadOptions& options, std::vector<RequestBytes>& requests);

}  // namespace piperoll::bench
