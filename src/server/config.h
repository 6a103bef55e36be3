#pragma once
// Settings: a TOML file, environment variables PIPEROLL_<SETTING>, and flags; a flag beats the
// environment, the environment beats the file. One table in config.cc says all of them.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/session_store.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "dialect/native/native_dialect.h"
#include "net/tls.h"
#include "server/client_table.h"
#include "server/issuer_config.h"
#include "service/service.h"

namespace piperoll::server {

// The cores of this machine, at most 8.
int threads_by_default();

struct Config {
  std::string data;  // the data directory
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  std::vector<std::string> tls_listen;  // beside listen, with TLS
  net::TlsOptions tls;
  CertificateClients clients;               // in the file alone, as tables
  std::vector<std::string> metrics_listen;  // empty: /metrics on the main listener
  std::vector<std::string> trusted_proxies;
  std::string server_name;  // in the origin of logs; empty: as the directory was begun
  std::string signing_key;  // path of the key of checkpoints; empty: in the data directory
  bool evidence = true;     // leaves, trees and checkpoints are made
  bool public_logs = false;
  bool accept_lost_journal = false;         // starts although the journal's segments are gone
  std::string witness_policy;               // path; who cosigns our logs; empty: nobody
  std::vector<std::string> witnessed_logs;  // of them; empty: all
  std::int64_t witness_timeout_micros = 10 * base::kMicrosPerSecond;
  std::string witness_logs;  // path; whose logs we cosign; empty: nobody's
  std::string witness_key;   // path of the key for that; empty: in the data directory
  service::AccessLogMode access_log = service::AccessLogMode::Background;
  int network_threads = threads_by_default();  // they parse bodies, too: one for each core
  int worker_threads = 2;
  bool pad_groups = true;
  std::uint64_t connections_max = 10'000;
  std::uint64_t segment_mib = 128;
  std::uint64_t reserve_mib = 64;
  std::uint64_t block_cache_mib = 200;
  std::uint64_t write_buffer_mib = 96;
  base::DiagnosticsLevel log_level = base::DiagnosticsLevel::Info;
  base::DiagnosticsFormat log_format = base::DiagnosticsFormat::Text;
  auth::SessionLimits sessions;
  service::RequestLimitOptions limits;
  int password_threads = 2;
  dialect::native::NativeOptions native;
  std::vector<IssuerConfig> issuers;  // in the file alone, as tables
  std::string public_url;             // of this server, as browsers know it; no '/' at its end
};

// For --help, docs and errors: name, what it takes, its default, what it does.
struct Setting {
  std::string_view name;  // as in the file: "metrics_listen"
  std::string_view type;  // "list of addresses", "true or false", ...
  std::string_view description;
};
const std::vector<Setting>& settings();

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// file: path of a TOML file, or empty. flags: setting -> text as on the command line; lists are
// separated by commas, in the environment too. InvalidArgument naming the setting, where it stands
// and what is allowed; an unknown one with the nearest known one.
base::Result<Config> load_config(const std::string& file, const Environment& environment,
                                 const std::map<std::string, std::string>& flags);

}  // namespace piperoll::server
