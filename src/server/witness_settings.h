#pragma once
// What the settings about witnesses name, read: who cosigns our logs, and whose logs we cosign.

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "event/record.h"
#include "ingest/witness_client.h"
#include "server/config.h"
#include "server/witness.h"
#include "tlog/policy.h"

namespace piperoll::server {

struct WitnessSettings {
  std::optional<tlog::Policy> policy;       // every witness has an address
  std::vector<event::LogId> witnessed;      // of our logs; none: all
  std::optional<WitnessedLogs> other_logs;  // that we cosign
};
// InvalidArgument naming the setting, or the file and its line.
base::Result<WitnessSettings> read_witness_settings(const Config& config);

// One line to each witness of the policy. InvalidArgument for an address that is none.
base::Result<std::vector<std::unique_ptr<ingest::WitnessLine>>> make_witness_lines(
    const tlog::Policy& policy, std::int64_t timeout_micros);

// The witness that this server is, with a key of its own, which is made the first time. Corruption
// (code "witness_key_missing") where something was cosigned and the key is gone. clock outlives it.
base::Result<std::unique_ptr<Witness>> open_witness(const Config& config, WitnessedLogs logs,
                                                    const std::string& server_name,
                                                    const base::Clock& clock);

}  // namespace piperoll::server
