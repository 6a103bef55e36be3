#include "http/request_parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include "base/check.h"
#include "http/refusal.h"
#include "wire/message.h"

namespace piperoll::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::field;

// Beast ends the process in debug builds when the five bytes "0\r\n\r\n" of an empty chunked body
// come one by one; no chunk header is complete with fewer, so it sees them together.
constexpr std::size_t kLastChunkBytes = 5;

std::string_view as_std(beast::string_view text) {
  return {text.data(), text.size()};
}

// "http://host:1/path" -> where the path begins. Nothing: not a URL of http with a path.
std::optional<std::size_t> path_of_url(std::string_view target) {
  auto slashes = target.find("://");
  if (slashes == std::string_view::npos ||
      (!wire::header_name_equal(target.substr(0, slashes), "http") &&
       !wire::header_name_equal(target.substr(0, slashes), "https"))) {
    return std::nullopt;
  }
  auto path = target.find_first_of("/?#", slashes + 3);
  if (path == slashes + 3 || path == std::string_view::npos || target[path] != '/') {
    return std::nullopt;
  }
  return path;
}

// Does the request line end in a version of HTTP, but one that is not ours?
bool names_another_version(std::string_view message) {
  auto first = message.find(' ');
  auto second = first == std::string_view::npos ? first : message.find(' ', first + 1);
  if (second == std::string_view::npos) {
    return false;
  }
  std::string_view version = message.substr(second + 1, 8);
  return version.starts_with("HTTP/") && version != "HTTP/1.1" && version != "HTTP/1.0";
}

// A line that does not end in CRLF, from `start` on.
bool has_bare_line_feed(std::string_view message, std::size_t start) {
  for (auto at = message.find('\n', start); at != std::string_view::npos;
       at = message.find('\n', at + 1)) {
    if (at == 0 || message[at - 1] != '\r') {
      return true;
    }
  }
  return false;
}

ContentCoding content_coding(std::string_view value) {
  using wire::header_name_equal;
  if (value.empty() || header_name_equal(value, "identity")) {
    return ContentCoding::Identity;
  }
  if (header_name_equal(value, "gzip") || header_name_equal(value, "x-gzip")) {
    return ContentCoding::Gzip;
  }
  return header_name_equal(value, "zstd") ? ContentCoding::Zstd : ContentCoding::Unknown;
}

}  // namespace

// Beast's grammar with our callbacks: they note places and count, and judge nothing but limits.
class RequestParser::Grammar {
 public:
  struct Parser : beast::http::basic_parser<true> {
    explicit Parser(Grammar& owner) : owner_(owner) {}

    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                         int version, error_code&) override {
      owner_.head->method = owner_.place(as_std(method));
      owner_.head->target = owner_.place(as_std(target));
      owner_.head->version = version;
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_field_impl(field name, beast::string_view name_text, beast::string_view value,
                       error_code& error) override {
      owner_.on_field(name, as_std(name_text), as_std(value), error);
    }
    void on_header_impl(error_code&) override { owner_.head_done = true; }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t size, beast::string_view, error_code& error) override {
      owner_.chunk_left = size;
      if (size > owner_.body_bytes_max - owner_.body->size()) {
        error = beast::http::error::body_limit;
      }
    }
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
      owner_.body->append(bytes.data(), bytes.size());
      owner_.chunk_left -= bytes.size();
      return bytes.size();
    }
    void on_finish_impl(error_code&) override {}

   private:
    Grammar& owner_;
  };

  void restart(const Limits& limits, RequestHead* filled) {
    parser.emplace(*this);
    parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max) + 4);
    parser->body_limit(boost::none);
    head = filled;
    header_count_max = limits.header_count_max;
    body_bytes_max = limits.body_bytes_max;
    head_done = false;
    folded = too_many = repeated_host = false;
    has_host = has_content_length = has_transfer_coding = other_transfer_coding = false;
    codings = 0;
    chunk_left = 0;
  }

  Place place(std::string_view text) const {
    auto offset = text.data() - message.data();
    return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(text.size())};
  }

  void on_field(field name, std::string_view name_text, std::string_view value, error_code& error) {
    if (head_done) {
      return;  // a trailer
    }
    if (head->headers.size() == header_count_max) {
      too_many = true;
      error = beast::http::error::header_limit;
      return;
    }
    if (is_folded(name_text, value)) {
      folded = true;
      error = beast::http::error::bad_value;
      return;
    }
    head->headers.push_back({place(name_text), place(value)});
    note(name, name_text, value);
  }

  std::string_view message;  // of the call being made
  RequestHead* head = nullptr;
  std::string* body = nullptr;
  std::optional<Parser> parser;
  std::size_t header_count_max = 0;
  std::size_t body_bytes_max = 0;
  std::uint64_t chunk_left = 0;  // data of the current chunk that has not come
  bool head_done = false;
  bool folded = false, too_many = false, repeated_host = false;
  bool has_host = false, has_content_length = false;
  bool has_transfer_coding = false, other_transfer_coding = false;
  int codings = 0;  // headers that name one

 private:
  // A folded value either lies in Beast's own buffer or begins on a later line than its name.
  bool is_folded(std::string_view name, std::string_view value) const {
    const char* end = message.data() + message.size();
    if (value.data() < message.data() || value.data() > end) {
      return true;
    }
    return std::find(name.data() + name.size(), value.data(), '\r') != value.data();
  }

  void note(field name, std::string_view name_text, std::string_view value) {
    if (name == field::host) {
      repeated_host = has_host;
      has_host = true;
    } else if (name == field::content_length) {
      has_content_length = true;
    } else if (name == field::transfer_encoding) {
      other_transfer_coding |= has_transfer_coding || !wire::header_name_equal(value, "chunked");
      has_transfer_coding = true;
    } else if (name == field::content_encoding) {
      head->coding = ++codings == 1 ? content_coding(value) : ContentCoding::Unknown;
    } else if (name == field::expect) {
      head->expectation = wire::header_name_equal(value, "100-continue") ? Expectation::Continue
                                                                         : Expectation::Unknown;
    } else if (name == field::unknown && !head->request_id &&
               wire::header_name_equal(name_text, "X-Request-ID")) {
      head->request_id = place(value);
    }
  }
};

