#include "server/witness_settings.h"

#include <filesystem>
#include <utility>

#include "cli/verify_files.h"
#include "net/post_client.h"
#include "server/witness_key.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kLogsBytesMax = 16U << 20;

Error bad(std::string message) {
  return {
      .kind = ErrorKind::InvalidArgument, .message = std::move(message), .code = "invalid_setting"};
}

Result<event::LogId> parse_log(const std::string& text) {
  constexpr std::string_view kAccess = "/access";
  const bool access = text.ends_with(kAccess);
  const auto org = base::parse_uuid(
      std::string_view(text).substr(0, text.size() - (access ? kAccess.size() : 0)));
  if (!org) {
    return bad("witnessed_logs: \"" + text +
               "\" must be the UUID of an organisation, or that with /access behind it");
  }
  return event::LogId{*org, access ? event::LogKind::Access : event::LogKind::Events};
}

class HttpWitnessLine : public ingest::WitnessLine {
 public:
  explicit HttpWitnessLine(std::unique_ptr<net::PostClient> client) : client_(std::move(client)) {}
  Result<ingest::WitnessAnswer> add_checkpoint(const std::string& body) override {
    ASSIGN_OR_RETURN(net::PostAnswer answer, client_->post(body));
    return ingest::WitnessAnswer{answer.status, std::move(answer.content_type),
                                 std::move(answer.body)};
  }
  void stop() override { client_->stop(); }

 private:
  const std::unique_ptr<net::PostClient> client_;
};

bool has_files(const std::string& directory) {
  std::error_code error;
  return std::filesystem::exists(directory, error) &&
         !std::filesystem::is_empty(directory, error) && !error;
}

}  // namespace

Result<WitnessSettings> read_witness_settings(const Config& config) {
  WitnessSettings settings;
  if (!config.witness_policy.empty()) {
    ASSIGN_OR_RETURN(settings.policy, cli::read_policy(config.witness_policy));
    auto lines = make_witness_lines(*settings.policy, config.witness_timeout_micros);
    if (!lines) {
      return std::move(lines).error().with_context(config.witness_policy);
    }
    if (!config.evidence) {
      return bad("witness_policy needs evidence: without it there is nothing to cosign");
    }
  }
  for (const std::string& text : config.witnessed_logs) {
    ASSIGN_OR_RETURN(const event::LogId log, parse_log(text));
    settings.witnessed.push_back(log);
  }
  if (!settings.witnessed.empty() && !settings.policy) {
    return bad("witnessed_logs needs witness_policy: who is to cosign them");
  }
  if (!config.witness_logs.empty()) {
    ASSIGN_OR_RETURN(const std::string text,
                     cli::read_text_file(config.witness_logs, kLogsBytesMax));
    auto logs = parse_witnessed_logs(text);
    if (!logs) {
      return std::move(logs).error().with_context(config.witness_logs);
    }
    settings.other_logs = *std::move(logs);
  }
  return settings;
}

Result<std::vector<std::unique_ptr<ingest::WitnessLine>>> make_witness_lines(
    const tlog::Policy& policy, std::int64_t timeout_micros) {
  std::vector<std::unique_ptr<ingest::WitnessLine>> lines;
  for (const tlog::PolicyWitness& witness : policy.witnesses) {
    std::string url = witness.url;
    while (url.ends_with('/')) {
      url.pop_back();
    }
    auto client = net::PostClient::make(url + "/add-checkpoint",
                                        {.timeout_ms = static_cast<int>(timeout_micros / 1'000)});
    if (!client) {
      return bad("the witness " + witness.name +
                 " needs its address behind its key: " + client.error().message);
    }
    lines.push_back(std::make_unique<HttpWitnessLine>(*std::move(client)));
  }
  return lines;
}

Result<std::unique_ptr<Witness>> open_witness(const Config& config, WitnessedLogs logs,
                                              const std::string& server_name,
                                              const base::Clock& clock) {
  const std::string directory = config.data + "/witness";
  const std::string path = path_of_witness_key(config.data, config.witness_key);
  auto signer = load_witness_key(path);
  if (!signer && signer.error().kind == ErrorKind::NotFound) {
    if (has_files(directory)) {
      return Error{.kind = ErrorKind::Corruption,
                   .message = path +
                              " is missing, but logs were cosigned with it: restore it, or "
                              "name where it is with witness_key",
                   .code = "witness_key_missing"};
    }
    signer = create_witness_key(path, server_name + "/witness");
  }
  if (!signer) {
    return std::move(signer).error();
  }
  return Witness::open(
      {.directory = directory, .logs = std::move(logs), .signer = *std::move(signer)}, clock);
}

}  // namespace piperoll::server
