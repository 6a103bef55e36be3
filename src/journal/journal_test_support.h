#pragma once
// What the tests of this module share.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "journal/fault_file_system.h"
#include "journal/journal.h"

namespace piperoll::journal {

using Frames = std::vector<std::pair<Lsn, std::string>>;
using JournalPointer = std::unique_ptr<Journal>;

inline constexpr const char* kDirectory = "/data/journal";

inline JournalOptions small_options() {
  // Injected faults are reported by the thousand.
  static const bool quiet = [] {
    base::configure_diagnostics(base::DiagnosticsLevel::Off, base::DiagnosticsFormat::Text);
    return true;
  }();
  static_cast<void>(quiet);
  JournalOptions options;
  options.directory = kDirectory;
  options.segment_bytes = 64 << 10;
  options.frame_bytes_max = 30'000;
  options.reserve_bytes = 0;
  return options;
}

inline base::Result<JournalPointer> open_journal(const JournalOptions& options, Lsn after,
                                                 FileSystem& files, Frames* replayed = nullptr) {
  const auto collect = [&](Lsn lsn, base::ByteView payload) -> base::Result<void> {
    if (replayed != nullptr) {
      replayed->emplace_back(lsn, std::string(payload));
    }
    return {};
  };
  return Journal::open(options, after, collect, files);
}

// A payload that tells its number and size apart from any other.
inline std::string payload_of(std::uint64_t number, std::size_t bytes) {
  std::string payload = "<" + std::to_string(number) + ":" + std::to_string(bytes) + ">";
  while (payload.size() < bytes) {
    payload += static_cast<char>('a' + (payload.size() * 7 + number) % 26);
  }
  payload.resize(bytes);
  return payload;
}

inline std::string segment_path(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kDirectory) + "/segment-" + std::string(12 - digits.size(), '0') + digits;
}

}  // namespace piperoll::journal
