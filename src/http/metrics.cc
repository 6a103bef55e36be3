#include "http/metrics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/check.h"
#include "base/mutex.h"

namespace piperoll::http {
namespace {

constexpr std::array<std::string_view, 8> kMethods = {"GET",    "POST",  "HEAD",    "PUT",
                                                      "DELETE", "PATCH", "OPTIONS", "other"};
constexpr std::size_t kStatusClasses = 5;

// From what a cached read takes to the longest wait of the front.
prometheus::Histogram::BucketBoundaries seconds_bounds() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
          0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};
}

std::size_t method_index(std::string_view method) {
  auto found = std::find(kMethods.begin(), kMethods.end() - 1, method);
  return static_cast<std::size_t>(found - kMethods.begin());
}

bool is_metric_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
         });
}

}  // namespace

struct Metrics::State {
  // Made when first counted, so that what never happens is not shown as a hundred zeros.
  struct Surface {
    std::string name;
    std::array<std::atomic<prometheus::Counter*>, kMethods.size() * kStatusClasses> requests{};
    std::atomic<prometheus::Histogram*> seconds{};
  };
  struct Asked {
    prometheus::MetricType type;
    std::string name, help;
    Labels labels;
    std::function<double()> value;
  };

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("piperoll_http_requests_total")
          .Help("Requests answered, by surface, method and class of status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("piperoll_http_request_duration_seconds")
          .Help("From the end of a request's head to the end of its answer.")
          .Register(registry);
  std::vector<Surface> surfaces;

  mutable base::Mutex mutex;
  std::vector<Asked> asked GUARDED_BY(mutex);

  void add(Asked one) {
    CHECK(is_metric_name(one.name));
    base::MutexLock lock(mutex);
    for (const Asked& other : asked) {
      CHECK(other.name != one.name || (other.type == one.type && other.labels != one.labels));
    }
    asked.push_back(std::move(one));
  }
};

Metrics::Metrics(std::vector<std::string> surfaces) : state_(std::make_unique<State>()) {
  surfaces.push_back("other");
  state_->surfaces = std::vector<State::Surface>(surfaces.size());
  for (std::size_t i = 0; i < surfaces.size(); ++i) {
    state_->surfaces[i].name = std::move(surfaces[i]);
  }
}

Metrics::~Metrics() = default;

void Metrics::count_request(std::size_t surface, std::string_view method, int status,
                            double seconds) {
  State::Surface& of = state_->surfaces[std::min(surface, state_->surfaces.size() - 1)];
  std::size_t method_at = method_index(method);
  auto status_at = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
  auto& slot = of.requests[method_at * kStatusClasses + status_at];
  prometheus::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // The family gives the same counter to whoever asks for the same labels.
    counter = &state_->requests.Add({{"surface", of.name},
                                     {"method", std::string(kMethods[method_at])},
                                     {"status", std::to_string(status_at + 1) + "xx"}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
  prometheus::Histogram* histogram = of.seconds.load(std::memory_order_acquire);
  if (histogram == nullptr) {
    histogram = &state_->seconds.Add({{"surface", of.name}}, seconds_bounds());
    of.seconds.store(histogram, std::memory_order_release);
  }
  histogram->Observe(seconds);
}

void Metrics::add_gauge(std::string name, std::string help, Labels labels,
                        std::function<double()> value) {
  state_->add({prometheus::MetricType::Gauge, std::move(name), std::move(help), std::move(labels),
               std::move(value)});
}

void Metrics::add_counter(std::string name, std::string help, Labels labels,
                          std::function<double()> value) {
  CHECK(name.ends_with("_total"));
  state_->add({prometheus::MetricType::Counter, std::move(name), std::move(help), std::move(labels),
               std::move(value)});
}

std::string Metrics::expose() const {
  std::vector<State::Asked> asked;
  {
    base::MutexLock lock(state_->mutex);
    asked = state_->asked;
  }
  std::map<std::string, prometheus::MetricFamily> families;
  for (const State::Asked& one : asked) {
    prometheus::MetricFamily& family = families[one.name];
    family.name = one.name;
    family.help = one.help;
    family.type = one.type;
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : one.labels) {
      metric.label.push_back({name, value});
    }
    (one.type == prometheus::MetricType::Gauge ? metric.gauge.value : metric.counter.value) =
        one.value();
    family.metric.push_back(std::move(metric));
  }
  std::vector<prometheus::MetricFamily> all = state_->registry.Collect();
  for (auto& [name, family] : families) {
    all.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(all);
}

void add_http_stats(Metrics& metrics, std::shared_ptr<const Stats> stats) {
  auto add = [&](const char* name, const char* help, std::atomic<std::uint64_t> Stats::*member) {
    metrics.add_counter(name, help, {}, [stats, member] {
      return static_cast<double>(((*stats).*member).load(std::memory_order_relaxed));
    });
  };
  metrics.add_gauge("piperoll_http_connections", "Connections that are open.", {}, [stats] {
    return static_cast<double>(stats->connections_open.load(std::memory_order_relaxed));
  });
  add("piperoll_http_connections_accepted_total", "Connections accepted.",
      &Stats::connections_accepted);
  add("piperoll_http_connections_refused_total", "Connections refused over the limit.",
      &Stats::connections_refused);
  add("piperoll_http_requests_refused_total",
      "Requests that the HTTP front itself refused (malformed, too large, late).",
      &Stats::requests_refused);
  add("piperoll_http_timeouts_total", "Connections and requests that were too slow.",
      &Stats::timeouts);
  add("piperoll_http_bodies_decoded_total", "Compressed request bodies decoded.",
      &Stats::bodies_decoded);
  add("piperoll_http_streams_broken_total", "Streamed answers ended by an error.",
      &Stats::streams_broken);
  add("piperoll_http_received_bytes_total", "Bytes received.", &Stats::bytes_in);
  add("piperoll_http_sent_bytes_total", "Bytes sent.", &Stats::bytes_out);
}

}  // namespace piperoll::http
