#pragma once
// Verification of a data directory that no server has open: every row against the tree, every tree
// against what was signed. Changes nothing.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "evidence/verdict.h"

namespace piperoll::server {

struct VerifyDataOptions {
  std::string directory;
  // A checkpoint of one of the logs that somebody kept: the log must still contain it.
  std::optional<std::string> checkpoint;
  int threads = 1;
  // Records done and in all; from one thread, now and then.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// What was found in all logs: Valid with the number of leaves, or the first fault. The newest
// records, which are in the journal alone after a crash, count too.
//
//   Invalid    a row or a hash of a tree that is not what was written, or cannot be read; a
//              checkpoint that no key of the log signed; a damaged journal
//   Gap        a row is not there, and later ones are
//   Truncated  the log ends before a signed checkpoint does
//   Forked     the log is as long as a signed checkpoint says, and another
//   Missing    it cannot be told: no data directory, no store, no keys, no name of the server
//
// Unavailable (code "locked") when a process has the directory open; InvalidArgument for a
// checkpoint that is none, or of a log that is not here.
base::Result<evidence::Finding> verify_data(const VerifyDataOptions& options);

}  // namespace piperoll::server
