#include "journal/segment_scanner.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "base/diagnostics.h"

namespace piperoll::journal {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

struct FoundFrame {
  std::uint64_t at = 0, end = 0;
  FrameHeader header;
};

class Scanner {
 public:
  Scanner(File& file, const SegmentHeader& segment, std::uint64_t after)
      : reader_(file), segment_(segment), after_(after) {
    base::store_be64(marker_, segment.journal_id);
  }

  base::Result<SegmentScan> scan() {
    std::uint64_t at = kBlockBytes;
    while (true) {
      ASSIGN_OR_RETURN(const std::optional<FoundFrame> frame, next_frame(at));
      if (!frame) {
        break;
      }
      RETURN_IF_ERROR(take(*frame));
      at = frame->end;
    }
    close_run();
    return std::move(result_);
  }

  base::Result<std::uint64_t> first_lsn() {
    ASSIGN_OR_RETURN(const auto header, reader_.header_at(kBlockBytes, segment_.journal_id));
    if (!header) {
      return 0;
    }
    ASSIGN_OR_RETURN(const bool whole, payload_is_whole(kBlockBytes + kFrameHeaderBytes, *header));
    return whole ? header->lsn : 0;
  }

 private:
  // The next whole frame at or behind `at`.
  base::Result<std::optional<FoundFrame>> next_frame(std::uint64_t at) {
    while (true) {
      ASSIGN_OR_RETURN(const std::optional<std::uint64_t> candidate, find_marker(at));
      if (!candidate) {
        return std::optional<FoundFrame>();
      }
      ASSIGN_OR_RETURN(const auto header, reader_.header_at(*candidate, segment_.journal_id));
      if (!header) {
        at = *candidate + kFrameAlignment;
        continue;
      }
      if (header->lsn > result_.header_lsn) {
        result_.header_lsn = header->lsn;
        result_.header_at = *candidate;
      }
      const std::uint64_t payload_at = *candidate + kFrameHeaderBytes;
      ASSIGN_OR_RETURN(const bool whole, payload_is_whole(payload_at, *header));
      if (whole) {
        const std::uint64_t end = round_up(payload_at + header->payload_bytes, kFrameAlignment);
        return std::optional<FoundFrame>({.at = *candidate, .end = end, .header = *header});
      }
      at = payload_at;
    }
  }

  base::Result<std::optional<std::uint64_t>> find_marker(std::uint64_t at) {
    while (true) {
      ASSIGN_OR_RETURN(const base::ByteView bytes, reader_.view(at, kFrameAlignment));
      if (bytes.size() < kFrameAlignment) {
        return std::optional<std::uint64_t>();
      }
      for (std::size_t i = 0; i + kFrameAlignment <= bytes.size(); i += kFrameAlignment) {
        if (std::memcmp(bytes.data() + i, marker_, kFrameAlignment) == 0) {
          return std::optional<std::uint64_t>(at + i);
        }
      }
      at += round_down(bytes.size(), kFrameAlignment);
    }
  }

  base::Result<bool> payload_is_whole(std::uint64_t at, const FrameHeader& header) {
    if (at + header.payload_bytes > segment_.segment_bytes) {
      return false;
    }
    std::uint32_t crc = 0;
    std::uint64_t left = header.payload_bytes;
    while (left > 0) {
      ASSIGN_OR_RETURN(base::ByteView bytes, reader_.view(at, 1));
      if (bytes.empty()) {
        return false;
      }
      bytes =
          bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size())));
      crc = base::crc32c(bytes, crc);
      at += bytes.size();
      left -= bytes.size();
    }
    return crc == header.payload_crc;
  }

  base::Result<void> take(const FoundFrame& frame) {
    const FrameHeader& header = frame.header;
    if (run_) {
      // The next frame begins where this one ends, or at the next block where groups are padded.
      const bool adjacent = frame.at == run_->end || frame.at == round_up(run_->end, kBlockBytes);
      if (adjacent && header.lsn == run_->last + 1 && header.previous_crc == run_->last_crc) {
        run_->last = header.lsn;
        run_->last_crc = header.crc;
        run_->end = frame.end;
        return {};
      }
      if (header.lsn > run_->last) {
        RETURN_IF_ERROR(report_gap(*run_, frame));
      }
    }
    close_run();
    run_ = FrameRun{.begin = frame.at,
                    .end = frame.end,
                    .first = header.lsn,
                    .last = header.lsn,
                    .first_previous_crc = header.previous_crc,
                    .last_crc = header.crc};
    return {};
  }

  // What was in a segment before it was recycled has lower lsns: a higher one behind the end of a
  // run shows that the end is none.
  base::Result<void> report_gap(const FrameRun& run, const FoundFrame& frame) const {
    const std::string what =
        "frame " + std::to_string(run.last + 1) + " should begin here and does not, but frame " +
        std::to_string(frame.header.lsn) + " is at offset " + std::to_string(frame.at);
    if (frame.header.lsn > after_ + 1) {
      return damage(segment_.number, run.end, what);
    }
    base::warning("journal: damage in frames that are not needed any more",
                  {{"segment", segment_name(segment_.number)},
                   {"offset", std::to_string(run.end)},
                   {"what", what}});
    return {};
  }

  void close_run() {
    if (!run_) {
      return;
    }
    std::vector<FrameRun>& runs = result_.runs;
    if (!runs.empty() && runs.back().last <= after_ && runs.back().last <= run_->last) {
      runs.pop_back();
    }
    if (run_->last > after_ || runs.empty()) {
      runs.push_back(*run_);
    }
    run_.reset();
  }

  SegmentReader reader_;
  const SegmentHeader segment_;
  const std::uint64_t after_;
  char marker_[kFrameAlignment] = {};
  std::optional<FrameRun> run_;
  SegmentScan result_;
};

}  // namespace

SegmentReader::SegmentReader(File& file) : file_(file), piece_(kPieceBytes) {}

base::Result<base::ByteView> SegmentReader::view(std::uint64_t offset, std::size_t count) {
  CHECK(count <= kPieceBytes / 2);
  if (offset < begin_ || offset + count > begin_ + filled_) {
    const std::uint64_t begin = round_down(offset, kBlockBytes);
    filled_ = 0;
    ASSIGN_OR_RETURN(filled_, file_.read_at(begin, piece_.data(), kPieceBytes));
    begin_ = begin;
  }
  if (offset >= begin_ + filled_) {
    return base::ByteView();
  }
  const std::size_t skipped = static_cast<std::size_t>(offset - begin_);
  return base::ByteView(piece_.data() + skipped, filled_ - skipped);
}

base::Result<std::optional<FrameHeader>> SegmentReader::header_at(std::uint64_t offset,
                                                                  std::uint64_t journal_id) {
  ASSIGN_OR_RETURN(const base::ByteView bytes, view(offset, kFrameHeaderBytes));
  return bytes.size() < kFrameHeaderBytes ? std::nullopt
                                          : decode_frame_header(bytes.data(), journal_id);
}

base::Result<std::uint64_t> first_lsn(File& file, const SegmentHeader& segment) {
  return Scanner(file, segment, 0).first_lsn();
}

base::Result<SegmentScan> scan_segment(File& file, const SegmentHeader& segment,
                                       std::uint64_t after) {
  return Scanner(file, segment, after).scan();
}

}  // namespace piperoll::journal
