#include "journal/recovery.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <utility>

#include "base/crc32c.h"
#include "base/diagnostics.h"
#include "journal/segment_scanner.h"

namespace piperoll::journal {
namespace {

constexpr const char* kProbeName = "direct-io.new";
constexpr std::size_t kScanThreads = 4;
// Below this, starting threads is not worth it.
constexpr std::uint64_t kParallelSegmentBytes = 4ULL << 20;

struct Scanned {
  SegmentHeader header;
  std::uint64_t file_bytes = 0;
  Lsn first = 0;  // of the whole frame that it begins with; 0: with none
  Lsn last = 0;
  SegmentScan scan = {};
};

// A run above `after`, in the order of lsns.
struct PlacedRun {
  const Scanned* segment = nullptr;
  FrameRun run;
};

class Recovery {
 public:
  Recovery(FileSystem& files, const JournalOptions& options, Lsn after,
           const Journal::Replay& replay)
      : files_(files), options_(options), after_(after), replay_(replay) {}

  base::Result<Recovered> run() {
    ASSIGN_OR_RETURN(std::vector<std::uint64_t> numbers, list_segments());
    RETURN_IF_ERROR(choose_mode(numbers));
    RETURN_IF_ERROR(scan_all(numbers));
    place_runs();
    RETURN_IF_ERROR(check_chain());
    RETURN_IF_ERROR(check_end());
    RETURN_IF_ERROR(replay_runs());
    RETURN_IF_ERROR(open_active());
    for (const Scanned& segment : scanned_) {
      if (!result_.active || segment.header.number != result_.active->header.number) {
        result_.idle.push_back(
            {.header = segment.header, .last = segment.last > after_ ? segment.last : 0});
      }
    }
    result_.after = after_;
    if (result_.journal_id == 0) {
      result_.journal_id = random_id();
    }
    return std::move(result_);
  }

 private:
  FileSystem::Mode mode() const {
    return result_.direct ? FileSystem::Mode::ReadWriteDirect : FileSystem::Mode::ReadWrite;
  }

  std::string path_of(std::uint64_t number) const {
    return path_in(options_.directory, segment_name(number));
  }

  // Numbers in rising order. What a crash left half made is removed.
  base::Result<std::vector<std::uint64_t>> list_segments() {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.list(options_.directory));
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : names) {
      if (const auto number = parse_segment_name(name)) {
        numbers.push_back(*number);
      } else if (is_unfinished_segment_name(name) || name == kProbeName) {
        RETURN_IF_ERROR(files_.remove(path_in(options_.directory, name)));
      }
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }

  base::Result<void> choose_mode(const std::vector<std::uint64_t>& numbers) {
    if (options_.allow_direct_io) {
      const base::Result<void> probed = numbers.empty() ? probe_new_file() : probe(numbers.front());
      if (!probed && probed.error().code != "direct_io_unsupported") {
        return probed.error();
      }
      result_.direct = probed.has_value();
    }
    if (!result_.direct) {
      base::warning("journal without direct I/O: slower, and every sync writes more",
                    {{"directory", options_.directory},
                     {"reason", options_.allow_direct_io ? "the file system refuses it"
                                                         : "switched off in the configuration"}});
    }
    return {};
  }

  base::Result<void> probe_new_file() {
    const std::string path = path_in(options_.directory, kProbeName);
    base::Result<void> written;
    {
      ASSIGN_OR_RETURN(const auto file, files_.create(path, FileSystem::Mode::ReadWriteDirect));
      AlignedBuffer block(kBlockBytes);
      std::fill_n(block.data(), kBlockBytes, '\0');
      written = file->write_at(0, {block.data(), kBlockBytes});
    }
    RETURN_IF_ERROR(files_.remove(path));
    return written;
  }

  base::Result<void> probe(std::uint64_t number) {
    ASSIGN_OR_RETURN(const auto file,
                     files_.open(path_of(number), FileSystem::Mode::ReadWriteDirect));
    AlignedBuffer block(kBlockBytes);
    RETURN_IF_ERROR(file->read_at(0, block.data(), kBlockBytes));
    return {};
  }

