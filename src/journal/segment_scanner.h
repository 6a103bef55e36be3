#pragma once
// Finds the frames of one segment, from its bytes alone. One thread at a time.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/aligned_buffer.h"
#include "journal/file_system.h"
#include "journal/segment_format.h"

namespace piperoll::journal {

// Reads a file in pieces of 1 MiB.
class SegmentReader {
 public:
  explicit SegmentReader(File& file);

  // The bytes from offset on: at least count (at most half a piece) unless the file ends before,
  // otherwise as many as are in memory. Valid until the next call.
  base::Result<base::ByteView> view(std::uint64_t offset, std::size_t count);
  // The whole header of a frame of that journal at the offset, if there is one.
  base::Result<std::optional<FrameHeader>> header_at(std::uint64_t offset,
                                                     std::uint64_t journal_id);

 private:
  File& file_;
  AlignedBuffer piece_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
};

// Frames in one chain: lsn by lsn, each naming the checksum of the one before.
struct FrameRun {
  std::uint64_t begin = 0, end = 0;   // offsets; end = behind the last frame
  std::uint64_t first = 0, last = 0;  // lsns, inclusive
  std::uint32_t first_previous_crc = 0, last_crc = 0;
};

struct SegmentScan {
  // In the order of the file. Runs that end at or before `after` are left out, except the one with
  // the highest lsn.
  std::vector<FrameRun> runs;
  // The highest lsn in a whole header, be its payload whole or not, and where.
  std::uint64_t header_lsn = 0, header_at = 0;
};

// The lsn of the whole frame that begins where the first one of a segment does; 0: none does.
base::Result<std::uint64_t> first_lsn(File& file, const SegmentHeader& segment);

// Reads the whole file: a frame that counts may lie behind bytes that are none. Corruption when a
// frame above `after` is missing between two frames of this segment.
base::Result<SegmentScan> scan_segment(File& file, const SegmentHeader& segment,
                                       std::uint64_t after);

}  // namespace piperoll::journal
