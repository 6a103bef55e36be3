#pragma once
// Verification of a log that a server shows, by what any client of c2sp.org/tlog-tiles may ask for:
// checkpoint, tiles, entry bundles. The server is believed in nothing.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/verdict.h"
#include "tlog/note.h"
#include "tlog/policy.h"

namespace piperoll::cli {

struct RemoteLog {
  std::string server;  // "http://host:port"
  std::string key;     // credential; empty: none is sent
  std::string path;    // of the log: "/v1/logs/<org>" or "/v1/logs/<org>/access"
  std::vector<tlog::VerifierKey> keys;
  std::optional<std::string> known;  // a checkpoint of the log from before
  tlog::Policy policy = {};          // whose quorum must have cosigned the newest
};

struct RemoteFinding {
  evidence::Finding finding;
  std::string checkpoint;  // the newest, where the finding is Valid: to be known the next time
};

// leaves read, leaves in all
using RemoteProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Every leaf is read, and the root that they give compared with the checkpoint's; the tree of the
// known checkpoint must be a part of it. Invalid, Truncated (smaller than the known one), Forked,
// or Missing (a bundle that the checkpoint promises is not there, or the quorum of the policy did
// not cosign). Unavailable when the server does
// not answer, or refuses.
base::Result<RemoteFinding> verify_remote(const RemoteLog& log, const RemoteProgress& progress);

}  // namespace piperoll::cli
