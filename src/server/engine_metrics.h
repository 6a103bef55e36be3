#pragma once
// The engine's numbers for /metrics: journal, committer, indexer, store.

#include "http/metrics.h"
#include "server/engine.h"
#include "server/witness.h"

namespace piperoll::server {

// engine outlives metrics.
void add_engine_metrics(http::Metrics& metrics, Engine& engine);

// Sessions, refused logins, and requests that a limit refused. engine and clock outlive metrics.
void add_identity_metrics(http::Metrics& metrics, Engine& engine, const base::Clock& clock);

// The keys of the issuers whose tokens are believed; tokens outlives metrics.
void add_issuer_metrics(http::Metrics& metrics, const auth::TokenVerifier& tokens);

// Those who cosign our logs, and what we cosign; either may be null. Both outlive metrics.
void add_witness_metrics(http::Metrics& metrics, const ingest::WitnessClient* client,
                         const Witness* witness);

}  // namespace piperoll::server
