// The life of a connection: what happens after every event, deadlines, closing.
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

#include "http/connection_internal.h"
#include "http/handler.h"
#include "http/refusal.h"

namespace piperoll::http {

using boost::system::error_code;

Connection::Connection(Loop& loop, net::Socket socket, std::string remote, bool over_limit)
    : loop_(loop),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      over_limit_(over_limit),
      parser_(loop.shared().options.limits) {}

Connection::~Connection() = default;

void Connection::start() {
  error_code ignored;  // a socket that is already reset says so at the first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  if (over_limit_) {
    fail(too_many_connections());
  }
  advance();
}

// Everything that can happen now does: answers whose turn has come become bytes, bytes are
// written, requests that waited for room are parsed, and what is waited for next is armed.
void Connection::advance() {
  auto held = shared_from_this();
  for (;;) {
    if (closed_) {
      return;
    }
    collect_answers();
    write();
    if (closed_) {
      return;
    }
    if (!parse_stalled_ || is_full() || reading_ == Reading::Decoding) {
      break;
    }
    parse_waiting();
  }
  if (reading_ == Reading::Ended && pending_.empty() && output_.empty() && !lingering_) {
    finish();
  }
  if (!closed_) {
    read_when_wanted();
    update_waits();
  }
}

bool Connection::is_full() const {
  const Limits& limits = loop_.shared().options.limits;
  return pending_.size() >= limits.pipelined_max || output_.size() > limits.output_bytes_max;
}

bool Connection::is_idle() const {
  return reading_ == Reading::Head && buffer_.empty() && pending_.empty() && output_.empty();
}

bool Connection::wants_to_read() const {
  if (peer_ended_ || parse_stalled_ || reading_ == Reading::Decoding) {
    return false;
  }
  // A stream that outlives the last request is still watched for a client that goes away.
  return reading_ != Reading::Ended || lingering_ || source_ != nullptr;
}

void Connection::read_when_wanted() {
  if (read_armed_ || !wants_to_read()) {
    return;
  }
  read_armed_ = true;
  auto ready = [self = shared_from_this()](const error_code& error) {
    self->read_armed_ = false;
    if (!self->closed_ && !error) {
      self->on_readable();
    }
  };
  if (tls_ && tls_->has_pending()) {  // the socket does not tell of those
    boost::asio::post(socket_.get_executor(), [ready] { ready(error_code()); });
  } else {
    socket_.async_wait(read_needs_writing_ ? net::Socket::wait_write : net::Socket::wait_read,
                       ready);
  }
}

void Connection::update_waits() {
  bool receiving = !parse_stalled_ && !continue_owed_;
  if (lingering_) {
    wait_for(Wait::Linger);
  } else if (reading_ == Reading::Head && receiving && (fresh_ || !buffer_.empty())) {
    wait_for(Wait::Head);
  } else if ((reading_ == Reading::Body || reading_ == Reading::Chunks) && receiving) {
    wait_for(Wait::Body);
  } else if (is_idle()) {
    wait_for(Wait::Idle);
  } else {
    wait_for(std::nullopt);
  }
  if (output_.empty()) {
    write_deadline_.clear();
  } else if (!write_deadline_.is_set()) {
    write_window_bytes_ = 0;
    loop_.set(Wait::Write, write_deadline_);
  }
  if (pending_.empty() || pending_.front().ready || source_) {
    handler_deadline_.clear();
  } else if (!handler_deadline_.is_set() || handler_deadline_request_ != pending_.front().number) {
    handler_deadline_request_ = pending_.front().number;
    loop_.set(Wait::Handler, handler_deadline_);
  }
}

// A wait that goes on keeps the deadline it has.
void Connection::wait_for(std::optional<Wait> wait) {
  if (read_wait_ == wait) {
    return;
  }
  read_wait_ = wait;
  if (wait) {
    body_window_bytes_ = 0;
    loop_.set(*wait, read_deadline_);
  } else {
    read_deadline_.clear();
  }
}

