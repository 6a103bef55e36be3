#pragma once
// The numbers of the whole server in Prometheus' text format. Thread-safe.
//
// Own names: piperoll_http_requests_total{surface,method,status}, where status is the class
// ("2xx"), and piperoll_http_request_duration_seconds{surface}. Everything else is registered as a
// function that is asked when somebody looks.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/stats.h"

namespace piperoll::http {

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  // surfaces: what Handler::surface() counts in; a number beyond them is counted as "other".
  explicit Metrics(std::vector<std::string> surfaces);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count_request(std::size_t surface, std::string_view method, int status, double seconds);

  // value is called by expose(), on its thread; it must not block, and everything it uses must
  // outlive the Metrics. Several of one name need different labels and the same kind.
  // REQUIRES: names as Prometheus asks for them, counters ending in _total.
  void add_gauge(std::string name, std::string help, Labels labels, std::function<double()> value);
  void add_counter(std::string name, std::string help, Labels labels,
                   std::function<double()> value);

  // text/plain; version=0.0.4
  std::string expose() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Registers piperoll_http_connections, _connections_accepted_total and so on.
void add_http_stats(Metrics& metrics, std::shared_ptr<const Stats> stats);

}  // namespace piperoll::http
