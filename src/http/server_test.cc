#include "http/server.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "base/compression.h"
#include "http/request_id.h"
#include "http/test_server.h"

namespace piperoll::http {
namespace {

std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view body, std::string_view headers = "") {
  return "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  start();
  TestClient client(port());

  for (int i = 0; i < 100; ++i) {
    TestResponse response = client.exchange(post("body " + std::to_string(i)));
    ASSERT_EQ(response.status, 200);
    ASSERT_EQ(response.body, "POST /p body " + std::to_string(i));
  }

  EXPECT_EQ(stats->connections_accepted, 1u);
  EXPECT_EQ(stats->requests, 100u);
}

TEST_F(ServerTest, SaysLengthDateAndRequestIdOnEveryAnswer) {
  start();
  TestClient client(port());

  TestResponse good = client.exchange(get("/x"));
  TestResponse bad = client.exchange("nonsense\r\n\r\n");

  EXPECT_EQ(good.header("Content-Length"), "7");
  EXPECT_EQ(good.header("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(good.header("X-Request-ID").size(), 36u);
  EXPECT_FALSE(good.has("Connection"));
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.header("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(bad.header("X-Request-ID").size(), 36u);
  EXPECT_EQ(bad.header("Connection"), "close");
}

TEST_F(ServerTest, KeepsASaneRequestIdAndReplacesOthers) {
  start();
  TestClient client(port());

  TestResponse sane = client.exchange(get("/", "X-Request-ID: abc-1.2_3:/+=@\r\n"));
  TestResponse blank = client.exchange(get("/", "X-Request-ID: a b\r\n"));
  TestResponse longer =
      client.exchange(get("/", "X-Request-ID: " + std::string(129, 'a') + "\r\n"));

  EXPECT_EQ(sane.header("X-Request-ID"), "abc-1.2_3:/+=@");
  EXPECT_EQ(blank.header("X-Request-ID").size(), 36u);
  EXPECT_EQ(longer.header("X-Request-ID").size(), 36u);
}

TEST_F(ServerTest, GivesTheHandlerWhatWasSent) {
  wire::Request seen;
  std::string copy;
  handler.on_request = [&](const wire::Request& request, Done done) {
    copy = std::string(request.method) + "|" + std::string(request.path()) + "|" +
           std::string(request.query()) + "|" + std::string(*request.header("x-a")) + "|" +
           std::string(request.body) + "|" + request.remote_address + "|" + request.request_id;
    done({});
  };
  start();
  TestClient client(port());

  client.exchange(
      "PATCH /a%20b?c=d HTTP/1.1\r\nHost: h\r\nX-A:  v w \t\r\nX-Request-ID: "
      "id\r\nContent-Length: 3\r\n\r\nxyz");

  EXPECT_EQ(copy, "PATCH|/a%20b|c=d|v w|xyz|127.0.0.1|id");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrderWithOneWrite) {
  start();
  TestClient client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += get("/" + std::to_string(i));
  }

  client.send(requests);

  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(client.receive().body, "GET /" + std::to_string(i) + " ");
  }
}

TEST_F(ServerTest, KeepsTheOrderWhenHandlersFinishOutOfOrder) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  TestClient client(port());
  client.send(get("/0") + get("/1") + get("/2") + get("/3"));
  ASSERT_TRUE(held.wait_for(4));

  for (std::size_t index : {2u, 3u, 1u, 0u}) {
    std::thread([&] { held.answer(index); }).join();
  }

  for (const char* target : {"/0", "/1", "/2", "/3"}) {
    EXPECT_EQ(client.receive().body, target);
  }
}

TEST_F(ServerTest, ParsesRequestsThatComeByteByByte) {
  start();
  TestClient client(port());
  std::string bytes = "\r\n" + post("hello", "X-Long: " + std::string(300, 'x') + "\r\n") +
                      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "5;ext=1\r\nab\r\nc\r\n1\r\nd\r\n0\r\nTrailer: t\r\n\r\n" +
                      "POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ASSERT_TRUE(client.send(bytes.substr(i, 1)));
    ASSERT_TRUE(wait_until([&] { return stats->bytes_in > i; }));
  }

