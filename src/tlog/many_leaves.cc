#include "tlog/many_leaves.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "crypto/sha256_many.h"

namespace piperoll::tlog {
namespace {

constexpr std::size_t kNodeBytes = 1 + 2 * kHashBytes;
constexpr std::size_t kNodeBlocks = crypto::sha256_blocks(kNodeBytes);
constexpr std::size_t kNodesAtOnce = 64;  // a few for each lane; 9 kB

// What a node is the hash of, with the padding, which is the same for all.
struct PaddedNode {
  PaddedNode() {
    text[0] = kNodePrefix;
    crypto::pad_message(text.data(), kNodeBytes);
  }
  std::array<char, std::max(kNodeBlocks* crypto::kSha256BlockBytes,
                            kNodeBytes + crypto::kSha256PaddingMax)>
      text;
};

}  // namespace

void node_hashes(std::span<const Hash> children, std::span<Hash> parents) {
  CHECK(children.size() == 2 * parents.size());
  std::array<PaddedNode, kNodesAtOnce> nodes;
  std::array<crypto::PaddedMessage, kNodesAtOnce> messages;
  for (std::size_t done = 0; done < parents.size();) {
    const std::size_t count = std::min(parents.size() - done, kNodesAtOnce);
    for (std::size_t i = 0; i < count; ++i) {
      char* const text = nodes[i].text.data();
      std::memcpy(text + 1, children[2 * (done + i)].data(), 2 * kHashBytes);
      messages[i] = {text, kNodeBlocks, &parents[done + i]};
    }
    crypto::sha256_padded({messages.data(), count});
    done += count;
  }
}

void append_all(Frontier& tree, std::span<const Hash> leaves, std::vector<Node>& new_nodes) {
  if (leaves.size() == 1) {
    return tree.append(leaves.front(), new_nodes);
  }
  CHECK(leaves.size() < (std::uint64_t{1} << 63) - tree.size());
  std::vector<Hash> edge(tree.edge().begin(), tree.edge().end());
  std::vector<Hash> row(leaves.begin(), leaves.end());  // what is new of a level
  std::uint64_t first = tree.size();                    // index of the first of them
  std::vector<Hash> ends;                               // rows' last ones that have no sibling
  for (unsigned level = 0; !row.empty(); ++level, first >>= 1) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      new_nodes.push_back({{level, first + i}, row[i]});
    }
    if (first % 2 == 1) {  // its left sibling is the smallest node of the edge
      row.push_back(edge.back());
      std::rotate(row.begin(), row.end() - 1, row.end());
      edge.pop_back();
    }
    if (row.size() % 2 == 1) {
      ends.push_back(row.back());
      row.pop_back();
    }
    std::vector<Hash> parents(row.size() / 2);
    node_hashes(row, parents);
    row = std::move(parents);
  }
  for (; !ends.empty(); ends.pop_back()) {
    edge.push_back(ends.back());
  }
  tree = Frontier::restore(tree.size() + leaves.size(), edge).value();  // as many as it says
}

}  // namespace piperoll::tlog
