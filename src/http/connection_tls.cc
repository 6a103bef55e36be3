// Bytes in and out of the socket, with TLS where it is.
#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "http/connection_internal.h"

namespace piperoll::http {

using boost::system::error_code;
using State = net::TlsSession::State;

void Connection::expect_tls(std::shared_ptr<const net::TlsSettings> settings) {
  tls_ = std::make_unique<net::TlsSession>(std::move(settings), socket_.native_handle());
}

std::size_t Connection::receive(char* into, std::size_t room, error_code& error) {
  if (!tls_) {
    return socket_.read_some(boost::asio::buffer(into, room), error);
  }
  const net::TlsSession::Moved moved = tls_->read(into, room);
  read_needs_writing_ = moved.state == State::WantsWrite;
  switch (moved.state) {
    case State::Good:
      break;
    case State::WantsRead:
    case State::WantsWrite:
      error = boost::asio::error::would_block;
      break;
    case State::Ended:
      error = boost::asio::error::eof;
      break;
    case State::Failed:
      error = boost::asio::error::connection_reset;
      break;
  }
  return moved.bytes;
}

// Small pieces (the head of an answer, the lines around a chunk) share a record with what follows
// them. What was not taken is gathered again, byte for byte the same.
std::size_t Connection::send(const std::array<std::string_view, OutputQueue::kPiecesMax>& pieces,
                             std::size_t count, error_code& error) {
  if (!tls_) {
    std::array<boost::asio::const_buffer, OutputQueue::kPiecesMax> buffers;
    for (std::size_t i = 0; i < count; ++i) {
      buffers[i] = boost::asio::buffer(pieces[i].data(), pieces[i].size());
    }
    return socket_.write_some(buffers, error);
  }
  std::string_view record = pieces[0];
  if (record.size() < net::kTlsRecordBytes && count > 1) {
    std::string& scratch = loop_.head_scratch();
    scratch.clear();
    for (std::size_t i = 0; i < count && scratch.size() < net::kTlsRecordBytes; ++i) {
      scratch.append(pieces[i].substr(0, net::kTlsRecordBytes - scratch.size()));
    }
    record = scratch;
  }
  const net::TlsSession::Moved moved = tls_->write(record.data(), record.size());
  if (moved.state == State::WantsWrite) {
    error = boost::asio::error::would_block;
  } else if (moved.state != State::Good) {
    error = boost::asio::error::connection_reset;
  }
  return moved.bytes;
}

}  // namespace piperoll::http