  base::Result<void> scan_all(const std::vector<std::uint64_t>& numbers) {
    scanned_.resize(numbers.size());
    RETURN_IF_ERROR(for_each_segment([&](std::size_t i) -> base::Result<void> {
      ASSIGN_OR_RETURN(scanned_[i], begin_of(numbers[i]));
      return {};
    }));
    for (const Scanned& segment : scanned_) {
      const SegmentHeader& header = segment.header;
      if (result_.journal_id == 0) {
        result_.journal_id = header.journal_id;
      }
      if (header.journal_id != result_.journal_id) {
        return damage(header.number, 0, "the segment was made for another journal");
      }
      result_.next_number = std::max(result_.next_number, header.number + 1);
    }
    const Lsn settled = settled_before();
    return for_each_segment([&](std::size_t i) -> base::Result<void> {
      Scanned& segment = scanned_[i];
      return segment.first == 0 || segment.first >= settled ? scan(segment) : base::Result<void>();
    });
  }

  // Segments are filled one after the other. One that begins with a lower lsn than another that
  // begins at after + 1 or before holds nothing above after, and what is behind its newest frame is
  // older still. Nothing of it is needed.
  Lsn settled_before() const {
    Lsn settled = 0;
    for (const Scanned& segment : scanned_) {
      if (segment.first <= after_ + 1) {
        settled = std::max(settled, segment.first);
      }
    }
    return settled;
  }

  // Calls do_one(i) for every segment, and returns the error of the first that has one. Reading is
  // most of the time of a start, and a disk reads several files faster than one.
  template <typename Do>
  base::Result<void> for_each_segment(const Do& do_one) {
    std::vector<base::Result<void>> results(scanned_.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < results.size(); i = next++) {
        results[i] = do_one(i);
      }
    };
    std::vector<std::thread> threads;
    if (options_.segment_bytes >= kParallelSegmentBytes) {
      for (std::size_t i = 1; i < std::min(kScanThreads, results.size()); ++i) {
        threads.emplace_back(work);
      }
    }
    work();
    for (std::thread& thread : threads) {
      thread.join();
    }
    for (base::Result<void>& result : results) {
      RETURN_IF_ERROR(std::move(result));
    }
    return {};
  }

  // What the segment is, and its first frame. Runs in several threads.
  base::Result<Scanned> begin_of(std::uint64_t number) const {
    ASSIGN_OR_RETURN(const auto file, files_.open(path_of(number), mode()));
    AlignedBuffer block(kBlockBytes);
    ASSIGN_OR_RETURN(const std::size_t got, file->read_at(0, block.data(), kBlockBytes));
    base::Result<SegmentHeader> header = decode_segment_header({block.data(), got});
    if (!header) {
      base::Error error = damage(number, 0, header.error().message);
      if (!header.error().code.empty()) {
        error.code = header.error().code;
      }
      return error;
    }
    if (header->number != number) {
      return damage(number, 0, "the file was made as " + segment_name(header->number));
    }
    Scanned segment{.header = *header};
    ASSIGN_OR_RETURN(segment.file_bytes, file->size());
    if (header->preallocated && segment.file_bytes != header->segment_bytes) {
      return damage(number, std::min(segment.file_bytes, header->segment_bytes),
                    "the file has " + std::to_string(segment.file_bytes) + " bytes instead of " +
                        std::to_string(header->segment_bytes));
    }
    ASSIGN_OR_RETURN(segment.first, first_lsn(*file, *header));
    return segment;
  }

  // All frames of the segment. Runs in several threads.
  base::Result<void> scan(Scanned& segment) const {
    ASSIGN_OR_RETURN(const auto file, files_.open(path_of(segment.header.number), mode()));
    ASSIGN_OR_RETURN(segment.scan, scan_segment(*file, segment.header, after_));
    for (const FrameRun& found : segment.scan.runs) {
      segment.last = std::max(segment.last, found.last);
    }
    return {};
  }

