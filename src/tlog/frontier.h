#pragma once
// The right edge of a growing tree: the hashes of the complete nodes that a root is folded from.
// All that appending needs to know, popcount(size) hashes (a "compact range" from 0). A value; one
// thread at a time.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "tlog/hash.h"
#include "tlog/tree_math.h"

namespace piperoll::tlog {

struct Node {
  NodeId id;
  Hash hash{};
  bool operator==(const Node&) const = default;
};

class Frontier {
 public:
  Frontier() = default;  // of the empty tree
  // From what edge() and size() gave. InvalidArgument when their number does not fit the size.
  static base::Result<Frontier> restore(std::uint64_t size, std::span<const Hash> edge);

  std::uint64_t size() const { return size_; }
  // The nodes of nodes_of({0, size()}), from left (largest) to right.
  std::span<const Hash> edge() const { return edge_; }
  Hash root() const;  // at most 63 node hashes

  // Adds a leaf and appends to new_nodes the nodes that it completes: the leaf itself, then its
  // ancestors upwards. On average two. REQUIRES: size() < 2^63
  void append(const Hash& leaf, std::vector<Node>& new_nodes);
  // The same without naming the nodes: for whoever only wants the root.
  void append(const Hash& leaf);
  // The next 2^level leaves at once, by the hash of their node: for leaves that are not known.
  // REQUIRES: size() is a multiple of 2^level, and stays below 2^63
  void append_node(unsigned level, const Hash& hash);

  bool operator==(const Frontier&) const = default;

 private:
  template <class Sink>
  void append_to(const Hash& leaf, Sink sink);
  std::uint64_t size_ = 0;
  std::vector<Hash> edge_;
};

// The hash of a range from the hashes of nodes_of(range), left to right. REQUIRES: not empty
Hash fold(std::span<const Hash> hashes);

}  // namespace piperoll::tlog
