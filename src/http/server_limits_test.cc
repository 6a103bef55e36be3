// Too much, too many, or not HTTP: each is a clear answer.
#include <atomic>

#include <gtest/gtest.h>

#include "base/compression.h"
#include "http/refusal.h"
#include "http/test_server.h"

namespace piperoll::http {
namespace {

class ServerLimits : public ServerTest {
 protected:
  static std::string post(std::string_view headers, std::string_view body = "") {
    return "POST /p HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
  }
  // The answer to these bytes, which must be a problem document with that code.
  TestResponse refused(std::string_view bytes, int status, std::string_view code) {
    TestClient client(port());
    TestResponse response = client.exchange(bytes);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    EXPECT_NE(response.body.find("\"code\":\"" + std::string(code) + "\""), std::string::npos)
        << response.body;
    EXPECT_NE(response.body.find("\"request_id\":\"" + response.header("X-Request-ID") + "\""),
              std::string::npos);
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(client.is_ended());
    return response;
  }
};

TEST_F(ServerLimits, RefuseMalformedRequests) {
  start();

  refused("nonsense\r\n\r\n", 400, "malformed_request");
  refused("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, "malformed_request");
  refused("GET / HTTP/1.1\nHost: a\n\n", 400, "malformed_request");
  refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_unsupported");
  refused("\x16\x03\x01\x02hello", 400, "malformed_request");
  refused(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400,
          "malformed_request");
  refused(post("Transfer-Encoding: gzip\r\n"), 501, "transfer_coding_unsupported");
  refused(post("Transfer-Encoding: chunked\r\n", "nonsense\r\n"), 400, "malformed_request");
  refused(post("Expect: a-miracle\r\nContent-Length: 1\r\n"), 417, "expectation_failed");
  EXPECT_EQ(stats->requests, 0u);
  EXPECT_EQ(stats->requests_refused, 9u);
}

TEST_F(ServerLimits, AnswerWhatCameBeforeTheNonsense) {
  start();
  TestClient client(port());

  client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\nGET /b HTTP/1.1\r\n\r\n");

  EXPECT_EQ(client.receive().body, "GET /a ");
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerLimits, RefuseAFloodOfHeaders) {
  start();
  std::string flood = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 5000; ++i) {
    flood += "X-" + std::to_string(i) + ": y\r\n";
  }

  refused("GET /" + std::string(40'000, 'x'), 431, "header_too_large");
  refused(flood, 431, "header_too_large");
  refused("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x'), 431, "header_too_large");
}

TEST_F(ServerLimits, RefuseALargeBodyBeforeItIsRead) {
  options.limits.body_bytes_max = 100;
  start();

  TestResponse response =
      refused(post("Content-Length: 101\r\n", std::string(101, 'x')), 413, "body_too_large");
  EXPECT_NE(response.body.find("the body is larger than 100 bytes"), std::string::npos);
  refused(post("Content-Length: 18446744073709551615\r\n"), 413, "body_too_large");
  refused(post("Transfer-Encoding: chunked\r\n", "65\r\nxx"), 413, "body_too_large");
}

TEST_F(ServerLimits, LetAClientThatIsStillSendingReadWhyItWasRefused) {
  options.limits.body_bytes_max = 100;
  start();
  TestClient client(port());
  std::string much(4'000'000, 'x');

  client.send(post("Content-Length: 4000000\r\n"));
  client.send(much);  // all of it is taken and thrown away

  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.is_ended());
  EXPECT_FALSE(client.was_reset());
}

TEST_F(ServerLimits, RefuseAnExpectedBodyInsteadOfAskingForIt) {
  options.limits.body_bytes_max = 100;
  start();

  refused(post("Content-Length: 101\r\nExpect: 100-continue\r\n"), 413, "body_too_large");
  refused(post("Content-Length: 10\r\nContent-Encoding: br\r\nExpect: 100-continue\r\n"), 415,
          "unknown_content_coding");
}

TEST_F(ServerLimits, RefuseBodiesThatDecodeToTooMuchAndGoOn) {
  options.limits.body_bytes_max = 1'000'000;
  start();
  TestClient client(port());

  for (auto [compression, coding] :
       {std::pair{base::Compression::Gzip, "gzip"}, std::pair{base::Compression::Zstd, "zstd"}}) {
    for (std::size_t size : {1'000'001u, 20'000'000u}) {  // decoded here, and elsewhere
      std::string bomb = base::compress(compression, std::string(size, 'x'), 3);
      TestResponse response =
          client.exchange(post("Content-Encoding: " + std::string(coding) +
                                   "\r\nContent-Length: " + std::to_string(bomb.size()) + "\r\n",
                               bomb));
      EXPECT_EQ(response.status, 413) << coding << size;
      EXPECT_FALSE(response.has("Connection"));
    }
  }
  EXPECT_EQ(stats->connections_accepted, 1u);
}

TEST_F(ServerLimits, RefuseUnknownCodingsAndBrokenCompressionAndGoOn) {
  start();
  TestClient client(port());

  TestResponse unknown =
      client.exchange(post("Content-Encoding: br\r\nContent-Length: 2\r\n", "ab"));
  TestResponse twice =
      client.exchange(post("Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n", "ab"));
  TestResponse broken =
      client.exchange(post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "ab"));
  TestResponse large = client.exchange(
      post("Content-Encoding: zstd\r\nContent-Length: 50000\r\n", std::string(50'000, 'x')));
  TestResponse cut = client.exchange([&] {
    std::string half = base::compress(base::Compression::Gzip, "hello hello hello", 6);
    half.resize(half.size() / 2);
    return post("Content-Encoding: gzip\r\nContent-Length: " + std::to_string(half.size()) + "\r\n",
                half);
  }());

  EXPECT_EQ(unknown.status, 415);
  EXPECT_EQ(unknown.header("Accept-Encoding"), "gzip, zstd");
  EXPECT_EQ(twice.status, 415);
  for (const TestResponse& response : {broken, large, cut}) {
    EXPECT_EQ(response.status, 400);
    EXPECT_NE(response.body.find("\"code\":\"broken_compression\""), std::string::npos);
  }
  EXPECT_EQ(client.exchange(post("Content-Length: 2\r\n", "ab")).body, "POST /p ab");
}

TEST_F(ServerLimits, LetTheApplicationWordARefusal) {
  options.limits.body_bytes_max = 10;
  handler.on_refuse = [](const wire::Request& request,
                         const base::Error& error) -> std::optional<wire::Response> {
    EXPECT_EQ(request.body, "");
    return wire::text_response(
        refusal_status(error),
        std::string(request.target) + " " + error.code + " " + std::string(*request.header("x-a")));
  };
  start();
  TestClient client(port());

  TestResponse coding =
      client.exchange(post("X-A: 1\r\nContent-Encoding: br\r\nContent-Length: 2\r\n", "ab"));
  TestResponse large = client.exchange(post("X-A: 2\r\nContent-Length: 11\r\n"));

  EXPECT_EQ(coding.status, 415);
  EXPECT_EQ(coding.body, "/p unknown_content_coding 1");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.body, "/p body_too_large 2");
  EXPECT_EQ(large.header("Connection"), "close");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerLimits, AnswerAHalfSentRequest) {
  start();
  for (const char* half :
       {"GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    TestClient client(port());
    client.send(half);
    client.end_sending();

    TestResponse response = client.receive();

    EXPECT_EQ(response.status, 400) << half;
    EXPECT_NE(response.body.find("\"code\":\"request_ended_early\""), std::string::npos);
    EXPECT_TRUE(client.is_ended());
  }
}

TEST_F(ServerLimits, ForgetAClientThatLeavesInTheMiddle) {
  start();
  for (int i = 0; i < 20; ++i) {
    TestClient client(port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n" +
                std::string(static_cast<std::size_t>(i) * 10'000, 'x'));
    i % 2 == 0 ? client.reset() : client.close();
  }

  EXPECT_TRUE(wait_until(
      [&] { return stats->connections_accepted == 20 && stats->connections_open == 0; }));
  EXPECT_EQ(stats->requests, 0u);
}

TEST_F(ServerLimits, RefuseConnectionsOverTheLimit) {
  options.limits.connections_max = 2;
  start();
  TestClient first(port());
  auto second = std::make_unique<TestClient>(port());
  first.exchange("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  second->exchange("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");

  TestClient third(port());
  TestResponse response = third.receive();
  second.reset();
  ASSERT_TRUE(third.is_ended());
  third.close();
  ASSERT_TRUE(wait_until([&] { return stats->connections_open == 1; }));
  TestClient fourth(port());

  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("Retry-After"), "1");
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_NE(response.body.find("\"code\":\"too_many_connections\""), std::string::npos);
  EXPECT_EQ(fourth.exchange("GET /4 HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  EXPECT_EQ(stats->connections_refused, 1u);
}

TEST_F(ServerLimits, CloseWithoutAWordWhatIsFarOverTheLimit) {
  options.limits.connections_max = 1;
  options.limits.refused_connections_max = 1;
  start();
  TestClient first(port());
  first.exchange("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  TestClient told(port());
  EXPECT_EQ(told.receive().status, 503);  // and stays until it closes

  TestClient untold(port());

  EXPECT_TRUE(untold.is_ended());
  EXPECT_EQ(stats->connections_refused, 2u);
}

TEST_F(ServerLimits, BoundTheMemoryOfLargeBodies) {
  options.limits.bodies_bytes_max = 1'000'000;
  start();
  TestClient first(port());
  std::string head = post("Content-Length: 600000\r\n");
  first.send(head + std::string(1000, 'x'));
  ASSERT_TRUE(wait_until([&] { return stats->bytes_in >= head.size() + 1000; }));

  TestResponse response = refused(head, 503, "overloaded");
  EXPECT_EQ(response.header("Retry-After"), "1");
  TestClient chunked(port());
  chunked.send(post("Transfer-Encoding: chunked\r\n"));
  for (int i = 0; i < 10; ++i) {
    chunked.send("10000\r\n" + std::string(0x10000, 'y') + "\r\n");
  }
  EXPECT_EQ(chunked.receive().status, 503);

  first.send(std::string(599'000, 'x'));
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(TestClient(port()).exchange(head + std::string(600'000, 'z')).status, 200);
}

TEST_F(ServerLimits, StopReadingWhenTooManyRequestsWait) {
  options.limits.pipelined_max = 5;
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  TestClient client(port());
  std::string requests;
  for (int i = 0; i < 12; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(requests);
  ASSERT_TRUE(held.wait_for(5));

  for (std::size_t i = 0; i < 12; ++i) {
    ASSERT_TRUE(held.wait_for(i + 1));
    EXPECT_LE(held.size(), i + 5);
    held.answer(i);
    EXPECT_EQ(client.receive().body, "/" + std::to_string(i));
  }
}

TEST_F(ServerLimits, BoundWhatAClientThatNeverReadsCanCost) {
  std::atomic<int> answered = 0;
  handler.on_request = [&](const wire::Request&, Done done) {
    ++answered;
    done(wire::text_response(200, std::string(100'000, 'x')));
  };
  start();
  auto client =
      std::make_unique<TestClient>(port(), TestClient::Options{.receive_buffer_bytes = 4096});
  std::string requests;
  for (int i = 0; i < 2000; ++i) {
    requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client->send(requests);

  // Cut after a window without progress; until then only what its buffers held was made.
  EXPECT_TRUE(wait_until([&] {
    clock.advance(100'000);
    return stats->connections_open == 0 && stats->timeouts == 1;
  }));
  EXPECT_LT(answered, 200);
  EXPECT_GE(seconds_passed(), 10);
}

}  // namespace
}  // namespace piperoll::http
