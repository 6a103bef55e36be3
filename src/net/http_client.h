#pragma once
// A blocking HTTP/1.1 client for the command line: one connection, kept between requests. One
// thread at a time.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace piperoll::net {

struct ClientRequest {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct ClientResponse {
  int status = 0;
  std::string content_type;
  std::string body;  // what sink did not take
};

class HttpClient {
 public:
  // Gets the pieces of a 2xx body as they come; false stops the transfer.
  using Sink = std::function<bool(std::string_view)>;

  // url: "http://host[:port][/]". InvalidArgument for anything else.
  static base::Result<std::unique_ptr<HttpClient>> make(const std::string& url);
  virtual ~HttpClient() = default;

  // Connects if it must; once more when a kept connection was closed meanwhile and nothing of the
  // answer had come. Unavailable when there is no answer, or one that ends before it is whole.
  virtual base::Result<ClientResponse> send(const ClientRequest& request,
                                            const Sink& sink = nullptr) = 0;
};

}  // namespace piperoll::net
