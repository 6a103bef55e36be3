#include "ingest/published_file.h"

#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "base/file_io.h"

namespace piperoll::ingest {
namespace {

using base::Error;
using base::ErrorKind;
using base::MutexLock;
using base::Result;

constexpr std::string_view kHeader = "piperoll-published 1\n";
constexpr std::string_view kFrameBegin = "PRcp";
constexpr std::size_t kFrameHeadBytes = 12;
constexpr std::size_t kOrgBytes = 16;
// Written anew when it has grown by so much and to twice of what it was.
constexpr std::size_t kOutdatedBytes = std::size_t{1} << 20;

Error failed(const std::string& path, const char* what, int error) {
  return {.kind = ErrorKind::Unavailable,
          .message = std::string("cannot ") + what + " " + path + ": " + std::strerror(error),
          .code = "not_writable"};
}

void put_entry(base::Bytes& out, const PublishedFile::Entry& entry) {
  const auto& [log, published] = entry;
  base::put_u8(out, static_cast<std::uint8_t>(log.kind));
  out.append(log.org.as_bytes());
  base::put_varint(out, published->size);
  out.append(tlog::as_bytes(published->root));
  base::put_string(out, published->note);
}

template <class Entries>
base::Bytes frame_of(const Entries& entries) {
  base::Bytes payload;
  for (const auto& entry : entries) {
    put_entry(payload, entry);
  }
  base::Bytes frame(kFrameBegin);
  base::put_be32(frame, static_cast<std::uint32_t>(payload.size()));
  base::put_be32(frame, base::crc32c(payload));
  return frame + payload;
}

// The payload of the frame that begins at; nothing when none does.
std::optional<base::ByteView> payload_at(base::ByteView file, std::size_t at) {
  if (file.size() - at < kFrameHeadBytes || !file.substr(at).starts_with(kFrameBegin)) {
    return std::nullopt;
  }
  const std::size_t bytes = base::load_be32(file.data() + at + 4);
  if (file.size() - at - kFrameHeadBytes < bytes) {
    return std::nullopt;
  }
  const base::ByteView payload = file.substr(at + kFrameHeadBytes, bytes);
  return base::crc32c(payload) == base::load_be32(file.data() + at + 8) ? std::optional(payload)
                                                                        : std::nullopt;
}

bool read_entries(base::ByteView payload, PublishedFile::Newest& newest) {
  base::Decoder decoder(payload);
  while (decoder.ok() && !decoder.at_end()) {
    event::LogId log;
    log.kind = static_cast<event::LogKind>(decoder.u8());
    const base::ByteView org = decoder.bytes(kOrgBytes);
    Published published;
    published.size = decoder.varint();
    const auto root = tlog::hash_from_bytes(decoder.bytes(tlog::kHashBytes));
    published.note = decoder.string();
    if (!decoder.ok() || !root) {
      return false;
    }
    log.org = base::Uuid::from_bytes(org);
    published.root = *root;
    newest[log] = std::make_shared<const Published>(std::move(published));
  }
  return decoder.ok();
}

Error damaged(const std::string& path, std::size_t at) {
  return {.kind = ErrorKind::Corruption,
          .message = path +
                     ", which holds the checkpoints that were published, is damaged at byte " +
                     std::to_string(at),
          .code = "published_damaged"};
}

// What a file holds, and up to where it is good.
struct Content {
  PublishedFile::Newest newest;
  std::size_t good = 0, bytes = 0;
};

Result<Content> parse(const std::string& path, base::ByteView file) {
  Content content;
  content.bytes = file.size();
  if (!file.starts_with(kHeader)) {
    return damaged(path, 0);
  }
  content.good = kHeader.size();
  while (content.good < file.size()) {
    const auto payload = payload_at(file, content.good);
    if (!payload) {
      break;
    }
    if (!read_entries(*payload, content.newest)) {
      return damaged(path, content.good);
    }
    content.good += kFrameHeadBytes + payload->size();
  }
  // Only the last frame can be torn: a good one behind it says that something else happened.
  for (std::size_t at = content.good; at < file.size(); ++at) {
    at = file.find(kFrameBegin, at);
    if (at == base::ByteView::npos) {
      break;
    }
    if (payload_at(file, at)) {
      return damaged(path, content.good);
    }
  }
  return content;
}

Result<Content> read_content(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return errno == ENOENT ? Result<Content>(Content{}) : failed(path, "read", errno);
  }
  constexpr std::size_t kAtOnce = std::size_t{1} << 16;
  base::Bytes file;
  ssize_t count = 0;
  do {
    const std::size_t size = file.size();
    file.resize(size + kAtOnce);
    count = ::read(fd, file.data() + size, kAtOnce);
    file.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
  } while (count > 0 || (count < 0 && errno == EINTR));
  const int error = errno;
  ::close(fd);
  return count < 0 ? failed(path, "read", error) : parse(path, file);
}

}  // namespace