  void place_runs() {
    for (const Scanned& segment : scanned_) {
      for (const FrameRun& found : segment.scan.runs) {
        const PlacedRun placed{.segment = &segment, .run = found};
        if (found.last > after_) {
          runs_.push_back(placed);
        }
        if (!newest_ || found.last > newest_->run.last) {
          newest_ = placed;
        }
      }
    }
    std::sort(runs_.begin(), runs_.end(),
              [](const PlacedRun& a, const PlacedRun& b) { return a.run.first < b.run.first; });
    result_.last = newest_ ? newest_->run.last : after_;
    result_.last_crc = newest_ ? newest_->run.last_crc : 0;
  }

  // Every lsn in (after, last], once, each naming the checksum of the one before.
  base::Result<void> check_chain() const {
    const PlacedRun* previous = nullptr;
    for (const PlacedRun& placed : runs_) {
      const FrameRun& found = placed.run;
      if (previous == nullptr) {
        if (found.first > after_ + 1) {
          return damage(placed.segment->header.number, found.begin,
                        "the oldest frame is " + std::to_string(found.first) + ", but frame " +
                            std::to_string(after_ + 1) + " is still needed");
        }
      } else if (found.first != previous->run.last + 1) {
        const bool twice = found.first <= previous->run.last;
        return damage(previous->segment->header.number, previous->run.end,
                      (twice ? "frame " + std::to_string(found.first) + " is there twice"
                             : "frame " + std::to_string(previous->run.last + 1) +
                                   " should follow and is nowhere") +
                          "; see " + segment_name(placed.segment->header.number) + " at offset " +
                          std::to_string(found.begin));
      } else if (found.first_previous_crc != previous->run.last_crc) {
        return damage(
            placed.segment->header.number, found.begin,
            "frame " + std::to_string(found.first) + " does not continue the frame before it");
      }
      previous = &placed;
    }
    return {};
  }

  // Frame n + 1 is written only when frame n is durable. So a header above the next lsn, even one
  // whose payload is not whole, shows that frames behind the end have been lost.
  base::Result<void> check_end() const {
    for (const Scanned& segment : scanned_) {
      if (segment.scan.header_lsn > result_.last + 1) {
        return damage(segment.header.number, segment.scan.header_at,
                      "frame " + std::to_string(segment.scan.header_lsn) +
                          " was begun here, but the last whole frame is " +
                          std::to_string(newest_ ? result_.last : 0));
      }
      if (segment.scan.header_lsn == result_.last + 1) {
        base::warning("journal: dropped a frame that was never finished",
                      {{"segment", segment_name(segment.header.number)},
                       {"offset", std::to_string(segment.scan.header_at)},
                       {"lsn", std::to_string(segment.scan.header_lsn)}});
      }
      if (!newest_ && segment.scan.header_lsn != 0 && segment.scan.header_lsn <= after_) {
        return damage(segment.header.number, segment.scan.header_at,
                      "frame " + std::to_string(segment.scan.header_lsn) +
                          " is damaged and no whole frame is left");
      }
    }
    if (newest_ && result_.last < after_) {
      return damage(newest_->segment->header.number, newest_->run.end,
                    "the journal ends with frame " + std::to_string(result_.last) + ", but frame " +
                        std::to_string(after_) + " has been applied");
    }
    if (!newest_ && after_ > 0) {
      base::warning("journal: empty; continuing behind the last applied frame",
                    {{"directory", options_.directory}, {"applied", std::to_string(after_)}});
    }
    return {};
  }

