#pragma once
// The read use cases. They run on a worker: they wait for the store.

#include <functional>
#include <optional>

#include "operation/operation.h"
#include "operation/outcome.h"
#include "service/access_record.h"
#include "service/authorise.h"
#include "service/service.h"

namespace piperoll::service {

using StreamRead = std::function<void(std::uint64_t rows, std::uint64_t tree_size)>;

// call.operation is a read. stream_read is called once when a stream that the outcome holds ends.
base::Result<operation::Outcome> run_read(ServiceParts& parts, const Admitted& admitted,
                                          const operation::Call& call, StreamRead stream_read);

// What the access log says of an outcome; nothing for streams (recorded when they end) and for
// outcomes that are no reads of a log.
std::optional<ReadSummary> summary_of(const operation::Outcome& outcome);

}  // namespace piperoll::service
