#include "tlog/proof.h"

#include <span>
#include <string>

#include "tlog/frontier.h"

namespace piperoll::tlog {
namespace {

// The hash of each range, with one call of the reader for all of them.
base::Result<std::vector<Hash>> hashes_of(std::span<const LeafRange> ranges, HashReader& reader) {
  std::vector<NodeId> nodes;
  std::vector<std::size_t> counts;
  for (const LeafRange& range : ranges) {
    const std::vector<NodeId> part = nodes_of(range);
    nodes.insert(nodes.end(), part.begin(), part.end());
    counts.push_back(part.size());
  }
  if (nodes.empty()) {
    return std::vector<Hash>{};
  }
  ASSIGN_OR_RETURN(const std::vector<Hash> read, reader.read_hashes(nodes));
  if (read.size() != nodes.size()) {
    return base::Error{.kind = base::ErrorKind::Corruption,
                       .message = "asked for " + std::to_string(nodes.size()) +
                                  " hashes of the tree, got " + std::to_string(read.size())};
  }
  std::vector<Hash> hashes;
  std::span<const Hash> rest = read;
  for (const std::size_t count : counts) {
    hashes.push_back(fold(rest.first(count)));
    rest = rest.subspan(count);
  }
  return hashes;
}

base::Error out_of_range(const char* what, std::uint64_t value, std::uint64_t bound) {
  return {.kind = base::ErrorKind::InvalidArgument,
          .message = std::string(what) + " " + std::to_string(value) + " is beyond the tree of " +
                     std::to_string(bound) + " leaves"};
}

}  // namespace

base::Result<Hash> tree_root(std::uint64_t tree_size, HashReader& reader) {
  if (tree_size == 0) {
    return empty_root();
  }
  const LeafRange whole{0, tree_size};
  ASSIGN_OR_RETURN(const std::vector<Hash> hashes, hashes_of({&whole, 1}, reader));
  return hashes.front();
}

base::Result<Proof> prove_inclusion(std::uint64_t index, std::uint64_t tree_size,
                                    HashReader& reader) {
  if (index >= tree_size) {
    return out_of_range("leaf", index, tree_size);
  }
  return hashes_of(inclusion_proof_ranges(index, tree_size), reader);
}

base::Result<Proof> prove_consistency(std::uint64_t from, std::uint64_t to, HashReader& reader) {
  if (from > to) {
    return out_of_range("size", from, to);
  }
  if (from == 0) {
    return Proof{};
  }
  return hashes_of(consistency_proof_ranges(from, to), reader);
}

}  // namespace piperoll::tlog
