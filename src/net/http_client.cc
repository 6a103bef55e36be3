#include "net/http_client.h"

#include <array>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace piperoll::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using base::Error;
using base::ErrorKind;
using base::Result;
using boost::system::error_code;

// A body without a sink: error documents and small answers.
constexpr std::size_t kHeldBodyMax = 64U << 20;

class BeastClient : public HttpClient {
 public:
  BeastClient(std::string host, std::string port, std::string authority)
      : host_(std::move(host)), port_(std::move(port)), authority_(std::move(authority)) {}

  Result<ClientResponse> send(const ClientRequest& request, const Sink& sink) override {
    const bool kept = socket_.is_open();
    bool answered = false;
    auto response = exchange(request, sink, answered);
    if (!response && kept && !answered) {
      response = exchange(request, sink, answered);  // the server had closed the idle connection
    }
    return response;
  }

 private:
  Error failed(const std::string& what, const error_code& error) {
    error_code ignored;
    socket_.close(ignored);
    return {.kind = ErrorKind::Unavailable,
            .message = what + " http://" + authority_ + ": " + error.message(),
            .code = "no_answer"};
  }

  Result<void> connect() {
    error_code error;
    asio::ip::tcp::resolver resolver(context_);
    auto endpoints = resolver.resolve(host_, port_, error);
    if (error) {
      return failed("cannot find", error);
    }
    asio::connect(socket_, endpoints, error);
    if (error) {
      return failed("cannot connect to", error);
    }
    socket_.set_option(asio::ip::tcp::no_delay(true), error);
    buffer_.clear();
    return {};
  }

  Result<ClientResponse> exchange(const ClientRequest& request, const Sink& sink, bool& answered) {
    if (!socket_.is_open()) {
      RETURN_IF_ERROR(connect());
    }
    http::request<http::string_body> message(http::string_to_verb(request.method), request.target,
                                             11);
    message.set(http::field::host, authority_);
    message.set(http::field::user_agent, "piperoll");
    for (const auto& [name, value] : request.headers) {
      message.set(name, value);
    }
    message.body() = request.body;
    message.prepare_payload();
    error_code error;
    http::write(socket_, message, error);
    if (error) {
      return failed("cannot write to", error);
    }
    return read(sink, answered);
  }

  Result<ClientResponse> read(const Sink& sink, bool& answered) {
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    error_code error;
    http::read_header(socket_, buffer_, parser, error);
    if (error) {
      return failed("no answer from", error);
    }
    answered = true;
    ClientResponse response{.status = static_cast<int>(parser.get().result_int()),
                            .content_type = std::string(parser.get()[http::field::content_type])};
    const bool stream = sink && response.status >= 200 && response.status < 300;
    std::array<char, 65'536> piece{};
    while (!parser.is_done()) {
      parser.get().body() = {piece.data(), piece.size(), true};
      http::read_some(socket_, buffer_, parser, error);  // a live stream fills no buffer
      if (error && error != http::error::need_buffer) {
        return failed("the answer ended early: from", error);
      }
      std::string_view bytes(piece.data(), piece.size() - parser.get().body().size);
      if (bytes.empty()) {
        continue;
      }
      if (stream ? !sink(bytes) : response.body.size() + bytes.size() > kHeldBodyMax) {
        socket_.close(error);
        return Error{.kind = ErrorKind::Unavailable,
                     .message = "the answer was not taken",
                     .code = "stopped"};
      }
      if (!stream) {
        response.body.append(bytes);
      }
    }
    if (!parser.get().keep_alive()) {
      socket_.close(error);
    }
    return response;
  }

  const std::string host_, port_, authority_;
  asio::io_context context_;
  asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type> socket_{context_};
  boost::beast::flat_buffer buffer_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::make(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  std::string authority = url.starts_with(kScheme) ? url.substr(kScheme.size()) : "";
  while (authority.ends_with('/')) {
    authority.pop_back();
  }
  if (authority.empty() || authority.find_first_of("/?#@ ") != std::string::npos) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "\"" + url + "\" is not an address of a server: write http://host:port",
                 .code = "invalid_url"};
  }
  std::string host = authority;
  std::string port = "80";
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return std::unique_ptr<HttpClient>(
      std::make_unique<BeastClient>(std::move(host), std::move(port), std::move(authority)));
}

}  // namespace piperoll::net
