#pragma once
// Where a command's requests go: to a running server, or to the same code over a data directory
// that this process holds. Either way a request of the native API and its answer. One thread at a
// time.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "event/event.h"
#include "net/http_client.h"

namespace piperoll::server {

struct BackendOptions {
  std::string data;            // the directory, or
  std::string server;          // the address; the key is in PIPEROLL_KEY
  bool writes_events = false;  // or exports them: the logs need their names then
};

// What came of a batch of events.
struct BatchResult {
  std::uint64_t stored = 0, duplicate = 0;
  struct Rejection {
    std::size_t index = 0;  // in the batch
    std::string reason;
  };
  std::vector<Rejection> rejections;
};

class Backend {
 public:
  // InvalidArgument when not exactly one of the two is named, or PIPEROLL_KEY is missing.
  // A directory that is not there is made only where something is begun with it; else it is
  // NotFound (code "no_data_directory"): most likely a mistake in its name.
  enum class Directory { MustExist, MayBeNew };
  static base::Result<std::unique_ptr<Backend>> open(const BackendOptions& options,
                                                     Directory directory = Directory::MustExist);
  virtual ~Backend() = default;

  using Sink = net::HttpClient::Sink;
  // body: JSON, or empty. A status outside 2xx is an error with the detail of the answer.
  virtual base::Result<net::ClientResponse> request(const std::string& method,
                                                    const std::string& target,
                                                    const std::string& body,
                                                    const Sink& sink = nullptr) = 0;

  // Starts to store a batch; blocks while too many are under way. done is called in collect() or a
  // later send(), in the order of the batches.
  using BatchDone = std::function<void(base::Result<BatchResult>)>;
  virtual void send(const std::string& org, std::vector<event::Event> events, BatchDone done) = 0;
  // Waits for every batch under way.
  virtual void collect() = 0;
};

}  // namespace piperoll::server
