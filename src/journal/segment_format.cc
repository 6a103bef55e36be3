#include "journal/segment_format.h"

#include <algorithm>
#include <cstring>

#include "base/coding.h"
#include "base/crc32c.h"

namespace piperoll::journal {
namespace {

constexpr std::uint64_t kLsnMax = (1ULL << 63) - 1;
constexpr std::string_view kMagic = "piperjnl";
constexpr std::uint32_t kPreallocated = 1;
constexpr std::size_t kHeaderCrcAt = kBlockBytes - 4;
constexpr std::size_t kFrameCrcAt = kFrameHeaderBytes - 4;
constexpr std::string_view kNamePrefix = "segment-";
constexpr std::string_view kUnfinishedSuffix = ".new";
constexpr std::size_t kNameDigits = 12;

base::Error corrupt_header(std::string what, std::string code = {}) {
  return base::Error{
      .kind = base::ErrorKind::Corruption, .message = std::move(what), .code = std::move(code)};
}

}  // namespace

void encode_segment_header(const SegmentHeader& header, char* into) {
  std::memset(into, 0, kBlockBytes);
  std::memcpy(into, kMagic.data(), kMagic.size());
  base::store_be32(into + 8, kFormatVersion);
  base::store_be32(into + 12, header.preallocated ? kPreallocated : 0);
  base::store_be64(into + 16, header.journal_id);
  base::store_be64(into + 24, header.number);
  base::store_be64(into + 32, header.segment_bytes);
  base::store_be32(into + kHeaderCrcAt, base::crc32c({into, kHeaderCrcAt}));
}

base::Result<SegmentHeader> decode_segment_header(base::ByteView block) {
  if (block.size() < kBlockBytes) {
    return corrupt_header("the file is shorter than its header");
  }
  if (block.substr(0, kMagic.size()) != kMagic) {
    return corrupt_header("this is not a journal segment");
  }
  // Magic, version and checksum keep their places in every version, so that a damaged header is
  // told from a newer one.
  if (base::load_be32(block.data() + kHeaderCrcAt) != base::crc32c(block.substr(0, kHeaderCrcAt))) {
    return corrupt_header("the checksum of the segment header is wrong");
  }
  if (const std::uint32_t version = base::load_be32(block.data() + 8); version != kFormatVersion) {
    return corrupt_header("the journal has format " + std::to_string(version) +
                              ", this program knows format " + std::to_string(kFormatVersion),
                          "newer_format");
  }
  SegmentHeader header{.journal_id = base::load_be64(block.data() + 16),
                       .number = base::load_be64(block.data() + 24),
                       .segment_bytes = base::load_be64(block.data() + 32),
                       .preallocated = base::load_be32(block.data() + 12) == kPreallocated};
  if (header.journal_id == 0 || header.segment_bytes < 2 * kBlockBytes ||
      header.segment_bytes % kBlockBytes != 0) {
    return corrupt_header("the segment header holds an impossible value");
  }
  return header;
}

std::uint32_t encode_frame_header(const FrameHeader& header, char* into) {
  base::store_be64(into, header.journal_id);
  base::store_be64(into + 8, header.lsn);
  base::store_be32(into + 16, header.payload_bytes);
  base::store_be32(into + 20, header.previous_crc);
  base::store_be32(into + 24, header.payload_crc);
  const std::uint32_t crc = base::crc32c({into, kFrameCrcAt});
  base::store_be32(into + kFrameCrcAt, crc);
  return crc;
}

std::optional<FrameHeader> decode_frame_header(const char* from, std::uint64_t journal_id) {
  const FrameHeader header{.journal_id = base::load_be64(from),
                           .lsn = base::load_be64(from + 8),
                           .payload_bytes = base::load_be32(from + 16),
                           .previous_crc = base::load_be32(from + 20),
                           .payload_crc = base::load_be32(from + 24),
                           .crc = base::load_be32(from + kFrameCrcAt)};
  if (header.journal_id != journal_id || header.lsn == 0 || header.lsn > kLsnMax ||
      header.crc != base::crc32c({from, kFrameCrcAt})) {
    return std::nullopt;
  }
  return header;
}

std::string segment_name(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  const std::size_t zeros = kNameDigits - std::min(kNameDigits, digits.size());
  return std::string(kNamePrefix) + std::string(zeros, '0') + digits;
}

std::string unfinished_segment_name(std::uint64_t number) {
  return segment_name(number) + std::string(kUnfinishedSuffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() != kNamePrefix.size() + kNameDigits || !name.starts_with(kNamePrefix)) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (const char digit : name.substr(kNamePrefix.size())) {
    if (digit < '0' || digit > '9') {
      return std::nullopt;
    }
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

bool is_unfinished_segment_name(std::string_view name) {
  return name.ends_with(kUnfinishedSuffix) &&
         parse_segment_name(name.substr(0, name.size() - kUnfinishedSuffix.size())).has_value();
}

base::Error damage(std::uint64_t segment, std::uint64_t offset, const std::string& what) {
  return base::Error{.kind = base::ErrorKind::Corruption,
                     .message = "journal " + segment_name(segment) + " at offset " +
                                std::to_string(offset) + ": " + what,
                     .code = "journal_damaged"};
}

}  // namespace piperoll::journal
