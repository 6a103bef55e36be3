#include "journal/journal.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/diagnostics.h"
#include "base/mutex.h"
#include "journal/aligned_buffer.h"
#include "journal/file_system.h"
#include "journal/read_only_files.h"
#include "journal/recovery.h"
#include "journal/segment_format.h"
#include "journal/segment_pool.h"

namespace piperoll::journal {
namespace {

constexpr std::uint64_t kSegmentBytesMin = 64ULL << 10;
constexpr std::uint64_t kSegmentBytesMax = 4ULL << 30;  // a payload's length has 32 bits
constexpr std::size_t kBufferKept = 16U << 20;          // more is given back after use

base::Error unavailable(std::string code, std::string message, std::string detail = {}) {
  return base::Error{.kind = base::ErrorKind::Unavailable,
                     .message = std::move(message),
                     .code = std::move(code),
                     .detail = std::move(detail)};
}

base::Error journal_failed(std::string detail) {
  return unavailable("journal_failed",
                     "a write to the journal failed; nothing is accepted until a restart",
                     std::move(detail));
}

base::Result<void> check_options(const JournalOptions& options) {
  const auto refuse = [](std::string message) -> base::Result<void> {
    return base::Error{.kind = base::ErrorKind::InvalidArgument, .message = std::move(message)};
  };
  if (options.directory.empty()) {
    return refuse("journal: the directory is missing");
  }
  if (options.segment_bytes % kBlockBytes != 0 || options.segment_bytes < kSegmentBytesMin ||
      options.segment_bytes > kSegmentBytesMax) {
    return refuse("journal: segment_bytes must be a multiple of 4096 from 64 KiB to 4 GiB");
  }
  if (options.frame_bytes_max == 0 || options.frame_bytes_max >= options.segment_bytes / 2) {
    return refuse("journal: frame_bytes_max must be less than half of segment_bytes");
  }
  return {};
}

std::vector<SegmentHeader> released_at_open(const Recovered& recovered) {
  std::vector<SegmentHeader> released;
  for (const IdleSegment& segment : recovered.idle) {
    if (segment.last == 0) {
      released.push_back(segment.header);
    }
  }
  return released;
}

class SegmentedJournal : public Journal {
 public:
  SegmentedJournal(FileSystem& files, const JournalOptions& options, std::unique_ptr<FileLock> lock,
                   Recovered recovered)
      : files_(files),
        options_(options),
        direct_(recovered.direct),
        journal_id_(recovered.journal_id),
        lock_(std::move(lock)),
        pool_(files, PoolOptions{.directory = options.directory,
                                 .journal_id = recovered.journal_id,
                                 .next_number = recovered.next_number,
                                 .segment_bytes = options.segment_bytes,
                                 .reserve_bytes = options.reserve_bytes,
                                 .direct = recovered.direct,
                                 .released = released_at_open(recovered)}),
        active_(std::move(recovered.active)),
        last_crc_(recovered.last_crc),
        last_lsn_(recovered.last),
        released_(recovered.after) {
    std::copy_if(recovered.idle.begin(), recovered.idle.end(), std::back_inserter(sealed_),
                 [](const IdleSegment& segment) { return segment.last != 0; });
    has_active_ = active_.has_value();
  }

  // The part of the last block that frames fill. REQUIRES: before the first append.
  base::Result<void> load_tail() {
    if (!active_) {
      return {};
    }
    if (options_.pad_groups) {
      active_->end = round_up(active_->end, kBlockBytes);
      return {};
    }
    const auto used = static_cast<std::size_t>(active_->end % kBlockBytes);
    if (used == 0) {
      return {};
    }
    buffer_.reserve(kBlockBytes);
    ASSIGN_OR_RETURN(const std::size_t got,
                     active_->file->read_at(active_->end - used, buffer_.data(), kBlockBytes));
    if (got < used) {
      return damage(active_->header.number, active_->end - used, "the last block changed in size");
    }
    std::memcpy(tail_.data(), buffer_.data(), used);
    return {};
  }

