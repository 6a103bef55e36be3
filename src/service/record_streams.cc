#include "service/record_streams.h"

#include <algorithm>

#include "event/event_encoding.h"
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

  Result<Piece> next() final {
    ASSIGN_OR_RETURN(Piece piece, fetch());
    rows_ += piece.records.size();
    complete_ = piece.last;
    return piece;
  }

 protected:
  virtual Result<Piece> fetch() = 0;

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
  Result<Piece> fetch() override {
    request_.limit = std::min(left_, kStreamRecords);
    ASSIGN_OR_RETURN(store::Page page, store_.find(log_, request_));
    left_ -= page.records.size();
    Piece piece{.records = std::move(page.records), .last = !page.more_after || left_ == 0};
    if (!piece.records.empty()) {
      request_.after_seq = piece.records.back().seq();
      request_.offset = 0;
    }
    return piece;
  }

 private:
  store::EventStore& store_;
  const event::LogId log_;
  query::PageRequest request_;
  std::uint64_t left_;
};

Result<event::Record> copy_of(const event::RecordView& view) {
  event::EventView event = view.event;
  if (!view.head.made_id.is_nil()) {
    event.id = {};  // it is in the head
  }
  base::Bytes bytes;
  event::append_record(bytes, view.head, event::encode_event(event));
  return event::Record::decode(bytes);
}

// The matching records of [from, to), at most kStreamRecords; from becomes where the next begins.
Result<std::vector<event::Record>> scan_some(store::EventStore& store, const event::LogId& log,
                                             const query::Filter& filter, std::uint64_t& from,
                                             std::uint64_t to) {
  std::vector<event::Record> records;
  Result<void> copied;
  std::uint64_t next = to;
  RETURN_IF_ERROR(store.scan(log, from, to, filter, [&](const event::RecordView& view) {
    auto record = copy_of(view);
    if (!record) {
      copied = std::move(record).error();
      return false;
    }
    records.push_back(*std::move(record));
    next = view.seq() + 1;
    return records.size() < kStreamRecords;
  }));
  RETURN_IF_ERROR(copied);
  from = records.size() < kStreamRecords ? to : next;
  return records;
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
  Result<Piece> fetch() override {
    ASSIGN_OR_RETURN(auto records, scan_some(store_, log_, filter_, next_, tree_size_));
    return Piece{.records = std::move(records), .last = next_ >= tree_size_};
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
             std::uint64_t from_seq, StreamEnded ended, std::uint64_t behind_max)
      : CountedStream(std::move(ended)),
        store_(store),
        log_(log),
        filter_(std::move(filter)),
        behind_max_(behind_max),
        next_(from_seq) {}

 protected:
  Result<Piece> fetch() override {
    const std::uint64_t size = store_.size(log_);
    if (next_ >= size) {
      caught_up_ = true;
      return Piece{.idle = true};
    }
    if (caught_up_ && size - next_ > behind_max_) {
      return Piece{.last = true,
                   .overrun = true,
                   .last_seq = next_ == 0 ? std::nullopt : std::optional(next_ - 1)};
    }
    const std::uint64_t to = std::min(size, next_ + kTailScanRecords);
    ASSIGN_OR_RETURN(auto records, scan_some(store_, log_, filter_, next_, to));
    return Piece{.records = std::move(records)};
  }

 private:
  store::EventStore& store_;
  const event::LogId log_;
  const query::Filter filter_;
  const std::uint64_t behind_max_;
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
                                          query::Filter filter, std::uint64_t from_seq,
                                          StreamEnded ended, std::uint64_t behind_max) {
  return std::make_unique<TailStream>(store, log, std::move(filter), from_seq, std::move(ended),
                                      behind_max);
}

}  // namespace piperoll::service
