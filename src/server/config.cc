#include "server/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <thread>

#include <toml++/toml.h>

#include "base/address_range.h"
#include "net/fetch.h"
#include "net/listen_address.h"
#include "server/issuer_table.h"
#include "server/nearest.h"
#include "tlog/note.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kServerNameBytesMax = 255;

Error bad(std::string what) {
  return {
      .kind = ErrorKind::InvalidArgument, .message = std::move(what), .code = "invalid_setting"};
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  while (begin <= text.size() && !text.empty()) {
    std::size_t comma = std::min(text.find(',', begin), text.size());
    if (comma > begin) {
      pieces.push_back(text.substr(begin, comma - begin));
    }
    begin = comma + 1;
  }
  return pieces;
}

Result<void> set_text(std::string& into, const std::string& text) {
  if (text.empty()) {
    return bad("must not be empty");
  }
  into = text;
  return {};
}

// A schema-less URL, the name of a key (c2sp.org/tlog-checkpoint, signed-note).
Result<void> set_server_name(std::string& into, const std::string& text) {
  if (!tlog::is_key_name(text) || text.size() > kServerNameBytesMax || text.ends_with('/') ||
      text.starts_with('/')) {
    return bad(
        "must be a name like audit.example, without spaces, '+', and '/' at its ends, of at "
        "most " +
        std::to_string(kServerNameBytesMax) + " bytes");
  }
  into = text;
  return {};
}

Result<void> set_list(std::vector<std::string>& into, const std::string& text) {
  into = split(text);
  return {};
}

// A list whose every piece parse() takes.
template <class Parse>
Result<void> set_parsed_list(std::vector<std::string>& into, const std::string& text, Parse parse) {
  for (const std::string& piece : split(text)) {
    RETURN_IF_ERROR(parse(piece));
  }
  return set_list(into, text);
}

Result<void> set_addresses(std::vector<std::string>& into, const std::string& text) {
  return set_parsed_list(into, text, net::parse_listen_address);
}

Result<void> set_flag(bool& into, const std::string& text) {
  if (text != "true" && text != "false") {
    return bad("must be true or false");
  }
  into = text == "true";
  return {};
}

