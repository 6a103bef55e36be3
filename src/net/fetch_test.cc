#include "net/fetch.h"

#include <map>
#include <mutex>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace piperoll::net {
namespace {

namespace asio = boost::asio;

// Answers each path with fixed bytes, one connection after the other, until it is destroyed.
class TinyServer {
 public:
  using Answers = std::map<std::string, std::string>;  // path -> the whole response

  explicit TinyServer(Answers answers)
      : answers_(std::move(answers)),
        acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}
  ~TinyServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    asio::ip::tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string last_request() {
    std::lock_guard lock(mutex_);
    return last_request_;
  }
  std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + path;
  }

 private:
  void serve() {
    while (true) {
      asio::ip::tcp::socket socket(context_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (error || stopping_) {
        return;
      }
      std::string request;
      asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", error);
      const std::size_t head = request.find("\r\n\r\n") + 4;
      const std::size_t announced = request.find("Content-Length: ");
      if (!error && announced < head) {
        const std::size_t size = std::stoul(request.substr(announced + 16));
        const std::size_t rest = head + size - std::min(request.size(), head + size);
        asio::read(socket, asio::dynamic_buffer(request), asio::transfer_exactly(rest), error);
      }
      {
        std::lock_guard lock(mutex_);
        last_request_ = request;
      }
      const std::size_t start = request.find(' ') + 1;
      const std::string path = request.substr(start, request.find(' ', start) - start);
      asio::write(socket, asio::buffer(answers_[path]), error);
    }
  }

  Answers answers_;
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::mutex mutex_;
  std::string last_request_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

std::string ok(const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string redirect(const std::string& to) {
  return "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: " + to +
         "\r\nContent-Length: 0\r\n\r\n";
}

std::string refusal(const base::Result<FetchedDocument>& fetched) {
  return fetched ? "fetched" : fetched.error().message;
}

TEST(Fetch, BringsADocumentAndHowLongItIsGood) {
  TinyServer server({{"/keys", ok("{}", "Cache-Control: public, max-age=600\r\n")}});

  auto fetched = fetch_document(server.url("/keys"));

  ASSERT_TRUE(fetched.has_value()) << fetched.error().message;
  EXPECT_EQ(fetched->body, "{}");
  EXPECT_EQ(fetched->max_age_seconds, 600);
}

TEST(Fetch, FollowsRedirectsWithinOneServerAlone) {
  TinyServer other({{"/keys", ok("stolen")}});
  TinyServer server({{"/keys", ok("{}")},
                     {"/old", redirect("/keys")},
                     {"/away", redirect(other.url("/keys"))},
                     {"/name", redirect(other.url("/keys", "localhost"))},
                     {"/file", redirect("file:///etc/passwd")},
                     {"/loop", redirect("/loop")}});

  EXPECT_EQ(fetch_document(server.url("/old"))->body, "{}");
  for (const char* path : {"/away", "/name", "/file"}) {
    EXPECT_EQ(refusal(fetch_document(server.url(path))),
              "cannot fetch " + server.url(path) + ": it redirects to another server");
  }
  EXPECT_EQ(refusal(fetch_document(server.url("/loop"))),
            "cannot fetch " + server.url("/loop") + ": too many redirects");
}

TEST(Fetch, StopsAtTheSizeItIsTold) {
  TinyServer server(
      {{"/big", ok(std::string(100, 'x'))},
       {"/endless", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5'000'000, 'x')}});

  EXPECT_EQ(fetch_document(server.url("/big"), {.bytes_max = 100})->body.size(), 100U);
  auto refused = fetch_document(server.url("/big"), {.bytes_max = 99});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, base::ErrorKind::TooLarge);
  EXPECT_FALSE(fetch_document(server.url("/endless")).has_value());
}

TEST(Fetch, SaysWhatWentWrong) {
  std::string gone;
  {
    TinyServer server({{"/missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
                       {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
                       {"/silent", ""}});
    EXPECT_EQ(refusal(fetch_document(server.url("/missing"))),
              "cannot fetch " + server.url("/missing") + ": status 404");
    EXPECT_FALSE(fetch_document(server.url("/short")).has_value());
    EXPECT_FALSE(fetch_document(server.url("/silent")).has_value());
    gone = server.url("/x");
  }
  auto refused = fetch_document(gone);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, base::ErrorKind::Unavailable);
}

TEST(Fetch, TakesHttpsAndThisMachineAlone) {
  for (const char* good : {"https://issuer.example/keys", "https://issuer.example:8443/a?b=c",
                           "http://127.0.0.1:1/", "http://localhost/x", "http://[::1]:8/x"}) {
    EXPECT_TRUE(is_fetchable(good)) << good;
  }
  for (const char* bad :
       {"", "keys", "http://issuer.example/keys", "ftp://issuer.example/", "file:///etc/passwd",
        "https://user:pw@issuer.example/", "https://issuer.example/#x", "http://127.0.0.1.evil/x",
        "http://127.evil.example/", "http://localhost.evil.example/", "https://"}) {
    EXPECT_FALSE(is_fetchable(bad)) << bad;
    EXPECT_FALSE(fetch_document(bad).has_value()) << bad;
  }
}

TEST(MaxAge, IsReadFromCacheControl) {
  EXPECT_EQ(max_age_of(" public, max-age=60, must-revalidate\r\n"), 60);
  EXPECT_EQ(max_age_of("Max-Age=0"), 0);
  EXPECT_EQ(max_age_of("no-store"), 0);
  EXPECT_EQ(max_age_of("max-age=60, no-cache"), 0);
  for (std::string_view none : {"", "public", "max-age", "max-age=", "max-age=x", "max-age=-1",
                                "s-maxage=60", "max-age=99999999999999999999"}) {
    EXPECT_EQ(max_age_of(none), std::nullopt) << none;
  }
}

TEST(PostForm, SendsTheFormAndTellsEveryAnswer) {
  TinyServer server({{"/token", ok("{\"id_token\":\"x\"}")},
                     {"/no",
                      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
                      "Content-Length: 5\r\n\r\n{\"a\"}"}});

  auto posted =
      post_form(server.url("/token"), {.body = "a=1&b=%26", .authorization = "Basic eDp5"});

  ASSERT_TRUE(posted.has_value()) << posted.error().message;
  EXPECT_EQ(posted->status, 200);
  EXPECT_EQ(posted->body, "{\"id_token\":\"x\"}");
  const std::string request = server.last_request();
  EXPECT_TRUE(request.starts_with("POST /token HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\na=1&b=%26")) << request;
  for (const char* line : {"\r\nAuthorization: Basic eDp5\r\n",
                           "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                           "\r\nAccept: application/json\r\n"}) {
    EXPECT_NE(request.find(line), std::string::npos) << line << request;
  }
  auto refused = post_form(server.url("/no"), {.body = "a=1"});
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(server.last_request().find("Authorization"), std::string::npos);
}

TEST(PostForm, FollowsNoRedirectAndBoundsTheAnswer) {
  TinyServer server({{"/away", redirect("/token")}, {"/token", ok(std::string(100, 'x'))}});

  auto away = post_form(server.url("/away"), {.body = "secret"});
  ASSERT_TRUE(away.has_value());
  EXPECT_EQ(away->status, 302);
  auto large = post_form(server.url("/token"), {.body = "secret"}, {.bytes_max = 99});
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().message.find("secret"), std::string::npos);
  EXPECT_EQ(post_form("http://192.0.2.1/token", {}).error().code, "invalid_url");
}

}  // namespace
}  // namespace piperoll::net
