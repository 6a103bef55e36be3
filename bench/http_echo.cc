// The HTTP front alone, for any load generator: answers every request with a few bytes. Ends when
// standard input does, and says what a request cost.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>

#include <sys/resource.h>

#include "http/server.h"
#include "net/worker_pool.h"

using namespace piperoll;

namespace {

class Echo : public http::Handler {
 public:
  void handle(const wire::Request& request, std::function<void(wire::Response)> done) override {
    done(wire::make_response(200, "application/json",
                             "{\"bytes\":" + std::to_string(request.body.size()) + "}"));
  }
};

double cpu_micros(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

}  // namespace

int main(int argc, char** argv) {
  Echo echo;
  net::WorkerPool workers({.threads = 2});
  http::ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.threads = argc > 1 ? std::atoi(argv[1]) : 1;
  auto server = http::Server::start(options, echo, workers);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("http://127.0.0.1:%d/\n", (*server)->ports().front());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  (*server)->stop(std::chrono::seconds(1));
  (*server)->join();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto requests = static_cast<double>((*server)->stats()->requests.load());
  std::printf("%.0f requests, user %.2f us, system %.2f us each, %ld KiB resident at most\n",
              requests, cpu_micros(used.ru_utime) / requests, cpu_micros(used.ru_stime) / requests,
              used.ru_maxrss);
  return 0;
}