  base::Result<Lsn> append(base::ByteView payload) override {
    if (failed()) {
      failed_.store(true);
      return journal_failed("failed before");
    }
    if (payload.size() > options_.frame_bytes_max) {
      return base::Error{.kind = base::ErrorKind::TooLarge,
                         .message = "journal: a frame may have at most " +
                                    std::to_string(options_.frame_bytes_max) + " bytes",
                         .code = "frame_too_large"};
    }
    RETURN_IF_ERROR(check_space(payload.size()));
    std::optional<ActiveSegment> full;
    RETURN_IF_ERROR(make_room(payload.size(), full));
    const std::uint32_t crc = encode(payload);
    if (const auto written = write_and_sync(); !written) {
      failed_.store(true);
      base::error("journal: a write failed; no more appends until the next start",
                  {{"segment", segment_name(active_->header.number)},
                   {"offset", std::to_string(active_->end)},
                   {"error", written.error().message},
                   {"detail", written.error().detail}});
      return journal_failed(written.error().message + " " + written.error().detail);
    }
    return publish(crc, std::move(full));
  }

  void release(Lsn lsn) override {
    std::vector<SegmentHeader> released;
    {
      const base::MutexLock lock(mutex_);
      const auto keep =
          std::stable_partition(sealed_.begin(), sealed_.end(),
                                [lsn](const IdleSegment& segment) { return segment.last > lsn; });
      for (auto at = keep; at != sealed_.end(); ++at) {
        released.push_back(at->header);
      }
      sealed_.erase(keep, sealed_.end());
      released_ = std::max(released_, lsn);
    }
    for (const SegmentHeader& segment : released) {
      pool_.give_back(segment);
    }
  }

  Lsn last_lsn() const override { return last_lsn_.load(); }
  bool failed() const override { return failed_.load() || pool_.failed(); }
  bool direct_io() const override { return direct_; }

  JournalStats stats() const override {
    JournalStats stats;
    {
      const base::MutexLock lock(mutex_);
      stats = stats_;
      stats.segments_in_use = sealed_.size() + (has_active_ ? 1 : 0);
    }
    stats.segments_free = pool_.free_count();
    return stats;
  }

 private:
  std::uint64_t written_bytes(std::size_t payload_bytes) const {
    const std::uint64_t frame = round_up(kFrameHeaderBytes + payload_bytes, kFrameAlignment);
    return options_.pad_groups ? round_up(frame, kBlockBytes) : frame;
  }

  base::Result<void> check_space(std::size_t payload_bytes) const {
    ASSIGN_OR_RETURN(const std::uint64_t free, files_.free_bytes(options_.directory));
    const bool grows = active_ && !active_->header.preallocated;
    const std::uint64_t growth = grows ? written_bytes(payload_bytes) + kBlockBytes : 0;
    if (free < options_.reserve_bytes + growth) {
      return unavailable("no_space", "the disk of the journal is full",
                         std::to_string(free) + " bytes free, " +
                             std::to_string(options_.reserve_bytes) + " are kept in reserve");
    }
    return {};
  }

  // Afterwards active_ has room for the frame; full is the segment left behind, if any.
  base::Result<void> make_room(std::size_t payload_bytes, std::optional<ActiveSegment>& full) {
    if (active_ && active_->end + written_bytes(payload_bytes) <= active_->header.segment_bytes) {
      return {};
    }
    base::Result<ActiveSegment> next = pool_.take();
    if (!next) {
      return pool_.failed() ? journal_failed(next.error().message) : next.error();
    }
    full = std::exchange(active_, *std::move(next));
    return {};
  }

  // Fills buffer_ with whole blocks, from the block that active_->end lies in. Returns the frame's
  // checksum.
  std::uint32_t encode(base::ByteView payload) {
    const auto used = static_cast<std::size_t>(active_->end % kBlockBytes);
    frame_bytes_ = static_cast<std::size_t>(written_bytes(payload.size()));
    const auto total = static_cast<std::size_t>(round_up(used + frame_bytes_, kBlockBytes));
    buffer_.reserve(total);
    std::memcpy(buffer_.data(), tail_.data(), used);
    char* const frame = buffer_.data() + used;
    const std::uint32_t crc =
        encode_frame_header({.journal_id = journal_id_,
                             .lsn = last_lsn_.load() + 1,
                             .payload_bytes = static_cast<std::uint32_t>(payload.size()),
                             .previous_crc = last_crc_,
                             .payload_crc = base::crc32c(payload)},
                            frame);
    std::memcpy(frame + kFrameHeaderBytes, payload.data(), payload.size());
    const std::size_t filled = used + kFrameHeaderBytes + payload.size();
    std::memset(buffer_.data() + filled, 0, total - filled);
    write_bytes_ = total;
    return crc;
  }

