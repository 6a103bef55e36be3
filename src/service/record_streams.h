#pragma once
// Streams of records over a store: one snapshot, flat memory.

#include <functional>
#include <memory>
#include <optional>

#include "event/record.h"
#include "operation/outcome.h"
#include "service/service_limits.h"
#include "store/event_store.h"

namespace piperoll::service {

// What is done when a stream ends: rows shown, and whether it was read to its end.
using StreamEnded = std::function<void(std::uint64_t rows, bool complete)>;

// A page of any length, piece by piece. request.tree_size is set.
std::unique_ptr<operation::RecordStream> stream_page(store::EventStore& store,
                                                     const event::LogId& log,
                                                     query::PageRequest request, StreamEnded ended);
// The matching records of [0, tree_size) in seq order.
std::unique_ptr<operation::RecordStream> stream_export(store::EventStore& store,
                                                       const event::LogId& log,
                                                       query::Filter filter,
                                                       std::uint64_t tree_size, StreamEnded ended);

struct TailOptions {
  std::uint64_t from_seq = 0;
  // How many records a reader may fall behind the end of the log once it has seen it: then it is
  // dropped (overrun). One that begins far behind may take its time.
  std::uint64_t behind_max = kTailBehindMax;
};
// The matching records from from_seq on, as the store comes to show them. Last only for an overrun.
std::unique_ptr<operation::RecordStream> stream_tail(store::EventStore& store,
                                                     const event::LogId& log, query::Filter filter,
                                                     TailOptions options, StreamEnded ended);

}  // namespace piperoll::service
