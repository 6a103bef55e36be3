#include "http/metrics.h"

#include <thread>

#include <gtest/gtest.h>

namespace piperoll::http {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, CountRequestsOfSeveralThreads) {
  Metrics metrics({"native", "nirvana"});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        metrics.count_request(0, "GET", 200, 0.0002);
        metrics.count_request(1, "BREW", 418, 2);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  std::string text = metrics.expose();

  EXPECT_TRUE(has_line(
      text, R"(piperoll_http_requests_total{method="GET",status="2xx",surface="native"} 2000)"))
      << text;
  EXPECT_TRUE(has_line(
      text, R"(piperoll_http_requests_total{method="other",status="4xx",surface="nirvana"} 2000)"))
      << text;
  EXPECT_TRUE(
      has_line(text, R"(piperoll_http_request_duration_seconds_count{surface="native"} 2000)"))
      << text;
  EXPECT_TRUE(has_line(
      text, R"(piperoll_http_request_duration_seconds_bucket{surface="native",le="0.00025"} 2000)"))
      << text;
  EXPECT_TRUE(has_line(
      text, R"(piperoll_http_request_duration_seconds_bucket{surface="nirvana",le="1"} 0)"))
      << text;
}

TEST(Metrics, CallASurfaceTheyDoNotKnowOther) {
  Metrics metrics({"native"});

  metrics.count_request(7, "", 999, 0);

  EXPECT_TRUE(
      has_line(metrics.expose(),
               R"(piperoll_http_requests_total{method="other",status="5xx",surface="other"} 1)"));
}

TEST(Metrics, AskTheFunctionsWhenSomebodyLooks) {
  Metrics metrics({});
  double lag = 1;
  metrics.add_gauge("piperoll_index_lag_events", "Events not indexed.", {{"log", "a"}},
                    [&] { return lag; });
  metrics.add_gauge("piperoll_index_lag_events", "Events not indexed.", {{"log", "b"}},
                    [] { return 5; });
  metrics.add_counter("piperoll_syncs_total", "Syncs.", {}, [] { return 42; });

  lag = 3;
  std::string text = metrics.expose();

  EXPECT_TRUE(has_line(text, R"(piperoll_index_lag_events{log="a"} 3)")) << text;
  EXPECT_TRUE(has_line(text, R"(piperoll_index_lag_events{log="b"} 5)")) << text;
  EXPECT_TRUE(has_line(text, "piperoll_syncs_total 42")) << text;
  EXPECT_TRUE(has_line(text, "# TYPE piperoll_syncs_total counter")) << text;
  EXPECT_TRUE(has_line(text, "# HELP piperoll_index_lag_events Events not indexed.")) << text;
}

TEST(Metrics, ShowTheNumbersOfTheFront) {
  Metrics metrics({});
  auto stats = std::make_shared<Stats>();
  add_http_stats(metrics, stats);

  stats->connections_open = 3;
  stats->bytes_in = 12345;
  std::string text = metrics.expose();

  EXPECT_TRUE(has_line(text, "piperoll_http_connections 3")) << text;
  EXPECT_TRUE(has_line(text, "piperoll_http_received_bytes_total 12345")) << text;
  EXPECT_TRUE(has_line(text, "piperoll_http_timeouts_total 0")) << text;
}

TEST(MetricsDeathTest, RefuseANameOfAnotherKind) {
  Metrics metrics({});
  metrics.add_gauge("piperoll_a", "A.", {}, [] { return 0; });

  EXPECT_DEATH(metrics.add_gauge("piperoll_a", "A.", {}, [] { return 0; }), "check failed");
  EXPECT_DEATH(metrics.add_gauge("piperoll a", "A.", {}, [] { return 0; }), "check failed");
  EXPECT_DEATH(metrics.add_counter("piperoll_b", "B.", {}, [] { return 0; }), "check failed");
}

}  // namespace
}  // namespace piperoll::http
