#pragma once
// Every bound and deadline of the use cases.

#include <cstddef>
#include <cstdint>

namespace piperoll::service {

// A read waits this long for what was acknowledged before it to become searchable.
inline constexpr std::int64_t kReadWaitMicros = 5'000'000;
// Records a stream fetches at once: some 0.5 MB of bodies.
inline constexpr std::uint64_t kStreamRecords = 500;
// Records a tail looks at before it gives way to others.
inline constexpr std::uint64_t kTailScanRecords = 16'384;
// A tail that had reached the end of the log and then falls this far behind is ended: some 50 MB of
// events, which nobody reads live any more. It goes on from there when it comes back.
inline constexpr std::uint64_t kTailBehindMax = 50'000;
// A proof waits this long for a checkpoint that covers its event.
inline constexpr std::int64_t kCheckpointWaitMicros = 1'000'000;
// What an access record keeps of a filter or path.
inline constexpr std::size_t kAccessTextMax = 2'000;

}  // namespace piperoll::service
