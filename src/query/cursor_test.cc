#include "query/cursor.h"

#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace piperoll::query {
namespace {

const CursorKey kKey = {std::string(32, 'k')};
const Cursor kCursor = {.seq = 41, .tree_size = 1000, .forward = true};

event::LogId log_of(char byte, event::LogKind kind = event::LogKind::Events) {
  return {base::Uuid::from_bytes(std::string(16, byte)), kind};
}

void expect_refused(const CursorKey& key, std::string_view binding, std::string_view token) {
  const base::Result<Cursor> cursor = open_cursor(key, binding, token);
  ASSERT_FALSE(cursor.has_value()) << token;
  EXPECT_EQ(cursor.error().kind, base::ErrorKind::InvalidArgument);
  EXPECT_EQ(cursor.error().code, "invalid_cursor");
}

TEST(Cursor, OpensWhatWasSealed) {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()}) {
    for (const bool forward : {true, false}) {
      const Cursor cursor = {.seq = number, .tree_size = ~number, .forward = forward};
      EXPECT_EQ(open_cursor(kKey, "b", seal_cursor(kKey, "b", cursor)).value(), cursor);
    }
  }
}

TEST(Cursor, IsSafeInUrls) {
  const std::string token = seal_cursor(kKey, "binding", kCursor);
  EXPECT_EQ(token.size(), 44U);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
}

TEST(Cursor, IsRefusedWhenAnyBitIsFlipped) {
  const std::string token = base::base64url_decode(seal_cursor(kKey, "b", kCursor)).value();
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    std::string changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    expect_refused(kKey, "b", base::base64url_encode(changed));
  }
}

TEST(Cursor, IsRefusedWhenCutOrExtended) {
  const std::string token = seal_cursor(kKey, "b", kCursor);
  for (std::size_t length = 0; length < token.size(); ++length) {
    expect_refused(kKey, "b", token.substr(0, length));
  }
  for (const char* more : {"A", "AA", "AAAA", "=", " ", "\n"}) {
    expect_refused(kKey, "b", token + more);
  }
}

TEST(Cursor, IsRefusedUnderAnotherKeyOrBinding) {
  const std::string token = seal_cursor(kKey, "b", kCursor);
  expect_refused({std::string(32, 'l')}, "b", token);
  expect_refused(kKey, "c", token);
  expect_refused(kKey, "", token);
  expect_refused(kKey, std::string("b\0", 2), token);
}

RC_GTEST_PROP(Cursor, IsRefusedWhenItIsJustAnything, (const std::string& text)) {
  RC_ASSERT(!open_cursor(kKey, "b", text));
  RC_ASSERT(!open_cursor(kKey, "b", base::base64url_encode(text)));
}

TEST(CursorBinding, DiffersWithSurfaceLogFilterAndSort) {
  const event::FieldRef action = {event::Field::Action, {}};
  const Sort sort = newest_first();
  const std::set<std::string> bindings = {
      cursor_binding("native", log_of('a'), all(), sort),
      cursor_binding("nirvana", log_of('a'), all(), sort),
      cursor_binding("native", log_of('b'), all(), sort),
      cursor_binding("native", log_of('a', event::LogKind::Access), all(), sort),
      cursor_binding("native", log_of('a'), equal(action, "a"), sort),
      cursor_binding("native", log_of('a'), equal(action, "b"), sort),
      cursor_binding("native", log_of('a'), all(), {{event::Field::OccurredAt, false}}),
      cursor_binding("native", log_of('a'), all(),
                     {{event::Field::OccurredAt, true, Absent::Lowest}}),
  };
  EXPECT_EQ(bindings.size(), 8U);
}

TEST(CursorBinding, IsTheSameForFiltersThatMeanTheSame) {
  const Filter a = equal({event::Field::Action, {}}, "a");
  const Filter b = exists({event::Field::Source, {}});
  EXPECT_EQ(cursor_binding("s", log_of('a'), all_of({a, b}), newest_first()),
            cursor_binding("s", log_of('a'), all_of({b, all_of({a})}), newest_first()));
}

}  // namespace
}  // namespace piperoll::query
