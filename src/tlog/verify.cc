#include "tlog/verify.h"

#include <bit>
#include <string>

#include "tlog/tree_math.h"

namespace piperoll::tlog {
namespace {

base::Error refused(std::string why) {
  return {
      .kind = base::ErrorKind::InvalidArgument, .message = std::move(why), .code = "proof_invalid"};
}

// Up the tree from a node at (fn) and the last node of its level (sn), RFC 9162's names.
struct Path {
  std::uint64_t fn, sn;
  // The sibling is on the left: this node is a right child, or the last one without a partner.
  bool sibling_is_left() const { return (fn & 1) == 1 || fn == sn; }
  void step() {
    if (sibling_is_left() && (fn & 1) == 0) {
      // The last node of a level goes up unchanged until it has a left sibling.
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    }
    fn >>= 1;
    sn >>= 1;
  }
};

base::Result<void> check_without_proof(const ConsistencyClaim& claim) {
  if (!claim.proof.empty()) {
    return refused("a consistency proof from " + std::to_string(claim.from) + " to " +
                   std::to_string(claim.to) + " must be empty");
  }
  if (claim.from == claim.to && claim.from_root != claim.to_root) {
    return refused("two roots for the tree of " + std::to_string(claim.to) + " leaves");
  }
  if (claim.from == 0 && claim.from_root != empty_root()) {
    return refused("the empty tree has another root");
  }
  return {};
}

}  // namespace

base::Result<Hash> root_of_inclusion(const InclusionClaim& claim) {
  if (claim.index >= claim.tree_size) {
    return refused("leaf " + std::to_string(claim.index) + " is beyond the tree of " +
                   std::to_string(claim.tree_size) + " leaves");
  }
  const std::size_t length = inclusion_proof_length(claim.index, claim.tree_size);
  if (claim.proof.size() != length) {
    return refused("the inclusion proof must have " + std::to_string(length) + " hashes, not " +
                   std::to_string(claim.proof.size()));
  }
  Path path{claim.index, claim.tree_size - 1};
  Hash hash = claim.leaf;
  for (const Hash& sibling : claim.proof) {
    if (path.sn == 0) {
      return refused("the inclusion proof is longer than the tree is high");
    }
    hash = path.sibling_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
    path.step();
  }
  if (path.sn != 0) {
    return refused("the inclusion proof ends below the root");
  }
  return hash;
}

base::Result<void> check_inclusion(const InclusionClaim& claim) {
  ASSIGN_OR_RETURN(const Hash root, root_of_inclusion(claim));
  if (root != claim.root) {
    return refused("the inclusion proof of leaf " + std::to_string(claim.index) +
                   " does not lead to the root");
  }
  return {};
}

base::Result<void> check_consistency(const ConsistencyClaim& claim) {
  if (claim.from > claim.to) {
    return refused("size " + std::to_string(claim.from) + " is beyond the tree of " +
                   std::to_string(claim.to) + " leaves");
  }
  if (claim.from == 0 || claim.from == claim.to) {
    return check_without_proof(claim);
  }
  std::span<const Hash> proof = claim.proof;
  Hash first = claim.from_root;
  if (!std::has_single_bit(claim.from)) {
    if (proof.empty()) {
      return refused("the consistency proof is empty");
    }
    first = proof.front();
    proof = proof.subspan(1);
  }
  Path path{claim.from - 1, claim.to - 1};
  while ((path.fn & 1) == 1) {
    path.fn >>= 1;
    path.sn >>= 1;
  }
  Hash from_root = first;
  Hash to_root = first;
  for (const Hash& sibling : proof) {
    if (path.sn == 0) {
      return refused("the consistency proof is longer than the tree is high");
    }
    if (path.sibling_is_left()) {
      from_root = node_hash(sibling, from_root);
      to_root = node_hash(sibling, to_root);
    } else {
      to_root = node_hash(to_root, sibling);
    }
    path.step();
  }
  if (path.sn != 0) {
    return refused("the consistency proof ends below the root");
  }
  if (from_root != claim.from_root) {
    return refused("the consistency proof does not lead to the root of size " +
                   std::to_string(claim.from));
  }
  if (to_root != claim.to_root) {
    return refused("the consistency proof does not lead to the root of size " +
                   std::to_string(claim.to));
  }
  return {};
}

}  // namespace piperoll::tlog
