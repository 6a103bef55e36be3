#pragma once
// The server's side of one TLS connection over a non-blocking socket. One thread at a time. Only
// net and http include this.

#include <cstddef>
#include <memory>
#include <string>

#include "net/tls.h"

namespace piperoll::net {

class TlsSession {
 public:
  // socket: non-blocking, stays the caller's and outlives the session.
  TlsSession(std::shared_ptr<const TlsSettings> settings, int socket);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class State { Good, WantsRead, WantsWrite, Ended, Failed };
  struct Moved {
    State state = State::Good;
    std::size_t bytes = 0;
  };
  // Fills `room` bytes as far as they are here, and makes the handshake on the way. Good: some were
  // read, perhaps not all that are here (has_pending()). Ended: the client sends no more.
  Moved read(char* into, std::size_t room);
  // At most one record. After WantsRead or WantsWrite the next call begins with the same bytes.
  Moved write(const char* bytes, std::size_t count);

  // Bytes that were deciphered and not read: no event of the socket tells of them.
  bool has_pending() const;
  bool is_established() const;
  // Tells the client that no more comes, as far as that is possible at once.
  void end();
  // Once established: the subject of the client's verified certificate (RFC 2253), or empty.
  const std::string& client_subject() const { return client_subject_; }

 private:
  struct Handle;
  Moved after(int result, std::size_t bytes);
  const std::shared_ptr<const TlsSettings> settings_;
  const std::unique_ptr<Handle> handle_;
  bool failed_ = false;
  bool seen_ = false;  // the client's certificate was looked at
  std::string client_subject_;
};

inline constexpr std::size_t kTlsRecordBytes = 16 * 1024;

}  // namespace piperoll::net
