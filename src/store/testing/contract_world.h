#pragma once
// Random journals for the contract suite: frames of records of several logs, as a committer would
// write them. Deterministic for a seed. One thread at a time.

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "event/event.h"
#include "event/record.h"
#include "store/event_store.h"

namespace piperoll::store::testing {

struct FrameRecord {
  AppliedRecord::Kind kind = AppliedRecord::Kind::Event;
  event::LogId log;
  base::Bytes bytes;
  std::optional<tlog::Hash> leaf = {};  // any hash will do: a store makes none itself
};

struct Frame {
  Lsn lsn = 0;
  std::vector<FrameRecord> records;
};

struct WorldOptions {
  std::size_t organisations = 3;  // each with two logs
  bool even = false;              // records go to all logs alike; else most to the first
  std::size_t frame_records_max = 12;
  std::uint64_t variety = 40;    // distinct values of the fields that have many
  bool wild_events = true;       // a part is made by event::arbitrary_event
  bool leaves = true;            // records come with their leaves
  bool colliding = false;        // all values of fields that have many collide under CRC32C
  std::uint64_t lean_until = 0;  // the first records of a log have few fields: big logs, quickly
};

class World {
 public:
  // ids outlives the world.
  World(std::uint64_t seed, const WorldOptions& options, const IdCipher& ids);

  Frame next_frame();
  const std::vector<event::LogId>& logs() const { return logs_; }  // not all have records yet

 private:
  struct LogState {
    std::uint64_t size = 0;
    event::RecordSeed seed{};      // of the record before, or its key
    std::uint64_t client_ids = 0;  // counted for each log: two logs may have the same id
    std::optional<base::Timestamp> occurred_at;  // of the record before
  };

  std::uint64_t below(std::uint64_t bound);  // [0, bound)
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& values);  // early ones more often
  std::string numbered(const char* prefix, std::uint64_t bound);
  // numbered, or one of as many that collide.
  std::string valued(const char* prefix, std::uint64_t bound);

  event::LogId some_log();
  void advance_clock();
  std::optional<base::Timestamp> some_occurred_at(LogState& state);
  std::string some_client_id(LogState& state);
  event::Event some_event();
  event::Event lean_event();
  event::Event tame_event();
  void fill_parties(event::Event& event);
  void fill_request(event::Event& event);
  std::string some_metadata();
  std::string some_context();
  FrameRecord event_record();
  FrameRecord control_record();

  std::mt19937_64 random_;
  WorldOptions options_;
  const IdCipher& ids_;
  std::vector<event::LogId> logs_;
  std::vector<event::Event> wild_;
  std::map<event::LogId, LogState> states_;
  base::Timestamp clock_;
  Lsn lsn_ = 0;
};

}  // namespace piperoll::store::testing
