// Linux system calls behind FileSystem.

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "journal/file_system.h"

namespace piperoll::journal {
namespace {

// system_category().message, unlike strerror, may be called from several threads.
base::Error from_errno(const char* action, const std::string& path, int number) {
  base::Error error{.kind = base::ErrorKind::Unavailable,
                    .message = std::string("journal: cannot ") + action + ": " +
                               std::system_category().message(number),
                    .code = "io_error",
                    .detail = path + " (errno " + std::to_string(number) + ")"};
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      error.code = "no_space";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      error.code = "access_denied";
      break;
    case ENOENT:
      error.kind = base::ErrorKind::NotFound;
      break;
    case EEXIST:
      error.kind = base::ErrorKind::Conflict;
      break;
    default:
      break;
  }
  return error;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

Descriptor open_retrying(const std::string& path, int flags, mode_t mode = 0) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

class RealFile : public File {
 public:
  RealFile(Descriptor descriptor, std::string path, bool direct)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), direct_(direct) {}

  base::Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0) {
        if (errno == EINTR) {
          continue;
        }
        return transfer_error("write");
      }
      if (written == 0) {
        return from_errno("write", path_, EIO);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  base::Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t count) override {
    std::size_t done = 0;
    while (done < count) {
      const ssize_t got =
          ::pread(descriptor_.get(), into + done, count - done, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR) {
          continue;
        }
        return transfer_error("read");
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
      // With direct I/O a count that is no multiple of the block is the end of the file; going on
      // at an unaligned place would be refused.
      if (direct_ && done % 4096 != 0) {
        break;
      }
    }
    return done;
  }

  base::Result<void> sync_data() override {
    // Not repeated after EINTR either: a sync that failed in any way proves nothing later.
    if (::fdatasync(descriptor_.get()) != 0) {
      return from_errno("sync", path_, errno);
    }
    return {};
  }

  base::Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) != 0) {
      return from_errno("read the size of", path_, errno);
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

  bool direct() const override { return direct_; }

 private:
  base::Error transfer_error(const char* action) const {
    const int number = errno;
    base::Error error = from_errno(action, path_, number);
    if (number == EINVAL && direct_) {
      error.code = "direct_io_unsupported";
    }
    return error;
  }

  const Descriptor descriptor_;
  const std::string path_;
  const bool direct_;
};

class RealFileLock : public FileLock {
 public:
  explicit RealFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  const Descriptor descriptor_;  // closing it gives the lock back
};

class RealFileSystem : public FileSystem {
 public:
  base::Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
    ASSIGN_OR_RETURN(auto file, open_with(path, mode, 0));
    if (mode == Mode::ReadWrite) {
      RETURN_IF_ERROR(file.second->sync_data());
      // Pages that a failed sync left behind are clean now, though never written: drop them.
      if (const int number = ::posix_fadvise(file.first, 0, 0, POSIX_FADV_DONTNEED); number != 0) {
        return from_errno("drop cached pages of", path, number);
      }
    }
    return std::unique_ptr<File>(std::move(file.second));
  }

  base::Result<std::unique_ptr<File>> create(const std::string& path, Mode mode) override {
    ASSIGN_OR_RETURN(auto file, open_with(path, mode, O_CREAT | O_EXCL));
    return std::unique_ptr<File>(std::move(file.second));
  }

  base::Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), &::closedir);
    if (stream == nullptr) {
      return from_errno("list", directory, errno);
    }
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) {
        if (errno != 0) {
          return from_errno("list", directory, errno);
        }
        return names;
      }
      const std::string_view name(static_cast<const char*>(entry->d_name));
      if (name != "." && name != "..") {
        names.emplace_back(name);
      }
    }
  }

  base::Result<void> make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) == 0) {
      return {};
    }
    const int number = errno;
    struct stat status {};
    if (number == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      return {};
    }
    return from_errno("make the directory", path, number);
  }

  base::Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return from_errno("rename", from, errno);
    }
    return {};
  }

  base::Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) {
      return from_errno("remove", path, errno);
    }
    return {};
  }

  base::Result<void> sync_directory(const std::string& path) override {
    const Descriptor directory = open_retrying(path, O_RDONLY | O_DIRECTORY);
    if (!directory.valid() || ::fsync(directory.get()) != 0) {
      return from_errno("sync the directory", path, errno);
    }
    return {};
  }

  base::Result<std::uint64_t> free_bytes(const std::string& path) override {
    struct statvfs status {};
    int result = -1;
    do {
      result = ::statvfs(path.c_str(), &status);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
      return from_errno("read the free space of", path, errno);
    }
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }

  base::Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    Descriptor descriptor = open_retrying(path, O_RDWR | O_CREAT, 0600);
    if (!descriptor.valid()) {
      return from_errno("open the lock file", path, errno);
    }
    int result = -1;
    do {
      result = ::flock(descriptor.get(), LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
      base::Error error = from_errno("lock", path, errno);
      if (errno == EWOULDBLOCK) {
        error.message = "journal: another process holds the directory";
        error.code = "locked";
      }
      return error;
    }
    return std::unique_ptr<FileLock>(std::make_unique<RealFileLock>(std::move(descriptor)));
  }

 private:
  static base::Result<std::pair<int, std::unique_ptr<RealFile>>> open_with(const std::string& path,
                                                                           Mode mode, int flags) {
    const bool direct = mode == Mode::ReadWriteDirect;
    Descriptor descriptor =
        open_retrying(path, O_RDWR | O_NOFOLLOW | flags | (direct ? O_DIRECT : 0), 0600);
    if (!descriptor.valid()) {
      const int number = errno;
      base::Error error = from_errno("open", path, number);
      if (direct && number == EINVAL) {
        error.code = "direct_io_unsupported";
        if ((flags & O_CREAT) != 0) {
          ::unlink(path.c_str());  // some kernels make the file before they refuse it
        }
      }
      return error;
    }
    const int number = descriptor.get();
    return std::pair(number, std::make_unique<RealFile>(std::move(descriptor), path, direct));
  }
};

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem files;
  return files;
}

}  // namespace piperoll::journal
