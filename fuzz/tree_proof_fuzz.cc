// Claims about trees from a small program in the input: proofs of a true tree with hashes, indices
// and sizes changed. The verifiers must say what the recursive definitions of RFC 6962 say, written
// down here without regard to anything but clearness.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tlog/frontier.h"
#include "tlog/proof.h"
#include "tlog/verify.h"

namespace {

using namespace piperoll::tlog;
using Hashes = std::span<const Hash>;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::uint8_t byte() { return empty() ? std::uint8_t{0} : data_[at_++]; }
  // Small numbers, and some near powers of two.
  std::uint64_t number() {
    const std::uint64_t kind = byte();
    if (kind < 200) {
      return kind % 70;
    }
    return (std::uint64_t{1} << (kind % 64)) + byte() - 128;
  }

 private:
  const std::uint8_t* const data_;
  const std::size_t size_;
  std::size_t at_ = 0;
};

std::uint64_t split(std::uint64_t size) {
  std::uint64_t k = 1;
  while (size - k > k) {
    k *= 2;
  }
  return k;
}

Hash root(Hashes leaves) {
  if (leaves.empty()) {
    return empty_root();
  }
  if (leaves.size() == 1) {
    return leaves.front();
  }
  const std::size_t k = split(leaves.size());
  return node_hash(root(leaves.first(k)), root(leaves.subspan(k)));
}

std::optional<Hash> root_of(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                            Hashes proof) {
  if (index >= size) {
    return std::nullopt;
  }
  if (size == 1) {
    return proof.empty() ? std::optional(leaf) : std::nullopt;
  }
  if (proof.empty()) {
    return std::nullopt;
  }
  const std::uint64_t k = split(size);
  const bool left = index < k;
  const auto part =
      root_of(left ? index : index - k, left ? k : size - k, leaf, proof.first(proof.size() - 1));
  if (!part) {
    return std::nullopt;
  }
  return left ? node_hash(*part, proof.back()) : node_hash(proof.back(), *part);
}

// The old and the new root; known is the old root where the subtree is the whole old tree.
std::optional<std::pair<Hash, Hash>> roots_of(std::uint64_t from, std::uint64_t size,
                                              const Hash* known, Hashes proof) {
  if (from == size) {
    if (proof.size() != (known == nullptr ? 1U : 0U)) {
      return std::nullopt;
    }
    const Hash& hash = known == nullptr ? proof.front() : *known;
    return std::pair(hash, hash);
  }
  if (proof.empty()) {
    return std::nullopt;
  }
  const std::uint64_t k = split(size);
  const bool left = from <= k;
  const auto part = roots_of(left ? from : from - k, left ? k : size - k, left ? known : nullptr,
                             proof.first(proof.size() - 1));
  if (!part) {
    return std::nullopt;
  }
  const Hash& other = proof.back();
  return left ? std::pair(part->first, node_hash(part->second, other))
              : std::pair(node_hash(other, part->first), node_hash(other, part->second));
}

bool joined(const ConsistencyClaim& claim) {
  if (claim.from == 0) {
    return claim.proof.empty() && claim.from_root == empty_root() &&
           (claim.to != 0 || claim.to_root == empty_root());
  }
  if (claim.from > claim.to) {
    return false;
  }
  const auto roots = roots_of(claim.from, claim.to, &claim.from_root, claim.proof);
  return roots && roots->first == claim.from_root && roots->second == claim.to_root;
}

class Reader final : public HashReader {
 public:
  explicit Reader(Hashes leaves) : leaves_(leaves) {}
  piperoll::base::Result<std::vector<Hash>> read_hashes(std::span<const NodeId> nodes) override {
    std::vector<Hash> hashes;
    for (const NodeId& node : nodes) {
      hashes.push_back(
          root(leaves_.subspan(node.index << node.level, std::size_t{1} << node.level)));
    }
    return hashes;
  }

 private:
  const Hashes leaves_;
};

void change(Input& input, Proof& proof) {
  const std::size_t at = proof.empty() ? 0 : input.byte() % proof.size();
  switch (input.byte() % 5) {
    case 0:
      proof.push_back(leaf_hash("more"));
      break;
    case 1:
      proof.insert(proof.begin(), leaf_hash("more"));
      break;
    case 2:
      if (!proof.empty()) {
        proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(at));
      }
      break;
    case 3:
      if (!proof.empty()) {
        proof[at][input.byte() % 32] ^= input.byte();
      }
      break;
    default:
      if (!proof.empty()) {
        std::swap(proof[at], proof.back());
      }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  std::vector<Hash> leaves;
  const std::size_t count = 1 + input.byte() % 40;
  for (std::size_t i = 0; i < count; ++i) {
    const char byte = static_cast<char>(i);
    leaves.push_back(leaf_hash({&byte, 1}));
  }
  Reader reader(leaves);
  std::uint64_t index = input.byte() % count;
  std::uint64_t from = 1 + input.byte() % count;
  std::uint64_t to = count;
  Proof inclusion = prove_inclusion(index, to, reader).value();
  Proof consistency = prove_consistency(from, to, reader).value();
  const Hash leaf = leaves[index];
  Hash from_root = root(Hashes(leaves).first(from));
  const Hash to_root = root(leaves);

  while (true) {
    const InclusionClaim included{index, to, leaf, to_root, inclusion};
    const auto expected = root_of(index, to, leaf, inclusion);
    CHECK(check_inclusion(included).has_value() == (expected == to_root));
    CHECK(!expected || *root_of_inclusion(included) == *expected);
    const ConsistencyClaim joins{from, to, from_root, to_root, consistency};
    CHECK(check_consistency(joins).has_value() == joined(joins));
    if (input.empty()) {
      return 0;
    }
    switch (input.byte() % 6) {
      case 0:
        index = input.number();
        break;
      case 1:
        from = input.number();
        break;
      case 2:
        to = input.number();
        break;
      case 3:
        change(input, inclusion);
        break;
      case 4:
        change(input, consistency);
        break;
      default:
        from_root = input.byte() % 2 == 0 ? empty_root() : to_root;
    }
  }
}
