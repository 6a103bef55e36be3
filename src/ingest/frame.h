#pragma once
// The payload of a journal frame: the records of one group in order. Bytes: docs/formats/frame.md.
// Pure functions.

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "event/record.h"
#include "store/event_store.h"

namespace piperoll::ingest {

// Starts a frame: the version byte.
void begin_frame(base::Bytes& out);
void add_event(base::Bytes& out, const event::LogId& log, const event::RecordHead& head,
               base::ByteView encoded_event);
void add_control(base::Bytes& out, base::ByteView control);

// Appends the records of a frame to out; they are views into payload. Corruption when it is not a
// frame; code "newer_format" for a higher version.
base::Result<void> read_frame(base::ByteView payload, std::vector<store::AppliedRecord>& out);

}  // namespace piperoll::ingest
