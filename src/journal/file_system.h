#pragma once
// The system calls the journal makes, behind an interface, so that tests can make each of them
// fail, write short, or lose what was not synced. Implementations are thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace piperoll::journal {

class File {
 public:
  virtual ~File() = default;
  // Whole writes and reads at an offset; with direct I/O everything is aligned to 4096 bytes.
  virtual base::Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  // Fewer bytes than asked only at the end of the file.
  virtual base::Result<std::size_t> read_at(std::uint64_t offset, char* into,
                                            std::size_t count) = 0;
  virtual base::Result<void> sync_data() = 0;  // fdatasync
  virtual base::Result<std::uint64_t> size() = 0;
  virtual bool direct() const = 0;
};

// Held until destroyed, or until the process ends in whatever way.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// Errors of all calls: NotFound and Conflict (exists) where the path decides; Unavailable with code
// "no_space" (disk or quota full), "direct_io_unsupported", "locked", "access_denied" (also a file
// system mounted read-only) or "io_error" for everything else. detail holds path and errno.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  enum class Mode { ReadWriteDirect, ReadWrite };
  // Must exist. Reads show what the disk holds: bytes that a failed sync of an earlier process left
  // behind in memory are dropped.
  virtual base::Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
  virtual base::Result<std::unique_ptr<File>> create(const std::string& path,
                                                     Mode mode) = 0;  // must not exist
  virtual base::Result<std::vector<std::string>> list(const std::string& directory) = 0;  // names
  virtual base::Result<void> make_directory(
      const std::string& path) = 0;  // fine if it exists; mode 0700
  virtual base::Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual base::Result<void> remove(const std::string& path) = 0;
  virtual base::Result<void> sync_directory(const std::string& path) = 0;
  virtual base::Result<std::uint64_t> free_bytes(const std::string& path) = 0;
  // Makes the file if it is missing; "locked" when somebody else, or this process, holds it.
  virtual base::Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

// The real one; lives for ever.
FileSystem& real_file_system();

}  // namespace piperoll::journal
