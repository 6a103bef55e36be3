#pragma once
// What this machine can do at best, measured beside the load: how long a sync takes, and the
// cost of the steps that an event cannot do without (the roofline).

#include <string>

namespace piperoll::bench {

struct SyncLatency {
  double p50_micros = 0, p99_micros = 0;
};
// fdatasync after overwriting 4 KiB of a preallocated file in directory, 300 times.
SyncLatency measure_sync(const std::string& directory);

struct Roofline {
  double event_bytes = 0;
  double parse_ns = 0;             // simdjson and all checks, per event
  double read_ns = 0;              // JSON -> encoded event, rules checked, without the tree
  double checksum_ns = 0;          // CRC-32C of the bytes
  double copy_ns = 0;              // receiving the JSON: one copy
  double events_per_core() const;  // if nothing else had to be done
};
Roofline measure_roofline(std::size_t batch);

// User and system CPU seconds, and resident MiB, of a process; -1 if it is gone.
double cpu_seconds_of(int pid);
double resident_mib_of(int pid);

}  // namespace piperoll::bench