Result<PublishedFile::Newest> PublishedFile::read(const std::string& path) {
  ASSIGN_OR_RETURN(Content content, read_content(path));
  return std::move(content.newest);
}

Result<std::unique_ptr<PublishedFile>> PublishedFile::open(const std::string& path) {
  ASSIGN_OR_RETURN(Content content, read_content(path));
  std::unique_ptr<PublishedFile> file(new PublishedFile(path, std::move(content.newest)));
  if (content.bytes == 0 || content.good < content.bytes) {
    RETURN_IF_ERROR(file->write_anew());
    return file;
  }
  file->fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file->fd_ < 0) {
    return failed(path, "write to", errno);
  }
  file->bytes_ = content.bytes;
  return file;
}

PublishedFile::~PublishedFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Result<void> PublishedFile::keep(std::span<const Entry> entries) {
  std::shared_ptr<Group> group;
  {
    MutexLock lock(mutex_);
    if (next_ == nullptr) {
      next_ = std::make_shared<Group>();
    }
    group = next_;
    group->entries.insert(group->entries.end(), entries.begin(), entries.end());
    while (writing_ && !group->done) {
      written_.wait(mutex_);
    }
    if (group->done) {
      return group->result;
    }
    writing_ = true;  // for all of the group
    next_ = nullptr;
  }
  Result<void> result = write(group->entries);
  MutexLock lock(mutex_);
  writing_ = false;
  group->done = true;
  group->result = result;
  written_.notify_all();
  return result;
}

Result<void> PublishedFile::write(std::span<const Entry> entries) {
  for (const auto& [log, published] : entries) {
    PublishedPointer& newest = newest_[log];
    if (newest == nullptr || newest->size <= published->size) {
      newest = published;
    }
  }
  if (fd_ < 0 || bytes_ > 2 * whole_bytes_ + kOutdatedBytes) {
    return write_anew();
  }
  return append(entries);
}

Result<void> PublishedFile::append(std::span<const Entry> entries) {
  const base::Bytes frame = frame_of(entries);
  if (!base::write_all(fd_, frame) || ::fdatasync(fd_) != 0) {
    const int error = errno;
    ::close(fd_);  // what it holds now nobody knows
    fd_ = -1;
    return failed(path_, "write to", error);
  }
  bytes_ += frame.size();
  return {};
}

// Whole or not at all: beside, synced, renamed.
Result<void> PublishedFile::write_anew() {
  const std::string beside = path_ + ".new";
  base::Bytes file(kHeader);
  if (!newest_.empty()) {
    file += frame_of(newest_);
  }
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return failed(beside, "write to", errno);
  }
  if (!base::write_all(fd, file) || ::fsync(fd) != 0 ||
      ::rename(beside.c_str(), path_.c_str()) != 0 || !base::sync_parent_directory(path_)) {
    const int error = errno;
    ::close(fd);
    return failed(path_, "write", error);
  }
  if (fd_ >= 0) {
    ::close(fd_);
  }
  fd_ = fd;
  bytes_ = whole_bytes_ = file.size();
  return {};
}

}  // namespace piperoll::ingest
