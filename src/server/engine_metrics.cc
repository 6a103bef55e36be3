#include "server/engine_metrics.h"

namespace piperoll::server {
namespace {

void add_journal(http::Metrics& metrics, Engine& engine) {
  auto counter = [&](const char* name, const char* help, auto member) {
    metrics.add_counter(name, help, {}, [&engine, member] {
      return static_cast<double>(engine.journal().stats().*member);
    });
  };
  counter("piperoll_journal_frames_total", "Frames written to the journal.",
          &journal::JournalStats::frames);
  counter("piperoll_journal_bytes_total", "Bytes written to the journal.",
          &journal::JournalStats::bytes);
  counter("piperoll_journal_syncs_total", "Times the journal was synced.",
          &journal::JournalStats::syncs);
  metrics.add_counter(
      "piperoll_journal_sync_seconds_total", "Time spent syncing the journal.", {},
      [&engine] { return static_cast<double>(engine.journal().stats().sync_micros_total) / 1e6; });
  metrics.add_gauge(
      "piperoll_journal_segments", "Journal segments by state.", {{"state", "in_use"}},
      [&engine] { return static_cast<double>(engine.journal().stats().segments_in_use); });
  metrics.add_gauge(
      "piperoll_journal_segments", "Journal segments by state.", {{"state", "free"}},
      [&engine] { return static_cast<double>(engine.journal().stats().segments_free); });
}

void add_committer(http::Metrics& metrics, Engine& engine) {
  auto counter = [&](const char* name, const char* help, auto member) {
    metrics.add_counter(name, help, {}, [&engine, member] {
      return static_cast<double>(engine.committer().stats().*member);
    });
  };
  counter("piperoll_commit_groups_total", "Groups committed.", &ingest::CommitterStats::groups);
  counter("piperoll_commit_requests_total", "Requests committed.",
          &ingest::CommitterStats::requests);
  counter("piperoll_events_stored_total", "Events and access records stored.",
          &ingest::CommitterStats::events);
  counter("piperoll_events_duplicate_total", "Events that were stored before.",
          &ingest::CommitterStats::duplicates);
  counter("piperoll_events_conflict_total", "Events refused: their id is taken.",
          &ingest::CommitterStats::conflicts);
  metrics.add_gauge(
      "piperoll_commit_queue_bytes", "Bytes that wait for the committer.", {},
      [&engine] { return static_cast<double>(engine.committer().stats().queue_bytes); });
}

void add_store(http::Metrics& metrics, Engine& engine) {
  metrics.add_gauge("piperoll_index_lag_records", "Durable records that are not in the index yet.",
                    {}, [&engine] { return static_cast<double>(engine.indexer().lag_records()); });
  auto gauge = [&](const char* name, const char* help, auto member) {
    metrics.add_gauge(name, help, {}, [&engine, member] {
      return static_cast<double>(engine.store().stats().*member);
    });
  };
  gauge("piperoll_store_disk_bytes", "Bytes of the store on disk.",
        &store::StoreStats::bytes_on_disk);
  gauge("piperoll_store_memory_bytes", "Memory that the store holds.",
        &store::StoreStats::memory_bytes);
  gauge("piperoll_store_records", "Records in the store, all logs.", &store::StoreStats::records);
  metrics.add_gauge("piperoll_ready", "1 if an event could be made durable now.", {},
                    [&engine] { return engine.ready() ? 1.0 : 0.0; });
}

}  // namespace

void add_engine_metrics(http::Metrics& metrics, Engine& engine) {
  add_journal(metrics, engine);
  add_committer(metrics, engine);
  add_store(metrics, engine);
}

void add_identity_metrics(http::Metrics& metrics, Engine& engine, const base::Clock& clock) {
  metrics.add_gauge("piperoll_sessions_open", "Sessions of browsers that have not ended.", {},
                    [&] { return static_cast<double>(engine.sessions().stats(clock.now()).open); });
  metrics.add_counter(
      "piperoll_sessions_opened_total", "Sessions of browsers that were opened.", {},
      [&] { return static_cast<double>(engine.sessions().stats(clock.now()).opened); });
  const service::ServiceStats names = engine.service().stats();
  for (std::size_t i = 0; i < names.refused_logins.size(); ++i) {
    metrics.add_counter(
        "piperoll_logins_refused_total", "Logins that were refused, by what was shown.",
        {{"by", names.refused_logins[i].name}}, [&engine, i] {
          return static_cast<double>(engine.service().stats().refused_logins[i].count);
        });
  }
  for (std::size_t i = 0; i < names.limited.size(); ++i) {
    metrics.add_counter("piperoll_requests_limited_total", "Requests that a limit refused.",
                        {{"limit", names.limited[i].limit}}, [&engine, i] {
                          return static_cast<double>(engine.service().stats().limited[i].count);
                        });
  }
}

void add_issuer_metrics(http::Metrics& metrics, const auth::TokenVerifier& tokens) {
  for (const auth::TokenVerifier::Trusted& trusted : tokens.trusted()) {
    const std::string& issuer = trusted.issuer.name;
    const auth::KeySource* keys = trusted.keys.get();
    const char* fetches = "piperoll_issuer_key_fetches_total";
    const char* help = "Times that the keys of an issuer were loaded.";
    metrics.add_counter(fetches, help, {{"issuer", issuer}, {"result", "good"}}, [keys] {
      const auth::KeyStats stats = keys->stats();
      return static_cast<double>(stats.fetches - stats.failures);
    });
    metrics.add_counter(fetches, help, {{"issuer", issuer}, {"result", "failed"}},
                        [keys] { return static_cast<double>(keys->stats().failures); });
    metrics.add_gauge("piperoll_issuer_key_age_seconds",
                      "Since the keys of an issuer were last loaded; -1 if they never were.",
                      {{"issuer", issuer}}, [keys] {
                        const auto age = keys->stats().age_micros;
                        return age ? static_cast<double>(*age) / 1e6 : -1.0;
                      });
  }
}

void add_witness_metrics(http::Metrics& metrics, const ingest::WitnessClient* client,
                         const Witness* witness) {
  if (client != nullptr) {
    for (std::size_t i = 0; i < client->policy().witnesses.size(); ++i) {
      const http::Metrics::Labels labels = {{"witness", client->policy().witnesses[i].name}};
      metrics.add_counter(
          "piperoll_witness_cosignatures_total", "Cosignatures taken from a witness.", labels,
          [client, i] { return static_cast<double>(client->stats()[i].cosignatures); });
      metrics.add_counter("piperoll_witness_failures_total",
                          "Times that a witness gave no good cosignature.", labels,
                          [client, i] { return static_cast<double>(client->stats()[i].failures); });
      metrics.add_gauge("piperoll_witness_failing", "1 if its last answer was none.", labels,
                        [client, i] { return client->stats()[i].failing ? 1.0 : 0.0; });
    }
    metrics.add_gauge("piperoll_witness_waiting_logs",
                      "Logs whose newest checkpoint the witnesses have not cosigned.", {},
                      [client] { return static_cast<double>(client->waiting_logs()); });
  }
  if (witness != nullptr) {
    for (std::size_t i = 0; i < kWitnessResults; ++i) {
      const auto result = static_cast<WitnessResult>(i);
      metrics.add_counter(
          "piperoll_cosign_requests_total", "Requests to cosign another log's checkpoint.",
          {{"result", std::string(to_string(result))}},
          [witness, result] { return static_cast<double>(witness->results(result)); });
    }
  }
}

}  // namespace piperoll::server
