#pragma once
// A journal's files for whoever only looks: what would change them does nothing, or is refused.

#include "journal/file_system.h"

namespace piperoll::journal {

class ReadOnlyFileSystem final : public FileSystem {
 public:
  // files outlives it.
  explicit ReadOnlyFileSystem(FileSystem& files) : files_(files) {}

  base::Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  // Refused with "access_denied".
  base::Result<std::unique_ptr<File>> create(const std::string& path, Mode mode) override;
  base::Result<std::vector<std::string>> list(const std::string& directory) override;
  base::Result<void> make_directory(const std::string& path) override;
  base::Result<void> rename(const std::string& from, const std::string& to) override;
  base::Result<void> remove(const std::string& path) override;
  base::Result<void> sync_directory(const std::string& path) override;
  base::Result<std::uint64_t> free_bytes(const std::string& path) override;
  base::Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  FileSystem& files_;
};

}  // namespace piperoll::journal
