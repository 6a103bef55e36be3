#pragma once
// Request bodies built before the clock starts.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace piperoll::bench {

struct BodyOptions {
  std::size_t batch = 1;    // events in a request
  std::size_t bodies = 64;  // different ones, used in turn
  bool ids = false;         // with ids that the caller chooses, new in every request
  std::uint64_t seed = 1;
  // Events to send instead of generated ones, a line of JSON each and none with an id.
  std::vector<std::string> events = {};
};

// The lines of a file, so many bytes of them at most. InvalidArgument where one is no event or has
// an id (sent again, it would be a duplicate); NotFound where there are none.
base::Result<std::vector<std::string>> read_events(const std::string& path, std::size_t bytes_max);

// One HTTP request, whole. Where ids are wanted, id_offsets are the places of 16 digits that
// stamp() fills with a number never used before.
struct RequestBytes {
  std::string bytes;
  std::vector<std::size_t> id_offsets;
  void stamp(std::uint64_t& next_id);
};

// Single events as JSON objects, batches as NDJSON. event_bytes: mean length of one event's JSON.
// REQUIRES: batch and bodies > 0; events for all bodies, or none.
std::vector<RequestBytes> build_requests(const BodyOptions& options, const std::string& key,
                                         const std::string& host, double& event_bytes);

}  // namespace piperoll::bench
