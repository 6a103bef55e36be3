#pragma once
// Files of a few lines: settings and keys beside the data.

#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.h"

namespace piperoll::server {

inline constexpr std::size_t kSmallFileBytesMax = 64 * 1024;

// NotFound when there is none; Unavailable (code "not_readable") otherwise; TooLarge above
// kSmallFileBytesMax.
base::Result<std::string> read_small_file(const std::string& path);

// Whole or not at all, and durable: written beside, synced, renamed, the directory synced. Replaces
// what was there. Unavailable (code "not_writable").
base::Result<void> write_small_file(const std::string& path, std::string_view text, mode_t mode);

// Corruption (code "key_exposed") unless the file's owner alone may read and write it.
base::Result<void> check_private_file(const std::string& path);

base::Error unavailable(const char* code, std::string message);
// error: an errno.
base::Error not_writable(const std::string& path, int error);

}  // namespace piperoll::server