  EXPECT_EQ(client.receive().body, "POST /p hello");
  EXPECT_EQ(client.receive().body, "POST /c ab\r\ncd");
  EXPECT_EQ(client.receive().body, "POST /e ");
}

TEST_F(ServerTest, TakesBodiesUpToTheLimitWithAndWithoutLength) {
  handler.on_request = [](const wire::Request& request, Done done) {
    done(wire::text_response(200, std::to_string(std::hash<std::string_view>{}(request.body))));
  };
  start();
  TestClient client(port());
  std::string body(options.limits.body_bytes_max, 'x');
  for (std::size_t i = 0; i < body.size(); i += 997) {
    body[i] = static_cast<char>('a' + i % 26);
  }
  std::string expected = std::to_string(std::hash<std::string_view>{}(body));

  EXPECT_EQ(client.exchange(post(body)).body, expected);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 0x10000) {
    client.send("10000\r\n" + body.substr(at, 0x10000) + "\r\n");
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.receive().body, expected);
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  TestClient client(port());

  TestResponse head = client.exchange("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD");
  TestResponse next = client.exchange(get("/y"));

  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "8");
  EXPECT_EQ(next.body, "GET /y ");
}

TEST_F(ServerTest, SendsNoLengthWhereThereIsNoBody) {
  handler.on_request = [](const wire::Request&, Done done) { done({.status = 204}); };
  start();
  TestClient client(port());

  TestResponse none = client.exchange(get("/"));

  EXPECT_EQ(none.status, 204);
  EXPECT_FALSE(none.has("Content-Length"));
  EXPECT_EQ(client.exchange(get("/")).status, 204);
}

TEST_F(ServerTest, ClosesAfterHttp10UnlessAskedToKeepAlive) {
  start();
  TestClient once(port());
  TestClient kept(port());

  TestResponse closing = once.exchange("GET /a HTTP/1.0\r\n\r\n");
  TestResponse keeping = kept.exchange("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_EQ(closing.header("Connection"), "close");
  EXPECT_TRUE(once.is_ended());
  EXPECT_EQ(keeping.header("Connection"), "keep-alive");
  EXPECT_EQ(kept.exchange("GET /b HTTP/1.0\r\n\r\n").body, "GET /b ");
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  start();
  TestClient client(port());

  client.send(get("/a", "Connection: close\r\n") + get("/never"));

  EXPECT_EQ(client.receive().header("Connection"), "close");
  EXPECT_TRUE(client.is_ended());
  EXPECT_EQ(stats->requests, 1u);
}

TEST_F(ServerTest, AnswersAClientThatHasClosedItsHalf) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  TestClient client(port());

  client.send(get("/a"));
  client.end_sending();
  ASSERT_TRUE(held.wait_for(1));
  held.answer(0);

  EXPECT_EQ(client.receive().body, "/a");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, AnswersLargeBodiesWhole) {
  std::string large(5'000'000, 'z');
  handler.on_request = [&](const wire::Request&, Done done) {
    done(wire::text_response(200, large));
  };
  start();
  TestClient client(port());

  client.send(get("/1") + get("/2"));

  EXPECT_EQ(client.receive().body, large);
  EXPECT_EQ(client.receive().body, large);
}

TEST_F(ServerTest, SendsContinueOnlyWhenTheBodyIsWaitedFor) {
  start();
  TestClient client(port());
  std::string head =
      "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";

  client.send(head);
  ASSERT_TRUE(client.receive_continue());
  client.send("ab");
  EXPECT_EQ(client.receive().body, "POST /p ab");

  client.send(head + "cd");
  EXPECT_EQ(client.receive_bytes(12).substr(0, 12), "HTTP/1.1 200");
}

