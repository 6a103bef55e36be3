#pragma once
// A raw HTTP client for tests: it sends bytes as given and reads answers one by one. Every wait has
// an end; what does not come in time fails the test.

#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/message.h"

namespace piperoll::http {

inline constexpr std::chrono::seconds kTestPatience{60};

// True once condition() is; false when patience ends.
inline bool wait_until(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + kTestPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    poll(nullptr, 0, 1);  // the other threads have something to do
  }
  return true;
}

struct TestResponse {
  int status = 0;  // 0: none came
  std::string head;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool complete = false;

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (wire::header_name_equal(key, name)) {
        return value;
      }
    }
    return {};
  }
  bool has(std::string_view name) const {
    for (const auto& each : headers) {
      if (wire::header_name_equal(each.first, name)) {
        return true;
      }
    }
    return false;
  }
};

class TestClient {
 public:
  struct Options {
    bool v6 = false;
    int receive_buffer_bytes = 0;  // 0: the system's
  };

  explicit TestClient(std::uint16_t port) : TestClient(port, Options{}) {}
  TestClient(std::uint16_t port, Options options) {
    fd_ = socket(options.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (options.receive_buffer_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes,
                 sizeof(options.receive_buffer_bytes));
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    auto* address =
        options.v6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
    if (::connect(fd_, address, options.v6 ? sizeof(v6) : sizeof(v4)) != 0) {
      close();
    }
  }
  ~TestClient() { close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool is_connected() const { return fd_ >= 0; }

  // Called over and over while the client waits, for example to move a fake clock.
  std::function<void()> while_waiting = [] {};

  // False when the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN || !wait_for(POLLOUT)) {
        return false;
      }
    }
    return true;
  }

  // The next answer that is not 100 Continue. A failed test and status 0 when none comes.
  TestResponse receive(std::string_view method = "GET") {
    TestResponse response;
    do {
      response = TestResponse{};
      if (!read_head(response)) {
        ADD_FAILURE() << "no answer, but: '" << received_.substr(0, 200) << "'";
        return response;
      }
    } while (response.status == 100);
    response.complete = method == "HEAD" || read_body(response);
    return response;
  }

  TestResponse exchange(std::string_view request, std::string_view method = "GET") {
    send(request);
    return receive(method);
  }

  // "HTTP/1.1 100 Continue" alone. False when something else comes first.
  bool receive_continue() {
    TestResponse response;
    return read_head(response) && response.status == 100;
  }

  // Everything until the server closes. reset: it did so by force.
  std::string receive_to_end() {
    while (more()) {
    }
    return std::exchange(received_, {});
  }
  // The server has closed, and sent nothing more before.
  bool is_ended() { return receive_to_end().empty(); }
  bool was_reset() const { return reset_; }

  // At least `bytes` bytes, as they come.
  std::string receive_bytes(std::size_t bytes) {
    while (received_.size() < bytes && more()) {
    }
    return std::exchange(received_, {});
  }

  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) {
      ::close(fd_);
      fd_ = -1;
    }
  }
  // Closes with a reset.
  void reset() {
    linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }

 private:
  bool wait_for(short what) {
    auto end = std::chrono::steady_clock::now() + kTestPatience;
    while (std::chrono::steady_clock::now() < end) {
      pollfd one{.fd = fd_, .events = what, .revents = 0};
      if (poll(&one, 1, 2) > 0) {
        return true;
      }
      while_waiting();
    }
    ADD_FAILURE() << "nothing happened in time";
    return false;
  }

  // False at the end of the connection.
  bool more() {
    char bytes[65536];
    if (fd_ < 0 || !wait_for(POLLIN)) {
      return false;
    }
    ssize_t count = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (count <= 0) {
      reset_ = count < 0;
      return false;
    }
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  bool read_head(TestResponse& response) {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) {
        return false;
      }
    }
    response.head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    std::string_view rest = response.head;
    std::from_chars(rest.data() + 9, rest.data() + 12, response.status);
    rest.remove_prefix(rest.find("\r\n") + 2);
    while (rest != "\r\n") {
      std::string_view line = rest.substr(0, rest.find("\r\n"));
      auto colon = line.find(": ");
      response.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
      rest.remove_prefix(line.size() + 2);
    }
    return true;
  }

  bool read_body(TestResponse& response) {
    if (response.header("Transfer-Encoding") == "chunked") {
      return read_chunks(response);
    }
    if (!response.has("Content-Length")) {
      if (response.status == 204 || response.status == 304) {
        return true;
      }
      response.body = receive_to_end();
      return !reset_;
    }
    std::size_t size = 0;
    std::string length = response.header("Content-Length");
    std::from_chars(length.data(), length.data() + length.size(), size);
    while (received_.size() < size) {
      if (!more()) {
        return false;
      }
    }
    response.body = received_.substr(0, size);
    received_.erase(0, size);
    return true;
  }

  bool read_chunks(TestResponse& response) {
    for (;;) {
      std::size_t end;
      while ((end = received_.find("\r\n")) == std::string::npos) {
        if (!more()) {
          return false;
        }
      }
      std::size_t size = 0;
      std::from_chars(received_.data(), received_.data() + end, size, 16);
      while (received_.size() < end + 2 + size + 2) {
        if (!more()) {
          return false;
        }
      }
      response.body.append(received_, end + 2, size);
      received_.erase(0, end + 2 + size + 2);
      if (size == 0) {
        return true;
      }
    }
  }

  int fd_ = -1;
  std::string received_;
  bool reset_ = false;
};

}  // namespace piperoll::http