void Connection::on_wait_passed(Wait wait) {
  if (wait == Wait::Head || wait == Wait::Body || wait == Wait::Idle || wait == Wait::Linger) {
    read_wait_.reset();
  }
  auto count_timeout = [&] {
    loop_.shared().stats->timeouts.fetch_add(1, std::memory_order_relaxed);
  };
  switch (wait) {
    case Wait::Idle:
    case Wait::Linger:
      close();
      return;
    case Wait::Head:
      count_timeout();
      if (buffer_.empty()) {
        close();  // opened in advance and never used
        return;
      }
      fail(request_timeout("the request's headers did not come in time"));
      break;
    case Wait::Body:
      on_body_window_passed();
      break;
    case Wait::Write:
      if (write_window_bytes_ < loop_.shared().options.timeouts.rate_bytes_min) {
        count_timeout();
        abort();
        return;
      }
      break;  // update_waits() opens the next window
    case Wait::Handler:
      count_timeout();
      place_answer(handler_deadline_request_,
                   refusal_response(handler_timeout(), pending_.front().request_id));
      break;
  }
  advance();
}

void Connection::on_body_window_passed() {
  const Timeouts& timeouts = loop_.shared().options.timeouts;
  std::int64_t total_micros = std::int64_t{timeouts.body_total_ms} * 1000;
  bool over = total_micros > 0 && loop_.now() - body_started_micros_ >= total_micros;
  if (!over && body_window_bytes_ >= timeouts.rate_bytes_min) {
    return;  // update_waits() opens the next window
  }
  loop_.shared().stats->timeouts.fetch_add(1, std::memory_order_relaxed);
  const char* message = reading_ == Reading::Body ? buffer_.data() : head_copy_.data();
  refuse(message, request_timeout("the request's body did not come in time"));
}

void Connection::on_answer(AnswerMessage& message) {
  place_answer(message.request, std::move(message.response));
  advance();
}

void Connection::place_answer(std::uint64_t request, std::optional<wire::Response> response) {
  bool known = !closed_ && !pending_.empty() && request >= pending_.front().number;
  auto index = known ? static_cast<std::size_t>(request - pending_.front().number) : 0;
  if (!known || index >= pending_.size() || pending_[index].ready) {
    if (response && response->stream) {
      loop_.retire(std::make_shared<BodySource>(std::move(response->stream)));
    }
    return;  // too late, after a timeout or a closed connection
  }
  Pending& pending = pending_[index];
  pending.ready = true;
  pending.response =
      response ? *std::move(response) : refusal_response(no_answer(), pending.request_id);
}

void Connection::drain() {
  if (is_idle() || (lingering_ && output_.empty())) {
    close();
    return;
  }
  // A request that has begun is read to its end; what was pipelined behind it is not begun.
  if (reading_ == Reading::Head && (buffer_.empty() || parse_stalled_)) {
    end_reading();
    buffer_.clear();
  }
  if (source_ && poll_awaited_) {
    close();
    return;
  }
  advance();
}

// Everything is answered. The client may still be sending, and closing over unread bytes resets the
// connection under an answer that is on its way: so half-close, and throw away what comes.
void Connection::finish() {
  if (peer_ended_ || loop_.shared().options.timeouts.linger_ms <= 0) {
    close();
    return;
  }
  if (tls_) {
    tls_->end();
  }
  error_code error;
  socket_.shutdown(net::Socket::shutdown_send, error);
  if (error) {
    close();
    return;
  }
  lingering_ = true;
  buffer_.clear();
  give_budget();
}

// A reset instead of an end: the client must not take what it has for the whole.
void Connection::abort() {
  tls_.reset();
  error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  close();
}

void Connection::close() {
  if (closed_) {
    return;
  }
  auto held = shared_from_this();
  closed_ = true;
  read_deadline_.clear();
  write_deadline_.clear();
  handler_deadline_.clear();
  if (source_) {
    source_->abandoned = true;
    if (!piece_awaited_) {
      loop_.retire(std::move(source_));
    }
    source_.reset();
  }
  for (Pending& pending : pending_) {
    if (pending.response.stream) {
      loop_.retire(std::make_shared<BodySource>(std::move(pending.response.stream)));
    }
  }
  pending_.clear();
  buffer_.clear();
  give_budget();
  if (tls_ && !lingering_) {
    tls_->end();
  }
  error_code ignored;
  socket_.close(ignored);
  loop_.remove(*this);
}

}  // namespace piperoll::http
