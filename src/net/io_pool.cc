#include <string>

#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "net/io_pool_internal.h"

namespace piperoll::net {

struct IoPool::Context {
  boost::asio::io_context io{1};
  Guard guard{io.get_executor()};
  base::Mutex joining;
  std::thread thread;
};

IoPool::IoPool(int threads) {
  CHECK(threads >= 1);
  for (int i = 0; i < threads; ++i) {
    contexts_.push_back(std::make_unique<Context>());
  }
}

IoPool::~IoPool() {
  for (auto& context : contexts_) {
    context->io.stop();
  }
  join();
}

boost::asio::io_context& IoPool::context(int index) {
  return contexts_.at(static_cast<std::size_t>(index))->io;
}

void IoPool::start() {
  for (std::size_t i = 0; i < contexts_.size(); ++i) {
    Context& context = *contexts_[i];
    CHECK(!context.thread.joinable());
    context.thread = std::thread([&context, i] {
      base::name_this_thread(("net-" + std::to_string(i)).c_str());
      context.io.run();
    });
  }
}

void IoPool::release(int index) {
  Context& context = *contexts_.at(static_cast<std::size_t>(index));
  boost::asio::post(context.io, [&context] { context.guard.reset(); });
}

void IoPool::join() {
  for (auto& context : contexts_) {
    base::MutexLock lock(context->joining);
    if (context->thread.joinable()) {
      context->thread.join();
    }
  }
}

}  // namespace piperoll::net
