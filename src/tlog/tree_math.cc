#include "tlog/tree_math.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace piperoll::tlog {
namespace {

constexpr unsigned kLevelsMax = 64;

unsigned bit_length(std::uint64_t value) {
  return static_cast<unsigned>(std::bit_width(value));
}

}  // namespace

std::uint64_t split_point(std::uint64_t size) {
  CHECK(size >= 2);
  return std::bit_floor(size - 1);
}

bool is_complete(const NodeId& node, std::uint64_t tree_size) {
  // index + 1 <= size >> level, written so that nothing overflows.
  return node.level < kLevelsMax && node.index < tree_size >> node.level;
}

std::uint64_t node_count(std::uint64_t tree_size) {
  CHECK(tree_size < std::uint64_t{1} << 63);
  return 2 * tree_size - static_cast<std::uint64_t>(std::popcount(tree_size));
}

std::vector<NodeId> nodes_of(const LeafRange& range) {
  CHECK(range.begin <= range.end);
  std::vector<NodeId> nodes;
  std::uint64_t at = range.begin;
  while (at < range.end) {
    // The largest power of two that fits; by the alignment of the range, at is a multiple of it.
    const unsigned level = bit_length(range.end - at) - 1;
    const std::uint64_t span = std::uint64_t{1} << level;
    CHECK(at % span == 0);
    nodes.push_back({level, at >> level});
    at += span;
  }
  return nodes;
}

std::vector<NodeId> nodes_across(const LeafRange& range) {
  CHECK(range.begin <= range.end && range.end < std::uint64_t{1} << 63);
  std::vector<NodeId> nodes;
  std::uint64_t at = range.begin;
  while (at < range.end) {
    const unsigned fits = bit_length(range.end - at) - 1;
    const unsigned level =
        at == 0 ? fits : std::min(fits, static_cast<unsigned>(std::countr_zero(at)));
    nodes.push_back({level, at >> level});
    at += std::uint64_t{1} << level;
  }
  return nodes;
}

unsigned inclusion_proof_length(std::uint64_t index, std::uint64_t tree_size) {
  CHECK(index < tree_size);
  // Up to the level where the paths of this leaf and of the last one meet there is a sibling at
  // each step; above it only where the path turns right.
  const unsigned inner = bit_length(index ^ (tree_size - 1));
  const std::uint64_t above = inner < kLevelsMax ? index >> inner : 0;
  return inner + static_cast<unsigned>(std::popcount(above));
}

std::vector<LeafRange> inclusion_proof_ranges(std::uint64_t index, std::uint64_t tree_size) {
  CHECK(index < tree_size);
  std::vector<LeafRange> ranges;
  LeafRange tree{0, tree_size};
  while (tree.size() > 1) {
    const std::uint64_t middle = tree.begin + split_point(tree.size());
    if (index < middle) {
      ranges.push_back({middle, tree.end});
      tree.end = middle;
    } else {
      ranges.push_back({tree.begin, middle});
      tree.begin = middle;
    }
  }
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

std::vector<LeafRange> consistency_proof_ranges(std::uint64_t from, std::uint64_t to) {
  CHECK(0 < from && from <= to);
  std::vector<LeafRange> ranges;
  LeafRange tree{0, to};
  // SUBPROOF of the RFC from the top down; the proof lists it from the bottom up.
  while (tree.end != from) {
    const std::uint64_t middle = tree.begin + split_point(tree.size());
    if (from <= middle) {
      ranges.push_back({middle, tree.end});
      tree.end = middle;
    } else {
      ranges.push_back({tree.begin, middle});
      tree.begin = middle;
    }
  }
  // The verifier knows the old root; only a part of the old tree has to be named.
  if (tree.begin != 0) {
    ranges.push_back(tree);
  }
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

}  // namespace piperoll::tlog