TEST_F(ServerTest, SendsContinueAfterTheAnswersBeforeIt) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  TestClient client(port());
  client.send(get("/first") +
              "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(held.wait_for(1));
  held.answer(0);

  EXPECT_EQ(client.receive().body, "/first");
  ASSERT_TRUE(client.receive_continue());
  client.send("ab");
  ASSERT_TRUE(held.wait_for(2));
  held.answer(1);
  EXPECT_EQ(client.receive().body, "/p");
}

TEST_F(ServerTest, DecodesGzipAndZstdBodiesSmallAndLarge) {
  handler.on_request = [](const wire::Request& request, Done done) {
    done(wire::text_response(200, std::string(request.body)));
  };
  start();
  TestClient client(port());
  std::string noise;  // does not shrink below what is decoded on the network thread
  std::mt19937_64 random(7);
  while (noise.size() < 200'000) {
    noise += std::to_string(random());
  }

  for (auto [compression, coding] :
       {std::pair{base::Compression::Gzip, "gzip"}, std::pair{base::Compression::Zstd, "zstd"}}) {
    for (const std::string& body : {std::string("small"), noise}) {
      std::string encoded = base::compress(compression, body, 1);
      std::string request =
          post(encoded, "Content-Encoding: " + std::string(coding) + "\r\n") + get("/after");
      EXPECT_EQ(client.exchange(request).body, body) << coding;
      EXPECT_EQ(client.receive().body, "");
    }
  }
  EXPECT_EQ(stats->bodies_decoded, 4u);
}

TEST_F(ServerTest, DecodesAChunkedCompressedBody) {
  start();
  TestClient client(port());
  std::string encoded = base::compress(base::Compression::Gzip, "hello", 6);
  char size[16];
  std::snprintf(size, sizeof(size), "%zx", encoded.size());

  TestResponse response = client.exchange(
      "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
      "Content-Encoding: gzip\r\n\r\n" +
      std::string(size) + "\r\n" + encoded + "\r\n0\r\n\r\n");

  EXPECT_EQ(response.body, "POST /p hello");
}

TEST_F(ServerTest, TurnsAThrowingHandlerInto500) {
  handler.on_request = [](const wire::Request&, Done) { throw std::runtime_error("secret"); };
  start();
  TestClient client(port());

  TestResponse response = client.exchange(get("/"));

  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_NE(response.body.find("\"code\":\"internal\""), std::string::npos);
}

TEST_F(ServerTest, TurnsADroppedRequestInto500) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) {
    if (request.target != "/now") {
      held.hold(request, std::move(done));
    }
  };
  start();
  TestClient client(port());

  EXPECT_EQ(client.exchange(get("/now")).status, 500);
  client.send(get("/later"));
  ASSERT_TRUE(held.wait_for(1));
  held.take(0);

  TestResponse response = client.receive();
  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("\"code\":\"no_answer\""), std::string::npos);
}

TEST_F(ServerTest, TakesOnlyTheFirstAnswerToARequest) {
  handler.on_request = [](const wire::Request&, Done done) {
    done(wire::text_response(200, "first"));
    done(wire::text_response(200, "second"));
  };
  start();
  TestClient client(port());

  EXPECT_EQ(client.exchange(get("/")).body, "first");
  EXPECT_EQ(client.exchange(get("/")).body, "first");
}

TEST_F(ServerTest, MayBeAnsweredWhenTheClientIsGone) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  {
    TestClient client(port());
    client.send(get("/a"));
    ASSERT_TRUE(held.wait_for(1));
    client.reset();
  }
  ASSERT_TRUE(wait_until([&] { return stats->connections_open == 0; }));

  held.answer(0);

  TestClient other(port());
  other.send(get("/b"));
  ASSERT_TRUE(held.wait_for(2));
  held.answer(1);
  EXPECT_EQ(other.receive().body, "/b");
}

