#include "server/commands/backend.h"

#include <deque>
#include <filesystem>
#include <future>

#include "base/diagnostics.h"
#include "base/json.h"
#include "dialect/native/native_dialect.h"
#include "event/event_json.h"
#include "server/config.h"
#include "server/engine.h"
#include "wire/url.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using net::ClientResponse;

// Batches that wait for the disk while the next is read: enough to keep it busy, and memory flat.
constexpr std::size_t kBatchesUnderWay = 4;

// A member of a problem document; "" where it has none, or is none.
std::string problem_member(const ClientResponse& response, std::string_view name) {
  base::JsonParser parser;
  auto document = parser.parse(response.body);
  return document ? std::string(document->text(name)) : "";
}

std::string reason_of(const ClientResponse& response) {
  std::string detail = problem_member(response, "detail");
  return detail.empty() ? "the server answered " + std::to_string(response.status) : detail;
}

std::string code_of(const ClientResponse& response) {
  return problem_member(response, "code");
}

Result<ClientResponse> checked(ClientResponse response) {
  if (response.status >= 200 && response.status < 300) {
    return response;
  }
  return Error{
      .kind = ErrorKind::Unavailable, .message = reason_of(response), .code = code_of(response)};
}

class RemoteBackend : public Backend {
 public:
  RemoteBackend(std::unique_ptr<net::HttpClient> client, std::string key)
      : client_(std::move(client)), authorization_("Bearer " + std::move(key)) {}

  Result<ClientResponse> request(const std::string& method, const std::string& target,
                                 const std::string& body, const Sink& sink) override {
    net::ClientRequest request{.method = method,
                               .target = target,
                               .headers = {{"Authorization", authorization_}},
                               .body = body};
    if (!body.empty()) {
      request.headers.emplace_back("Content-Type", "application/json");
    }
    ASSIGN_OR_RETURN(ClientResponse response, client_->send(request, sink));
    return checked(std::move(response));
  }

  void send(const std::string& org, std::vector<event::Event> events, BatchDone done) override {
    done(store(org, events));
  }
  void collect() override {}

 private:
  Result<BatchResult> store(const std::string& org, const std::vector<event::Event>& events) {
    std::string body = "[";
    for (const event::Event& event : events) {
      body += body.size() > 1 ? "," : "";
      body += event::canonical_json(event::view_of(event));
    }
    body += "]";
    const std::string target =
        "/v1/events?results=errors" + (org.empty() ? "" : "&org=" + wire::percent_encode(org));
    ASSIGN_OR_RETURN(ClientResponse response, request("POST", target, body, nullptr));
    return read_result(response.body);
  }

  static Result<BatchResult> read_result(const std::string& body) {
    base::JsonParser parser;
    ASSIGN_OR_RETURN(base::JsonValue answer, parser.parse(body));
    BatchResult result;
    base::JsonValue value;
    if (answer.find("stored", value)) {
      result.stored = static_cast<std::uint64_t>(value.as_integer());
    }
    if (answer.find("duplicate", value)) {
      result.duplicate = static_cast<std::uint64_t>(value.as_integer());
    }
    if (answer.find("results", value)) {
      for (const base::JsonValue& item : value.elements()) {
        base::JsonValue index, error, detail;
        if (item.find("index", index) && item.find("error", error) &&
            error.find("detail", detail)) {
          result.rejections.push_back(
              {static_cast<std::size_t>(index.as_integer()), std::string(detail.as_string())});
        }
      }
    }
    return result;
  }

  std::unique_ptr<net::HttpClient> client_;
  const std::string authorization_;
};

// The native API over an engine of this process: decoded, executed and encoded as a server would.
class LocalBackend : public Backend {
 public:
  static Result<std::unique_ptr<Backend>> open(const BackendOptions& options) {
    auto backend = std::make_unique<LocalBackend>();
    // Settings of the server that matter here, too (config.h).
    const Environment environment = process_environment();
    ASSIGN_OR_RETURN(backend->engine_,
                     Engine::open({.directory = options.data,
                                   .server_name = environment("PIPEROLL_SERVER_NAME").value_or(""),
                                   .name_directory = options.writes_events,
                                   .signing_key = environment("PIPEROLL_SIGNING_KEY").value_or("")},
                                  backend->clock_));
    return std::unique_ptr<Backend>(std::move(backend));
  }

