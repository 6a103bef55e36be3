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

// A payload that tells its number and size apart from any other. Made by the ten thousand: in
// pieces, not byte by byte.
inline std::string payload_of(std::uint64_t number, std::size_t bytes) {
  constexpr std::size_t kLetters = 26;
  constexpr std::size_t kPiece = kLetters * 150;
  static const std::string letters = [] {
    std::string text;
    for (std::size_t i = 0; i < kLetters + kPiece; ++i) {
      text += static_cast<char>('a' + (i * 7) % kLetters);
    }
    return text;
  }();
  std::string payload = "<" + std::to_string(number) + ":" + std::to_string(bytes) + ">";
  payload.reserve(bytes + kPiece);
  while (payload.size() < bytes) {
    payload.append(letters, number % kLetters, kPiece);
  }
  payload.resize(bytes);
  return payload;
}

inline std::string segment_path(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kDirectory) + "/segment-" + std::string(12 - digits.size(), '0') + digits;
}

}  // namespace piperoll::journal
