#pragma once
// The engine's numbers for /metrics: journal, committer, indexer, store.

#include "http/metrics.h"
#include "server/engine.h"

namespace piperoll::server {

// engine outlives metrics.
void add_engine_metrics(http::Metrics& metrics, Engine& engine);

}  // namespace piperoll::server
