#pragma once
// MadeIds: what the ids of a log follow from that the server made. Blocks of rows leave them out.

#include "event/record.h"
#include "store/event_store.h"

namespace piperoll::store::rocks {

// Without a cipher such ids are kept in their records, and blocks without them are refused.
struct MadeIds {
  const IdCipher* cipher = nullptr;  // outlives the value
  event::LogId log;
};

}  // namespace piperoll::store::rocks
