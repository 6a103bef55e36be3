#pragma once
// The bytes of a segment: its first block, and the header in front of each frame. Tables, an
// example and the rules of recovery: docs/formats/journal.md. Pure functions.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::journal {

inline constexpr std::size_t kBlockBytes = 4096;
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 32;
inline constexpr std::size_t kFrameAlignment = 8;  // every frame starts at a multiple of it

// REQUIRES: unit is a power of two.
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) & ~(unit - 1);
}
constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) {
  return value & ~(unit - 1);
}

struct SegmentHeader {
  std::uint64_t journal_id = 0;     // random, the same in all segments, never 0
  std::uint64_t number = 0;         // as in the file name
  std::uint64_t segment_bytes = 0;  // no frame ends behind it
  bool preallocated = true;         // the file has segment_bytes; otherwise it grows up to them
  bool operator==(const SegmentHeader&) const = default;
};

// into: kBlockBytes bytes.
void encode_segment_header(const SegmentHeader& header, char* into);
// block: the first kBlockBytes of the file, or fewer. Corruption; code "newer_format" when the
// block is whole but of a version this program does not know.
base::Result<SegmentHeader> decode_segment_header(base::ByteView block);

struct FrameHeader {
  std::uint64_t journal_id = 0;
  std::uint64_t lsn = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t previous_crc = 0;  // crc of the header before; 0 in the first frame of all
  std::uint32_t payload_crc = 0;
  std::uint32_t crc = 0;  // of the 28 bytes before it; set by encode_frame_header
  bool operator==(const FrameHeader&) const = default;
};

// into: kFrameHeaderBytes bytes. Returns the crc it wrote.
std::uint32_t encode_frame_header(const FrameHeader& header, char* into);
// from: kFrameHeaderBytes bytes. Nothing when they are not a header of this journal.
std::optional<FrameHeader> decode_frame_header(const char* from, std::uint64_t journal_id);

// "segment-000000000042"; "segment-000000000042.new" while it is being made.
// Numbers of more than 12 digits (only in damaged headers) make longer names.
std::string segment_name(std::uint64_t number);
std::string unfinished_segment_name(std::uint64_t number);
std::optional<std::uint64_t> parse_segment_name(std::string_view name);
bool is_unfinished_segment_name(std::string_view name);

// The error for stored bytes that are not what was written: names segment and offset.
base::Error damage(std::uint64_t segment, std::uint64_t offset, const std::string& what);

}  // namespace piperoll::journal
