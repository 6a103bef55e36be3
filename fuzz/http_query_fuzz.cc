// Query strings, paths and cookies as a client may send them.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/unicode.h"
#include "wire/message.h"
#include "wire/url.h"

using namespace piperoll;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);

  auto strict = wire::parse_query(text);
  wire::Parameters lenient = wire::parse_query_leniently(text);
  if (strict.has_value()) {
    CHECK(*strict == lenient);
  } else {
    CHECK(strict.error().faults.size() == 1);
    CHECK(base::is_valid_utf8(strict.error().message));
  }
  for (const auto& [name, value] : lenient) {
    CHECK(base::is_valid_utf8(name) && base::is_valid_utf8(value));
    CHECK(wire::find(lenient, name).has_value());
  }

  if (auto segments = wire::split_path(text)) {
    for (const std::string& segment : *segments) {
      CHECK(base::is_valid_utf8(segment));
      CHECK(wire::percent_decode(wire::percent_encode(segment), wire::Plus::Literal) == segment);
    }
  }

  wire::Request request;
  request.target = text;
  request.headers = {{"Cookie", text}, {text, "x"}};
  CHECK(request.path().size() + request.query().size() <= size);
  request.cookie("a");
  CHECK(request.header(text).has_value());
  return 0;
}
