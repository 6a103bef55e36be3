#include "load_probe.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/json.h"
#include "cli/generate.h"
#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_reader.h"

namespace piperoll::bench {
namespace {

using Clock = std::chrono::steady_clock;

double nanos_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

// Mean nanoseconds of work(i) over all i, after one round to warm up.
template <class Work>
double mean_nanos(std::size_t count, Work work) {
  for (std::size_t i = 0; i < count; ++i) {
    work(i);
  }
  constexpr int kRounds = 5;
  const auto start = Clock::now();
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < count; ++i) {
      work(i);
    }
  }
  return nanos_since(start) / (kRounds * static_cast<double>(count));
}

// Keeps the compiler from leaving work out.
volatile std::size_t sink;

}  // namespace

SyncLatency measure_sync(const std::string& directory) {
  const std::string path = directory + "/sync-probe";
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return {};
  }
  std::vector<char> block(4096, 'x');
  for (int i = 0; i < 256; ++i) {
    sink = static_cast<std::size_t>(::pwrite(fd, block.data(), block.size(), i * 4096));
  }
  ::fsync(fd);
  std::vector<double> micros;
  for (int i = 0; i < 300; ++i) {
    const auto start = Clock::now();
    sink = static_cast<std::size_t>(::pwrite(fd, block.data(), block.size(), (i % 256) * 4096));
    ::fdatasync(fd);
    micros.push_back(nanos_since(start) / 1000);
  }
  ::close(fd);
  ::unlink(path.c_str());
  std::sort(micros.begin(), micros.end());
  return {micros[micros.size() / 2], micros[micros.size() * 99 / 100]};
}

double Roofline::events_per_core() const {
  return 1e9 / (copy_ns + read_ns + checksum_ns);
}

Roofline measure_roofline(std::size_t batch) {
  constexpr std::size_t kEvents = 2'000;
  cli::Generator generator({.events = kEvents, .seed = 1});
  std::vector<std::string> texts;
  std::vector<event::Event> events;
  std::vector<base::Bytes> encoded;
  Roofline roofline;
  for (std::size_t i = 0; i < kEvents; ++i) {
    events.push_back(generator.next());
    events.back().id = batch > 0 ? "" : events.back().id;
    texts.push_back(event::canonical_json(event::view_of(events.back())));
    encoded.push_back(event::encode_event(event::view_of(events.back())));
    roofline.event_bytes += static_cast<double>(texts.back().size()) / kEvents;
  }
  base::JsonParser parser;
  std::string copy(64 * 1024, '\0');
  roofline.parse_ns =
      mean_nanos(kEvents, [&](std::size_t i) { sink = parser.parse(texts[i]).has_value(); });
  event::EventReader reader;
  base::Bytes arena;
  roofline.read_ns = mean_nanos(kEvents, [&](std::size_t i) {
    arena.clear();
    sink = reader.read(texts[i], arena).has_value();
  });
  roofline.checksum_ns =
      mean_nanos(kEvents, [&](std::size_t i) { sink = base::crc32c(encoded[i]); });
  roofline.copy_ns = mean_nanos(kEvents, [&](std::size_t i) {
    std::memcpy(copy.data(), texts[i].data(), texts[i].size());
    sink = static_cast<std::size_t>(copy[texts[i].size() / 2]);
  });
  return roofline;
}

double cpu_seconds_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return -1;
  }
  std::istringstream rest(text.substr(name_end + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    rest >> skipped;
  }
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double resident_mib_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double total = 0;
  double resident = -1;
  file >> total >> resident;
  return resident < 0 ? -1 : resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace piperoll::bench
