// Cursors: any text as a token (with and without its base64), and sealed ones with a byte changed.
// The input's first byte chooses.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "query/cursor.h"

namespace {

using piperoll::query::Cursor;
using piperoll::query::CursorKey;
using piperoll::query::open_cursor;
using piperoll::query::seal_cursor;

constexpr std::string_view kBinding = "binding";

// Nobody but us can make a token, so nothing that was not sealed here may open.
void expect_refused(const CursorKey& key, std::string_view token) {
  const piperoll::base::Result<Cursor> cursor = open_cursor(key, kBinding, token);
  CHECK(!cursor.has_value());
  CHECK(cursor.error().kind == piperoll::base::ErrorKind::InvalidArgument);
  CHECK(cursor.error().code == "invalid_cursor");
}

void change_a_sealed_one(const CursorKey& key, std::string_view input) {
  Cursor cursor;
  cursor.forward = input.size() % 2 == 0;
  for (const char c : input.substr(0, 8)) {
    cursor.seq = cursor.seq << 8 | static_cast<unsigned char>(c);
    cursor.tree_size = ~cursor.seq;
  }
  const std::string token = seal_cursor(key, kBinding, cursor);
  CHECK(open_cursor(key, kBinding, token).value() == cursor);
  if (input.size() >= 2) {
    std::string changed = token;
    changed[static_cast<unsigned char>(input[0]) % changed.size()] = input[1];
    if (changed != token) {
      expect_refused(key, changed);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Nothing is ever sealed with the second: the fuzzer learns what it sees being compared.
  static const CursorKey key = {std::string(32, 'f')};
  static const CursorKey unused_key = {std::string(32, 'g')};
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) {
    return 0;
  }
  const int kind = static_cast<unsigned char>(input.front()) % 3;
  input.remove_prefix(1);
  if (kind == 0) {
    expect_refused(unused_key, input);
  } else if (kind == 1) {
    expect_refused(unused_key, piperoll::base::base64url_encode(input));
  } else {
    change_a_sealed_one(key, input);
  }
  return 0;
}
