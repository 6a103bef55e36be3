#pragma once
// What a journal directory holds when it is opened. The rules: docs/formats/journal.md. One thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/file_system.h"
#include "journal/journal.h"
#include "journal/segment_format.h"

namespace piperoll::journal {

// A segment that frames are written to no more, or not yet.
struct IdleSegment {
  SegmentHeader header;
  Lsn last = 0;  // the highest lsn in it that counts; 0 = none
};

// The segment that holds the newest frame, open for the next.
struct ActiveSegment {
  SegmentHeader header;
  std::unique_ptr<File> file;
  std::uint64_t file_bytes = 0;
  std::uint64_t end = kBlockBytes;  // behind the last frame
  Lsn last = 0;                     // 0 = none yet
};

struct Recovered {
  bool direct = false;
  std::uint64_t journal_id = 0;
  std::uint64_t next_number = 1;
  Lsn after = 0;  // what the caller has applied: nothing up to it is needed
  Lsn last = 0;
  std::uint32_t last_crc = 0;
  std::optional<ActiveSegment> active;  // none: no frame was found
  std::vector<IdleSegment> idle;
};

std::string path_in(const std::string& directory, const std::string& name);

// Removes unfinished segments, scans the others, syncs those it replays, replays. Errors as
// Journal::open. REQUIRES: the directory exists and is locked.
base::Result<Recovered> recover(FileSystem& files, const JournalOptions& options, Lsn after,
                                const Journal::Replay& replay);

}  // namespace piperoll::journal
