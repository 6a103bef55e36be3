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

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  enum class Mode { ReadWriteDirect, ReadWrite };
  virtual base::Result<std::unique_ptr<File>> open(const std::string& path,
                                                   Mode mode) = 0;  // must exist
  virtual base::Result<std::unique_ptr<File>> create(const std::string& path,
                                                     Mode mode) = 0;  // must not exist
  virtual base::Result<std::vector<std::string>> list(const std::string& directory) = 0;  // names
  virtual base::Result<void> make_directory(
      const std::string& path) = 0;  // fine if it exists; mode 0700
  virtual base::Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual base::Result<void> remove(const std::string& path) = 0;
  virtual base::Result<void> sync_directory(const std::string& path) = 0;
  virtual base::Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

// The real one; lives for ever.
FileSystem& real_file_system();

}  // namespace piperoll::journal
