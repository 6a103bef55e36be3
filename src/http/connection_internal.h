#pragma once
// One connection: reads requests, gives them to the handler, writes the answers in order. Lives on
// its loop's thread. Only http includes this.
//
//   reading_   Head -> Body | Chunks (-> Decoding) -> Head ... -> Ended
//   pending_   requests that the handler has, or whose answer waits for its turn
//   output_    bytes of answers that the client has not taken
// advance() moves everything as far as it goes: after every event, once.

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "http/http_limits.h"
#include "http/loop_internal.h"
#include "http/output_queue.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "net/tls_session_internal.h"

namespace piperoll::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // remote: the peer's address in canonical form.
  Connection(Loop& loop, net::Socket socket, std::string remote, bool over_limit);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The client speaks TLS. Before start().
  void expect_tls(std::shared_ptr<const net::TlsSettings> settings);
  void start();
  void drain();
  // Frees what it holds; nothing is sent any more. May be called again.
  void close();

  // From the loop; each ends with advance().
  void on_wait_passed(Wait wait);
  void on_answer(AnswerMessage& message);
  void on_piece(PieceMessage& message);
  void on_decoded(DecodedMessage& message);
  void on_poll();

  // True while the handler is being called for a request of this connection.
  bool is_dispatching() const { return dispatching_; }
  // Only puts the answer in its place; advance() sends it.
  void place_answer(std::uint64_t request, std::optional<wire::Response> response);

 private:
  friend class Loop;  // its own place in the loop's list
  enum class Reading { Head, Body, Chunks, Decoding, Ended };

  struct Pending {
    std::uint64_t number = 0;
    bool ready = false;
    bool is_head = false;  // HEAD: the answer has no body
    int version = 11;
    std::size_t surface = 0;
    std::int64_t started_micros = 0;
    std::string method;
    std::string request_id;
    wire::Response response;
  };

  struct Parsed {
    std::size_t used = 0;
    bool more = false;  // worth another step
  };

  // connection.cc: life cycle
  void advance();
  void read_when_wanted();
  void update_waits();
  void wait_for(std::optional<Wait> wait);
  void finish();
  void abort();
  void on_body_window_passed();
  bool is_full() const;
  bool is_idle() const;
  bool wants_to_read() const;

  // connection_tls.cc: bytes in and out of the socket, with TLS where it is
  std::size_t receive(char* into, std::size_t room, boost::system::error_code& error);
  std::size_t send(const std::array<std::string_view, OutputQueue::kPiecesMax>& pieces,
                   std::size_t count, boost::system::error_code& error);

  // connection_read.cc: bytes -> complete requests
  void on_readable();
  void on_end();
  void discard();
  bool take(std::size_t bytes);
  void make_room(std::size_t bytes);
  void parse_waiting();
  std::size_t parse(const char* bytes, std::size_t size);
  Parsed parse_head(std::string_view bytes);
  Parsed parse_body(std::string_view message);
  Parsed parse_chunks(std::string_view raw);

  // connection_request.cc: complete requests -> handler. message: its first byte
  void begin_body(const char* message);
  void deliver(const char* message, std::string_view body);
  void decode_elsewhere(const char* message, std::string_view body);
  void deliver_decoded(const char* message, base::Result<std::string> body);
  void dispatch(const char* message, std::string_view body);
  void fill_request(const char* message, std::string_view body);
  Pending& add_pending();
  wire::Response refusal_of(const base::Error& error);
  void answer_refusal(const char* message, const base::Error& error);
  void refuse(const char* message, const base::Error& error);
  void fail(const base::Error& error);
  void end_message();
  void end_reading();
  bool take_budget(std::size_t bytes);
  void give_budget();

  // connection_write.cc: answers -> bytes
  void collect_answers();
  void begin_answer(Pending& pending);
  void end_answer();
  void ask_for_piece();
  void append_piece(std::string&& bytes);
  void write();

  Loop& loop_;
  net::Socket socket_;
  std::unique_ptr<net::TlsSession> tls_;  // null: without
  bool read_needs_writing_ = false;       // TLS has to write before it can read on
  const std::string remote_;
  const bool over_limit_;
  std::list<std::shared_ptr<Connection>>::iterator place_;  // in the loop's list
  bool closed_ = false;

  // Reading.
  Reading reading_ = Reading::Head;
  bool read_armed_ = false;
  bool peer_ended_ = false;
  bool parse_stalled_ = false;  // buffer_ holds bytes that were not looked at
  bool dispatching_ = false;
  bool fresh_ = true;  // no request has been read yet
  bool lingering_ = false;
  bool continue_owed_ = false;  // the client waits for "100 Continue"
  ReadBuffer buffer_;
  RequestParser parser_;
  std::string head_copy_;     // of a request whose body does not follow it in buffer_
  std::string chunked_body_;  // decoded so far
  std::int64_t started_micros_ = 0;
  std::int64_t body_started_micros_ = 0;
  std::size_t body_window_bytes_ = 0;
  std::size_t budget_taken_ = 0;

  // Answering.
  std::deque<Pending> pending_;
  std::uint64_t next_request_ = 0;
  OutputQueue output_;
  bool write_armed_ = false;
  std::size_t write_window_bytes_ = 0;
  std::shared_ptr<BodySource> source_;  // of the streamed answer to pending_.front()
  Framing framing_ = Framing::Length;   // of that answer
  bool piece_awaited_ = false;          // a worker has the source
  bool poll_awaited_ = false;           // the source is idle

  Deadline<Connection> read_deadline_{*this};
  std::optional<Wait> read_wait_;  // what read_deadline_ stands for
  Deadline<Connection> write_deadline_{*this};
  Deadline<Connection> handler_deadline_{*this};
  std::uint64_t handler_deadline_request_ = 0;
};

}  // namespace piperoll::http
