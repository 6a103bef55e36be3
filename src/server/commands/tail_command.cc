#include <chrono>
#include <cstdio>
#include <thread>

#include <unistd.h>

#include "base/json.h"
#include "cli/event_line.h"
#include "server/commands/commands.h"
#include "server/config.h"
#include "wire/url.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonKind;
using base::JsonValue;
using base::Result;

constexpr std::chrono::seconds kReconnectAfter{1};

// https://no-color.org: set and not empty means none.
bool wants_colours() {
  return ::isatty(STDOUT_FILENO) == 1 && process_environment()("NO_COLOR").value_or("").empty();
}

class Tail {
 public:
  Tail(Backend& backend, const TailArguments& arguments, std::string filters)
      : backend_(backend), arguments_(arguments), filters_(std::move(filters)) {}

  // The newest events, oldest first.
  Result<void> show_newest() {
    const std::uint64_t lines = std::max<std::uint64_t>(arguments_.lines, 1);
    ASSIGN_OR_RETURN(
        auto response,
        backend_.request("GET", "/v1/events?sort=-seq&limit=" + std::to_string(lines) + filters_,
                         ""));
    base::JsonParser parser;
    ASSIGN_OR_RETURN(JsonValue page, parser.parse(response.body));
    JsonValue events;
    JsonValue size;
    if (!page.find("events", events) || !page.find("tree_size", size)) {
      return Error{.kind = ErrorKind::Corruption, .message = "the answer is no page of events"};
    }
    next_ = static_cast<std::uint64_t>(size.as_integer());
    std::vector<JsonValue> elements = events.elements();
    if (arguments_.lines == 0) {
      elements.clear();
    }
    for (auto event = elements.rbegin(); event != elements.rend(); ++event) {
      std::string text;
      base::append_canonical(text, *event);
      show(text);
    }
    std::fflush(stdout);
    return {};
  }

  // Ends only by an error that a new connection does not mend, or when nobody reads any more.
  Result<void> follow() {
    for (;;) {
      cli::EventStreamReader reader;
      std::string target = "/v1/stream?" + filters_.substr(filters_.empty() ? 0 : 1);
      if (next_ > 0) {
        target += (filters_.empty() ? "" : "&") + ("after_seq=" + std::to_string(next_ - 1));
      }
      auto response = backend_.request("GET", target, "", [&](std::string_view piece) {
        reader.feed(piece, [&](const cli::EventStreamReader::Event& event) { take(event); });
        return std::fflush(stdout) == 0;
      });
      if (std::ferror(stdout) != 0) {
        return {};
      }
      if (!response && response.error().kind != ErrorKind::Unavailable) {
        return std::move(response).error();
      }
      std::fprintf(stderr, "piperoll: the stream ended; connecting again\n");
      std::this_thread::sleep_for(kReconnectAfter);
    }
  }

 private:
  void take(const cli::EventStreamReader::Event& event) {
    if (!event.id.empty()) {
      next_ = std::strtoull(event.id.c_str(), nullptr, 10) + 1;
    }
    if (event.name != "message") {
      std::fprintf(stderr, "piperoll: %s\n", event.data.c_str());
      return;
    }
    show(event.data);
  }

  void show(const std::string& json) {
    auto line = arguments_.json ? Result<std::string>(json) : cli::event_line(json, colours_);
    std::printf("%s\n", line ? line->c_str() : json.c_str());
  }

  Backend& backend_;
  const TailArguments& arguments_;
  const std::string filters_;  // "&name=value…"
  const bool colours_ = wants_colours();
  std::uint64_t next_ = 0;  // the seq behind the last one seen
};

}  // namespace

Result<void> tail_events(const BackendOptions& where, const TailArguments& arguments) {
  if (arguments.follow && where.server.empty()) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message =
                     "--follow needs --server: a data directory that this command holds "
                     "gets no new events",
                 .code = "usage"};
  }
  ASSIGN_OR_RETURN(std::string filters, filter_query(arguments.filters));
  if (!arguments.org.empty()) {
    filters += "&org=" + wire::percent_encode(arguments.org);
  }
  ASSIGN_OR_RETURN(auto backend, Backend::open(where));
  Tail tail(*backend, arguments, std::move(filters));
  RETURN_IF_ERROR(tail.show_newest());
  return arguments.follow ? tail.follow() : Result<void>();
}

}  // namespace piperoll::server
