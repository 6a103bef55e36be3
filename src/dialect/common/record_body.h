#pragma once
// A JSON body around a stream of records, made piece by piece: answers without an upper bound take
// the memory of one piece. One thread at a time.

#include <functional>
#include <memory>
#include <string>

#include "event/record.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect {

// Appends one record as a JSON value. Called on one thread at a time; may keep a parser.
using WriteRecord = std::function<void(std::string&, const event::RecordView&)>;

// What stands around the records: `{"logs":[` and `]}`.
struct Frame {
  std::string opening, closing;
};

// The whole body at once.
std::string write_records(const Frame& frame, const std::vector<event::Record>& records,
                          const WriteRecord& write);
// The same, as the records come. An error of records is the error of the body.
std::unique_ptr<wire::BodyStream> stream_records(Frame frame,
                                                 std::unique_ptr<operation::RecordStream> records,
                                                 WriteRecord write);

}  // namespace piperoll::dialect
