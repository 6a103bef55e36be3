#include "load_bodies.h"

#include <fstream>
#include <optional>

#include "base/check.h"
#include "cli/generate.h"
#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_reader.h"

namespace piperoll::bench {
namespace {

constexpr std::size_t kIdDigits = 16;

std::string head(const std::string& key, const std::string& host, std::size_t length, bool batch) {
  return "POST /v1/events" + std::string(batch ? "?results=errors" : "") +
         " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + key +
         "\r\nContent-Type: " + (batch ? "application/x-ndjson" : "application/json") +
         "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

void append_generated(cli::Generator& generator, bool with_id, std::string& body,
                      std::vector<std::size_t>& id_offsets) {
  event::Event event = generator.next();
  event.id = with_id ? std::string(kIdDigits, '0') : "";
  const std::size_t begin = body.size();
  body += event::canonical_json(event::view_of(event));
  if (with_id) {
    id_offsets.push_back(body.find("\"id\":\"" + event.id, begin) + 6);
  }
}

}  // namespace

void RequestBytes::stamp(std::uint64_t& next_id) {
  for (std::size_t offset : id_offsets) {
    std::uint64_t id = next_id++;
    for (std::size_t i = kIdDigits; i > 0; --i) {
      bytes[offset + i - 1] = static_cast<char>('0' + id % 10);
      id /= 10;
    }
  }
}

base::Result<std::vector<std::string>> read_events(const std::string& path, std::size_t bytes_max) {
  std::vector<std::string> events;
  std::ifstream file(path);
  event::EventReader reader;
  base::Bytes encoded;
  std::size_t bytes = 0;
  for (std::string line; bytes < bytes_max && std::getline(file, line); bytes += line.size()) {
    encoded.clear();
    RETURN_IF_ERROR(reader.read(line, encoded));
    if (!event::head_of(encoded).id.empty()) {
      return base::Error{.kind = base::ErrorKind::InvalidArgument,
                         .message = "event " + std::to_string(events.size() + 1) + " has an id"};
    }
    events.push_back(line);
  }
  if (events.empty()) {
    return base::Error{.kind = base::ErrorKind::NotFound, .message = "no events there"};
  }
  return events;
}

std::vector<RequestBytes> build_requests(const BodyOptions& options, const std::string& key,
                                         const std::string& host, double& event_bytes) {
  const std::size_t count = options.batch * options.bodies;
  CHECK(count > 0 && (options.events.empty() || options.events.size() >= count));
  std::optional<cli::Generator> generator;
  if (options.events.empty()) {
    generator.emplace(cli::GenerateOptions{.events = count, .seed = options.seed});
  }
  std::vector<RequestBytes> requests;
  std::size_t total = 0;
  for (std::size_t i = 0; i < options.bodies; ++i) {
    std::string body;
    std::vector<std::size_t> offsets;
    for (std::size_t j = 0; j < options.batch; ++j) {
      if (generator) {
        append_generated(*generator, options.ids, body, offsets);
      } else {
        body += options.events[i * options.batch + j];
      }
      if (options.batch > 1) {
        body.push_back('\n');
      }
    }
    total += body.size();
    RequestBytes request{head(key, host, body.size(), options.batch > 1), {}};
    for (std::size_t offset : offsets) {
      request.id_offsets.push_back(request.bytes.size() + offset);
    }
    request.bytes += body;
    requests.push_back(std::move(request));
  }
  event_bytes = static_cast<double>(total) / static_cast<double>(count);
  return requests;
}

}  // namespace piperoll::bench
