#pragma once
// Cursors: opaque page tokens. A token names the record a page ended at, the direction and the tree
// size the paging started from; it is authenticated (HMAC-SHA-256, cut to 128 bits) and bound to
// the log, the filter and the sort, not to limit or offset. URL-safe, no padding. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/record.h"
#include "query/query.h"

namespace piperoll::query {

struct CursorKey {
  std::string bytes;  // 32 random bytes, kept with the data directory
};

struct Cursor {
  std::uint64_t seq = 0;        // of the record at the edge of the page
  std::uint64_t tree_size = 0;  // of the first page
  bool forward = true;          // after seq, else before seq
  bool operator==(const Cursor&) const = default;
};

// What a cursor is good for; two requests with equal bindings may exchange cursors.
std::string cursor_binding(std::string_view surface, const event::LogId& log, const Filter& filter,
                           const Sort& sort);

std::string seal_cursor(const CursorKey& key, std::string_view binding, const Cursor& cursor);
// InvalidArgument (code "invalid_cursor") for anything that seal_cursor did not return for the same
// key and binding. Constant time in the comparison.
base::Result<Cursor> open_cursor(const CursorKey& key, std::string_view binding,
                                 std::string_view token);

}  // namespace piperoll::query
