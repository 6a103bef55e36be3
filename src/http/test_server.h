#pragma once
// A server on an ephemeral loopback port, its clock in the test's hand, for tests of the front.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/handler.h"
#include "http/server.h"
#include "http/test_client.h"
#include "net/worker_pool.h"
#include "wire/message.h"

namespace piperoll::http {

using Done = std::function<void(wire::Response)>;

// Answers with what was asked: method, target, body.
inline wire::Response echo(const wire::Request& request) {
  return wire::text_response(200, std::string(request.method) + " " + std::string(request.target) +
                                      " " + std::string(request.body));
}

class FunctionHandler : public Handler {
 public:
  std::function<void(const wire::Request&, Done)> on_request =
      [](const wire::Request& request, Done done) { done(echo(request)); };
  std::function<std::optional<wire::Response>(const wire::Request&, const base::Error&)> on_refuse =
      [](const wire::Request&, const base::Error&) { return std::nullopt; };

  void handle(const wire::Request& request, Done done) override {
    on_request(request, std::move(done));
  }
  std::optional<wire::Response> refuse(const wire::Request& request,
                                       const base::Error& error) override {
    return on_refuse(request, error);
  }
  std::size_t surface(const wire::Request& request) override {
    return request.path().starts_with("/v1/") ? 0 : 1;
  }
};

// Keeps the `done` of every request until the test answers.
class HeldRequests {
 public:
  void hold(const wire::Request& request, Done done) {
    base::MutexLock lock(mutex_);
    held_.emplace_back(std::string(request.target), std::move(done));
  }
  std::size_t size() const {
    base::MutexLock lock(mutex_);
    return held_.size();
  }
  bool wait_for(std::size_t count) const {
    return wait_until([&] { return size() >= count; });
  }
  void answer(std::size_t index) {
    auto [target, done] = take(index);
    done(wire::text_response(200, target));
  }
  std::pair<std::string, Done> take(std::size_t index) {
    base::MutexLock lock(mutex_);
    return {held_.at(index).first, std::exchange(held_.at(index).second, nullptr)};
  }

 private:
  mutable base::Mutex mutex_;
  std::vector<std::pair<std::string, Done>> held_ GUARDED_BY(mutex_);
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options.listen = {"127.0.0.1:0"};
    options.timeouts.tick_ms = 2;
    options.clock = &clock;
  }

  void start() {
    auto started = Server::start(options, handler, workers);
    ASSERT_TRUE(started) << started.error().message;
    server = *std::move(started);
    stats = server->stats();
  }
  std::uint16_t port() const { return server->ports().front(); }

  // A client whose waiting moves the clock: a second of the server's for two milliseconds.
  std::unique_ptr<TestClient> impatient_client() {
    auto client = std::make_unique<TestClient>(port());
    client->while_waiting = [this] { clock.advance(1'000'000); };
    return client;
  }
  // Sends, and lets the clock stand until the server has read it.
  void send_in_time(TestClient& client, std::string_view bytes) {
    std::uint64_t before = stats->bytes_in;
    client.send(bytes);
    EXPECT_TRUE(wait_until([&] { return stats->bytes_in >= before + bytes.size(); }));
  }
  TestResponse exchange_in_time(TestClient& client, std::string_view bytes) {
    send_in_time(client, bytes);
    return client.receive();
  }
  std::int64_t seconds_passed() const { return clock.monotonic_micros() / 1'000'000; }

  base::FakeClock clock{base::Timestamp{784'111'777'000'000}};  // 1994-11-06T08:49:37Z
  ServerOptions options;
  FunctionHandler handler;
  net::WorkerPool workers{{.threads = 2}};
  std::unique_ptr<Server> server;
  std::shared_ptr<const Stats> stats;
};

}  // namespace piperoll::http
