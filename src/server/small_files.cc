#include "server/small_files.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"

namespace piperoll::server {

using base::Error;
using base::ErrorKind;
using base::Result;

Error unavailable(const char* code, std::string message) {
  return {.kind = ErrorKind::Unavailable, .message = std::move(message), .code = code};
}

Error not_writable(const std::string& path, int error) {
  return unavailable("not_writable", "cannot write to " + path + ": " + std::strerror(error));
}

Result<std::string> read_small_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Error{.kind = errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Unavailable,
                 .message = "cannot read " + path + ": " + std::strerror(errno),
                 .code = "not_readable"};
  }
  std::string text(kSmallFileBytesMax + 1, '\0');
  std::size_t size = 0;
  ssize_t count = 1;
  while (count > 0 && size < text.size()) {
    count = ::read(fd, text.data() + size, text.size() - size);
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  ::close(fd);
  if (count < 0) {
    return unavailable("not_readable", "cannot read " + path);
  }
  if (size > kSmallFileBytesMax) {
    return Error{.kind = ErrorKind::TooLarge, .message = path + " is too large"};
  }
  text.resize(size);
  return text;
}

Result<void> write_small_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) {
    return not_writable(temporary, errno);
  }
  const bool good = base::write_all(fd, text) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!good || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = good ? errno : error;
    ::unlink(temporary.c_str());
    return not_writable(path, reason);
  }
  return base::sync_parent_directory(path) ? Result<void>()
                                           : Result<void>(not_writable(path, errno));
}

Result<void> check_private_file(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = path + " may be read by others than its owner: chmod 600 " + path,
                 .code = "key_exposed"};
  }
  return {};
}

}  // namespace piperoll::server
