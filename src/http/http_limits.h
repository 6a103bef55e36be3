#pragma once
// Every bound of the HTTP front, with its reason. Values: copied at start, never changed after.

#include <cstddef>
#include <cstdint>

namespace piperoll::http {

struct Limits {
  // Request line and headers together. Keys, tokens and cursors are below 4 KiB; filters in a query
  // may be long.
  std::size_t header_bytes_max = 32 * 1024;
  // Browsers send about 20, proxies add a dozen; bounds the work that many tiny headers make.
  std::size_t header_count_max = 128;
  // Of a request's body, before and after decoding; 10,000 events of 1.6 KiB.
  std::size_t body_bytes_max = 16 * 1024 * 1024;
  // Bodies of more than 64 KiB that are being received, over all connections; above it: 503.
  std::size_t bodies_bytes_max = 512 * 1024 * 1024;
  // Parsed and not answered, per connection; above it the connection is not read.
  std::size_t pipelined_max = 64;
  // Answers that the client has not taken, per connection; above it the connection is not read.
  std::size_t output_bytes_max = 1024 * 1024;
  // Above it a new connection is answered 503 and closed. Idle ones cost about 3 KiB each.
  std::size_t connections_max = 10'000;
  // Connections that are being told so; above it they are closed without a word.
  std::size_t refused_connections_max = 256;
};

// In milliseconds of the clock in ServerOptions; looked at every tick_ms, so never early and late
// by up to one tick. 0 switches a timeout off.
struct Timeouts {
  int tick_ms = 100;
  // From the first byte of a request (or the start of a connection) to the end of its headers.
  int head_ms = 10'000;
  // A body must bring rate_bytes_min in every such window, and end within body_total_ms.
  int body_window_ms = 10'000;
  int body_total_ms = 300'000;
  // A client must take rate_bytes_min of a waiting answer in every such window.
  int write_window_ms = 10'000;
  // 1 KiB/s over a window of 10 s: far below any working line, far above one byte at a time.
  std::size_t rate_bytes_min = 10 * 1024;
  // Between requests on a kept connection; longer than the 60 s of usual proxies, so that they
  // close first.
  int idle_ms = 75'000;
  // From a request to its answer; longer than any wait the service makes.
  int handler_ms = 60'000;
  // After the last answer: how long what a client still sends is thrown away, so that closing does
  // not reset the connection under the answer it has not read yet.
  int linger_ms = 2'000;
};

// Bytes after a request's body that may be read (not used): JSON parsers load whole vectors.
inline constexpr std::size_t kBodyPaddingBytes = 64;

// One read. Larger than a usual batch (72 KiB), since the size of a read is the cost of a large
// body.
inline constexpr std::size_t kReadBytes = 256 * 1024;

// Bodies up to this size are not counted against bodies_bytes_max.
inline constexpr std::size_t kUncountedBodyBytes = 64 * 1024;

// Compressed bodies up to this size are decoded on the network thread (below 0.2 ms); larger ones
// on the executor.
inline constexpr std::size_t kInlineDecodeBytes = 16 * 1024;

// What the framing of a chunked body may add to its bytes: chunks of 6 bytes reach it, one-byte
// chunks of a large body do not pass.
inline constexpr std::size_t kChunkFramingBytesMax = 16 * 1024 * 1024;

}  // namespace piperoll::http