template <class Number>
Result<void> set_number(Number& into, const std::string& text, Number min, Number max) {
  Number value{};
  auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || at != text.data() + text.size() || value < min || value > max) {
    return bad("must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  into = value;
  return {};
}

// "30s", "15m", "12h", "90d" -> microseconds.
Result<void> set_duration(std::int64_t& micros, const std::string& text, std::int64_t seconds_max) {
  constexpr std::pair<char, std::int64_t> kUnits[] = {
      {'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}};
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, number);
  for (const auto& [letter, seconds] : kUnits) {
    if (error == std::errc() && end - at == 1 && *at == letter && number >= 1 &&
        number <= seconds_max / seconds) {
      micros = number * seconds * base::kMicrosPerSecond;
      return {};
    }
  }
  return bad("must be a duration like 30s, 15m, 12h or 90d, at most " +
             std::to_string(seconds_max) + "s");
}

// "600/1m", or "off".
Result<void> set_rate(auth::Rate& rate, const std::string& text) {
  if (text == "off") {
    rate = {};
    return {};
  }
  constexpr std::uint64_t kQuotaMax = 1'000'000'000;
  const std::size_t slash = text.find('/');
  auth::Rate read;
  if (slash == std::string::npos ||
      !set_number<std::uint64_t>(read.quota, text.substr(0, slash), 1, kQuotaMax) ||
      !set_duration(read.window_micros, text.substr(slash + 1), 86'400)) {
    return bad("must be like 600/1m (a number of requests, and a time of at most a day), or off");
  }
  rate = read;
  return {};
}

// scheme://host[:port]; whatever else a browser could be sent to is not ours.
Result<void> set_public_url(std::string& into, const std::string& text) {
  const std::size_t host = text.find("://");
  if (!net::is_fetchable(text) || text.find_first_of("/?", host + 3) != std::string::npos) {
    return bad("must be like https://audit.example.com, or http on this machine, without a path");
  }
  into = text;
  return {};
}

// Of a cookie: RFC 6265 allows more, nobody needs it.
Result<void> set_cookie_name(std::string& into, const std::string& text) {
  const bool good =
      !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
      });
  if (!good) {
    return bad("must be 1 to 64 of A-Z a-z 0-9 _ -");
  }
  into = text;
  return {};
}

template <class Value>
Result<void> set_word(Value& into, const std::string& text,
                      const std::vector<std::pair<std::string_view, Value>>& words) {
  std::string allowed;
  for (const auto& [word, value] : words) {
    if (word == text) {
      into = value;
      return {};
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  return bad("must be one of " + allowed);
}

using base::DiagnosticsFormat;
using base::DiagnosticsLevel;
using service::AccessLogMode;

constexpr std::int64_t kSessionSecondsMax = 30 * 86'400;

struct Entry {
  Setting setting;
  Result<void> (*set)(Config&, const std::string&);
};

// Who is let in, and how: docs/identity.md.
std::vector<Entry> identity_entries() {
  return {
      {{"session_idle", "duration",
        "a browser's session ends when unused for so long; default 30m"},
       [](Config& c, const std::string& t) {
         return set_duration(c.sessions.idle_micros, t, kSessionSecondsMax);
       }},
      {{"session_lifetime", "duration", "and after so long however much it is used; default 12h"},
       [](Config& c, const std::string& t) {
         return set_duration(c.sessions.absolute_micros, t, kSessionSecondsMax);
       }},
      {{"session_cookie", "name", "of the session's cookie; default piperoll_session"},
       [](Config& c, const std::string& t) { return set_cookie_name(c.native.session_cookie, t); }},
      {{"sessions_over_http", "true or false",
        "sessions for browsers on other machines without TLS; default false"},
       [](Config& c, const std::string& t) { return set_flag(c.native.sessions_over_http, t); }},
      {{"origins", "list of scheme://host:port",
        "pages that may use sessions, beside those of this server's own address"},
       [](Config& c, const std::string& t) { return set_list(c.native.origins, t); }},
      {{"public_url", "scheme://host:port",
        "this server as browsers know it: issuers send people back there who log in with them"},
       [](Config& c, const std::string& t) { return set_public_url(c.public_url, t); }},
      {{"requests_per_credential", "number/duration or off", "like 600/1m; default off"},
       [](Config& c, const std::string& t) { return set_rate(c.limits.per_credential, t); }},
      {{"requests_per_address", "number/duration or off", "like 6000/1m; default off"},
       [](Config& c, const std::string& t) { return set_rate(c.limits.per_address, t); }},
      {{"logins_per_address", "number/duration or off",
        "logins with passwords that one address may try; default 60/1m"},
       [](Config& c, const std::string& t) { return set_rate(c.limits.logins_per_address, t); }},
      {{"logins_per_account", "number/duration or off",
        "and for one account from there; default 20/1m"},
       [](Config& c, const std::string& t) { return set_rate(c.limits.logins_per_account, t); }},
      {{"password_threads", "1 to 64",
        "passwords checked at the same time, 19 MiB each; default 2"},
       [](Config& c, const std::string& t) { return set_number(c.password_threads, t, 1, 64); }},
  };
}

std::vector<Entry> evidence_entries() {
  return {
      {{"server_name", "name",
        "first part of every log's origin, a host name as a rule; set once, it never changes; "
        "default piperoll.localhost"},
       [](Config& c, const std::string& t) { return set_server_name(c.server_name, t); }},
      {{"signing_key", "path", "the key that signs checkpoints; default: in the data directory"},
       [](Config& c, const std::string& t) { return set_text(c.signing_key, t); }},
      {{"evidence", "true or false",
        "false writes without trees, for measuring; the next start without it completes them"},
       [](Config& c, const std::string& t) { return set_flag(c.evidence, t); }},
      {{"public_logs", "true or false",
        "checkpoints, tiles, consistency proofs and log keys need no credential"},
       [](Config& c, const std::string& t) { return set_flag(c.public_logs, t); }},
      {{"accept_lost_journal", "true or false",
        "starts once although the segments of the journal are gone, and what only they held with "
        "them"},
       [](Config& c, const std::string& t) { return set_flag(c.accept_lost_journal, t); }},
      {{"witness_policy", "path",
        "a policy (c2sp.org/tlog-policy) with the witnesses that cosign our checkpoints; with a "
        "quorum, only what it cosigned is shown"},
       [](Config& c, const std::string& t) { return set_text(c.witness_policy, t); }},
      {{"witnessed_logs", "list of UUID or UUID/access",
        "the organisations whose log, or access log, they cosign; default all logs"},
       [](Config& c, const std::string& t) { return set_list(c.witnessed_logs, t); }},
      {{"witness_timeout", "duration", "how long a witness may take to answer; default 10s"},
       [](Config& c, const std::string& t) {
         return set_duration(c.witness_timeout_micros, t, 600);
       }},
      {{"witness_logs", "path",
        "a file of logs, \"<vkey> [<origin>]\" a line, that this server cosigns when they ask at "
        "/v1/witness"},
       [](Config& c, const std::string& t) { return set_text(c.witness_logs, t); }},
      {{"witness_key", "path", "the key that it does so with; default: in the data directory"},
       [](Config& c, const std::string& t) { return set_text(c.witness_key, t); }},
  };
}

std::vector<Entry> tls_entries() {
  return {
      {{"tls_listen", "list of host:port", "where to serve with TLS, beside listen"},
       [](Config& c, const std::string& t) { return set_addresses(c.tls_listen, t); }},
      {{"tls_certificate", "path", "PEM: the certificate, and those between it and a known one"},
       [](Config& c, const std::string& t) { return set_text(c.tls.certificate_file, t); }},
      {{"tls_key", "path", "PEM: its key; both are read again on SIGHUP"},
       [](Config& c, const std::string& t) { return set_text(c.tls.key_file, t); }},
      {{"tls_client_ca", "path", "PEM: who signs the certificates of [[client]] tables"},
       [](Config& c, const std::string& t) { return set_text(c.tls.client_ca_file, t); }},
  };
}

std::vector<Entry> general_entries() {
  return {
      {{"data", "path", "the data directory; required"},
       [](Config& c, const std::string& t) { return set_text(c.data, t); }},
      {{"listen", "list of host:port",
        "where to listen; default 127.0.0.1:8080, port 0 takes a free one"},
       [](Config& c, const std::string& t) { return set_addresses(c.listen, t); }},
      {{"metrics_listen", "list of host:port", "serve /metrics there and nowhere else"},
       [](Config& c, const std::string& t) { return set_addresses(c.metrics_listen, t); }},
      {{"trusted_proxies", "list of addresses and ranges",
        "whose X-Forwarded-For is believed; default nobody's"},
       [](Config& c, const std::string& t) {
         return set_parsed_list(c.trusted_proxies, t, base::AddressRange::parse);
       }},
      {{"access_log", "background or sync",
        "sync: the record of a read is on disk before its answer"},
       [](Config& c, const std::string& t) {
         return set_word<AccessLogMode>(
             c.access_log, t,
             {{"background", AccessLogMode::Background}, {"sync", AccessLogMode::Sync}});
       }},
      {{"network_threads", "1 to 64", "threads that speak HTTP; default: the cores, at most 8"},
       [](Config& c, const std::string& t) { return set_number(c.network_threads, t, 1, 64); }},
      {{"worker_threads", "1 to 256", "threads that read the store; default 2"},
       [](Config& c, const std::string& t) { return set_number(c.worker_threads, t, 1, 256); }},
      {{"pad_groups", "true or false",
        "no acknowledged block is ever rewritten; false only where the disk writes 4 KiB "
        "atomically"},
       [](Config& c, const std::string& t) { return set_flag(c.pad_groups, t); }},
      {{"connections_max", "1 to 1000000", "connections at the same time; default 10000"},
       [](Config& c, const std::string& t) {
         return set_number<std::uint64_t>(c.connections_max, t, 1, 1'000'000);
       }},
      {{"segment_mib", "68 to 4096", "size of a journal segment; default 128"},
       [](Config& c, const std::string& t) {
         return set_number<std::uint64_t>(c.segment_mib, t, 68, 4096);
       }},
      {{"reserve_mib", "0 to 1048576", "free space below which writes are refused; default 64"},
       [](Config& c, const std::string& t) {
         return set_number<std::uint64_t>(c.reserve_mib, t, 0, 1'048'576);
       }},
      {{"block_cache_mib", "8 to 1048576", "memory for what was read; default 200"},
       [](Config& c, const std::string& t) {
         return set_number<std::uint64_t>(c.block_cache_mib, t, 8, 1'048'576);
       }},
      {{"write_buffer_mib", "16 to 65536", "memory for what is not written out yet; default 96"},
       [](Config& c, const std::string& t) {
         return set_number<std::uint64_t>(c.write_buffer_mib, t, 16, 65'536);
       }},
      {{"log_level", "debug, info, warning, error or off",
        "the server's own diagnostics; default info"},
       [](Config& c, const std::string& t) {
         return set_word<DiagnosticsLevel>(c.log_level, t,
                                           {{"debug", DiagnosticsLevel::Debug},
                                            {"info", DiagnosticsLevel::Info},
                                            {"warning", DiagnosticsLevel::Warning},
                                            {"error", DiagnosticsLevel::Error},
                                            {"off", DiagnosticsLevel::Off}});
       }},
      {{"log_format", "text or json", "of the diagnostics; default text"},
       [](Config& c, const std::string& t) {
         return set_word<DiagnosticsFormat>(
             c.log_format, t,
             {{"text", DiagnosticsFormat::Text}, {"json", DiagnosticsFormat::Json}});
       }},
  };
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> kEntries = [] {
    std::vector<Entry> all = general_entries();
    for (const auto& more : {evidence_entries(), identity_entries(), tls_entries()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return kEntries;
}

bool is_known(std::string_view name) {
  return std::any_of(entries().begin(), entries().end(),
                     [&](const Entry& entry) { return entry.setting.name == name; });
}

std::string nearest_setting(std::string_view name) {
  std::vector<std::string_view> known = {"issuer", "client"};
  for (const Entry& entry : entries()) {
    known.push_back(entry.setting.name);
  }
  return nearest_word(name, known);
}

// where: for the error, e.g. "piperoll.toml:3: ".
Result<void> apply(Config& config, const std::string& where, std::string_view name,
                   const std::string& text) {
  for (const Entry& entry : entries()) {
    if (entry.setting.name == name) {
      auto set = entry.set(config, text);
      return set ? Result<void>()
                 : Result<void>(bad(where + std::string(name) + " " + set.error().message));
    }
  }
  return bad(where + "unknown setting \"" + std::string(name) + "\"; did you mean \"" +
             nearest_setting(name) + "\"?");
}

// A TOML value as the text of a flag; nothing for tables and dates.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return text->get();
  }
  if (const auto* number = node.as_integer()) {
    return std::to_string(number->get());
  }
  if (const auto* flag = node.as_boolean()) {
    return flag->get() ? "true" : "false";
  }
  const auto* array = node.as_array();
  if (array == nullptr) {
    return std::nullopt;
  }
  std::string joined;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) {
      return std::nullopt;
    }
    joined += (joined.empty() ? "" : ",") + text->get();
  }
  return joined;
}

// The tables [[issuer]].
Result<void> apply_issuers(Config& config, const std::string& file, const toml::node& node) {
  const auto* tables = node.as_array();
  if (tables == nullptr || !tables->is_homogeneous<toml::table>()) {
    return bad(file + ":" + std::to_string(node.source().begin.line) +
               ": issuer must be tables: [[issuer]]");
  }
  for (const toml::node& table : *tables) {
    ASSIGN_OR_RETURN(IssuerConfig issuer, read_issuer(*table.as_table(), file));
    config.issuers.push_back(std::move(issuer));
  }
  return {};
}

// The tables [[client]].
Result<void> apply_clients(Config& config, const std::string& file, const toml::node& node) {
  const auto* tables = node.as_array();
  if (tables == nullptr || !tables->is_homogeneous<toml::table>()) {
    return bad(file + ":" + std::to_string(node.source().begin.line) +
               ": client must be tables: [[client]]");
  }
  for (const toml::node& table : *tables) {
    RETURN_IF_ERROR(read_client(*table.as_table(), file, config.clients));
  }
  return {};
}

Result<void> apply_file(Config& config, const std::string& file) {
  toml::table table;
  try {
    table = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return bad(file + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
               std::string(error.description()));
  }
  for (const auto& [key, node] : table) {
    const std::string where = file + ":" + std::to_string(node.source().begin.line) + ": ";
    const std::string name(key.str());
    if (name == "issuer") {
      RETURN_IF_ERROR(apply_issuers(config, file, node));
      continue;
    }
    if (name == "client") {
      RETURN_IF_ERROR(apply_clients(config, file, node));
      continue;
    }
    auto text = text_of(node);
    if (!text && is_known(name)) {
      return bad(where + name + " must be a text, a number, true or false, or a list of texts");
    }
    RETURN_IF_ERROR(apply(config, where, name, text.value_or("")));
  }
  return {};
}

std::string environment_name(std::string_view setting) {
  std::string name = "PIPEROLL_";
  for (char c : setting) {
    name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

// Names tell logins apart; the address that issuers send people back to is never taken from a
// request. Fills in what the native surface shows.
Result<void> check_logins(Config& config) {
  config.native.logins.clear();
  for (const IssuerConfig& issuer : config.issuers) {
    if (!issuer.login) {
      continue;
    }
    auto& names = config.native.logins;
    if (std::find(names.begin(), names.end(), issuer.login->name) != names.end()) {
      return bad("[issuer.login]: two have the name \"" + issuer.login->name + "\"");
    }
    names.push_back(issuer.login->name);
  }
  if (!config.native.logins.empty() && config.public_url.empty()) {
    return bad("[issuer.login] needs public_url, for example https://audit.example.com");
  }
  return {};
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> kSettings = [] {
    std::vector<Setting> all;
    for (const Entry& entry : entries()) {
      all.push_back(entry.setting);
    }
    return all;
  }();
  return kSettings;
}

int threads_by_default() {
  constexpr unsigned kMost = 8;
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMost));
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Result<Config> load_config(const std::string& file, const Environment& environment,
                           const std::map<std::string, std::string>& flags) {
  Config config;
  if (!file.empty()) {
    RETURN_IF_ERROR(apply_file(config, file));
  }
  for (const Setting& setting : settings()) {
    const std::string name = environment_name(setting.name);
    if (auto text = environment(name)) {
      RETURN_IF_ERROR(apply(config, name + ": ", setting.name, *text));
    }
  }
  for (const auto& [name, text] : flags) {
    std::string flag = "--" + name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    if (auto applied = apply(config, flag + ": ", name, text); !applied) {
      applied.error().code = "usage";
      return std::move(applied).error();
    }
  }
  if (config.data.empty()) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "data: name the data directory, for example --data ./piperoll-data",
                 .code = "usage"};
  }
  if (!config.tls_listen.empty() &&
      (config.tls.certificate_file.empty() || config.tls.key_file.empty())) {
    return bad("tls_listen needs tls_certificate and tls_key");
  }
  if (!config.clients.empty() && config.tls.client_ca_file.empty()) {
    return bad("[[client]] tables need tls_client_ca");
  }
  RETURN_IF_ERROR(check_logins(config));
  if (config.listen.empty()) {
    return bad("listen: name at least one address, for example 127.0.0.1:8080");
  }
  return config;
}

}  // namespace piperoll::server
