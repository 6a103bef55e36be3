#include "cli/line_source.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace piperoll::cli {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kLineBytesMax = 4 * 1024 * 1024;

}  // namespace

LineSource::LineSource(std::string path, int fd, std::uint64_t total)
    : path_(std::move(path)), fd_(fd), bytes_total_(total) {}

LineSource::~LineSource() {
  if (fd_ != STDIN_FILENO) {
    ::close(fd_);
  }
}

Result<std::unique_ptr<LineSource>> LineSource::open(const std::string& path) {
  if (path == "-") {
    return std::unique_ptr<LineSource>(new LineSource("standard input", STDIN_FILENO, 0));
  }
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (fd >= 0 && ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(fd);
    fd = -1;
    errno = EISDIR;
  }
  if (fd < 0) {
    return Error{.kind = ErrorKind::NotFound,
                 .message = "cannot read " + path + ": " + std::strerror(errno)};
  }
  const bool regular = S_ISREG(status.st_mode);
  return std::unique_ptr<LineSource>(
      new LineSource(path, fd, regular ? static_cast<std::uint64_t>(status.st_size) : 0));
}

Result<void> LineSource::start_decompressor(std::string_view head) {
  begun_ = true;
  if (head.starts_with("\x1F\x8B")) {
    decompressor_ = base::make_stream_decompressor(base::Compression::Gzip);
  } else if (head.starts_with("\x28\xB5\x2F\xFD")) {
    decompressor_ = base::make_stream_decompressor(base::Compression::Zstd);
  }
  return {};
}

Result<bool> LineSource::fill() {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    searched_ -= at_;
    at_ = 0;
  }
  std::string input(kReadBytes, '\0');
  ssize_t count = 0;
  do {
    count = ::read(fd_, input.data(), input.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "cannot read " + path_ + ": " + std::strerror(errno)};
  }
  input.resize(static_cast<std::size_t>(count));
  bytes_read_ += input.size();
  if (!begun_) {
    RETURN_IF_ERROR(start_decompressor(input));
  }
  if (input.empty()) {
    ended_ = true;
    if (decompressor_) {
      RETURN_IF_ERROR(decompressor_->finish());
    }
    return false;
  }
  if (decompressor_) {
    RETURN_IF_ERROR(decompressor_->feed(input, buffer_));
  } else {
    buffer_.append(input);
  }
  return true;
}

Result<std::optional<std::string_view>> LineSource::next() {
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      std::string_view line(buffer_.data() + at_, end - at_);
      at_ = searched_ = end + 1;
      ++line_number_;
      if (skipping_) {
        skipping_ = false;
        return Error{.kind = ErrorKind::InvalidArgument,
                     .message = "the line is longer than 4 MiB",
                     .code = "line_too_long"};
      }
      return std::optional(line);
    }
    if (ended_) {
      if (at_ == buffer_.size() && !skipping_) {
        return std::optional<std::string_view>();
      }
      std::string_view line(buffer_.data() + at_, buffer_.size() - at_);
      at_ = searched_ = buffer_.size();
      ++line_number_;
      if (skipping_) {
        skipping_ = false;
        return Error{.kind = ErrorKind::InvalidArgument,
                     .message = "the line is longer than 4 MiB",
                     .code = "line_too_long"};
      }
      return std::optional(line);
    }
    searched_ = buffer_.size();
    if (searched_ - at_ > kLineBytesMax) {
      skipping_ = true;  // its end is still to be found
      at_ = searched_;
    }
    ASSIGN_OR_RETURN(bool more, fill());
    static_cast<void>(more);  // the end is handled above
  }
}

}  // namespace piperoll::cli