  Result<ClientResponse> request(const std::string& method, const std::string& target,
                                 const std::string& body, const Sink& sink) override {
    wire::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!body.empty()) {
      request.headers.push_back({"Content-Type", "application/json"});
    }
    request.request_id = "command-line";
    dialect::Decoded decoded = dialect_->decode(request, {.now = clock_.now()});
    if (auto* response = std::get_if<wire::Response>(&decoded)) {
      return checked(take(std::move(*response)));
    }
    auto& exchange = std::get<dialect::Exchange>(decoded);
    exchange.call.credential = {.kind = auth::Credential::Kind::Trusted};
    wire::Response response = exchange.encode(engine_->execute(std::move(exchange.call)));
    if (response.stream && sink) {
      return pump(response, sink);
    }
    return checked(take(std::move(response)));
  }

  void send(const std::string& org, std::vector<event::Event> events, BatchDone done) override {
    if (under_way_.size() >= kBatchesUnderWay) {
      finish_one();
    }
    operation::AppendEvents append{.atomic = false};
    append.batch.events.reserve(events.size());
    for (const event::Event& event : events) {
      append.batch.add(event);
    }
    operation::Call call;
    call.surface = "native";
    call.credential = {.kind = auth::Credential::Kind::Trusted};
    call.org = {operation::OrgReference::Place::Query, org};
    call.right = auth::Right::Append;
    call.operation = operation::Operation(std::move(append));
    auto promise = std::make_shared<std::promise<operation::Reply>>();
    under_way_.push_back({promise->get_future(), std::move(done)});
    engine_->service().execute(std::move(call), [promise](operation::Reply reply) {
      promise->set_value(std::move(reply));
    });
  }

  void collect() override {
    while (!under_way_.empty()) {
      finish_one();
    }
  }

 private:
  struct UnderWay {
    std::future<operation::Reply> reply;
    BatchDone done;
  };

  static ClientResponse take(wire::Response&& response) {
    return {.status = response.status, .content_type = "", .body = std::move(response.body)};
  }

  static Result<ClientResponse> pump(wire::Response& response, const Sink& sink) {
    for (;;) {
      ASSIGN_OR_RETURN(wire::BodyStream::Piece piece, response.stream->next());
      if (!sink(piece.bytes)) {
        return Error{.kind = ErrorKind::Unavailable,
                     .message = "the answer was not taken",
                     .code = "stopped"};
      }
      if (piece.last) {
        return ClientResponse{.status = response.status, .content_type = "", .body = ""};
      }
    }
  }

  void finish_one() {
    UnderWay one = std::move(under_way_.front());
    under_way_.pop_front();
    operation::Reply reply = one.reply.get();
    if (!reply.outcome) {
      one.done(std::move(reply.outcome).error());
      return;
    }
    BatchResult result;
    const auto& appended = std::get<operation::Appended>(*reply.outcome);
    for (std::size_t i = 0; i < appended.results.size(); ++i) {
      const operation::AppendResult& item = appended.results[i];
      result.stored += item.kind == operation::AppendResult::Kind::Stored ? 1 : 0;
      result.duplicate += item.kind == operation::AppendResult::Kind::Duplicate ? 1 : 0;
      if (item.error) {
        result.rejections.push_back({i, item.error->message});
      }
    }
    one.done(std::move(result));
  }

  const base::SystemClock clock_{};
  const std::unique_ptr<dialect::Dialect> dialect_ = dialect::native::make_native_dialect();
  std::unique_ptr<Engine> engine_;
  std::deque<UnderWay> under_way_;
};

// Not there, or an empty folder. What holds something else is told when it is opened.
bool is_nothing(const std::string& path) {
  std::error_code none;
  return !std::filesystem::exists(path, none) ||
         (std::filesystem::is_directory(path, none) && std::filesystem::is_empty(path, none));
}

}  // namespace

Result<std::unique_ptr<Backend>> Backend::open(const BackendOptions& options, Directory directory) {
  if (options.data.empty() == options.server.empty()) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "name one of --data DIR (no server has it open) and --server URL",
                 .code = "usage"};
  }
  if (options.server.empty()) {
    if (directory == Directory::MustExist && is_nothing(options.data)) {
      return Error{.kind = ErrorKind::NotFound,
                   .message = options.data +
                              " is no data directory; one is made by: piperoll org "
                              "create --data " +
                              options.data + " --name NAME",
                   .code = "no_data_directory"};
    }
    base::configure_diagnostics(base::DiagnosticsLevel::Warning, base::DiagnosticsFormat::Text);
    return LocalBackend::open(options);
  }
  std::string key = process_environment()("PIPEROLL_KEY").value_or("");
  if (key.empty()) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "--server needs a key in the environment variable PIPEROLL_KEY",
                 .code = "usage"};
  }
  ASSIGN_OR_RETURN(auto client, net::HttpClient::make(options.server));
  return std::unique_ptr<Backend>(
      std::make_unique<RemoteBackend>(std::move(client), std::move(key)));
}

}  // namespace piperoll::server
