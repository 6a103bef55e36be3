// Slow clients and slow handlers, on a clock that the test moves.
#include <gtest/gtest.h>

#include "http/test_server.h"

namespace piperoll::http {
namespace {

class ServerTimeouts : public ServerTest {};

TEST_F(ServerTimeouts, CloseAConnectionThatNeverAsks) {
  start();
  auto client = impatient_client();

  EXPECT_TRUE(client->is_ended());
  EXPECT_GE(seconds_passed(), 10);
  EXPECT_EQ(stats->timeouts, 1u);
}

TEST_F(ServerTimeouts, CloseAnIdleConnectionInSilence) {
  start();
  auto client = impatient_client();
  ASSERT_EQ(exchange_in_time(*client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  auto before = seconds_passed();

  EXPECT_TRUE(client->is_ended());
  EXPECT_GE(seconds_passed() - before, 75);
  EXPECT_EQ(stats->timeouts, 0u);
}

TEST_F(ServerTimeouts, AnswerHeadersThatDoNotCome) {
  start();
  auto client = impatient_client();

  TestResponse response = exchange_in_time(*client, "GET / HTTP/1.1\r\nHost:");

  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_NE(response.body.find("\"code\":\"request_timeout\""), std::string::npos);
  EXPECT_GE(seconds_passed(), 10);
  EXPECT_TRUE(client->is_ended());
}

// A byte now and then does not keep a head alive.
TEST_F(ServerTimeouts, AnswerHeadersThatComeDropByDrop) {
  start();
  auto client = impatient_client();
  client->while_waiting = [&] {
    clock.advance(1'000'000);
    client->send("x");
  };

  TestResponse response = exchange_in_time(*client, "GET /");

  EXPECT_EQ(response.status, 408);
  EXPECT_GE(seconds_passed(), 10);
}

TEST_F(ServerTimeouts, AnswerABodyThatStops) {
  start();
  auto length = impatient_client();
  EXPECT_EQ(
      exchange_in_time(*length, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab").status,
      408);
  auto chunked = impatient_client();
  EXPECT_EQ(exchange_in_time(
                *chunked, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na")
                .status,
            408);
  EXPECT_GE(seconds_passed(), 20);
  EXPECT_EQ(stats->timeouts, 2u);
}

TEST_F(ServerTimeouts, LetTheApplicationWordALateBody) {
  handler.on_refuse = [](const wire::Request& request,
                         const base::Error& error) -> std::optional<wire::Response> {
    return wire::text_response(refusal_status(error), std::string(request.target) + error.code);
  };
  start();
  auto client = impatient_client();

  TestResponse response =
      exchange_in_time(*client, "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");

  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.body, "/laterequest_timeout");
}

TEST_F(ServerTimeouts, AnswerABodyThatComesDropByDrop) {
  start();
  auto client = impatient_client();
  client->while_waiting = [&] {
    clock.advance(1'000'000);
    client->send(std::string(100, 'x'));  // 100 B/s
  };

  TestResponse response =
      exchange_in_time(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");

  EXPECT_EQ(response.status, 408);
  EXPECT_GE(seconds_passed(), 10);
}

TEST_F(ServerTimeouts, TakeASlowBodyThatKeepsTheRateButNotForEver) {
  start();
  auto client = impatient_client();
  client->while_waiting = [&] {
    send_in_time(*client, std::string(20'000, 'x'));
    clock.advance(1'000'000);
  };

  TestResponse response =
      exchange_in_time(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16000000\r\n\r\n");

  EXPECT_EQ(response.status, 408);
  EXPECT_GE(seconds_passed(), 300);
}

TEST_F(ServerTimeouts, DoNotHurryAClientThatWaitsForItsTurn) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  options.timeouts.handler_ms = 0;
  start();
  auto client = impatient_client();
  client->send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(held.wait_for(1));

  int waits = 0;
  client->while_waiting = [&] {
    clock.advance(1'000'000);
    if (++waits == 200) {
      held.answer(0);
    }
  };

  EXPECT_EQ(client->receive().body, "/slow");
  EXPECT_GE(seconds_passed(), 200);
  EXPECT_EQ(stats->timeouts, 0u);
}

TEST_F(ServerTimeouts, AnswerForAHandlerThatDoesNot) {
  HeldRequests held;
  handler.on_request = [&](const wire::Request& request, Done done) { held.hold(request, done); };
  start();
  auto client = impatient_client();

  TestResponse response =
      exchange_in_time(*client, "GET /a HTTP/1.1\r\nHost: a\r\nX-Request-ID: r-1\r\n\r\n");
  held.answer(0);  // too late
  client->send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(held.wait_for(2));
  held.answer(1);

  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("X-Request-ID"), "r-1");
  EXPECT_NE(response.body.find("\"code\":\"handler_timeout\""), std::string::npos);
  EXPECT_GE(seconds_passed(), 60);
  EXPECT_EQ(client->receive().body, "/b");
}

TEST_F(ServerTimeouts, CutAClientThatDoesNotCloseAfterTheLastAnswer) {
  start();
  auto client = impatient_client();
  exchange_in_time(*client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(client->is_ended());  // its half only
  ASSERT_EQ(stats->connections_open, 1);

  EXPECT_TRUE(wait_until([&] {
    clock.advance(100'000);
    return stats->connections_open == 0;
  }));
}

TEST_F(ServerTimeouts, MayBeSwitchedOff) {
  options.timeouts.head_ms = 0;
  options.timeouts.idle_ms = 0;
  start();
  auto client = impatient_client();
  send_in_time(*client, "GET / HTTP/1.1\r\nHo");
  clock.advance(3'600'000'000);

  // Two answers on another connection: the timer has ticked since.
  for (int i = 0; i < 2; ++i) {
    auto other = impatient_client();
    EXPECT_EQ(
        exchange_in_time(*other, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na").status,
        408);
  }

  EXPECT_EQ(exchange_in_time(*client, "st: a\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace piperoll::http
