// piperoll_load: one server on a directory of its own, one load, one line of figures.
//
//   piperoll_load --binary build/bench/piperoll [--batch 1000] [--connections 8] [--seconds 10]
//                 [--rate R] [--ids] [--events FILE] [--directory DIR]
//                 [--flag=--network-threads=2 ...]
//
// Starts `piperoll serve` on loopback in a fresh directory, loads it with prebuilt bodies from this
// process (of generated events, or of those of FILE: NDJSON, without ids), stops it, and prints
// JSON: acknowledged durable events a second, latencies, CPU per event, resident memory, the
// latency of a sync, and the roofline (load_probe.h, of generated events) with the share reached.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "load_bodies.h"
#include "load_client.h"
#include "load_probe.h"

namespace piperoll::bench {
namespace {

constexpr std::size_t kEventsBytesMax = std::size_t{128} << 20;  // of a file: held twice

struct Arguments {
  std::string binary, directory = "load-data";
  BodyOptions bodies{.batch = 1000, .bodies = 0};
  LoadOptions load{.connections = 8, .seconds = 10};
  std::vector<std::string> flags;
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "piperoll_load: %s\n", why.c_str());
  std::exit(1);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  std::string events_file;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    auto value = [&]() -> std::string {
      return i + 1 < argc ? argv[++i] : (fail(name + " needs a value"), "");
    };
    if (name == "--binary") {
      arguments.binary = value();
    } else if (name == "--directory") {
      arguments.directory = value();
    } else if (name == "--batch") {
      arguments.bodies.batch = std::stoul(value());
    } else if (name == "--connections") {
      arguments.load.connections = std::stoul(value());
    } else if (name == "--seconds") {
      arguments.load.seconds = std::stod(value());
    } else if (name == "--rate") {
      arguments.load.rate = std::stod(value());
    } else if (name == "--ids") {
      arguments.bodies.ids = true;
    } else if (name == "--events") {
      events_file = value();
    } else if (name.starts_with("--flag=")) {
      arguments.flags.push_back(name.substr(7));
    } else {
      fail("unknown argument " + name);
    }
  }
  if (arguments.binary.empty()) {
    fail("--binary names the server");
  }
  if (!events_file.empty()) {
    auto events = read_events(events_file, kEventsBytesMax);
    if (!events) {
      fail(events_file + ": " + events.error().message);
    }
    arguments.bodies.events = *std::move(events);
    arguments.bodies.bodies = arguments.bodies.events.size() / arguments.bodies.batch;
    if (arguments.bodies.bodies == 0) {
      fail("too few events in " + events_file);
    }
  }
  if (arguments.bodies.bodies == 0) {
    arguments.bodies.bodies = std::max<std::size_t>(16, 20'000 / arguments.bodies.batch);
  }
  return arguments;
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string out;
  char piece[4096];
  while (pipe != nullptr && std::fgets(piece, sizeof piece, pipe) != nullptr) {
    out += piece;
  }
  if (pipe == nullptr || ::pclose(pipe) != 0) {
    fail("failed: " + command);
  }
  while (!out.empty() && out.back() == '\n') {
    out.pop_back();
  }
  return out;
}

struct ServerProcess {
  int pid = -1;
  std::uint16_t port = 0;
};

// The port is in what the server says of itself.
ServerProcess start_server(const Arguments& arguments) {
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) {
    fail("no pipe");
  }
  std::vector<std::string> words = {
      arguments.binary, "serve",       "--data",       arguments.directory + "/data",
      "--listen",       "127.0.0.1:0", "--log-format", "json"};
  words.insert(words.end(), arguments.flags.begin(), arguments.flags.end());
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  ServerProcess server{.pid = ::fork()};
  if (server.pid == 0) {
    ::dup2(pipe_fds[1], STDERR_FILENO);
    ::execv(pointers[0], pointers.data());
    std::_Exit(127);
  }
  ::close(pipe_fds[1]);
  std::string said;
  char c = 0;
  while (said.find("\"serving\"") == std::string::npos || c != '\n') {
    if (::read(pipe_fds[0], &c, 1) != 1) {
      fail("the server did not start: " + said);
    }
    said.push_back(c);
  }
  server.port = static_cast<std::uint16_t>(std::atoi(said.c_str() + said.find("127.0.0.1:") + 10));
  return server;
}

