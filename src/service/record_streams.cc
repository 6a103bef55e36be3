#include "service/record_streams.h"

#include <algorithm>

#include "service/service_limits.h"

namespace piperoll::service {

namespace {

using base::Result;
using operation::RecordStream;

// Counts rows and tells once how the stream ended, also when its reader went away.
class CountedStream : public RecordStream {
 public:
  explicit CountedStream(StreamEnded ended) : ended_(std::move(ended)) {}
  ~CountedStream() override {
    if (ended_) {
      ended_(rows_, complete_);
    }
  }
  CountedStream(const CountedStream&) = delete;
  CountedStream& operator=(const CountedStream&) = delete;

  Result<Piece> next(const Visit& visit) final {
    ASSIGN_OR_RETURN(Piece piece, show([&](const event::RecordView& record) {
                       const bool taken = visit(record);
                       rows_ += taken ? 1 : 0;
                       return taken;
                     }));
    complete_ = piece.last;
    return piece;
  }

 protected:
  virtual Result<Piece> show(const Visit& visit) = 0;

 private:
  StreamEnded ended_;
  std::uint64_t rows_ = 0;
  bool complete_ = false;
};

class PageStream : public CountedStream {
 public:
  PageStream(store::EventStore& store, const event::LogId& log, query::PageRequest request,
             StreamEnded ended)
      : CountedStream(std::move(ended)),
        store_(store),
        log_(log),
        request_(std::move(request)),
        left_(request_.limit) {}

 protected:
  Result<Piece> show(const Visit& visit) override {
    request_.limit = std::min(left_, kStreamRecords);
    ASSIGN_OR_RETURN(const store::Page page, store_.find(log_, request_));
    for (const event::Record& record : page.records) {
      if (!visit(event::view_of(record))) {
        return Piece{};
      }
      --left_;
      request_.after_seq = record.seq();
      request_.offset = 0;
    }
    return Piece{.last = !page.more_after || left_ == 0};
  }

 private:
  store::EventStore& store_;
  const event::LogId log_;
  query::PageRequest request_;
  std::uint64_t left_;
};

// Shows the matching records of [from, to), at most kStreamRecords; from becomes where the next
// piece begins.
Result<void> scan_some(store::EventStore& store, const event::LogId& log,
                       const query::Filter& filter, std::uint64_t& from, std::uint64_t to,
                       const RecordStream::Visit& visit) {
  std::uint64_t shown = 0;
  std::uint64_t next = to;
  RETURN_IF_ERROR(store.scan(log, from, to, filter, [&](const event::RecordView& view) {
    if (!visit(view)) {
      next = view.seq();
      return false;
    }
    if (++shown < kStreamRecords) {
      return true;
    }
    next = view.seq() + 1;
    return false;
  }));
  from = next;
  return {};
}

class ExportStream : public CountedStream {
 public:
  ExportStream(store::EventStore& store, const event::LogId& log, query::Filter filter,
               std::uint64_t tree_size, StreamEnded ended)
      : CountedStream(std::move(ended)),
        store_(store),
        log_(log),
        filter_(std::move(filter)),
        tree_size_(tree_size) {}

 protected:
  Result<Piece> show(const Visit& visit) override {
    RETURN_IF_ERROR(scan_some(store_, log_, filter_, next_, tree_size_, visit));
    return Piece{.last = next_ >= tree_size_};
  }

 private:
  store::EventStore& store_;
  const event::LogId log_;
  const query::Filter filter_;
  const std::uint64_t tree_size_;
  std::uint64_t next_ = 0;
};

class TailStream : public CountedStream {
 public:
  TailStream(store::EventStore& store, const event::LogId& log, query::Filter filter,
             const TailOptions& options, StreamEnded ended)
      : CountedStream(std::move(ended)),
        store_(store),
        log_(log),
        filter_(std::move(filter)),
        options_(options),
        next_(options_.from_seq) {}

 protected:
  Result<Piece> show(const Visit& visit) override {
    const std::uint64_t size = store_.size(log_);
    if (next_ >= size) {
      caught_up_ = true;
      return Piece{.idle = true};
    }
    if (caught_up_ && size - next_ > options_.behind_max) {
      return Piece{.last = true,
                   .overrun = true,
                   .last_seq = next_ == 0 ? std::nullopt : std::optional(next_ - 1)};
    }
    const std::uint64_t to = std::min(size, next_ + kTailScanRecords);
    RETURN_IF_ERROR(scan_some(store_, log_, filter_, next_, to, visit));
    return Piece{};
  }

 private:
  store::EventStore& store_;
  const event::LogId log_;
  const query::Filter filter_;
  const TailOptions options_;
  std::uint64_t next_;
  bool caught_up_ = false;  // it has been at the end of the log
};

}  // namespace

std::unique_ptr<RecordStream> stream_page(store::EventStore& store, const event::LogId& log,
                                          query::PageRequest request, StreamEnded ended) {
  return std::make_unique<PageStream>(store, log, std::move(request), std::move(ended));
}

std::unique_ptr<RecordStream> stream_export(store::EventStore& store, const event::LogId& log,
                                            query::Filter filter, std::uint64_t tree_size,
                                            StreamEnded ended) {
  return std::make_unique<ExportStream>(store, log, std::move(filter), tree_size, std::move(ended));
}

std::unique_ptr<RecordStream> stream_tail(store::EventStore& store, const event::LogId& log,
                                          query::Filter filter, TailOptions options,
                                          StreamEnded ended) {
  return std::make_unique<TailStream>(store, log, std::move(filter), options, std::move(ended));
}

}  // namespace piperoll::service
