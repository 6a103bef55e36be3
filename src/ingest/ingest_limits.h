#pragma once
// Every bound of the write path.

#include <cstddef>
#include <cstdint>

namespace piperoll::ingest {

// A group closes at this many bytes of frame, or one request if that is larger. Eight MiB are
// written and synced in a few milliseconds; more would only make the first waiter wait longer.
inline constexpr std::size_t kGroupBytesMax = 8U << 20;
// Requests waiting for the committer; above it appends are refused with ResourceExhausted. Four
// whole request bodies.
inline constexpr std::size_t kQueueBytesMax = 64U << 20;
// Access records that wait for the next group; above it reads are refused: nobody reads unseen.
inline constexpr std::size_t kAccessQueueBytesMax = 8U << 20;
// How long an access record may wait for an event to share its sync.
inline constexpr std::int64_t kAccessDelayMicros = 50'000;

// The indexer applies what has gathered, at most this much at once. Nobody waits for it but who
// wants a proof: reads see what is not applied yet.
inline constexpr std::size_t kBatchRecordsMax = 16'384;
inline constexpr std::int64_t kBatchAgeMicros = 20'000;
// Leaves are hashed this many records at a time: fewer leave lanes of the processor idle. What has
// not gathered so far waits so long, unless a reader waits.
inline constexpr std::size_t kHashRecords = 256;
inline constexpr std::int64_t kHashAgeMicros = 5'000;
// A log that keeps changing gets a signed checkpoint this often.
inline constexpr std::int64_t kPublishIntervalMicros = 100'000;
// A log's next checkpoint goes to the witnesses this much later than the one before: each costs a
// witness a write that it waits for.
inline constexpr std::int64_t kWitnessRoundMicros = 250'000;
// A witness that fails is asked again after so long, twice that, and so on.
inline constexpr std::int64_t kWitnessRetryMicros = 1'000'000;
inline constexpr std::int64_t kWitnessRetryMicrosMax = 60'000'000;
// Requests for one checkpoint when a witness answers each with another size: a second client feeds
// it, or it does not mean it.
inline constexpr int kWitnessTriesMax = 4;
// Who asks for a checkpoint of a log that no quorum has cosigned yet waits this long for it.
inline constexpr std::int64_t kQuorumWaitMicros = 1'000'000;
// The committer waits when this much is not applied yet: about 50 ms of the indexer's work.
inline constexpr std::size_t kLagRecordsMax = 65'536;
inline constexpr std::size_t kLagBytesMax = 64U << 20;
// How often the journal is told what it may forget.
inline constexpr std::int64_t kReleaseIntervalMicros = 500'000;

// The wall clock may run ahead of the monotonic one by this much between two groups; beyond it
// writes stop, so that one wrong minute cannot pin a log in the future.
inline constexpr std::int64_t kClockJumpMicros = 60'000'000;

// Ids committed lately are kept for the duplicate check until this many have gathered: as many as
// may be not applied yet, and half as many again for requests that looked into the store a moment
// ago.
inline constexpr std::size_t kRecentIdsMax = kLagRecordsMax + kLagRecordsMax / 2;

}  // namespace piperoll::ingest