TEST_F(ServerTest, MayBeAnsweredWhenTheServerIsGone) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  TestClient client(port());
  client.send(get("/a"));
  ASSERT_TRUE(held.wait_for(1));
  server.reset();

  held.answer(0);

  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, ListensOnIPv6) {
  options.listen = {"127.0.0.1:0", "[::1]:0"};
  handler.on_request = [](const wire::Request& request, Done done) {
    done(wire::text_response(200, request.remote_address));
  };
  start();
  ASSERT_EQ(server->ports().size(), 2u);
  TestClient v4(server->ports()[0]);
  TestClient v6(server->ports()[1], {.v6 = true});

  EXPECT_EQ(v4.exchange(get("/")).body, "127.0.0.1");
  EXPECT_EQ(v6.exchange(get("/")).body, "::1");
}

TEST_F(ServerTest, SaysThatAPortIsInUse) {
  start();
  ServerOptions second = options;
  second.listen = {"127.0.0.1:" + std::to_string(port())};

  auto started = Server::start(second, handler, workers);

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "address_in_use");
  EXPECT_EQ(started.error().message,
            "cannot listen on " + second.listen[0] + ": the address is already in use");
}

TEST_F(ServerTest, RefusesOptionsThatCannotServe) {
  auto code_of = [&](auto change) {
    ServerOptions changed = options;
    change(changed);
    auto started = Server::start(changed, handler, workers);
    return started ? std::string("started") : started.error().code;
  };

  EXPECT_EQ(code_of([](ServerOptions& o) { o.listen.clear(); }), "bad_http_option");
  EXPECT_EQ(code_of([](ServerOptions& o) { o.threads = 0; }), "bad_http_option");
  EXPECT_EQ(code_of([](ServerOptions& o) { o.timeouts.tick_ms = 0; }), "bad_http_option");
  EXPECT_EQ(code_of([](ServerOptions& o) { o.limits.pipelined_max = 0; }), "bad_http_option");
  EXPECT_EQ(code_of([](ServerOptions& o) { o.listen = {"nowhere"}; }), "bad_listen_address");
  EXPECT_EQ(code_of([](ServerOptions& o) { o.trusted_proxies = {"10/8"}; }), "bad_address_range");
}

TEST_F(ServerTest, BelievesTrustedProxiesAlone) {
  handler.on_request = [](const wire::Request& request, Done done) {
    done(wire::text_response(200, request.remote_address));
  };
  std::string forwarded = get("/", "X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n");
  start();
  EXPECT_EQ(TestClient(port()).exchange(forwarded).body, "127.0.0.1");
  options.trusted_proxies = {"127.0.0.0/8"};
  start();
  EXPECT_EQ(TestClient(port()).exchange(forwarded).body, "203.0.113.9");
}

TEST_F(ServerTest, ServesManyClientsOnSeveralThreads) {
  options.threads = 3;
  std::atomic<int> wrong = 0;
  handler.on_request = [&](const wire::Request& request, Done done) {
    wire::Response response = echo(request);
    workers.post([done, shared = std::make_shared<wire::Response>(std::move(response))] {
      done(std::move(*shared));
    });
  };
  start();
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      TestClient client(port());
      for (int i = 0; i < 200; ++i) {
        std::string body = std::to_string(c) + "/" + std::to_string(i);
        wrong += client.exchange(post(body)).body != "POST /p " + body;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }

  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(stats->requests, 1600u);
}

TEST_F(ServerTest, CountsRequestsBySurfaceMethodAndStatus) {
  Metrics metrics({"native", "frontier"});
  options.metrics = &metrics;
  start();
  TestClient client(port());

  client.exchange(get("/v1/events"));
  client.exchange(post("x"));
  client.exchange("nonsense\r\n\r\n");

  EXPECT_TRUE(client.is_ended());
  std::string text = metrics.expose();
  auto has = [&](const char* line) { return text.find(line) != std::string::npos; };
  EXPECT_TRUE(has(R"(piperoll_http_requests_total{method="GET",status="2xx",surface="native"} 1)"))
      << text;
  EXPECT_TRUE(
      has(R"(piperoll_http_requests_total{method="POST",status="2xx",surface="frontier"} 1)"))
      << text;
  EXPECT_TRUE(has(R"(piperoll_http_requests_total{method="other",status="4xx",surface="other"} 1)"))
      << text;
}

}  // namespace
}  // namespace piperoll::http
