#include "net/post_client.h"

#include <atomic>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace piperoll::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Answers each request with what the test says, and counts the connections; where it says nothing
// it does not answer at all.
class Listener {
 public:
  explicit Listener(std::string answer)
      : answer_(std::move(answer)),
        acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}
  ~Listener() {
    stopping_ = true;
    error_code ignored;
    asio::ip::tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/w/add";
  }
  int connections() const { return connections_; }
  int requests() const { return requests_; }

 private:
  void serve() {
    while (true) {
      asio::ip::tcp::socket socket(context_);
      error_code error;
      acceptor_.accept(socket, error);
      if (error || stopping_) {
        return;
      }
      ++connections_;
      while (!error) {
        std::string request;
        const std::size_t head =
            asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", error);
        if (error) {
          break;
        }
        const std::string length = "Content-Length: ";
        const std::size_t at = request.find(length) + length.size();
        const std::size_t whole = head + std::stoul(request.substr(at));
        if (request.size() < whole) {
          asio::read(socket, asio::dynamic_buffer(request),
                     asio::transfer_exactly(whole - request.size()), error);
        }
        ++requests_;
        if (!answer_.empty()) {
          const std::string body = answer_ + request.substr(head);
          asio::write(socket,
                      asio::buffer("HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"
                                   "Content-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body),
                      error);
        }
      }
    }
  }

  const std::string answer_;
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0}, requests_{0};
  std::thread thread_;
};

TEST(PostClient, PostsOverOneConnectionAndTellsTheAnswer) {
  const Listener listener("said: ");
  const auto client = PostClient::make(listener.url()).value();

  for (const std::string& body : {std::string("first"), std::string(5'000, 'x'), std::string()}) {
    const auto answer = client->post(body);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 409);
    EXPECT_EQ(answer->content_type, "text/x.tlog.size");
    EXPECT_EQ(answer->body, "said: " + body);
  }
  EXPECT_EQ(listener.connections(), 1);
}

TEST(PostClient, StopsAtTheSizeItIsTold) {
  const Listener listener(std::string(100, 'x'));
  const auto client = PostClient::make(listener.url(), {.answer_bytes_max = 99}).value();
  EXPECT_EQ(client->post("").error().kind, base::ErrorKind::TooLarge);
}

TEST(PostClient, WaitsOnlySoLong) {
  const Listener listener("");
  const auto client = PostClient::make(listener.url(), {.timeout_ms = 50}).value();
  EXPECT_EQ(client->post("x").error().kind, base::ErrorKind::Unavailable);
}

TEST(PostClient, IsStoppedWhileItWaits) {
  const Listener listener("");
  const auto client = PostClient::make(listener.url(), {.timeout_ms = 600'000}).value();
  std::thread stopper([&] {
    while (listener.requests() == 0) {
      std::this_thread::yield();
    }
    client->stop();
  });
  EXPECT_EQ(client->post("x").error().code, "stopped");
  stopper.join();
  EXPECT_EQ(client->post("x").error().code, "stopped") << "and stays so";
}

TEST(PostClient, SaysWhereNobodyIs) {
  std::string url;
  {
    const Listener gone("x");
    url = gone.url();
  }
  const auto client = PostClient::make(url).value();
  const auto answer = client->post("x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Unavailable);
  EXPECT_NE(answer.error().message.find(url), std::string::npos);
}

TEST(PostClient, TakesAddressesOfHttpAlone) {
  for (const char* url : {"https://w.example/v1/witness/add-checkpoint", "http://[::1]:80/x",
                          "http://192.0.2.7/add-checkpoint"}) {
    EXPECT_TRUE(PostClient::make(url)) << url;
  }
  for (const char* url : {"", "/add-checkpoint", "ftp://w.example/x", "w.example/x", "http://",
                          "http://user@w.example/x", "http://w.example/x?y", "http://w.example/#x",
                          "file:///etc/passwd"}) {
    EXPECT_FALSE(PostClient::make(url)) << url;
  }
}

}  // namespace
}  // namespace piperoll::net
