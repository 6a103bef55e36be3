// Stopping: what is in flight is finished, what is idle is closed, and nothing outlives the
// deadline.
#include <thread>

#include <gtest/gtest.h>

#include "http/test_server.h"

namespace piperoll::http {
namespace {

using namespace std::chrono_literals;

class ServerStop : public ServerTest {
 protected:
  static std::string get(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  HeldRequests held;
  void hold_requests() {
    handler.on_request = [this](const wire::Request& request, Done done) {
      held.hold(request, std::move(done));
    };
  }
};

TEST_F(ServerStop, ClosesIdleConnectionsAtOnce) {
  options.threads = 2;
  start();
  TestClient used(port());
  TestClient unused(port());
  used.exchange(get("/"));
  ASSERT_TRUE(wait_until([&] { return stats->connections_open == 2; }));

  server->stop(10s);
  server->join();

  EXPECT_TRUE(used.is_ended());
  EXPECT_TRUE(unused.is_ended());
  EXPECT_EQ(stats->connections_open, 0);
}

TEST_F(ServerStop, FinishesRequestsInFlight) {
  hold_requests();
  start();
  std::uint16_t at = port();
  TestClient client(at);
  client.send(get("/1") + get("/2"));
  ASSERT_TRUE(held.wait_for(2));

  server->stop(10s);
  held.answer(1);
  held.answer(0);

  TestResponse first = client.receive();
  TestResponse second = client.receive();
  EXPECT_EQ(first.body, "/1");
  EXPECT_FALSE(first.has("Connection"));
  EXPECT_EQ(second.body, "/2");
  EXPECT_EQ(second.header("Connection"), "close");
  EXPECT_TRUE(client.is_ended());
  client.close();
  server->join();
  EXPECT_FALSE(TestClient(at).is_connected());
}

TEST_F(ServerStop, FinishesARequestThatHasBegun) {
  start();
  TestClient client(port());
  client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(wait_until([&] { return stats->bytes_in >= 50; }));

  server->stop(10s);
  client.send("cd");

  TestResponse response = client.receive();
  EXPECT_EQ(response.body, "POST /p abcd");
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_TRUE(client.is_ended());
  client.close();
  server->join();
}

TEST_F(ServerStop, CutsWhatIsLeftAtTheDeadline) {
  hold_requests();
  start();
  TestClient waiting(port());
  TestClient half(port());
  waiting.send(get("/never"));
  half.send("GET / HTT");
  ASSERT_TRUE(held.wait_for(1));
  ASSERT_TRUE(wait_until([&] { return stats->bytes_in > get("/never").size(); }));

  server->stop(5s);
  waiting.while_waiting = [&] { clock.advance(1'000'000); };

  EXPECT_TRUE(waiting.is_ended());
  EXPECT_GE(seconds_passed(), 5);
  server->join();
  EXPECT_EQ(stats->connections_open, 0);
}

class EndlessStream : public wire::BodyStream {
 public:
  base::Result<Piece> next() override {
    return Piece{.bytes = "tick\n", .idle = true, .wait_ms = 60'000};
  }
};

TEST_F(ServerStop, EndsLiveStreamsWithoutLookingComplete) {
  handler.on_request = [](const wire::Request&, Done done) {
    wire::Response response;
    response.stream = std::make_unique<EndlessStream>();
    done(std::move(response));
  };
  start();
  TestClient client(port());
  client.send(get("/live"));
  ASSERT_NE(client.receive_bytes(100).find("200 OK"), std::string::npos);

  server->stop(10s);
  server->join();

  EXPECT_EQ(client.receive_to_end().find("0\r\n\r\n"), std::string::npos);
}

TEST_F(ServerStop, LetsAFiniteStreamEnd) {
  class Finite : public wire::BodyStream {
   public:
    base::Result<Piece> next() override {
      return Piece{.bytes = std::string(100'000, 'x'), .last = ++count_ == 50};
    }
    int count_ = 0;
  };
  handler.on_request = [](const wire::Request&, Done done) {
    wire::Response response;
    response.stream = std::make_unique<Finite>();
    done(std::move(response));
  };
  start();
  TestClient client(port());
  client.send(get("/export"));
  ASSERT_TRUE(wait_until([&] { return stats->bytes_out > 1000; }));

  server->stop(10s);

  TestResponse response = client.receive();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body.size(), 5'000'000u);
  EXPECT_TRUE(client.is_ended());
  client.close();
  server->join();
}

TEST_F(ServerStop, MayBeAskedForTwiceAndWithoutConnections) {
  options.threads = 3;
  start();

  server->stop(10s);
  server->stop(0s);
  server->join();
  server->join();
  server.reset();
}

TEST_F(ServerStop, WorksWhileClientsAreAtIt) {
  options.threads = 2;
  for (int round = 0; round < 20; ++round) {
    start();
    std::uint16_t at = port();
    std::vector<std::thread> clients;
    std::atomic<bool> stopped = false;
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([&] {
        while (!stopped) {
          TestClient client(at);
          for (int i = 0; i < 10 && client.is_connected(); ++i) {
            if (!client.send(get("/")) || client.receive_bytes(10).empty()) {
              break;
            }
          }
        }
      });
    }
    EXPECT_TRUE(wait_until([&] { return stats->requests > 200; }));

    server->stop(10s);
    server->join();
    stopped = true;
    for (std::thread& client : clients) {
      client.join();  // nobody waits for a server that is gone
    }

    EXPECT_EQ(stats->connections_open, 0);
  }
}

}  // namespace
}  // namespace piperoll::http
