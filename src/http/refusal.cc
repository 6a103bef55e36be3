#include "http/refusal.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "http/handler.h"

namespace piperoll::http {
namespace {

using base::ErrorKind;

struct Row {
  std::string_view code;
  int status;
};

constexpr Row kStatuses[] = {
    {"malformed_request", 400},
    {"request_ended_early", 400},
    {"broken_compression", 400},
    {"request_timeout", 408},
    {"body_too_large", 413},
    {"unknown_content_coding", 415},
    {"expectation_failed", 417},
    {"header_too_large", 431},
    {"internal", 500},
    {"no_answer", 500},
    {"overloaded", 503},
    {"transfer_coding_unsupported", 501},
    {"handler_timeout", 503},
    {"too_many_connections", 503},
    {"http_version_unsupported", 505},
};

// The messages are ours, but may quote a word of the request.
void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

int refusal_status(const base::Error& error) {
  const Row* row = std::find_if(std::begin(kStatuses), std::end(kStatuses),
                                [&](const Row& each) { return each.code == error.code; });
  return row == std::end(kStatuses) ? 500 : row->status;
}

wire::Response refusal_response(const base::Error& error, std::string_view request_id) {
  int status = refusal_status(error);
  std::string body = R"({"type":"about:blank","title":)";
  append_json_string(body, wire::reason_phrase(status));
  body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  append_json_string(body, error.message);
  body += ",\"code\":";
  append_json_string(body, error.code);
  body += ",\"errors\":[],\"request_id\":";
  append_json_string(body, request_id);
  body += '}';
  wire::Response response =
      wire::make_response(status, "application/problem+json", std::move(body));
  if (status == 503) {
    response.set("Retry-After", "1");
  } else if (error.code == "unknown_content_coding") {
    response.set("Accept-Encoding", "gzip, zstd");  // RFC 9110 section 15.5.16
  }
  return response;
}

base::Error malformed_request(std::string why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "the request is not valid HTTP/1.1: " + std::move(why),
          .code = "malformed_request"};
}

base::Error request_ended_early() {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "the connection ended in the middle of the request",
          .code = "request_ended_early"};
}

base::Error broken_compression(const base::Error& why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "the body does not decode as its Content-Encoding says",
          .code = "broken_compression",
          .detail = why.message};
}

base::Error request_timeout(std::string what) {
  return {
      .kind = ErrorKind::InvalidArgument, .message = std::move(what), .code = "request_timeout"};
}

base::Error body_too_large(std::size_t bytes_max) {
  return {.kind = ErrorKind::TooLarge,
          .message = "the body is larger than " + std::to_string(bytes_max) + " bytes",
          .code = "body_too_large"};
}

base::Error unknown_content_coding() {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "Content-Encoding must be gzip or zstd, one of them, once",
          .code = "unknown_content_coding"};
}

base::Error expectation_failed() {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "the only Expect that is understood is 100-continue",
          .code = "expectation_failed"};
}

base::Error header_too_large(std::string what) {
  return {.kind = ErrorKind::TooLarge, .message = std::move(what), .code = "header_too_large"};
}

base::Error transfer_coding_unsupported() {
  return {.kind = ErrorKind::InvalidArgument,
          .message = "the only Transfer-Encoding that is understood is chunked",
          .code = "transfer_coding_unsupported"};
}

base::Error overloaded() {
  return {.kind = ErrorKind::ResourceExhausted,
          .message = "too many large bodies are being received; try again",
          .code = "overloaded"};
}

base::Error too_many_connections() {
  return {.kind = ErrorKind::ResourceExhausted,
          .message = "too many connections are open; try again",
          .code = "too_many_connections"};
}

base::Error http_version_unsupported(std::string why) {
  return {.kind = ErrorKind::InvalidArgument,
          .message = std::move(why),
          .code = "http_version_unsupported"};
}

base::Error handler_timeout() {
  return {.kind = ErrorKind::Indeterminate,
          .message = "no answer in time; whether the request took effect is not known",
          .code = "handler_timeout"};
}

base::Error no_answer() {
  return {.kind = ErrorKind::Internal,
          .message = "the server has no answer to this request",
          .code = "no_answer"};
}

base::Error internal_failure() {
  return {.kind = ErrorKind::Internal,
          .message = "the server failed on this request",
          .code = "internal"};
}

}  // namespace piperoll::http
