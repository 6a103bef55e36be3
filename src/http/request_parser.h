#pragma once
// RequestParser: the bytes of one HTTP/1.1 request (RFC 9112), strictly. Beast's parser reads the
// grammar; what it lets pass and a front must not (below) is refused here. One thread at a time.
//
// Refused: more than the limits; HTTP versions other than 1.0 and 1.1; folded header lines; a
// missing or repeated Host (RFC 9112 section 3.2); both Transfer-Encoding and Content-Length;
// differing Content-Lengths; any Transfer-Encoding but "chunked", and any in HTTP/1.0; targets that
// are neither a path, a URL nor "*" for OPTIONS. Trailers are read and dropped.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/http_limits.h"
#include "http/request_head.h"

namespace piperoll::http {

class RequestParser {
 public:
  enum class Step { NeedMore, Done, Failed };

  explicit RequestParser(const Limits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // message: all bytes of the request so far, from its first; each call has those of the one
  // before and more, at any address. Done: head() is complete. Failed: error() says why.
  Step parse_head(std::string_view message);
  const RequestHead& head() const { return head_; }

  // REQUIRES: parse_head() was Done and head().chunked. raw: what follows the head and was not
  // consumed yet; consumed is set to how much of it is done with, and the rest must be given again.
  // Decoded bytes are appended to body; Failed with body_too_large once they would pass the limit.
  Step parse_chunks(std::string_view raw, std::size_t& consumed, std::string& body);

  const base::Error& error() const { return error_; }  // a refusal of refusal.h

  // Ready for the next request.
  void reset();

 private:
  class Grammar;
  Step fail(base::Error error);
  Step check_head(std::string_view message);
  bool place_target(std::string_view message);

  const Limits limits_;
  std::unique_ptr<Grammar> grammar_;
  RequestHead head_;
  std::size_t head_consumed_ = 0;  // of the message, by the grammar
  std::size_t scanned_ = 0;        // of an unfinished head, for bare line feeds
  std::size_t framing_bytes_ = 0;  // of the chunks so far, beside their data
  base::Error error_;
};

}  // namespace piperoll::http
