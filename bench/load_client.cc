#include "load_client.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace piperoll::bench {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

int connect_to(const LoadOptions& options) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  inet_pton(AF_INET, options.address.c_str(), &address.sin_addr);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::fprintf(stderr, "cannot connect to %s:%u: %s\n", options.address.c_str(), options.port,
                 std::strerror(errno));
    std::exit(1);
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

struct Connection {
  int fd = -1;
  bool busy = false;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  Clock::time_point due;
};

// Status of the first whole answer in text and its length; 0 while it is not whole.
std::size_t whole_answer(const std::string& text, int& status) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string::npos) {
    return 0;
  }
  std::size_t length = 0;
  if (std::size_t at = text.find("Content-Length: "); at < head) {
    std::from_chars(text.data() + at + 16, text.data() + head, length);
  }
  status = std::atoi(text.c_str() + 9);
  return text.size() >= head + 4 + length ? head + 4 + length : 0;
}

class Load {
 public:
  Load(const LoadOptions& options, std::vector<RequestBytes>& requests)
      : options_(options),
        requests_(requests),
        connections_(options.connections),
        epoll_(::epoll_create1(0)) {
    for (Connection& connection : connections_) {
      connection.fd = connect_to(options);
      epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &connection}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    }
    // Ids of earlier runs against the same data must not come back.
    next_id_ = std::random_device()() % 1'000'000ULL * 10'000'000'000ULL;
  }

  ~Load() {
    for (Connection& connection : connections_) {
      ::close(connection.fd);
    }
    ::close(epoll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  LoadResult run() {
    const double cpu = cpu_seconds();
    const auto start = Clock::now();
    end_ = start + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(options_.seconds));
    next_due_ = start;
    start_due();
    while (Clock::now() < end_ || busy_ > 0) {
      wait();
      start_due();
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    result_.client_cpu_seconds = cpu_seconds() - cpu;
    std::sort(result_.latencies_micros.begin(), result_.latencies_micros.end());
    return std::move(result_);
  }

 private:
  void start_due() {
    const auto now = Clock::now();
    for (Connection& connection : connections_) {
      if (now >= end_ || (options_.rate > 0 && next_due_ > now)) {
        return;
      }
      if (!connection.busy) {
        start(connection, options_.rate > 0 ? next_due_ : now);
        if (options_.rate > 0) {
          next_due_ += std::chrono::duration_cast<Clock::duration>(
              std::chrono::duration<double>(1 / options_.rate));
        }
      }
    }
  }

  void start(Connection& connection, Clock::time_point due) {
    RequestBytes& request = requests_[next_request_++ % requests_.size()];
    request.stamp(next_id_);
    connection.busy = true;
    connection.due = due;
    connection.out = request.bytes;
    connection.sent = 0;
    ++busy_;
    write(connection);
  }

  void wait() {
    epoll_event events[256];
    const int count = ::epoll_wait(epoll_, events, 256, options_.rate > 0 ? 0 : 100);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if ((events[i].events & EPOLLOUT) != 0) {
        write(connection);
      }
      if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        read(connection);
      }
    }
  }

  static void write(Connection& connection) {
    while (connection.sent < connection.out.size()) {
      const ssize_t count = ::send(connection.fd, connection.out.data() + connection.sent,
                                   connection.out.size() - connection.sent, MSG_NOSIGNAL);
      if (count <= 0) {
        return;
      }
      connection.sent += static_cast<std::size_t>(count);
    }
  }

  void read(Connection& connection) {
    char piece[16'384];
    for (;;) {
      const ssize_t count = ::recv(connection.fd, piece, sizeof piece, 0);
      if (count == 0 || (count < 0 && errno != EAGAIN)) {
        std::fprintf(stderr, "the server closed a connection: %s\n", connection.in.c_str());
        std::exit(1);
      }
      if (count < 0) {
        break;
      }
      connection.in.append(piece, static_cast<std::size_t>(count));
    }
    int status = 0;
    while (connection.busy) {
      const std::size_t length = whole_answer(connection.in, status);
      if (length == 0) {
        return;
      }
      finish(connection, status, length);
    }
  }

  void finish(Connection& connection, int status, std::size_t length) {
    const auto now = Clock::now();
    connection.busy = false;
    --busy_;
    ++result_.requests;
    if (status / 100 != 2) {
      ++result_.failures;
      result_.first_failure = connection.in.substr(0, length);
    }
    connection.in.erase(0, length);
    result_.latencies_micros.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - connection.due).count()));
    if (options_.rate == 0 && now < end_) {
      start(connection, now);
    }
  }

  const LoadOptions options_;
  std::vector<RequestBytes>& requests_;
  std::vector<Connection> connections_;
  const int epoll_;
  Clock::time_point end_, next_due_;
  std::size_t next_request_ = 0, busy_ = 0;
  std::uint64_t next_id_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult run_load(const LoadOptions& options, std::vector<RequestBytes>& requests) {
  return Load(options, requests).run();
}

}  // namespace piperoll::bench
