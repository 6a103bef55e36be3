// Complete requests -> handler; refusals.
#include <atomic>
#include <exception>
#include <utility>

#include "base/compression.h"
#include "base/diagnostics.h"
#include "http/client_address.h"
#include "http/connection_internal.h"
#include "http/handler.h"
#include "http/refusal.h"

namespace piperoll::http {
namespace {

// What `done` shares with its copies: answers once, and "no answer" when it goes uncalled.
class Completion {
 public:
  Completion(std::shared_ptr<Mailbox> mailbox, Loop& loop, std::weak_ptr<Connection> connection,
             std::uint64_t request)
      : mailbox_(std::move(mailbox)),
        loop_(loop),
        connection_(std::move(connection)),
        request_(request) {}
  ~Completion() { answer(std::nullopt); }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void answer(std::optional<wire::Response> response) {
    if (answered_.exchange(true)) {
      return;
    }
    // loop_ may be gone when this is another thread; there only its address is looked at.
    if (Loop::current() == &loop_) {
      auto connection = connection_.lock();
      if (connection && connection->is_dispatching()) {
        connection->place_answer(request_, std::move(response));
        return;
      }
    }
    mailbox_->post(AnswerMessage{std::move(connection_), request_, std::move(response)});
  }

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  Loop& loop_;
  std::weak_ptr<Connection> connection_;
  const std::uint64_t request_;
  std::atomic<bool> answered_ = false;
};

base::Compression compression_of(ContentCoding coding) {
  return coding == ContentCoding::Gzip ? base::Compression::Gzip : base::Compression::Zstd;
}

// Beyond every surface that Metrics knows: "other".
constexpr std::size_t kNoSurface = static_cast<std::size_t>(-1);

}  // namespace

// Decides what becomes of the body before any of it is taken.
void Connection::begin_body(const char* message) {
  const RequestHead& head = parser_.head();
  const Limits& limits = loop_.shared().options.limits;
  if (head.expectation == Expectation::Unknown) {
    refuse(message, expectation_failed());
    return;
  }
  if (head.content_length > limits.body_bytes_max) {
    refuse(message, body_too_large(limits.body_bytes_max));
    return;
  }
  bool has_body = head.chunked || head.content_length > 0;
  bool expects = head.expectation == Expectation::Continue && head.version == 11 && has_body;
  if (expects && head.coding == ContentCoding::Unknown) {
    refuse(message, unknown_content_coding());  // before the client sends it in vain
    return;
  }
  if (head.content_length > kUncountedBodyBytes && !take_budget(head.content_length)) {
    refuse(message, overloaded());
    return;
  }
  continue_owed_ = expects;
  body_started_micros_ = started_micros_;
  wait_for(std::nullopt);  // the head's deadline is met
  if (head.chunked) {
    head_copy_.assign(message, head.bytes);
    chunked_body_.clear();
    reading_ = Reading::Chunks;
  } else {
    reading_ = Reading::Body;
  }
}

// The body is complete: undo its content coding, then to the handler.
void Connection::deliver(const char* message, std::string_view body) {
  const RequestHead& head = parser_.head();
  continue_owed_ = false;
  if (body.empty() || head.coding == ContentCoding::Identity) {
    dispatch(message, body);
    end_message();
  } else if (head.coding == ContentCoding::Unknown) {
    answer_refusal(message, unknown_content_coding());
    end_message();
  } else if (body.size() <= kInlineDecodeBytes) {
    deliver_decoded(message, base::decompress(compression_of(head.coding), body,
                                              loop_.shared().options.limits.body_bytes_max));
  } else {
    decode_elsewhere(message, body);
  }
}

void Connection::decode_elsewhere(const char* message, std::string_view body) {
  auto decode = [compression = compression_of(parser_.head().coding), encoded = std::string(body),
                 limit = loop_.shared().options.limits.body_bytes_max, mailbox = loop_.mailbox(),
                 connection = weak_from_this()] {
    mailbox->post(DecodedMessage{connection, base::decompress(compression, encoded, limit)});
  };
  head_copy_ = std::string(message, parser_.head().bytes);  // message may be head_copy_ itself
  reading_ = Reading::Decoding;
  if (!loop_.shared().workers.post(std::move(decode))) {
    answer_refusal(head_copy_.data(), overloaded());
    end_message();
  }
}

void Connection::on_decoded(DecodedMessage& message) {
  if (closed_ || reading_ != Reading::Decoding) {
    return;
  }
  deliver_decoded(head_copy_.data(), std::move(message.body));
  parse_stalled_ = !buffer_.empty() && reading_ != Reading::Ended;
  advance();
}

void Connection::deliver_decoded(const char* message, base::Result<std::string> body) {
  if (body) {
    loop_.shared().stats->bodies_decoded.fetch_add(1, std::memory_order_relaxed);
    body->reserve(body->size() + kBodyPaddingBytes);
    dispatch(message, *body);
  } else if (body.error().kind == base::ErrorKind::TooLarge) {
    answer_refusal(message, body_too_large(loop_.shared().options.limits.body_bytes_max));
  } else {
    answer_refusal(message, broken_compression(body.error()));
  }
  end_message();
}

void Connection::dispatch(const char* message, std::string_view body) {
  Shared& shared = loop_.shared();
  shared.stats->requests.fetch_add(1, std::memory_order_relaxed);
  fill_request(message, body);
  const wire::Request& request = loop_.request();
  std::uint64_t number = add_pending().number;
  auto completion = std::make_shared<Completion>(loop_.mailbox(), loop_, weak_from_this(), number);
  dispatching_ = true;
  try {
    shared.handler.handle(request, [completion](wire::Response response) {
      completion->answer(std::move(response));
    });
  } catch (const std::exception& failure) {
    base::error("request handler failed", {{"what", failure.what()}});
    completion->answer(refusal_of(internal_failure()));
  }
  completion.reset();  // so that a dropped request is noticed while it is ours
  dispatching_ = false;
}

// The loop's one Request, for the message whose head was just parsed.
void Connection::fill_request(const char* message, std::string_view body) {
  const RequestHead& head = parser_.head();
  wire::Request& request = loop_.request();
  request.method = head.method.in(message);
  request.target = head.target.in(message);
  request.headers.clear();
  for (const HeaderPlace& header : head.headers) {
    request.headers.push_back({header.name.in(message), header.value.in(message)});
  }
  request.body = body;
  const auto& trusted = loop_.shared().trusted_proxies;
  request.tls = tls_ != nullptr;
  request.client_certificate = tls_ ? std::string_view(tls_->client_subject()) : "";
  if (trusted.empty()) {
    request.remote_address = remote_;
  } else {
    request.remote_address = client_address(remote_, request.headers, trusted);
    request.tls = request.tls || (request.header("X-Forwarded-Proto").value_or("") == "https" &&
                                  base::any_contains(trusted, remote_));
  }
  std::string_view id = head.request_id ? head.request_id->in(message) : std::string_view{};
  if (is_sane_request_id(id)) {
    request.request_id = id;
  } else {
    request.request_id = loop_.new_request_id();
  }
}

// A place in the order of answers for the loop's request.
Connection::Pending& Connection::add_pending() {
  const wire::Request& request = loop_.request();
  Pending& pending = pending_.emplace_back();
  pending.number = next_request_++;
  pending.is_head = request.method == "HEAD";
  pending.version = parser_.head().version;
  pending.surface = loop_.shared().handler.surface(request);
  pending.started_micros = started_micros_;
  if (loop_.shared().options.metrics != nullptr) {
    pending.method = request.method;
  }
  pending.request_id = request.request_id;
  return pending;
}

// The application's words for a refusal of the loop's request, or our own.
wire::Response Connection::refusal_of(const base::Error& error) {
  const wire::Request& request = loop_.request();
  std::optional<wire::Response> response;
  try {
    response = loop_.shared().handler.refuse(request, error);
  } catch (const std::exception& failure) {
    base::error("request handler failed to word a refusal", {{"what", failure.what()}});
  }
  return response ? *std::move(response) : refusal_response(error, request.request_id);
}

void Connection::answer_refusal(const char* message, const base::Error& error) {
  loop_.shared().stats->requests_refused.fetch_add(1, std::memory_order_relaxed);
  fill_request(message, {});
  Pending& pending = add_pending();
  pending.response = refusal_of(error);
  pending.ready = true;
}

// The rest of the message is not read, so nothing can follow it.
void Connection::refuse(const char* message, const base::Error& error) {
  answer_refusal(message, error);
  end_reading();
}

// A message without a good head: only the front can answer it.
void Connection::fail(const base::Error& error) {
  loop_.shared().stats->requests_refused.fetch_add(1, std::memory_order_relaxed);
  Pending& pending = pending_.emplace_back();
  pending.number = next_request_++;
  pending.surface = kNoSurface;
  pending.started_micros = loop_.now();
  pending.request_id = loop_.new_request_id();
  pending.response = refusal_response(error, pending.request_id);
  pending.ready = true;
  end_reading();
}

void Connection::end_reading() {
  reading_ = Reading::Ended;
  parse_stalled_ = false;
  continue_owed_ = false;
  give_budget();
}

void Connection::end_message() {
  bool goes_on = parser_.head().keep_alive && !loop_.is_draining() && !peer_ended_;
  parser_.reset();
  head_copy_.clear();
  wait_for(std::nullopt);
  give_budget();
  reading_ = Reading::Head;
  if (!goes_on) {
    end_reading();
  }
}

bool Connection::take_budget(std::size_t bytes) {
  Shared& shared = loop_.shared();
  if (shared.bodies_bytes.fetch_add(bytes) + bytes > shared.options.limits.bodies_bytes_max) {
    shared.bodies_bytes.fetch_sub(bytes);
    return false;
  }
  budget_taken_ += bytes;
  return true;
}

void Connection::give_budget() {
  loop_.shared().bodies_bytes.fetch_sub(budget_taken_);
  budget_taken_ = 0;
}

}  // namespace piperoll::http
