// A journal directory from a small program in the input: frames, other bytes and flipped bits in
// two segments. Opening it must never crash, deliver consecutive lsns or fail, and a journal that
// opens must take another frame and show it, behind the same ones, at the next opening.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/diagnostics.h"
#include "journal/fault_file_system.h"
#include "journal/journal.h"
#include "journal/segment_format.h"

namespace {

using piperoll::journal::FaultFileSystem;
using piperoll::journal::Journal;
using piperoll::journal::JournalOptions;
using piperoll::journal::Lsn;
using Frames = std::vector<std::pair<Lsn, std::string>>;

constexpr std::uint64_t kId = 0x6a6f75726e616c21ULL;
constexpr std::size_t kSegmentBytes = 64 << 10;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::uint64_t byte() { return empty() ? 0 : data_[at_++]; }
  std::uint64_t number() { return byte() << 8 | byte(); }

 private:
  const std::uint8_t* const data_;
  const std::size_t size_;
  std::size_t at_ = 0;
};

class Writer {
 public:
  Writer() {
    for (std::uint64_t i = 0; i < 2; ++i) {
      segments_[i].resize(kSegmentBytes);
      piperoll::journal::encode_segment_header(
          {.journal_id = kId, .number = i + 1, .segment_bytes = kSegmentBytes},
          segments_[i].data());
    }
  }

  void run(Input& input) {
    while (!input.empty()) {
      switch (input.byte() % 8) {
        case 0:
        case 1:
          frame(input.byte());
          break;
        case 2:
          frame(input.number() % 20'000);
          break;
        case 3:
          at_ = piperoll::journal::round_up(at_, 4096);
          break;
        case 4:
          segment_ = input.byte() % 2;
          at_ = (input.byte() % 16) * 4096;
          at_ = at_ == 0 ? 4096 : at_;
          break;
        case 5:
          lsn_ = input.byte();
          break;
        case 6: {
          char& byte = segments_[input.byte() % 2][input.number() % kSegmentBytes];
          byte = static_cast<char>(byte ^ (1 << (input.byte() % 8)));
          break;
        }
        default:
          previous_crc_ = static_cast<std::uint32_t>(input.byte());
      }
    }
  }

  void store(FaultFileSystem& files) const {
    files.set_content("/journal/segment-000000000001", segments_[0]);
    files.set_content("/journal/segment-000000000002", segments_[1]);
  }

 private:
  void frame(std::uint64_t bytes) {
    const std::string payload(bytes, static_cast<char>('a' + lsn_ % 26));
    const std::uint64_t end =
        piperoll::journal::round_up(at_ + piperoll::journal::kFrameHeaderBytes + bytes, 8);
    if (end > kSegmentBytes) {
      return;
    }
    char* const to = segments_[segment_].data() + at_;
    previous_crc_ =
        piperoll::journal::encode_frame_header({.journal_id = kId,
                                                .lsn = lsn_++,
                                                .payload_bytes = static_cast<std::uint32_t>(bytes),
                                                .previous_crc = previous_crc_,
                                                .payload_crc = piperoll::base::crc32c(payload)},
                                               to);
    std::memcpy(to + piperoll::journal::kFrameHeaderBytes, payload.data(), bytes);
    at_ = end;
  }

  std::string segments_[2];
  std::uint64_t segment_ = 0, at_ = 4096, lsn_ = 1;
  std::uint32_t previous_crc_ = 0;
};

piperoll::base::Result<std::unique_ptr<Journal>> open(const JournalOptions& options, Lsn after,
                                                      FaultFileSystem& files, Frames& frames) {
  frames.clear();
  return Journal::open(
      options, after,
      [&](Lsn lsn, std::string_view payload) -> piperoll::base::Result<void> {
        frames.emplace_back(lsn, std::string(payload));
        return {};
      },
      files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = [] {
    piperoll::base::configure_diagnostics(piperoll::base::DiagnosticsLevel::Off,
                                          piperoll::base::DiagnosticsFormat::Text);
    return true;
  }();
  static_cast<void>(quiet);
  Input input(data, size);
  JournalOptions options{.directory = "/journal",
                         .segment_bytes = kSegmentBytes,
                         .frame_bytes_max = 30'000,
                         .pad_groups = input.byte() % 2 == 0,
                         .reserve_bytes = 0};
  const Lsn after = input.byte() % 8;
  Writer writer;
  writer.run(input);
  FaultFileSystem files;
  CHECK(files.make_directory("/journal"));
  writer.store(files);

  Frames first;
  auto journal = open(options, after, files, first);
  if (!journal) {
    return 0;
  }
  Lsn lsn = after;
  for (const auto& [got, payload] : first) {
    CHECK(got == ++lsn);
  }
  CHECK((*journal)->last_lsn() == lsn);
  const auto appended = (*journal)->append("one more");
  CHECK(appended && *appended == lsn + 1);
  journal->reset();
  Frames second;
  CHECK(open(options, after, files, second));
  first.emplace_back(lsn + 1, "one more");
  CHECK(second == first);
  return 0;
}
