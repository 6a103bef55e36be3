#pragma once
// What other threads hand to a network thread: answers, pieces of streams, decoded bodies. Many of
// them wake the thread once.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "wire/message.h"

namespace piperoll::http {

class Connection;

// A streamed body while it is being sent: touched by one worker at a time, and by nobody else.
struct BodySource {
  explicit BodySource(std::unique_ptr<wire::BodyStream> from) : stream(std::move(from)) {}
  std::unique_ptr<wire::BodyStream> stream;
  std::atomic<bool> abandoned = false;  // nobody waits for its next piece
};

struct AnswerMessage {
  std::weak_ptr<Connection> connection;
  std::uint64_t request = 0;
  std::optional<wire::Response> response;  // nothing: the handler dropped the request
};

struct PieceMessage {
  std::weak_ptr<Connection> connection;
  std::shared_ptr<BodySource> source;
  base::Result<wire::BodyStream::Piece> piece;
};

struct DecodedMessage {
  std::weak_ptr<Connection> connection;
  base::Result<std::string> body;
};

using Message = std::variant<AnswerMessage, PieceMessage, DecodedMessage>;

// Thread-safe. Outlives the network thread: what arrives after close() is dropped.
class Mailbox {
 public:
  // wake: makes the network thread call take() soon; called from any thread, not after close().
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  void post(Message message) {
    base::MutexLock lock(mutex_);
    if (closed_) {
      return;  // message is a parameter: it goes after the lock
    }
    messages_.push_back(std::move(message));
    if (messages_.size() == 1) {
      wake_();  // under the lock, so that it cannot come after close()
    }
  }

  // Everything posted since the last call. messages: empty, gives its memory to the next batch.
  void take(std::vector<Message>& messages) {
    base::MutexLock lock(mutex_);
    messages.swap(messages_);
  }

  void close() {
    std::vector<Message> left;
    base::MutexLock lock(mutex_);
    closed_ = true;
    left.swap(messages_);
  }

 private:
  base::Mutex mutex_;
  const std::function<void()> wake_;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::vector<Message> messages_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::http
