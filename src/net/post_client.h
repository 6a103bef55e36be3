#pragma once
// Small texts posted to one server again and again over a kept connection, http or https. One
// thread at a time, but for stop(); blocks, so never on a network thread.

#include <memory>
#include <string>

#include "base/result.h"

namespace piperoll::net {

struct PostOptions {
  int timeout_ms = 10'000;  // of the whole exchange
  std::size_t answer_bytes_max = std::size_t{64} << 10;
  std::string ca_file;  // certificates to trust; empty: the system's
};

struct PostAnswer {
  int status = 0;
  std::string content_type, body;
};

class PostClient {
 public:
  // url: with scheme http or https; no user name, query or fragment. InvalidArgument otherwise.
  static base::Result<std::unique_ptr<PostClient>> make(const std::string& url,
                                                        PostOptions options = {});
  virtual ~PostClient() = default;

  // Posts the body as text/plain; redirects are not followed. TooLarge for a longer answer,
  // Unavailable for every other failure, also after stop().
  virtual base::Result<PostAnswer> post(const std::string& body) = 0;
  // Ends the exchange under way and every later one. Any thread.
  virtual void stop() = 0;
};

}  // namespace piperoll::net
