#pragma once
// What the tests of this folder share: directories that go away and records made by hand.

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/temp_directory_test_support.h"
#include "event/event_encoding.h"
#include "event/record.h"
#include "store/event_store.h"
#include "store/id_cipher.h"

namespace piperoll::store::rocks::testing {

// In memory where the machine has room there: these tests end no power, and a busy disk makes the
// many flushes of the contract suite last minutes.
inline std::filesystem::path fast_directory() {
  constexpr std::uintmax_t kRoom = 512ULL << 20;
  std::error_code failed;
  const std::filesystem::space_info memory = std::filesystem::space("/dev/shm", failed);
  return !failed && memory.available >= kRoom ? std::filesystem::path("/dev/shm")
                                              : std::filesystem::temp_directory_path();
}

class TempDirectory : public base::TempDirectory {
 public:
  TempDirectory() : base::TempDirectory(fast_directory()) {}
};

inline FeistelIdCipher test_ids() {
  return FeistelIdCipher(std::string(FeistelIdCipher::kKeyBytes, 'k'));
}

inline event::LogId test_log(std::uint8_t number) {
  event::LogId log;
  log.org.bytes[15] = number;
  return log;
}

// An event with an id of its own ("id-<seq>"), as a record of a log.
inline base::Bytes record_bytes(std::uint64_t seq, event::Event event) {
  if (event.id.empty()) {
    event.id = "id-" + std::to_string(seq);
  }
  event::RecordHead head;
  head.seq = seq;
  head.recorded_at.micros = 1'700'000'000'000'000 + static_cast<std::int64_t>(seq) * 1000;
  head.seed.bytes[0] = static_cast<std::uint8_t>(seq);
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  return bytes;
}

inline base::Bytes record_bytes(std::uint64_t seq) {
  return record_bytes(seq, event::make_event("test.action" + std::to_string(seq % 7)));
}

// Applies records made by make(seq) to a log, as one batch.
template <class Make>
base::Result<void> apply_records(EventStore& store, Lsn lsn, const event::LogId& log,
                                 std::uint64_t count, Make make) {
  std::vector<base::Bytes> bytes;
  std::vector<AppliedRecord> records;
  const std::uint64_t size = store.size(log);
  for (std::uint64_t i = 0; i < count; ++i) {
    bytes.push_back(make(size + i));
  }
  for (const base::Bytes& record : bytes) {
    records.push_back({.kind = AppliedRecord::Kind::Event, .log = log, .bytes = record});
  }
  return store.apply({.lsn = lsn, .records = records});
}

inline base::Result<void> apply_records(EventStore& store, Lsn lsn, const event::LogId& log,
                                        std::uint64_t count) {
  return apply_records(store, lsn, log, count, [](std::uint64_t seq) { return record_bytes(seq); });
}

}  // namespace piperoll::store::rocks::testing