  base::Result<void> write_and_sync() {
    const std::uint64_t begin = round_down(active_->end, kBlockBytes);
    RETURN_IF_ERROR(active_->file->write_at(begin, {buffer_.data(), write_bytes_}));
    const std::int64_t start = clock_.monotonic_micros();
    RETURN_IF_ERROR(active_->file->sync_data());
    sync_micros_ = static_cast<std::uint64_t>(clock_.monotonic_micros() - start);
    return {};
  }

  Lsn publish(std::uint32_t crc, std::optional<ActiveSegment> full) {
    const Lsn lsn = last_lsn_.load() + 1;
    active_->end += frame_bytes_;
    active_->last = lsn;
    const auto used = static_cast<std::size_t>(active_->end % kBlockBytes);
    std::memcpy(tail_.data(), buffer_.data() + (write_bytes_ - kBlockBytes), used);
    last_crc_ = crc;
    if (buffer_.capacity() > kBufferKept) {
      buffer_.shrink();
    }
    last_lsn_.store(lsn);
    std::optional<SegmentHeader> released;
    {
      const base::MutexLock lock(mutex_);
      ++stats_.frames;
      ++stats_.syncs;
      stats_.bytes += write_bytes_;
      stats_.sync_micros_total += sync_micros_;
      stats_.sync_micros_max = std::max(stats_.sync_micros_max, sync_micros_);
      has_active_ = true;
      // Only now: until the frame in the new segment is durable, the newest durable frame is in the
      // full one, and a journal that has frames always shows its newest.
      if (full && full->last > released_) {
        sealed_.push_back({.header = full->header, .last = full->last});
      } else if (full) {
        released = full->header;
      }
    }
    if (released) {
      pool_.give_back(*released);
    }
    return lsn;
  }

  FileSystem& files_;
  const JournalOptions options_;
  const bool direct_;
  const std::uint64_t journal_id_;
  const std::unique_ptr<FileLock> lock_;  // given back after the pool has stopped
  const base::SystemClock clock_{};
  SegmentPool pool_;

  // Owned by the appending thread.
  std::optional<ActiveSegment> active_;
  std::uint32_t last_crc_;
  std::array<char, kBlockBytes> tail_{};  // the filled part of the block that active_->end lies in
  AlignedBuffer buffer_;
  std::size_t frame_bytes_ = 0, write_bytes_ = 0;
  std::uint64_t sync_micros_ = 0;

  std::atomic<Lsn> last_lsn_;
  std::atomic<bool> failed_{false};

  mutable base::Mutex mutex_;
  std::vector<IdleSegment> sealed_ GUARDED_BY(mutex_);
  Lsn released_ GUARDED_BY(mutex_);
  bool has_active_ GUARDED_BY(mutex_) = false;
  JournalStats stats_ GUARDED_BY(mutex_);
};

std::string parent_of(const std::string& directory) {
  std::filesystem::path path(directory);
  if (!path.has_filename()) {
    path = path.parent_path();  // "a/b/" -> "a/b"
  }
  const std::string parent = path.parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

base::Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options, Lsn after,
                                                     const Replay& replay) {
  return open(options, after, replay, real_file_system());
}

base::Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options, Lsn after,
                                                     const Replay& replay, FileSystem& files) {
  RETURN_IF_ERROR(check_options(options));
  RETURN_IF_ERROR(files.make_directory(options.directory));
  ASSIGN_OR_RETURN(auto lock, files.lock(path_in(options.directory, "LOCK")));
  // The directory may have been made just now, and the process before may have died between giving
  // a segment its name and syncing that name: frames must not go where a power cut takes the name.
  RETURN_IF_ERROR(files.sync_directory(parent_of(options.directory)));
  RETURN_IF_ERROR(files.sync_directory(options.directory));
  ASSIGN_OR_RETURN(Recovered recovered, recover(files, options, after, replay));
  auto journal =
      std::make_unique<SegmentedJournal>(files, options, std::move(lock), std::move(recovered));
  RETURN_IF_ERROR(journal->load_tail());
  return std::unique_ptr<Journal>(std::move(journal));
}

base::Result<Lsn> Journal::read(const std::string& directory, Lsn after, const Replay& visit) {
  ReadOnlyFileSystem files(real_file_system());
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.list(directory));
  if (std::none_of(names.begin(), names.end(),
                   [](const std::string& name) { return parse_segment_name(name).has_value(); })) {
    return after;
  }
  ASSIGN_OR_RETURN(
      const Recovered recovered,
      recover(files, {.directory = directory, .allow_direct_io = false}, after, visit));
  return std::max(after, recovered.last);
}

}  // namespace piperoll::journal
