#include <utility>

#include <boost/asio/post.hpp>

#include "base/ip_address.h"
#include "http/connection_internal.h"
#include "http/loop_internal.h"

namespace piperoll::http {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of each network thread
thread_local Loop* current_loop = nullptr;

constexpr std::int64_t kMicrosPerMilli = 1000;

std::vector<std::unique_ptr<DeadlineList<Connection>>> make_waits(const Timeouts& timeouts) {
  std::array<int, kWaits> millis{};
  auto at = [&](Wait wait) -> int& { return millis.at(static_cast<std::size_t>(wait)); };
  at(Wait::Head) = timeouts.head_ms;
  at(Wait::Body) = timeouts.body_window_ms;
  at(Wait::Write) = timeouts.write_window_ms;
  at(Wait::Idle) = timeouts.idle_ms;
  at(Wait::Handler) = timeouts.handler_ms;
  at(Wait::Linger) = timeouts.linger_ms;
  std::vector<std::unique_ptr<DeadlineList<Connection>>> waits;
  waits.reserve(millis.size());
  for (int each : millis) {
    waits.push_back(std::make_unique<DeadlineList<Connection>>(each * kMicrosPerMilli));
  }
  return waits;
}

// In canonical form and without the zone of a link-local address; empty when it is already gone.
std::string remote_address(const net::Socket& socket) {
  boost::system::error_code error;
  auto endpoint = socket.remote_endpoint(error);
  if (error) {
    return {};
  }
  std::string text = endpoint.address().to_string();
  text.resize(std::min(text.size(), text.find('%')));
  auto canonical = base::canonical_ip(text);
  return canonical ? *canonical : text;
}

}  // namespace

Loop::Loop(Shared& shared, boost::asio::io_context& io, std::function<void()> finished)
    : shared_(shared),
      io_(io),
      finished_(std::move(finished)),
      mailbox_(std::make_shared<Mailbox>(
          [this] { boost::asio::post(io_, [this] { take_messages(); }); })),
      timer_(io),
      poll_timer_(io),
      waits_(make_waits(shared.options.timeouts)),
      read_bytes_(std::make_unique_for_overwrite<char[]>(kReadBytes + kBodyPaddingBytes)) {
  // On its own thread: asked often whether this is the one.
  boost::asio::post(io_, [this] { current_loop = this; });
}

Loop::~Loop() {
  mailbox_->close();
  while (!connections_.empty()) {
    std::shared_ptr<Connection> connection = connections_.front();
    connection->close();
  }
}

Loop* Loop::current() {
  return current_loop;
}

void Loop::adopt(net::Socket socket, bool over_limit, bool tls) {
  std::string remote = remote_address(socket);
  auto connection =
      std::make_shared<Connection>(*this, std::move(socket), std::move(remote), over_limit);
  if (tls) {
    connection->expect_tls(shared_.options.tls->settings());
  }
  connection->place_ = connections_.insert(connections_.end(), connection);
  count_.fetch_add(1, std::memory_order_relaxed);
  shared_.stats->connections_open.fetch_add(1, std::memory_order_relaxed);
  if (draining_) {
    connection->close();
  } else {
    connection->start();
  }
}

void Loop::remove(Connection& connection) {
  connections_.erase(connection.place_);
  count_.fetch_sub(1, std::memory_order_relaxed);
  shared_.stats->connections_open.fetch_sub(1, std::memory_order_relaxed);
  (connection.over_limit_ ? shared_.refused_connections : shared_.connections).fetch_sub(1);
  finish_if_drained();
}

void Loop::drain(std::int64_t deadline_micros) {
  draining_ = true;
  drain_deadline_micros_ = deadline_micros;
  auto all = connections_;  // draining removes from the list
  for (const auto& connection : all) {
    connection->drain();
  }
  cut_at_deadline();
  arm_timer();
  finish_if_drained();
}

void Loop::cut_at_deadline() {
  while (draining_ && !connections_.empty() && now() >= drain_deadline_micros_) {
    std::shared_ptr<Connection> connection = connections_.front();
    connection->close();
  }
}

