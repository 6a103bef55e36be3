#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace piperoll::cli {
namespace {

constexpr std::int64_t kRedrawMicros = 100'000;
constexpr std::size_t kBarWidth = 24;

}  // namespace

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

std::string progress_line(const std::string& what, std::uint64_t bytes, std::uint64_t total,
                          std::uint64_t events, double seconds) {
  std::string line = what + " ";
  if (total > 0) {
    const std::uint64_t done = std::min(bytes, total);
    const auto percent =
        static_cast<std::uint64_t>(100.0 * static_cast<double>(done) / static_cast<double>(total));
    const std::size_t filled = static_cast<std::size_t>(percent) * kBarWidth / 100;
    line += (percent < 10    ? "  "
             : percent < 100 ? " "
                             : "") +
            std::to_string(percent) + " % [" + std::string(filled, '#') +
            std::string(kBarWidth - filled, ' ') + "] ";
  }
  line += with_thousands(events) + " events";
  if (seconds > 0.2) {
    line += "  " +
            with_thousands(static_cast<std::uint64_t>(static_cast<double>(events) / seconds)) +
            "/s";
    if (total > bytes && bytes > 0) {
      const double left = seconds * static_cast<double>(total - bytes) / static_cast<double>(bytes);
      line += "  " + with_thousands(static_cast<std::uint64_t>(std::llround(left))) + " s left";
    }
  }
  return line;
}

Progress::Progress(std::string what, std::uint64_t total, const base::Clock& clock, bool terminal)
    : what_(std::move(what)),
      total_(total),
      clock_(clock),
      terminal_(terminal),
      started_(clock.monotonic_micros()) {}

Progress::~Progress() {
  if (terminal_ && drawn_ > 0) {
    std::fputs("\r\033[K", stderr);
  }
}

void Progress::update(std::uint64_t bytes, std::uint64_t events) {
  const std::int64_t now = clock_.monotonic_micros();
  if (!terminal_ || (drawn_ > 0 && now - drawn_ < kRedrawMicros)) {
    return;
  }
  drawn_ = std::max<std::int64_t>(now, 1);
  const std::string line =
      progress_line(what_, bytes, total_, events, static_cast<double>(now - started_) / 1e6);
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
}

}  // namespace piperoll::cli
