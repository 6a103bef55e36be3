#pragma once
// Arithmetic on the shape of RFC 6962 trees; no hashes here. Pure functions, any size below 2^64.
//
// A node is named by its level and its index in that level: it spans the leaves
// [index << level, (index + 1) << level). A tree of n leaves holds exactly the nodes whose span
// ends at or below n ("complete" nodes); they never change once they are there. What RFC 6962 calls
// the hash of any other range is folded from complete nodes when it is needed.

#include <compare>
#include <cstdint>
#include <vector>

namespace piperoll::tlog {

struct NodeId {
  unsigned level = 0;  // 0: leaves
  std::uint64_t index = 0;
  auto operator<=>(const NodeId&) const = default;
};

// A range of leaves [begin, end).
struct LeafRange {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t size() const { return end - begin; }
  bool operator==(const LeafRange&) const = default;
};

// RFC 6962's k: the largest power of two strictly less than size. REQUIRES: size >= 2
std::uint64_t split_point(std::uint64_t size);

bool is_complete(const NodeId& node, std::uint64_t tree_size);
// How many complete nodes a tree has, leaves included: 2 * size - popcount(size).
// REQUIRES: size < 2^63
std::uint64_t node_count(std::uint64_t tree_size);

// The fewest complete nodes that span the range, from left to right; none for an empty range.
// REQUIRES: the range is a subtree of some RFC 6962 tree: begin is a multiple of the least power of
// two >= size(). Then the hash of the range is node(first, node(second, ...)).
std::vector<NodeId> nodes_of(const LeafRange& range);

// The same for any range, where folding them gives nothing: they are the fewest hashes by which
// leaves that are not known become part of a tree that grows (Frontier::append_node), at most two
// for each level. REQUIRES: begin <= end < 2^63
std::vector<NodeId> nodes_across(const LeafRange& range);

// Number of hashes in an inclusion proof. REQUIRES: index < tree_size
unsigned inclusion_proof_length(std::uint64_t index, std::uint64_t tree_size);

// The subtrees whose hashes are the proof, in the order of the proof (leaf side first).
// RFC 6962 section 2.1.1, "Merkle audit path". REQUIRES: index < tree_size
std::vector<LeafRange> inclusion_proof_ranges(std::uint64_t index, std::uint64_t tree_size);
// RFC 6962 section 2.1.2, PROOF(from, D[to]). REQUIRES: 0 < from <= to; from = to gives none
std::vector<LeafRange> consistency_proof_ranges(std::uint64_t from, std::uint64_t to);

}  // namespace piperoll::tlog