RequestParser::RequestParser(const Limits& limits)
    : limits_(limits), grammar_(std::make_unique<Grammar>()) {
  reset();
}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  std::vector<HeaderPlace> headers = std::move(head_.headers);  // keeps its memory
  headers.clear();
  head_ = RequestHead{};
  head_.headers = std::move(headers);
  head_consumed_ = 0;
  scanned_ = 0;
  framing_bytes_ = 0;
  grammar_->restart(limits_, &head_);
}

RequestParser::Step RequestParser::fail(base::Error error) {
  error_ = std::move(error);
  return Step::Failed;
}

RequestParser::Step RequestParser::parse_head(std::string_view message) {
  Grammar& grammar = *grammar_;
  grammar.message = message;
  std::string_view rest = message.substr(head_consumed_);
  error_code error;
  if (!rest.empty()) {
    head_consumed_ += grammar.parser->put(boost::asio::buffer(rest.data(), rest.size()), error);
  }
  bool incomplete = !grammar.head_done && (!error || error == beast::http::error::need_more);
  // Beast measures from where it last stopped, so a head that comes in drops is measured here.
  std::size_t head_bytes = incomplete ? message.size() : head_consumed_;
  if (head_bytes > limits_.header_bytes_max || error == beast::http::error::header_limit) {
    return fail(header_too_large(grammar.too_many
                                     ? "the request has more than " +
                                           std::to_string(limits_.header_count_max) + " headers"
                                     : "request line and headers are larger than " +
                                           std::to_string(limits_.header_bytes_max) + " bytes"));
  }
  if (incomplete) {
    // Beast looks for the end of the whole head first, and would wait for it until the timeout.
    bool bare = has_bare_line_feed(message, scanned_);
    scanned_ = message.size();
    return bare ? fail(malformed_request("a line does not end in CRLF")) : Step::NeedMore;
  }
  if (error == beast::http::error::bad_version && names_another_version(message)) {
    return fail(http_version_unsupported("only HTTP/1.1 and HTTP/1.0 are spoken here"));
  }
  if (grammar.other_transfer_coding) {
    return fail(transfer_coding_unsupported());
  }
  if (grammar.folded) {
    return fail(malformed_request("a header line is folded"));
  }
  if ((grammar.has_transfer_coding && error == beast::http::error::bad_content_length) ||
      (grammar.has_content_length && error == beast::http::error::bad_transfer_encoding)) {
    return fail(malformed_request("both Transfer-Encoding and Content-Length"));
  }
  if (error) {
    return fail(malformed_request(error.message()));
  }
  return check_head(message);
}

RequestParser::Step RequestParser::check_head(std::string_view message) {
  const Grammar& grammar = *grammar_;
  head_.bytes = head_consumed_;
  head_.chunked = grammar.parser->chunked();
  head_.keep_alive = grammar.parser->keep_alive();
  if (auto length = grammar.parser->content_length()) {
    head_.content_length = *length;
  }
  if (grammar.has_transfer_coding && head_.version == 10) {
    return fail(malformed_request("Transfer-Encoding in HTTP/1.0"));
  }
  if (grammar.repeated_host || (!grammar.has_host && head_.version == 11)) {
    return fail(malformed_request(grammar.repeated_host ? "more than one Host" : "no Host"));
  }
  if (!place_target(message)) {
    return fail(malformed_request("the target must be a path or a URL"));
  }
  return Step::Done;
}

bool RequestParser::place_target(std::string_view message) {
  std::string_view target = head_.target.in(message.data());
  if (target.front() == '/') {
    return true;
  }
  if (target == "*") {
    return head_.method.in(message.data()) == "OPTIONS";
  }
  std::optional<std::size_t> path = path_of_url(target);
  if (!path) {
    return false;
  }
  head_.target.offset += static_cast<std::uint32_t>(*path);
  head_.target.size -= static_cast<std::uint32_t>(*path);
  return true;
}

RequestParser::Step RequestParser::parse_chunks(std::string_view raw, std::size_t& consumed,
                                                std::string& body) {
  Grammar& grammar = *grammar_;
  consumed = 0;
  if (raw.empty() || (grammar.chunk_left == 0 && raw.size() < kLastChunkBytes)) {
    return Step::NeedMore;
  }
  std::size_t body_before = body.size();
  grammar.message = raw;
  grammar.body = &body;
  grammar.parser->eager(true);
  error_code error;
  consumed = grammar.parser->put(boost::asio::buffer(raw.data(), raw.size()), error);
  if (error == beast::http::error::body_limit) {
    return fail(body_too_large(limits_.body_bytes_max));
  }
  if (error && error != beast::http::error::need_more) {
    return fail(malformed_request(error.message()));
  }
  framing_bytes_ += consumed - (body.size() - body_before);
  if (framing_bytes_ > kChunkFramingBytesMax) {
    return fail(malformed_request("the chunks are too small for their number"));
  }
  if (grammar.parser->is_done()) {
    return Step::Done;
  }
  // What stays is the line of a chunk header, or the trailers.
  if (raw.size() - consumed > limits_.header_bytes_max) {
    return fail(header_too_large("a chunk's extensions or trailers are larger than " +
                                 std::to_string(limits_.header_bytes_max) + " bytes"));
  }
  return Step::NeedMore;
}

}  // namespace piperoll::http
