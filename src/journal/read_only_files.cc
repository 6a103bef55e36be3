#include "journal/read_only_files.h"

#include <utility>

namespace piperoll::journal {
namespace {

base::Error refused(const std::string& path) {
  return {.kind = base::ErrorKind::Unavailable,
          .message = "the journal is only looked at",
          .code = "access_denied",
          .detail = path};
}

// Syncs nothing: what is read is what is there.
class ReadOnlyFile final : public File {
 public:
  ReadOnlyFile(std::unique_ptr<File> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  base::Result<void> write_at(std::uint64_t, std::string_view) override { return refused(path_); }
  base::Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t count) override {
    return file_->read_at(offset, into, count);
  }
  base::Result<void> sync_data() override { return {}; }
  base::Result<std::uint64_t> size() override { return file_->size(); }
  bool direct() const override { return file_->direct(); }

 private:
  const std::unique_ptr<File> file_;
  const std::string path_;
};

}  // namespace

base::Result<std::unique_ptr<File>> ReadOnlyFileSystem::open(const std::string& path, Mode mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, files_.open(path, mode));
  return std::unique_ptr<File>(std::make_unique<ReadOnlyFile>(std::move(file), path));
}
base::Result<std::unique_ptr<File>> ReadOnlyFileSystem::create(const std::string& path, Mode) {
  return refused(path);
}
base::Result<std::vector<std::string>> ReadOnlyFileSystem::list(const std::string& directory) {
  return files_.list(directory);
}
base::Result<void> ReadOnlyFileSystem::make_directory(const std::string&) {
  return {};
}
base::Result<void> ReadOnlyFileSystem::rename(const std::string& from, const std::string&) {
  return refused(from);
}
base::Result<void> ReadOnlyFileSystem::remove(const std::string&) {
  return {};
}
base::Result<void> ReadOnlyFileSystem::sync_directory(const std::string&) {
  return {};
}
base::Result<std::uint64_t> ReadOnlyFileSystem::free_bytes(const std::string& path) {
  return files_.free_bytes(path);
}
base::Result<std::unique_ptr<FileLock>> ReadOnlyFileSystem::lock(const std::string& path) {
  return files_.lock(path);
}

}  // namespace piperoll::journal
