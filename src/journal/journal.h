#pragma once
// The journal: the promise. Frames of opaque records on disk, in one total order (lsn), durable
// when append returns. Design: ARCHITECTURE.md; bytes: docs/formats/journal.md.
//
// Files are fixed segments in a directory of their own, zeroed and recycled in the background,
// written with O_DIRECT; where the file system refuses O_DIRECT, growing files with fdatasync
// (direct_io() tells, and a warning says so). After any failed write or sync nothing is appended
// until the process starts again: append returns Unavailable (code "journal_failed").

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::journal {

using Lsn = std::uint64_t;  // of a frame; the first is 1; 0 = nothing yet

struct JournalOptions {
  std::string directory;                        // made if missing, mode 0700
  std::uint64_t segment_bytes = 128ULL << 20;   // a multiple of 4096, at least 64 KiB
  std::uint64_t frame_bytes_max = 32ULL << 20;  // less than half a segment; TooLarge above
  bool pad_groups = true;  // each group in 4 KiB blocks of its own: no acknowledged
                           // byte is ever rewritten (torn-write safe)
  bool allow_direct_io = true;
  std::uint64_t reserve_bytes = 64ULL
                                << 20;  // refuse to append when less would stay free on the disk
};

// What the journal does to files; a test passes one that fails, tears or loses writes.
class FileSystem;

struct JournalStats {
  std::uint64_t frames = 0, bytes = 0, syncs = 0;
  std::uint64_t sync_micros_total = 0, sync_micros_max = 0;
  std::uint64_t segments_in_use = 0, segments_free = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Called once per frame found at open, in lsn order, for lsn > after. The payload view is valid
  // during the call. An error stops the opening and is returned.
  using Replay = std::function<base::Result<void>(Lsn lsn, base::ByteView payload)>;

  // Nothing up to `after` is asked for again: this is release(after), too. A journal without any
  // frame continues with after + 1.
  //
  // Locks the directory, scans all segments, finds the end: the point behind which no valid frame
  // with a higher lsn exists. Every segment replayed is synced before its frames are delivered.
  // Corruption (naming segment and offset) when a valid frame with a higher lsn lies behind a bad
  // one, when a frame after `after` is missing, or when the directory holds a newer format
  // (code "newer_format"); Unavailable (code "locked") when another process holds it.
  static base::Result<std::unique_ptr<Journal>> open(const JournalOptions& options, Lsn after,
                                                     const Replay& replay);
  static base::Result<std::unique_ptr<Journal>> open(const JournalOptions& options, Lsn after,
                                                     const Replay& replay, FileSystem& files);

  // Calls visit as open() calls replay, and changes nothing: for who checks a journal that nobody
  // has open. The same errors; a directory without segments has no frames. Returns the newest lsn,
  // or `after` where there is none newer.
  static base::Result<Lsn> read(const std::string& directory, Lsn after, const Replay& visit);

  // Writes one frame and syncs it; the frame is durable when this returns its lsn. One thread at a
  // time (the committer). Unavailable: "journal_failed" (never again in this process; whether this
  // frame survived shows at the next open) or any other code, such as "no_space" and "no_segment"
  // (nothing written, may work later). TooLarge above frame_bytes_max.
  virtual base::Result<Lsn> append(base::ByteView payload) = 0;

  // Segments whose frames are all <= lsn may be recycled. Thread-safe.
  virtual void release(Lsn lsn) = 0;

  virtual Lsn last_lsn() const = 0;  // of the newest durable frame. Thread-safe
  virtual bool failed() const = 0;   // Thread-safe
  virtual bool direct_io() const = 0;
  virtual JournalStats stats() const = 0;  // Thread-safe
};

}  // namespace piperoll::journal