double percentile(const LoadResult& result, double share) {
  const auto& all = result.latencies_micros;
  if (all.empty()) {
    return 0;
  }
  const auto at = static_cast<std::size_t>(share * static_cast<double>(all.size() - 1));
  return static_cast<double>(all[at]) / 1000;
}

std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, value >= 100 ? "%.0f" : "%.2f", value);
  return text;
}

void print(const Arguments& arguments, const LoadResult& result, const SyncLatency& sync,
           const Roofline& roofline, double event_bytes, double server_cpu, double resident_mib) {
  const double events = static_cast<double>(result.requests * arguments.bodies.batch);
  const double rate = events / result.seconds;
  std::string out;
  base::JsonWriter json(out);
  auto member = [&](std::string_view name, double value) { json.key(name).raw(number(value)); };
  json.begin_object();
  member("batch", static_cast<double>(arguments.bodies.batch));
  member("connections", static_cast<double>(arguments.load.connections));
  json.key("ids").boolean(arguments.bodies.ids);
  member("events_per_second", rate);
  member("requests_per_second", static_cast<double>(result.requests) / result.seconds);
  member("failures", static_cast<double>(result.failures));
  member("ack_p50_ms", percentile(result, 0.50));
  member("ack_p99_ms", percentile(result, 0.99));
  member("ack_max_ms", percentile(result, 1.0));
  member("server_cpu_us_per_event", server_cpu / events * 1e6);
  member("client_cpu_us_per_event", result.client_cpu_seconds / events * 1e6);
  member("resident_mib_max", resident_mib);
  member("fdatasync_p50_us", sync.p50_micros);
  member("fdatasync_p99_us", sync.p99_micros);
  member("event_bytes", event_bytes);
  member("roofline_parse_ns", roofline.parse_ns);
  member("roofline_read_ns", roofline.read_ns);
  member("roofline_checksum_ns", roofline.checksum_ns);
  member("roofline_events_per_core", roofline.events_per_core());
  member("share_of_roofline_percent", 100 * rate / (2 * roofline.events_per_core()));
  json.end_object();
  std::puts(out.c_str());
  if (result.failures > 0) {
    std::fprintf(stderr, "a failure: %s\n", result.first_failure.c_str());
  }
}

int run(int argc, char** argv) {
  Arguments arguments = parse(argc, argv);
  std::filesystem::remove_all(arguments.directory);
  std::filesystem::create_directories(arguments.directory);
  const std::string data = arguments.directory + "/data";
  output_of(arguments.binary + " org create --data " + data + " --name load");
  const std::string key =
      output_of(arguments.binary + " key create --data " + data + " --org load --role writer");
  const SyncLatency sync = measure_sync(arguments.directory);
  const Roofline roofline = measure_roofline(arguments.bodies.batch);
  double event_bytes = 0;
  auto requests = build_requests(arguments.bodies, key, "127.0.0.1", event_bytes);
  ServerProcess server = start_server(arguments);
  arguments.load.port = server.port;
  double resident = 0;
  std::atomic<bool> done = false;
  std::thread watcher([&] {
    while (!done) {
      resident = std::max(resident, resident_mib_of(server.pid));
      ::usleep(50'000);
    }
  });
  const double cpu_before = cpu_seconds_of(server.pid);
  LoadResult result = run_load(arguments.load, requests);
  const double cpu = cpu_seconds_of(server.pid) - cpu_before;
  done = true;
  watcher.join();
  ::kill(server.pid, SIGTERM);
  int status = 0;
  ::waitpid(server.pid, &status, 0);
  print(arguments, result, sync, roofline, event_bytes, cpu, resident);
  std::filesystem::remove_all(arguments.directory);
  return result.failures == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace piperoll::bench

int main(int argc, char** argv) {
  return piperoll::bench::run(argc, argv);
}
