#pragma once
// For tests: trees in memory, and the definitions of RFC 6962 section 2.1 written down as they
// stand there, recursively and without regard to cost. Independent of the code under test but for
// leaf_hash and node_hash. One thread at a time.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "tlog/hash.h"
#include "tlog/hash_reader.h"
#include "tlog/tree_math.h"

namespace piperoll::tlog {

using Leaves = std::span<const Hash>;

inline std::size_t naive_split(std::size_t size) {
  std::size_t k = 1;
  while (2 * k < size) {
    k *= 2;
  }
  return k;
}

inline Hash naive_root(Leaves leaves) {
  if (leaves.empty()) {
    return empty_root();
  }
  if (leaves.size() == 1) {
    return leaves.front();
  }
  const std::size_t k = naive_split(leaves.size());
  return node_hash(naive_root(leaves.first(k)), naive_root(leaves.subspan(k)));
}

// PATH(m, D[n])
inline std::vector<Hash> naive_path(std::size_t index, Leaves leaves) {
  if (leaves.size() == 1) {
    return {};
  }
  const std::size_t k = naive_split(leaves.size());
  const bool is_left = index < k;
  std::vector<Hash> path =
      is_left ? naive_path(index, leaves.first(k)) : naive_path(index - k, leaves.subspan(k));
  path.push_back(naive_root(is_left ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

// SUBPROOF(m, D[n], b)
inline std::vector<Hash> naive_subproof(std::size_t from, Leaves leaves, bool known) {
  if (from == leaves.size()) {
    return known ? std::vector<Hash>{} : std::vector<Hash>{naive_root(leaves)};
  }
  const std::size_t k = naive_split(leaves.size());
  std::vector<Hash> proof;
  if (from <= k) {
    proof = naive_subproof(from, leaves.first(k), known);
    proof.push_back(naive_root(leaves.subspan(k)));
  } else {
    proof = naive_subproof(from - k, leaves.subspan(k), false);
    proof.push_back(naive_root(leaves.first(k)));
  }
  return proof;
}

// On which side the sibling is at each step from the leaf up: 'l' or 'r'.
inline std::string naive_turns(std::size_t index, std::size_t size) {
  if (size == 1) {
    return "";
  }
  const std::size_t k = naive_split(size);
  return index < k ? naive_turns(index, k) + 'r' : naive_turns(index - k, size - k) + 'l';
}

// Leaf i is `label` and i in decimal.
inline std::vector<Hash> labelled_leaves(std::size_t count, const std::string& label = "entry ") {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back(leaf_hash(label + std::to_string(i)));
  }
  return leaves;
}

// All complete nodes of a growing list of leaves. Counts its calls.
class MemoryTree final : public HashReader {
 public:
  explicit MemoryTree(Leaves leaves) {
    for (const Hash& leaf : leaves) {
      add(leaf);
    }
  }
  void add(const Hash& leaf) {
    nodes_[{0, size_}] = leaf;
    ++size_;
    for (unsigned level = 1; size_ % (std::uint64_t{1} << level) == 0; ++level) {
      const std::uint64_t index = (size_ >> level) - 1;
      nodes_[{level, index}] =
          node_hash(nodes_.at({level - 1, 2 * index}), nodes_.at({level - 1, 2 * index + 1}));
    }
  }
  const std::map<NodeId, Hash>& nodes() const { return nodes_; }
  int calls() const { return calls_; }

  base::Result<std::vector<Hash>> read_hashes(std::span<const NodeId> nodes) override {
    ++calls_;
    std::vector<Hash> hashes;
    for (const NodeId& node : nodes) {
      const auto found = nodes_.find(node);
      CHECK(found != nodes_.end());
      hashes.push_back(found->second);
    }
    return hashes;
  }

 private:
  std::uint64_t size_ = 0;
  int calls_ = 0;
  std::map<NodeId, Hash> nodes_;
};

// The CT repositories' tree of eight leaves.
inline std::vector<std::string> ct_leaves() {
  using namespace std::string_literals;
  return {""s,
          "\0"s,
          "\x10"s,
          "\x20\x21"s,
          "\x30\x31"s,
          "\x40\x41\x42\x43"s,
          "\x50\x51\x52\x53\x54\x55\x56\x57"s,
          "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"s};
}

inline std::vector<Hash> ct_leaf_hashes() {
  std::vector<Hash> hashes;
  for (const std::string& leaf : ct_leaves()) {
    hashes.push_back(leaf_hash(leaf));
  }
  return hashes;
}

inline std::string hex(const Hash& hash) {
  return base::hex_encode(as_bytes(hash));
}

}  // namespace piperoll::tlog
