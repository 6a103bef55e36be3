#pragma once
// The head of an answer as bytes. Pure functions, but for the date that is kept for a second.

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/message.h"

namespace piperoll::http {

enum class Framing {
  Length,      // Content-Length: size of the body
  Chunked,     // Transfer-Encoding: chunked
  UntilClose,  // a stream for an HTTP/1.0 client
};

struct HeadFacts {
  Framing framing = Framing::Length;
  bool keep_alive = true;
  int version = 11;  // of the request: an HTTP/1.0 client is told that it may keep the connection
  bool tls = false;  // Strict-Transport-Security is said then
  std::string_view request_id;
  std::string_view date;  // IMF-fixdate
};

// Status line, the response's headers, and those that are the front's alone (Content-Length,
// Transfer-Encoding, Connection, Date, X-Request-ID: the same ones of the response are left out).
// A header whose name is no token is left out; control characters in a value become spaces, so that
// no value can end its header.
void append_response_head(std::string& out, const wire::Response& response, const HeadFacts& facts);

// 1xx, 204 and 304 have neither body nor Content-Length (RFC 9110 section 6.4.1).
bool status_has_body(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

// One thread at a time.
class DateCache {
 public:
  std::string_view at(std::int64_t unix_seconds) {
    if (unix_seconds != seconds_) {
      seconds_ = unix_seconds;
      text_ = http_date(unix_seconds);
    }
    return text_;
  }

 private:
  std::int64_t seconds_ = -1;
  std::string text_;
};

// size as the line before a chunk's bytes.
void append_chunk_size(std::string& out, std::size_t size);

}  // namespace piperoll::http
