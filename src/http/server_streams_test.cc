// Streamed answers.
#include <atomic>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "http/test_server.h"

namespace piperoll::http {
namespace {

using Piece = wire::BodyStream::Piece;

// Pieces from a function; counts those alive.
class TestStream : public wire::BodyStream {
 public:
  TestStream(std::function<base::Result<Piece>(int)> make, std::atomic<int>& alive)
      : make_(std::move(make)), alive_(alive) {
    ++alive_;
  }
  ~TestStream() override { --alive_; }
  base::Result<Piece> next() override { return make_(count_++); }

 private:
  std::function<base::Result<Piece>(int)> make_;
  std::atomic<int>& alive_;
  int count_ = 0;
};

class ServerStreams : public ServerTest {
 protected:
  // Streams what make(n) gives; "/plain" is answered at once.
  void stream(std::function<base::Result<Piece>(int)> make) {
    handler.on_request = [this, make](const wire::Request& request, Done done) {
      if (request.path() == "/plain") {
        done(echo(request));
        return;
      }
      wire::Response response;
      response.set("Content-Type", "text/plain");
      response.stream = std::make_unique<TestStream>(make, alive);
      done(std::move(response));
    };
  }
  bool all_gone() {
    return wait_until([&] { return alive == 0; });
  }

  static std::string get(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  std::atomic<int> alive = 0;
};

base::Result<Piece> three_pieces(int n) {
  return Piece{.bytes = "piece " + std::to_string(n) + "\n", .last = n == 2};
}

TEST_F(ServerStreams, AreSentChunkedAndTheConnectionGoesOn) {
  stream(three_pieces);
  start();
  TestClient client(port());

  client.send(get("/s") + get("/plain") + get("/s"));

  TestResponse response = client.receive();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.header("Transfer-Encoding"), "chunked");
  EXPECT_FALSE(response.has("Content-Length"));
  EXPECT_EQ(response.body, "piece 0\npiece 1\npiece 2\n");
  EXPECT_EQ(client.receive().body, "GET /plain ");
  EXPECT_EQ(client.receive().body, "piece 0\npiece 1\npiece 2\n");
  EXPECT_TRUE(all_gone());
}

TEST_F(ServerStreams, SkipEmptyPiecesAndTakeLargeOnes) {
  stream([](int n) -> base::Result<Piece> {
    return Piece{.bytes = n % 2 == 0 ? std::string() : std::string(300'000, 'x'), .last = n == 40};
  });
  start();
  TestClient client(port());

  TestResponse response = client.exchange(get("/s"));

  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body.size(), 20u * 300'000);
}

TEST_F(ServerStreams, AreNotAskedForHead) {
  std::atomic<int> asked = 0;
  stream([&](int n) {
    ++asked;
    return three_pieces(n);
  });
  start();
  TestClient client(port());

  TestResponse head = client.exchange("HEAD /s HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD");

  EXPECT_EQ(head.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.exchange(get("/plain")).body, "GET /plain ");
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(all_gone());
}

TEST_F(ServerStreams, EndWithTheConnectionForHttp10) {
  stream(three_pieces);
  start();
  TestClient client(port());

  client.send("GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /plain HTTP/1.0\r\n\r\n");
  TestResponse response = client.receive();

  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_FALSE(response.has("Transfer-Encoding"));
  EXPECT_EQ(response.body, "piece 0\npiece 1\npiece 2\n");
}

TEST_F(ServerStreams, ThatBreakDoNotLookComplete) {
  stream([](int n) -> base::Result<Piece> {
    if (n == 2) {
      return base::Error{.kind = base::ErrorKind::Corruption, .message = "block 7"};
    }
    return three_pieces(n);
  });
  start();
  TestClient client(port());
  TestClient old(port());

  client.send(get("/s"));
  TestResponse chunked = client.receive();
  old.send("GET /s HTTP/1.0\r\n\r\n");
  TestResponse plain = old.receive();

  EXPECT_EQ(chunked.status, 200);
  EXPECT_EQ(chunked.body, "piece 0\npiece 1\n");
  EXPECT_FALSE(chunked.complete);
  EXPECT_FALSE(plain.complete);
  EXPECT_TRUE(old.was_reset());
  EXPECT_EQ(stats->streams_broken, 2u);
  EXPECT_TRUE(all_gone());
}

TEST_F(ServerStreams, ThatThrowAreBroken) {
  stream([](int) -> base::Result<Piece> { throw std::runtime_error("x"); });
  start();
  TestClient client(port());

  client.send(get("/s"));

  EXPECT_FALSE(client.receive().complete);
  EXPECT_TRUE(all_gone());
}

TEST_F(ServerStreams, AreAskedAgainOnceTheirWaitIsOver) {
  std::atomic<std::int64_t> second_asked_at = 0;
  stream([&](int n) -> base::Result<Piece> {
    if (n == 0) {
      return Piece{.bytes = "a", .idle = true, .wait_ms = 5000};
    }
    second_asked_at = clock.monotonic_micros();
    return Piece{.bytes = "b", .last = true};
  });
  start();
  auto client = impatient_client();

  EXPECT_EQ(exchange_in_time(*client, get("/s")).body, "ab");
  EXPECT_GE(second_asked_at, 5'000'000);
}

TEST_F(ServerStreams, StayOpenHoweverLongTheyAreIdle) {
  stream([](int n) -> base::Result<Piece> {
    return Piece{
        .bytes = n == 50 ? "end" : "", .last = n == 50, .idle = n != 50, .wait_ms = 10'000};
  });
  start();
  auto client = impatient_client();

  EXPECT_EQ(exchange_in_time(*client, get("/s")).body, "end");
  EXPECT_GE(seconds_passed(), 500);
}

TEST_F(ServerStreams, GoWhenTheClientOfAnIdleOneGoes) {
  stream([](int n) -> base::Result<Piece> {
    return Piece{.bytes = n == 0 ? "hello" : "", .idle = true, .wait_ms = 1};
  });
  start();
  {
    TestClient client(port());
    client.send(get("/s"));
    client.receive_bytes(10);
    TestClient closing(port());
    closing.send("GET /s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    closing.receive_bytes(10);
    ASSERT_EQ(alive, 2);
  }

  EXPECT_TRUE(wait_until([&] {
    clock.advance(10'000);
    return alive == 0;
  }));
  EXPECT_EQ(stats->connections_open, 0);
}

TEST_F(ServerStreams, GoWhenTheClientGoesWhileAPieceIsMade) {
  std::atomic<bool> entered = false;
  std::atomic<bool> release = false;
  stream([&](int) -> base::Result<Piece> {
    entered = true;
    EXPECT_TRUE(wait_until([&] { return release.load(); }));
    return Piece{.bytes = "late", .last = false};
  });
  start();
  {
    TestClient client(port());
    client.send(get("/s"));
    ASSERT_TRUE(wait_until([&] { return entered.load(); }));
    client.reset();
  }
  ASSERT_TRUE(wait_until([&] { return stats->connections_open == 0; }));
  EXPECT_EQ(alive, 1);  // a worker is in it

  release = true;

  EXPECT_TRUE(all_gone());
}

TEST_F(ServerStreams, AreMadeNoFasterThanTheClientReads) {
  std::atomic<int> made = 0;
  stream([&](int n) -> base::Result<Piece> {
    ++made;
    return Piece{.bytes = std::string(1'000'000, 'x'), .last = n == 99};
  });
  start();
  TestClient client(port(), {.receive_buffer_bytes = 4096});
  client.send(get("/s"));
  ASSERT_TRUE(wait_until([&] { return stats->bytes_out > 1000; }));
  // The socket's buffers hold a few pieces; what is made beyond them would be held by the server.
  TestClient other(port());
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(other.exchange(get("/plain")).status, 200);
  }

  EXPECT_LT(made, 20);
  EXPECT_EQ(client.receive().body.size(), 100'000'000u);
}

// Workers that have no room at first: the piece is asked for again later.
class ReluctantExecutor : public base::Executor {
 public:
  explicit ReluctantExecutor(base::Executor& executor) : executor_(executor) {}
  bool post(std::function<void()> task) override {
    return refusals_-- > 0 ? false : executor_.post(std::move(task));
  }

 private:
  base::Executor& executor_;
  std::atomic<int> refusals_ = 3;
};

TEST_F(ServerStreams, WaitForWorkersThatAreBusy) {
  stream(three_pieces);
  ReluctantExecutor reluctant(workers);
  auto started = Server::start(options, handler, reluctant);
  ASSERT_TRUE(started);
  server = *std::move(started);
  stats = server->stats();
  auto client = impatient_client();

  EXPECT_EQ(exchange_in_time(*client, get("/s")).body, "piece 0\npiece 1\npiece 2\n");
  EXPECT_TRUE(all_gone());
  server.reset();
}

TEST_F(ServerStreams, AreDroppedWhenTheyComeTooLate) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  {
    TestClient client(port());
    client.send(get("/s"));
    ASSERT_TRUE(held.wait_for(1));
    client.reset();
  }
  ASSERT_TRUE(wait_until([&] { return stats->connections_open == 0; }));
  wire::Response response;
  response.stream = std::make_unique<TestStream>(three_pieces, alive);

  held.take(0).second(std::move(response));

  EXPECT_TRUE(all_gone());
}

TEST_F(ServerStreams, OfManyClientsRunAtOnce) {
  options.threads = 2;
  stream([](int n) -> base::Result<Piece> {
    return Piece{
        .bytes = std::to_string(n) + ",", .last = n == 99, .idle = n % 10 == 3, .wait_ms = 0};
  });
  start();
  std::string expected;
  for (int n = 0; n < 100; ++n) {
    expected += std::to_string(n) + ",";
  }
  std::atomic<int> wrong = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 6; ++c) {
    clients.emplace_back([&] {
      TestClient client(port());
      for (int i = 0; i < 5; ++i) {
        wrong += client.exchange(get("/s")).body != expected;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }

  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(all_gone());
}

}  // namespace
}  // namespace piperoll::http
