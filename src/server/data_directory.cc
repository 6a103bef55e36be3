#include "server/data_directory.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.h"
#include "server/small_files.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr char kServerNameFile[] = "server_name";
constexpr std::string_view kFormatName = "piperoll-data ";
constexpr int kFormatVersion = 1;
constexpr std::size_t kKeyBytes = 32;

Error unavailable(const char* code, std::string message) {
  return {.kind = ErrorKind::Unavailable, .message = std::move(message), .code = code};
}

// Takes the lock, or says who has it.
Result<int> lock(const std::string& path) {
  const std::string file = path + "/LOCK";
  int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return not_writable(file, errno);
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    ssize_t count = ::read(fd, holder, sizeof holder - 1);
    ::close(fd);
    std::string who =
        count > 0 ? " (process " + std::string(holder, std::strcspn(holder, "\n")) + ")" : "";
    return unavailable("locked", "the data directory " + path + " is in use by another piperoll" +
                                     who + "; stop it, or talk to it with --server URL");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  bool good = ::ftruncate(fd, 0) == 0 && ::pwrite(fd, pid.data(), pid.size(), 0) > 0;
  if (!good) {
    int error = errno;
    ::close(fd);
    return not_writable(file, error);
  }
  return fd;
}

Result<void> make_directory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return {};
  }
  std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) {
    std::filesystem::create_directories(parent, error);
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return not_writable(path, errno);
  }
  if (!std::filesystem::is_directory(path, error)) {
    return unavailable("not_writable", path + " is not a directory");
  }
  return {};
}

Result<void> check_format(const std::string& path) {
  auto text = read_small_file(path + "/FORMAT");
  if (!text && text.error().kind == ErrorKind::NotFound) {
    // Only a directory that holds nothing else (or the beginnings of ours) becomes a data
    // directory.
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const std::string name = entry.path().filename();
      if (name != "LOCK" && name != "secrets" && name != "signing_key" && !name.ends_with(".new") &&
          name != "lost+found") {
        return Error{
            .kind = ErrorKind::InvalidArgument,
            .message = path + " is not a piperoll data directory: it holds \"" + name + "\"",
            .code = "not_a_data_directory"};
      }
    }
    return write_small_file(path + "/FORMAT",
                            std::string(kFormatName) + std::to_string(kFormatVersion) + "\n", 0600);
  }
  if (!text) {
    return std::move(text).error();
  }
  int version = 0;
  const char* end = text->data() + text->size();
  const bool ours =
      text->starts_with(kFormatName) &&
      std::from_chars(text->data() + kFormatName.size(), end, version).ec == std::errc();
  if (!ours || version < 1) {
    return Error{.kind = ErrorKind::Corruption, .message = path + "/FORMAT is damaged"};
  }
  if (version > kFormatVersion) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = path + " has format " + std::to_string(version) +
                            ", made by a newer piperoll; this one reads up to " +
                            std::to_string(kFormatVersion),
                 .code = "newer_format"};
  }
  return {};
}

std::string secrets_path(const std::string& directory) {
  return directory + "/secrets";
}

Result<Secrets> parse_secrets(const std::string& path, std::string_view text) {
  Secrets secrets;
  for (auto [name, key] :
       {std::pair{"id_key ", &secrets.id_key}, std::pair{"cursor_key ", &secrets.cursor_key},
        std::pair{"content_key ", &secrets.content_key}}) {
    std::size_t at = text.find(name);
    auto bytes = at == std::string_view::npos
                     ? Result<base::Bytes>(base::Bytes())
                     : base::hex_decode(text.substr(at + std::strlen(name), 2 * kKeyBytes));
    if (!bytes || bytes->size() != kKeyBytes) {
      return Error{.kind = ErrorKind::Corruption, .message = path + " is damaged: no good " + name};
    }
    *key = *std::move(bytes);
  }
  return secrets;
}

Result<Secrets> load_secrets(const std::string& directory) {
  auto found = read_secrets(directory);
  if (found || found.error().kind != ErrorKind::NotFound) {
    return found;
  }
  const std::string path = secrets_path(directory);
  std::error_code error;
  if (std::filesystem::exists(directory + "/store", error)) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = path +
                            " is missing, but there is data: restore it from the backup; "
                            "the ids that the server made cannot be told without it"};
  }
  std::string fresh;
  for (const char* name : {"id_key", "cursor_key", "content_key"}) {
    fresh += std::string(name) + " " + base::hex_encode(crypto::random_bytes(kKeyBytes)) + "\n";
  }
  RETURN_IF_ERROR(write_small_file(path, fresh, 0600));
  return parse_secrets(path, fresh);
}

}  // namespace

Result<Secrets> read_secrets(const std::string& directory) {
  const std::string path = secrets_path(directory);
  ASSIGN_OR_RETURN(const std::string text, read_small_file(path));
  return parse_secrets(path, text);
}

Result<std::optional<std::string>> DataDirectory::name_server(std::string_view wanted,
                                                              bool bind) const {
  auto found = read_server_name(path_);
  if (!found && found.error().kind != ErrorKind::NotFound) {
    return std::move(found).error();
  }
  if (found) {
    if (!wanted.empty() && wanted != *found) {
      return Error{.kind = ErrorKind::InvalidArgument,
                   .message = "server_name is \"" + std::string(wanted) + "\", but " + path_ +
                              " was begun as \"" + *found +
                              "\": the name is in every proof and never changes",
                   .code = "server_name_changed"};
    }
    return std::optional<std::string>(*std::move(found));
  }
  if (!bind) {
    return wanted.empty() ? std::optional<std::string>() : std::string(wanted);
  }
  std::string name(wanted.empty() ? kServerNameByDefault : wanted);
  RETURN_IF_ERROR(write_small_file(path_ + "/" + kServerNameFile, name + "\n", 0600));
  return std::optional<std::string>(std::move(name));
}

Result<std::string> read_server_name(const std::string& directory) {
  ASSIGN_OR_RETURN(std::string text, read_small_file(directory + "/" + kServerNameFile));
  return text.substr(0, text.find('\n'));
}

bool has_journal_segments(const std::string& directory) {
  std::error_code none;
  const std::filesystem::directory_iterator entries(directory + "/journal", none);
  return std::any_of(begin(entries), end(entries), [](const auto& entry) {
    return entry.path().filename().string().starts_with("segment-");
  });
}

Result<std::unique_ptr<DataDirectory>> DataDirectory::open(const std::string& path) {
  RETURN_IF_ERROR(make_directory(path));
  ASSIGN_OR_RETURN(int lock_fd, lock(path));
  std::unique_ptr<DataDirectory> directory(new DataDirectory(path, lock_fd));
  RETURN_IF_ERROR(check_format(path));
  ASSIGN_OR_RETURN(directory->secrets_, load_secrets(path));
  return directory;
}

DataDirectory::~DataDirectory() {
  ::close(lock_fd_);
}

}  // namespace piperoll::server