  base::Result<void> replay_runs() {
    for (const PlacedRun& placed : runs_) {
      const SegmentHeader& segment = placed.segment->header;
      ASSIGN_OR_RETURN(const auto file, files_.open(path_of(segment.number), mode()));
      // The process before may have died between write and sync: what is applied must be durable.
      RETURN_IF_ERROR(file->sync_data());
      SegmentReader reader(*file);
      std::uint64_t at = placed.run.begin;
      for (Lsn lsn = placed.run.first; lsn <= placed.run.last; ++lsn) {
        ASSIGN_OR_RETURN(at, replay_frame(reader, segment, at, lsn));
        // The next is adjacent, or at the next block: see FrameRun.
        ASSIGN_OR_RETURN(const auto next, reader.header_at(at, segment.journal_id));
        at = next ? at : round_up(at, kBlockBytes);
      }
    }
    return {};
  }

  // Returns the offset behind the frame. It was whole when it was scanned; if it is not now, the
  // disk is not to be trusted.
  base::Result<std::uint64_t> replay_frame(SegmentReader& reader, const SegmentHeader& segment,
                                           std::uint64_t at, Lsn lsn) {
    ASSIGN_OR_RETURN(const auto header, reader.header_at(at, segment.journal_id));
    if (!header || header->lsn != lsn) {
      return damage(segment.number, at, "frame " + std::to_string(lsn) + " changed between reads");
    }
    const std::uint64_t payload_at = at + kFrameHeaderBytes;
    ASSIGN_OR_RETURN(base::ByteView payload, reader.view(payload_at, 0));
    if (payload.size() < header->payload_bytes) {
      ASSIGN_OR_RETURN(payload, gather(reader, payload_at, header->payload_bytes));
    }
    payload = payload.substr(0, header->payload_bytes);
    if (payload.size() != header->payload_bytes || base::crc32c(payload) != header->payload_crc) {
      return damage(segment.number, at, "frame " + std::to_string(lsn) + " changed between reads");
    }
    if (lsn > after_ && replay_) {
      RETURN_IF_ERROR(replay_(lsn, payload));
    }
    return round_up(payload_at + header->payload_bytes, kFrameAlignment);
  }

  // A payload that is larger than what is in memory, put together piece by piece.
  base::Result<base::ByteView> gather(SegmentReader& reader, std::uint64_t at,
                                      std::uint32_t bytes) {
    payload_.clear();
    payload_.reserve(bytes);
    while (payload_.size() < bytes) {
      ASSIGN_OR_RETURN(const base::ByteView piece, reader.view(at + payload_.size(), 1));
      if (piece.empty()) {
        break;
      }
      payload_.append(piece.substr(0, bytes - payload_.size()));
    }
    return base::ByteView(payload_);
  }

  base::Result<void> open_active() {
    if (!newest_) {
      return {};
    }
    ActiveSegment active{.header = newest_->segment->header,
                         .file = nullptr,
                         .file_bytes = newest_->segment->file_bytes,
                         .end = newest_->run.end,
                         .last = newest_->run.last};
    ASSIGN_OR_RETURN(active.file, files_.open(path_of(active.header.number), mode()));
    RETURN_IF_ERROR(active.file->sync_data());
    // Older frames behind the newest that `after` still asks for (only when it went back) must not
    // be overwritten: the next frame opens another segment.
    const auto needed_here =
        std::count_if(runs_.begin(), runs_.end(),
                      [&](const PlacedRun& placed) { return placed.segment == newest_->segment; });
    if (needed_here > 1) {
      active.end = active.header.segment_bytes;
    }
    result_.active = std::move(active);
    return {};
  }

  static std::uint64_t random_id() {
    std::random_device device;
    std::uint64_t id = 0;
    while (id == 0) {
      id = (std::uint64_t{device()} << 32) | device();
    }
    return id;
  }

  FileSystem& files_;
  const JournalOptions& options_;
  const Lsn after_;
  const Journal::Replay& replay_;
  Recovered result_;
  std::vector<Scanned> scanned_;
  std::vector<PlacedRun> runs_;
  std::optional<PlacedRun> newest_;
  std::string payload_;
};

}  // namespace

std::string path_in(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

base::Result<Recovered> recover(FileSystem& files, const JournalOptions& options, Lsn after,
                                const Journal::Replay& replay) {
  return Recovery(files, options, after, replay).run();
}

}  // namespace piperoll::journal
