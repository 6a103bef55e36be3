#pragma once
// Lines of an export that stand for events which are not in it, by their hashes, so that the lines
// of a filtered export still give the root of the log. They show that something is there and what
// it hashes to; not what it is, nor that it does not match the filter. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "tlog/frontier.h"
#include "tlog/hash.h"
#include "tlog/tree_math.h"

namespace piperoll::evidence {

// The one member of such a line.
inline constexpr std::string_view kWithheldMember = "piperoll_withheld";
// Longer runs of leaves are cut into several lines: 45 kB each.
inline constexpr std::uint64_t kWithheldLeavesMax = 1'024;

// hashes: one for each leaf of the range, or for each node of tlog::nodes_across(range). Where both
// are as many they are the same.
struct Withheld {
  tlog::LeafRange range;
  std::vector<tlog::Hash> hashes;
};

// {"piperoll_withheld":{"from","to","hashes":[base64]}} and a line feed.
void append_withheld(std::string& out, const Withheld& withheld);
// value: that of the member. InvalidArgument when it is none, or an empty range.
base::Result<Withheld> read_withheld(const base::JsonValue& value);
// REQUIRES: the range begins at tree.size()
void append_withheld(tlog::Frontier& tree, const Withheld& withheld);

// What to ask for where each leaf is shown.
std::vector<tlog::NodeId> leaf_nodes(const tlog::LeafRange& range);

}  // namespace piperoll::evidence
