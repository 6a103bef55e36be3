// Bytes -> complete requests.
#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "http/connection_internal.h"
#include "http/refusal.h"

namespace piperoll::http {
namespace {

using boost::system::error_code;

// Of one connection before the others of its thread get their turn.
constexpr int kReadsInARow = 4;

// The least room for what is read behind an unfinished head, and behind an unfinished chunk.
constexpr std::size_t kHeadReadBytes = 4096;
constexpr std::size_t kChunkedReadBytes = 64 * 1024;

bool would_block(const error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

void Connection::on_readable() {
  auto held = shared_from_this();
  for (int reads = 0; reads < kReadsInARow; ++reads) {
    if (reading_ == Reading::Ended) {
      discard();
      break;
    }
    bool own = !buffer_.empty();
    std::size_t room = own ? buffer_.free_bytes() : kReadBytes;
    char* target = own ? buffer_.end() : loop_.read_bytes();
    error_code error;
    std::size_t bytes = receive(target, room, error);
    if (would_block(error)) {
      break;
    }
    if (error == boost::asio::error::eof) {
      on_end();
      break;
    }
    if (error) {
      close();
      return;
    }
    loop_.shared().stats->bytes_in.fetch_add(bytes, std::memory_order_relaxed);
    if (!take(bytes) || bytes < room) {
      break;
    }
  }
  advance();
}

// The client sends no more. What is in flight is still answered: it may only have closed its half.
void Connection::on_end() {
  peer_ended_ = true;
  if (source_ && poll_awaited_) {
    close();  // nobody listens to the live stream any more
    return;
  }
  bool in_head = reading_ == Reading::Head && !buffer_.empty();
  if (in_head) {
    fail(request_ended_early());
  } else if (reading_ == Reading::Body || reading_ == Reading::Chunks) {
    refuse(reading_ == Reading::Body ? buffer_.data() : head_copy_.data(), request_ended_early());
  }
  end_reading();
}

// After the last request: only the end of the connection is of interest.
void Connection::discard() {
  error_code error;
  std::size_t bytes = socket_.read_some(boost::asio::buffer(loop_.read_bytes(), kReadBytes), error);
  loop_.shared().stats->bytes_in.fetch_add(bytes, std::memory_order_relaxed);
  if (error == boost::asio::error::eof) {
    peer_ended_ = true;
    if (lingering_ || (source_ && poll_awaited_)) {
      close();
    }
  } else if (error && !would_block(error)) {
    close();
  }
}

// Parses `bytes` that were just read, into the loop's memory or into buffer_. False: read no more
// before advance().
bool Connection::take(std::size_t bytes) {
  body_window_bytes_ += bytes;
  if (read_wait_ == Wait::Idle) {
    wait_for(std::nullopt);
  }
  if (!buffer_.empty()) {
    buffer_.grew(bytes);
    parse_waiting();
  } else {
    std::size_t used = parse(loop_.read_bytes(), bytes);
    if (reading_ != Reading::Ended && used < bytes) {
      std::string_view rest(loop_.read_bytes() + used, bytes - used);
      make_room(rest.size());
      buffer_.append(rest);
    }
  }
  if (!buffer_.empty()) {
    make_room(0);
  }
  return !closed_ && wants_to_read();
}

// Room for `bytes` now and for the next read: a body of known length at once, so that it is read in
// large pieces and never moved; everything else by doubling.
void Connection::make_room(std::size_t bytes) {
  if (reading_ == Reading::Body) {
    buffer_.reserve(parser_.head().bytes + parser_.head().content_length);
  } else if (buffer_.free_bytes() <= bytes) {
    std::size_t least = reading_ == Reading::Chunks ? kChunkedReadBytes : kHeadReadBytes;
    buffer_.reserve(std::max((buffer_.size() + bytes) * 2, least));
  }
}

void Connection::parse_waiting() {
  std::size_t used = parse(buffer_.data(), buffer_.size());
  if (reading_ == Reading::Ended) {
    buffer_.clear();
  } else {
    buffer_.consume(used);
  }
}

// As many requests as are complete and there is room for. Returns the bytes that are done with; the
// others must be given again, and more behind them unless parse_stalled_.
std::size_t Connection::parse(const char* bytes, std::size_t size) {
  std::size_t used = 0;
  parse_stalled_ = false;
  for (;;) {
    if (reading_ == Reading::Ended) {
      return size;
    }
    if (reading_ == Reading::Decoding || (reading_ == Reading::Head && is_full())) {
      parse_stalled_ = used < size;
      return used;
    }
    std::string_view rest(bytes + used, size - used);
    Parsed step = reading_ == Reading::Head   ? parse_head(rest)
                  : reading_ == Reading::Body ? parse_body(rest)
                                              : parse_chunks(rest);
    used += step.used;
    if (!step.more) {
      return reading_ == Reading::Ended ? size : used;
    }
  }
}

Connection::Parsed Connection::parse_head(std::string_view bytes) {
  // Empty lines before a request are not part of it (RFC 9112 section 2.2).
  std::size_t skipped = 0;
  while (bytes.substr(skipped).starts_with("\r\n")) {
    skipped += 2;
  }
  bytes.remove_prefix(skipped);
  if (bytes.empty() || bytes == "\r") {
    return {skipped, false};
  }
  switch (parser_.parse_head(bytes)) {
    case RequestParser::Step::NeedMore:
      return {skipped, false};
    case RequestParser::Step::Failed:
      fail(parser_.error());
      return {skipped, false};
    case RequestParser::Step::Done:
      break;
  }
  fresh_ = false;
  started_micros_ = loop_.now();
  begin_body(bytes.data());
  return {skipped + (reading_ == Reading::Chunks ? parser_.head().bytes : 0),
          reading_ != Reading::Ended};
}

Connection::Parsed Connection::parse_body(std::string_view message) {
  const RequestHead& head = parser_.head();
  std::size_t total = head.bytes + head.content_length;
  if (message.size() < total) {
    return {0, false};
  }
  deliver(message.data(), message.substr(head.bytes, head.content_length));
  return {total, true};
}

Connection::Parsed Connection::parse_chunks(std::string_view raw) {
  std::size_t used = 0;
  auto step = parser_.parse_chunks(raw, used, chunked_body_);
  if (step == RequestParser::Step::Failed) {
    if (parser_.error().kind == base::ErrorKind::TooLarge) {
      refuse(head_copy_.data(), parser_.error());
    } else {
      fail(parser_.error());
    }
    return {used, false};
  }
  std::size_t counted = chunked_body_.size() > kUncountedBodyBytes ? chunked_body_.capacity() : 0;
  if (counted > budget_taken_ && !take_budget(counted - budget_taken_)) {
    refuse(head_copy_.data(), overloaded());
    return {used, false};
  }
  if (step == RequestParser::Step::NeedMore) {
    return {used, false};
  }
  chunked_body_.reserve(chunked_body_.size() + kBodyPaddingBytes);
  std::string body = std::move(chunked_body_);
  deliver(head_copy_.data(), body);
  return {used, true};
}

}  // namespace piperoll::http
