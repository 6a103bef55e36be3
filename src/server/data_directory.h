#pragma once
// The data directory: who holds it, which format it has, and the keys that never leave it.
//
//   DIR/LOCK       held (flock) by the one process that has it open; its text is the process id
//   DIR/FORMAT     "piperoll-data 1": the version of the whole
//   DIR/secrets    mode 0600: keys for ids, cursors and content digests, made once
//   DIR/server_name  first part of every log's origin, written when the first leaf is made
//   DIR/log_keys, DIR/signing_key  server/log_keys.h
//   DIR/published  ingest/published_file.h; the newest checkpoint of each log that was shown
//   DIR/witness/, DIR/witness_key  server/witness.h, witness_key.h; where other logs are cosigned
//   DIR/journal/   journal/journal.h
//   DIR/store/     store/rocksdb/rocksdb_store.h

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace piperoll::server {

inline constexpr std::string_view kServerNameByDefault = "piperoll.localhost";

struct Secrets {
  base::Bytes id_key, cursor_key, content_key;  // 32 bytes each
};

// Of a data directory. Corruption when they are damaged; errors of read_small_file().
base::Result<Secrets> read_secrets(const std::string& directory);

// The name that a data directory was begun with. NotFound when it has none yet; errors of
// read_small_file().
base::Result<std::string> read_server_name(const std::string& directory);

// Whether the journal of a data directory has any segment, full, free or begun.
bool has_journal_segments(const std::string& directory);

// Where the checkpoints that were shown are kept.
inline std::string published_path(const std::string& directory) {
  return directory + "/published";
}

class DataDirectory {
 public:
  // Makes the directory (mode 0700) with its files if it is missing or empty, and locks it.
  // Unavailable: "locked" (another process has it), "not_writable"; Corruption: "newer_format", or
  // a damaged file; InvalidArgument "not_a_data_directory": it holds something else.
  static base::Result<std::unique_ptr<DataDirectory>> open(const std::string& path);
  ~DataDirectory();  // unlocks
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string journal_path() const { return path_ + "/journal"; }
  std::string store_path() const { return path_ + "/store"; }
  const Secrets& secrets() const { return secrets_; }

  // The name of the server in the origins of its logs: the one this directory was begun with. If it
  // has none yet: wanted, or kServerNameByDefault where that is empty, and with bind it is written
  // down; without bind and wanted, nothing. InvalidArgument (code "server_name_changed") when
  // wanted is another than the one written down.
  base::Result<std::optional<std::string>> name_server(std::string_view wanted, bool bind) const;

 private:
  DataDirectory(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}
  const std::string path_;
  const int lock_fd_;
  Secrets secrets_;
};

}  // namespace piperoll::server
