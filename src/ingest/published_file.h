#pragma once
// PublishedFile: the newest checkpoint of each log that may have been shown to anybody, kept beside
// the store and the journal (docs/adr/0043-what-was-published-is-kept.md). Where a checkpoint is
// larger than its log, or of another, something was cut off or put back.
//
//   "piperoll-published 1\n"
//   frame, one for each keep():
//     0   4       "PRcp"
//     4   4       be32 length of the payload
//     8   4       be32 CRC32C of the payload
//     12  length  payload: entries, one behind the other
//   entry:
//     1           kind of the log (event/record.h)
//     16          organisation
//     varint      size
//     32          root
//     string      the signed note, as it was shown
//
// Of a log the last entry counts. Each frame is synced before it counts as kept and before the next
// is begun: only the last may be torn. When most of the file is outdated it is written anew.

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "ingest/publisher.h"

namespace piperoll::ingest {

class PublishedFile {
 public:
  using Entry = std::pair<event::LogId, PublishedPointer>;
  using Newest = std::unordered_map<event::LogId, PublishedPointer, event::LogIdHash>;

  // What the file holds; nothing when there is none. Corruption (code "published_damaged") for a
  // frame that is damaged and not the last; Unavailable when it cannot be read.
  static base::Result<Newest> read(const std::string& path);

  // The same, to go on from there; makes the file. A torn last frame is cut off.
  static base::Result<std::unique_ptr<PublishedFile>> open(const std::string& path);
  ~PublishedFile();
  PublishedFile(const PublishedFile&) = delete;
  PublishedFile& operator=(const PublishedFile&) = delete;

  // Returns once all of them are on disk. Who comes while a sync runs waits for the next, together
  // with all others who did. Unavailable (code "not_writable"); the next call writes the file anew.
  // Any thread.
  base::Result<void> keep(std::span<const Entry> entries) EXCLUDES_LOCK(mutex_);

  // What it held when it was opened. REQUIRES: keep() was not called yet
  const Newest& opened_with() const { return newest_; }

 private:
  // What one write and one sync bring to disk.
  struct Group {
    std::vector<Entry> entries;
    bool done = false;
    base::Result<void> result;
  };

  PublishedFile(std::string path, Newest newest)
      : path_(std::move(path)), newest_(std::move(newest)) {}
  base::Result<void> write(std::span<const Entry> entries);
  base::Result<void> append(std::span<const Entry> entries);
  base::Result<void> write_anew();

  const std::string path_;
  base::Mutex mutex_;
  base::CondVar written_;
  std::shared_ptr<Group> next_ GUARDED_BY(mutex_);  // gathers; null when nobody waits
  bool writing_ GUARDED_BY(mutex_) = false;
  // Of the thread that writes:
  Newest newest_;
  int fd_ = -1;                              // -1: the file is to be written anew
  std::size_t bytes_ = 0, whole_bytes_ = 0;  // of the file; when it was written anew
};

}  // namespace piperoll::ingest
