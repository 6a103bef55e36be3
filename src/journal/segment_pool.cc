#include "journal/segment_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/diagnostics.h"
#include "base/thread.h"
#include "journal/aligned_buffer.h"

namespace piperoll::journal {
namespace {

// One being written to, one ready, one in the making: at 150 MB/s a segment lasts about a second,
// longer than it takes to zero one.
constexpr std::size_t kSparesWanted = 2;
// Released segments above this are removed: a burst does not keep the disk for ever.
constexpr std::size_t kSparesMax = 4;
constexpr std::size_t kZeroPieceBytes = 1 << 20;
// Between pieces while nobody waits, so that zeroing does not stand in the way of appends.
constexpr std::chrono::microseconds kPause{2000};
constexpr std::chrono::microseconds kWaitMax{30'000'000};

base::Error no_segment(std::string message, std::string detail) {
  return base::Error{.kind = base::ErrorKind::Unavailable,
                     .message = std::move(message),
                     .code = "no_segment",
                     .detail = std::move(detail)};
}

}  // namespace

SegmentPool::SegmentPool(FileSystem& files, PoolOptions options)
    : files_(files),
      options_(std::move(options)),
      next_number_(options_.next_number),
      returned_(options_.released.begin(), options_.released.end()) {
  thread_ = std::thread([this] {
    base::name_this_thread("segments");
    run();
  });
}

SegmentPool::~SegmentPool() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

base::Result<ActiveSegment> SegmentPool::take() {
  const base::MutexLock lock(mutex_);
  if (!failed_.load()) {
    error_.reset();
  }
  ++waiting_;
  changed_.notify_all();
  const auto deadline = std::chrono::steady_clock::now() + kWaitMax;
  while (spares_.empty() && !error_ && !failed_.load() &&
         std::chrono::steady_clock::now() < deadline) {
    changed_.wait_for(mutex_, kWaitMax);
  }
  --waiting_;
  if (spares_.empty()) {
    return error_ ? *error_ : no_segment("journal: no segment could be made in time", "");
  }
  ActiveSegment segment = std::move(spares_.front());
  spares_.pop_front();
  changed_.notify_all();
  return segment;
}

void SegmentPool::give_back(const SegmentHeader& segment) {
  {
    const base::MutexLock lock(mutex_);
    returned_.push_back(segment);
  }
  changed_.notify_all();
}

std::uint64_t SegmentPool::free_count() const {
  const base::MutexLock lock(mutex_);
  return spares_.size() + returned_.size();
}

void SegmentPool::run() {
  while (true) {
    {
      const base::MutexLock lock(mutex_);
      while (!stopping_ && !has_work()) {
        changed_.wait(mutex_);
      }
      if (stopping_) {
        return;
      }
    }
    work_once();
  }
}

bool SegmentPool::has_work() const {
  if (failed_.load()) {
    return false;
  }
  return !returned_.empty() || (spares_.size() < kSparesWanted && !error_);
}

void SegmentPool::work_once() {
  std::optional<SegmentHeader> returned;
  bool recyclable = false;
  {
    const base::MutexLock lock(mutex_);
    if (!returned_.empty()) {
      returned = returned_.front();
      returned_.pop_front();
      recyclable = options_.direct && returned->preallocated &&
                   returned->segment_bytes == options_.segment_bytes && spares_.size() < kSparesMax;
    }
  }
  if (!returned) {
    prepare();
  } else if (recyclable) {
    recycle(*returned);
  } else {
    remove(*returned);
  }
}

void SegmentPool::recycle(const SegmentHeader& segment) {
  auto file = files_.open(path_in(options_.directory, segment_name(segment.number)),
                          FileSystem::Mode::ReadWriteDirect);
  if (!file) {
    base::warning("journal: cannot reuse a segment",
                  {{"segment", segment_name(segment.number)}, {"error", file.error().message}});
    return;
  }
  {
    const base::MutexLock lock(mutex_);
    spares_.push_back({.header = segment,
                       .file = *std::move(file),
                       .file_bytes = segment.segment_bytes,
                       .end = kBlockBytes,
                       .last = 0});
    error_.reset();
  }
  changed_.notify_all();
}

// A crash may bring the file back: then it is found at the next start, without a needed frame.
void SegmentPool::remove(const SegmentHeader& segment) {
  const base::Result<void> removed =
      files_.remove(path_in(options_.directory, segment_name(segment.number)));
  if (!removed) {
    base::warning("journal: cannot remove a segment",
                  {{"segment", segment_name(segment.number)}, {"error", removed.error().message}});
  }
  const base::MutexLock lock(mutex_);
  error_.reset();  // there may be space again
}

void SegmentPool::prepare() {
  const std::uint64_t number = next_number_++;
  base::Result<ActiveSegment> made = make(number);
  if (!made) {
    // Whatever is left is also removed at the next start.
    const base::Result<void> removed =
        files_.remove(path_in(options_.directory, unfinished_segment_name(number)));
    if (!removed && removed.error().kind != base::ErrorKind::NotFound) {
      base::warning("journal: cannot remove an unfinished segment",
                    {{"error", removed.error().message}});
    }
  }
  {
    const base::MutexLock lock(mutex_);
    if (made) {
      spares_.push_back(*std::move(made));
    } else if (!stopping_) {
      error_ = std::move(made).error();
      base::warning("journal: cannot make a segment",
                    {{"error", error_->message}, {"detail", error_->detail}});
    }
  }
  changed_.notify_all();
}

base::Result<ActiveSegment> SegmentPool::make(std::uint64_t number) {
  const SegmentHeader header{.journal_id = options_.journal_id,
                             .number = number,
                             .segment_bytes = options_.segment_bytes,
                             .preallocated = options_.direct};
  const std::uint64_t file_bytes = options_.direct ? options_.segment_bytes : kBlockBytes;
  ASSIGN_OR_RETURN(const std::uint64_t free, files_.free_bytes(options_.directory));
  if (free < file_bytes + options_.reserve_bytes) {
    return base::Error{.kind = base::ErrorKind::Unavailable,
                       .message = "journal: not enough disk space for another segment",
                       .code = "no_space"};
  }
  const std::string unfinished = path_in(options_.directory, unfinished_segment_name(number));
  const std::string path = path_in(options_.directory, segment_name(number));
  auto file = files_.create(unfinished, options_.direct ? FileSystem::Mode::ReadWriteDirect
                                                        : FileSystem::Mode::ReadWrite);
  if (!file) {
    base::Error error = std::move(file).error();
    return error.code == "no_space"
               ? error
               : no_segment("journal: cannot make a segment", error.message + " " + error.detail);
  }
  // The name without ".new" is given only to a file that is durable as a whole, so a segment is
  // never found half made.
  RETURN_IF_ERROR(note_failure(fill(**file, header)));
  RETURN_IF_ERROR(note_failure((*file)->sync_data()));
  RETURN_IF_ERROR(note_failure(files_.rename(unfinished, path)));
  RETURN_IF_ERROR(note_failure(files_.sync_directory(options_.directory)));
  return ActiveSegment{.header = header, .file = *std::move(file), .file_bytes = file_bytes};
}

base::Result<void> SegmentPool::fill(File& file, const SegmentHeader& header) {
  AlignedBuffer piece(header.preallocated ? kZeroPieceBytes : kBlockBytes);
  std::fill_n(piece.data(), piece.capacity(), '\0');
  if (header.preallocated) {
    for (std::uint64_t at = kBlockBytes; at < header.segment_bytes; at += piece.capacity()) {
      const std::uint64_t left = header.segment_bytes - at;
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.capacity()));
      RETURN_IF_ERROR(file.write_at(at, {piece.data(), count}));
      if (at + count < header.segment_bytes && !pause()) {
        return no_segment("journal: shutting down", "");
      }
    }
  }
  encode_segment_header(header, piece.data());
  return file.write_at(0, {piece.data(), kBlockBytes});
}

// A disk that fails a write or a sync here is not trusted with frames either. Lack of space is
// another matter: nothing but an unfinished file was written.
base::Result<void> SegmentPool::note_failure(base::Result<void> result) {
  if (!result && result.error().code != "no_space" && result.error().code != "no_segment") {
    failed_.store(true);
    base::error("journal: making a segment failed; no more appends",
                {{"error", result.error().message}, {"detail", result.error().detail}});
  }
  return result;
}

// False when the pool is going away.
bool SegmentPool::pause() {
  const base::MutexLock lock(mutex_);
  if (!stopping_ && waiting_ == 0) {
    changed_.wait_for(mutex_, kPause);
  }
  return !stopping_;
}

}  // namespace piperoll::journal
