#include "tlog/frontier.h"

#include <bit>

#include "base/check.h"

namespace piperoll::tlog {

base::Result<Frontier> Frontier::restore(std::uint64_t size, std::span<const Hash> edge) {
  if (edge.size() != static_cast<std::size_t>(std::popcount(size))) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "the right edge of a tree of " + std::to_string(size) +
                                  " leaves does not have " + std::to_string(edge.size()) +
                                  " hashes"};
  }
  Frontier frontier;
  frontier.size_ = size;
  frontier.edge_.assign(edge.begin(), edge.end());
  return frontier;
}

Hash Frontier::root() const {
  return edge_.empty() ? empty_root() : fold(edge_);
}

template <class Sink>
void Frontier::append_to(const Hash& leaf, Sink sink) {
  CHECK(size_ < std::uint64_t{1} << 63);
  Hash hash = leaf;
  sink(NodeId{0, size_}, hash);
  // Each trailing one of the size is an edge node that now gets its right sibling.
  const unsigned completed = static_cast<unsigned>(std::countr_one(size_));
  for (unsigned level = 1; level <= completed; ++level) {
    hash = node_hash(edge_.back(), hash);
    edge_.pop_back();
    sink(NodeId{level, size_ >> level}, hash);
  }
  edge_.push_back(hash);
  ++size_;
}

void Frontier::append(const Hash& leaf, std::vector<Node>& new_nodes) {
  append_to(leaf, [&](NodeId id, const Hash& hash) { new_nodes.push_back({id, hash}); });
}

void Frontier::append(const Hash& leaf) {
  append_to(leaf, [](NodeId, const Hash&) {});
}

void Frontier::append_node(unsigned level, const Hash& hash) {
  CHECK(level < 63 && size_ % (std::uint64_t{1} << level) == 0);
  CHECK(size_ < (std::uint64_t{1} << 63) - (std::uint64_t{1} << level));
  Hash node = hash;
  for (int completed = std::countr_one(size_ >> level); completed > 0; --completed) {
    node = node_hash(edge_.back(), node);
    edge_.pop_back();
  }
  edge_.push_back(node);
  size_ += std::uint64_t{1} << level;
}

Hash fold(std::span<const Hash> hashes) {
  CHECK(!hashes.empty());
  Hash hash = hashes.back();
  for (std::size_t i = hashes.size() - 1; i-- > 0;) {
    hash = node_hash(hashes[i], hash);
  }
  return hash;
}

}  // namespace piperoll::tlog
