// Requests as a client may send them, whole and cut into pieces: the same must come of both, and
// what is accepted must be what the parser promises.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/request_parser.h"
#include "wire/message.h"

using namespace piperoll;
using Step = http::RequestParser::Step;

namespace {

// A head cannot be told from one that goes on before its end has come; neither can a last chunk.
constexpr std::string_view kBehind = "\r\n\r\n\r\n\r\n";

struct Outcome {
  Step step = Step::NeedMore;
  std::string method, target, headers, body;
  std::size_t used = 0;
  bool operator==(const Outcome&) const = default;
};

void check_place(const http::Place& place, const http::RequestHead& head) {
  CHECK(place.offset + std::size_t{place.size} <= head.bytes);
}

Outcome outcome_of(const http::RequestHead& head, std::string_view message) {
  CHECK(head.bytes <= message.size() && message.substr(0, head.bytes).ends_with("\r\n\r\n"));
  CHECK(!head.chunked || head.content_length == 0);
  CHECK(head.version == 11 || (head.version == 10 && !head.chunked));
  check_place(head.method, head);
  check_place(head.target, head);
  Outcome outcome{.step = Step::Done,
                  .method = std::string(head.method.in(message.data())),
                  .target = std::string(head.target.in(message.data())),
                  .used = head.bytes};
  CHECK(!outcome.method.empty());
  CHECK(outcome.target.starts_with('/') || outcome.target == "*");
  for (const http::HeaderPlace& header : head.headers) {
    check_place(header.name, head);
    check_place(header.value, head);
    std::string_view value = header.value.in(message.data());
    CHECK(header.name.size > 0);
    CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    outcome.headers.append(header.name.in(message.data())).append("=").append(value).append(";");
  }
  return outcome;
}

Outcome parse(std::string_view bytes, std::size_t piece) {
  http::Limits limits{.body_bytes_max = 4096};
  http::RequestParser parser(limits);
  Outcome outcome;
  std::size_t at = 0;
  for (bool done = false; !done;) {
    at = std::min(bytes.size(), at + piece);
    std::string moved(bytes.substr(0, at));
    Step step = parser.parse_head(moved);
    if (step == Step::Failed || (step == Step::NeedMore && at == bytes.size())) {
      return {.step = step};
    }
    done = step == Step::Done;
    if (done) {
      outcome = outcome_of(parser.head(), moved);
    }
  }
  if (!parser.head().chunked) {
    return outcome;
  }
  std::string raw(bytes.substr(outcome.used, at - outcome.used));
  for (;;) {
    std::size_t consumed = 0;
    Step step = parser.parse_chunks(raw, consumed, outcome.body);
    CHECK(consumed <= raw.size() && outcome.body.size() <= limits.body_bytes_max);
    raw.erase(0, consumed);
    outcome.used += consumed;
    if (step == Step::Done) {
      return outcome;
    }
    if (step == Step::Failed || at == bytes.size()) {
      return {.step = step};
    }
    std::size_t next = std::min(bytes.size(), at + piece);
    raw.append(bytes.substr(at, next - at));
    at = next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  bytes += kBehind;

  Outcome whole = parse(bytes, bytes.size());
  CHECK(parse(bytes, 1 + data[0] % 16) == whole);
  CHECK(parse(bytes, 1) == whole);
  return 0;
}
