#pragma once
// HTTP messages as plain values (RFC 9110); no library type appears here. Not thread-safe; a
// Request is a view that is valid only during the call that received it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace piperoll::wire {

struct HeaderView {
  std::string_view name, value;  // value without surrounding white space
};

struct Request {
  std::string_view method;          // as sent, case-sensitive
  std::string_view target;          // as sent: path and query, percent-encoded
  std::vector<HeaderView> headers;  // in order, repeated ones repeated
  std::string_view body;            // content decoding done
  std::string remote_address;       // of the peer (or the client behind trusted proxies), canonical
  std::string request_id;           // the caller's X-Request-ID if sane, else a new one
  bool tls = false;                 // here, or at a trusted proxy that says so
  // Subject of the client's verified certificate (RFC 2253), or empty.
  std::string_view client_certificate = {};

  // The first header of that name (case-insensitive), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
  std::string_view path() const;   // target up to '?'
  std::string_view query() const;  // target after the first '?', or empty
  // The value of a cookie (RFC 6265), the first of that name over all Cookie headers.
  std::optional<std::string_view> cookie(std::string_view name) const;
};

// A body made piece by piece. One thread at a time; called on a worker thread.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  struct Piece {
    std::string bytes;
    bool last = false;  // nothing comes after this piece
    bool idle = false;  // nothing yet: ask again within wait_ms (live streams); bytes may be empty
    int wait_ms = 0;
  };
  // An error ends the connection without the final chunk, so that a broken stream cannot look
  // complete.
  virtual base::Result<Piece> next() = 0;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // without Content-Length, Date
  std::string body;
  std::unique_ptr<BodyStream> stream;  // if set, body is empty; sent chunked

  void set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
  }
};

Response text_response(int status, std::string body);
// content_type e.g. "application/json"
Response make_response(int status, std::string content_type, std::string body);

std::string_view reason_phrase(int status);
bool header_name_equal(std::string_view a, std::string_view b);  // ASCII case-insensitive

}  // namespace piperoll::wire
