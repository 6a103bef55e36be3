#pragma once
// What the head of one request says. A value; its places are offsets from the request's first byte,
// so that the bytes may move while the body arrives.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace piperoll::http {

struct Place {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::string_view in(const char* message) const { return {message + offset, size}; }
};

struct HeaderPlace {
  Place name, value;
};

enum class ContentCoding { Identity, Gzip, Zstd, Unknown };
enum class Expectation { None, Continue, Unknown };

struct RequestHead {
  std::size_t bytes = 0;  // with the empty line
  int version = 11;       // 10 or 11
  Place method, target;   // the target in origin form, or "*"
  std::vector<HeaderPlace> headers;
  bool keep_alive = false;
  bool chunked = false;
  std::uint64_t content_length = 0;
  ContentCoding coding = ContentCoding::Identity;
  Expectation expectation = Expectation::None;
  std::optional<Place> request_id;  // the first X-Request-ID
};

}  // namespace piperoll::http
