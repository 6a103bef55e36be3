// Answers -> bytes -> socket.
#include <array>
#include <exception>
#include <utility>

#include <boost/asio/error.hpp>

#include "base/diagnostics.h"
#include "http/connection_internal.h"

namespace piperoll::http {
namespace {

using boost::system::error_code;

constexpr double kMicrosPerSecond = 1e6;

// The next piece, whatever the source does.
base::Result<wire::BodyStream::Piece> next_piece(wire::BodyStream& stream) {
  try {
    return stream.next();
  } catch (const std::exception& failure) {
    return base::Error{.kind = base::ErrorKind::Internal,
                       .message = "the stream failed",
                       .detail = failure.what()};
  }
}

}  // namespace

// The answers at the front of the queue that are ready, up to one that is streamed.
void Connection::collect_answers() {
  while (!pending_.empty() && pending_.front().ready && !source_) {
    begin_answer(pending_.front());
    if (!source_) {
      end_answer();
    }
  }
  if (continue_owed_ && pending_.empty() && !source_) {
    continue_owed_ = false;
    output_.append(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"));
  }
}

void Connection::begin_answer(Pending& pending) {
  wire::Response& response = pending.response;
  bool has_stream = response.stream != nullptr;
  bool has_body = status_has_body(response.status) && !pending.is_head;
  framing_ = !has_stream             ? Framing::Length
             : pending.version == 11 ? Framing::Chunked
                                     : Framing::UntilClose;
  if (framing_ == Framing::UntilClose && has_body) {
    end_reading();
    pending_.resize(1);  // its end is the end of the connection
    buffer_.clear();
  }
  HeadFacts facts{.framing = framing_,
                  .keep_alive = reading_ != Reading::Ended || pending_.size() > 1,
                  .version = pending.version,
                  .tls = tls_ != nullptr,
                  .request_id = pending.request_id,
                  .date = loop_.date()};
  std::string& head = loop_.head_scratch();
  head.clear();
  append_response_head(head, response, facts);
  output_.append(std::string_view(head));
  if (!has_stream) {
    if (has_body) {
      output_.append(std::move(response.body));
    }
    return;
  }
  auto source = std::make_shared<BodySource>(std::move(response.stream));
  if (!has_body) {
    loop_.retire(std::move(source));
    return;
  }
  source_ = std::move(source);
  piece_awaited_ = false;
  poll_awaited_ = false;
}

void Connection::end_answer() {
  const Pending& pending = pending_.front();
  if (Metrics* metrics = loop_.shared().options.metrics) {
    double seconds = static_cast<double>(loop_.now() - pending.started_micros) / kMicrosPerSecond;
    metrics->count_request(pending.surface, pending.method, pending.response.status, seconds);
  }
  pending_.pop_front();
}

// One piece at a time, and the next only when the client has taken the last: a slow client makes
// its own stream slow, and costs one piece of memory.
void Connection::ask_for_piece() {
  if (!source_ || piece_awaited_ || poll_awaited_ || !output_.empty()) {
    return;
  }
  piece_awaited_ = true;
  bool posted = loop_.shared().workers.post(
      [source = source_, mailbox = loop_.mailbox(), connection = weak_from_this()] {
        if (source->abandoned) {
          source->stream.reset();
          return;
        }
        auto piece = next_piece(*source->stream);
        mailbox->post(PieceMessage{connection, source, std::move(piece)});
      });
  if (!posted) {
    piece_awaited_ = false;
    poll_awaited_ = true;
    loop_.poll_after(loop_.shared().options.timeouts.tick_ms, weak_from_this());
  }
}

void Connection::on_piece(PieceMessage& message) {
  if (closed_ || message.source != source_) {
    loop_.retire(std::move(message.source));
    return;
  }
  piece_awaited_ = false;
  if (!message.piece) {
    base::warning("streamed answer broke", {{"request", pending_.front().request_id},
                                            {"what", message.piece.error().message},
                                            {"detail", message.piece.error().detail}});
    loop_.shared().stats->streams_broken.fetch_add(1, std::memory_order_relaxed);
    framing_ == Framing::Chunked ? close() : abort();
    return;
  }
  wire::BodyStream::Piece& piece = *message.piece;
  if (piece.idle && !piece.last && (peer_ended_ || loop_.is_draining())) {
    close();
    return;
  }
  append_piece(std::move(piece.bytes));
  if (piece.last) {
    if (framing_ == Framing::Chunked) {
      output_.append(std::string_view("0\r\n\r\n"));
    }
    loop_.retire(std::move(source_));
    source_.reset();
    end_answer();
  } else if (piece.idle) {
    poll_awaited_ = true;
    loop_.poll_after(piece.wait_ms, weak_from_this());
  }
  advance();
}

void Connection::append_piece(std::string&& bytes) {
  if (bytes.empty()) {
    return;
  }
  if (framing_ != Framing::Chunked) {
    output_.append(std::move(bytes));
    return;
  }
  std::string& size = loop_.head_scratch();
  size.clear();
  append_chunk_size(size, bytes.size());
  output_.append(std::string_view(size));
  output_.append(std::move(bytes));
  output_.append(std::string_view("\r\n"));
}

void Connection::on_poll() {
  if (closed_ || !poll_awaited_) {
    return;
  }
  poll_awaited_ = false;
  advance();
}

// Everything that the socket takes now. What is left waits for it to be writable.
void Connection::write() {
  while (!output_.empty() && !write_armed_) {
    std::array<std::string_view, OutputQueue::kPiecesMax> pieces;
    std::size_t count = output_.front(pieces);
    error_code error;
    std::size_t written = send(pieces, count, error);
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
      write_armed_ = true;
      socket_.async_wait(net::Socket::wait_write,
                         [self = shared_from_this()](const error_code& failure) {
                           self->write_armed_ = false;
                           if (!self->closed_ && !failure) {
                             self->advance();
                           }
                         });
      return;
    }
    if (error) {
      close();
      return;
    }
    output_.consume(written);
    write_window_bytes_ += written;
    loop_.shared().stats->bytes_out.fetch_add(written, std::memory_order_relaxed);
  }
  ask_for_piece();
}

}  // namespace piperoll::http