void Loop::finish_if_drained() {
  if (draining_ && connections_.empty() && !has_finished_) {
    has_finished_ = true;
    mailbox_->close();
    timer_.cancel();
    poll_timer_.cancel();
    finished_();
  }
}

void Loop::set(Wait wait, Deadline<Connection>& deadline) {
  waits_.at(static_cast<std::size_t>(wait))->set(deadline, now());
  if (deadline.is_set()) {
    arm_timer();
  }
}

void Loop::poll_after(int wait_ms, std::weak_ptr<Connection> connection) {
  polls_.emplace(now() + std::max(wait_ms, 0) * kMicrosPerMilli, std::move(connection));
  arm_poll_timer();
}

void Loop::retire(std::shared_ptr<BodySource> source) {
  // A full or stopped pool leaves it to this thread, which is late but not wrong.
  (void)shared_.workers.post([source = std::move(source)] { source->stream.reset(); });
}

void Loop::arm_timer() {
  if (timer_armed_ || has_finished_) {
    return;
  }
  timer_armed_ = true;
  timer_.expires_after(std::chrono::milliseconds(shared_.options.timeouts.tick_ms));
  timer_.async_wait([this](const boost::system::error_code& error) {
    timer_armed_ = false;
    if (!error) {
      on_tick();
    }
  });
}

// Live streams are asked when they said, not at the next tick, which may be four times as far away.
void Loop::arm_poll_timer() {
  if (poll_timer_armed_ || polls_.empty() || has_finished_) {
    return;
  }
  poll_timer_armed_ = true;
  const std::int64_t most = shared_.options.timeouts.tick_ms * kMicrosPerMilli;
  const std::int64_t wait =
      std::clamp<std::int64_t>(polls_.begin()->first - now(), kMicrosPerMilli, most);
  poll_timer_.expires_after(std::chrono::microseconds(wait));
  poll_timer_.async_wait([this](const boost::system::error_code& error) {
    poll_timer_armed_ = false;
    if (!error) {
      run_polls();
      arm_poll_timer();
    }
  });
}

void Loop::run_polls() {
  const std::int64_t time = now();
  while (!polls_.empty() && polls_.begin()->first <= time) {
    auto connection = polls_.begin()->second.lock();
    polls_.erase(polls_.begin());
    if (connection) {
      connection->on_poll();
    }
  }
}

void Loop::on_tick() {
  std::int64_t time = now();
  for (std::size_t i = 0; i < kWaits; ++i) {
    while (Connection* connection = waits_[i]->take_passed(time)) {
      auto held = connection->shared_from_this();
      connection->on_wait_passed(static_cast<Wait>(i));
    }
  }
  cut_at_deadline();
  bool waiting = draining_;
  for (const auto& wait : waits_) {
    waiting = waiting || !wait->empty();
  }
  if (waiting) {
    arm_timer();
  }
}

void Loop::take_messages() {
  messages_.clear();
  mailbox_->take(messages_);
  // Answers of one connection that came together leave in one write: all are placed first.
  std::vector<std::shared_ptr<Connection>> answered;
  for (Message& message : messages_) {
    if (auto* answer = std::get_if<AnswerMessage>(&message)) {
      if (auto connection = answer->connection.lock()) {
        connection->place_answer(answer->request, std::move(answer->response));
        if (answered.empty() || answered.back() != connection) {
          answered.push_back(std::move(connection));
        }
      } else if (answer->response && answer->response->stream) {
        retire(std::make_shared<BodySource>(std::move(answer->response->stream)));
      }
    }
  }
  for (const auto& connection : answered) {
    connection->advance();
  }
  for (Message& message : messages_) {
    deliver(message);
  }
  messages_.clear();
}

void Loop::deliver(Message& message) {
  if (auto* piece = std::get_if<PieceMessage>(&message)) {
    if (auto connection = piece->connection.lock()) {
      connection->on_piece(*piece);
    } else {
      retire(std::move(piece->source));
    }
  } else if (auto* decoded = std::get_if<DecodedMessage>(&message)) {
    if (auto connection = decoded->connection.lock()) {
      connection->on_decoded(*decoded);
    }
  }
}

}  // namespace piperoll::http
