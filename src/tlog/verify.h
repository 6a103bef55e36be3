#pragma once
// Checking proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Pure functions, shared by the server,
// the command line and the tests. Nothing in a claim is trusted but the roots, whose signatures are
// the caller's to check (checkpoint.h).
//
// A claim that does not hold is InvalidArgument with the code "proof_invalid" and says which step
// failed. The length of the proof and the index are part of the claim: a longer or shorter proof or
// another index is refused even where some root would come out. A root alone does not tell the size
// of its tree: size and root must come from one signed checkpoint.

#include <cstdint>
#include <span>

#include "base/result.h"
#include "tlog/hash.h"

namespace piperoll::tlog {

// "The leaf with this hash is number `index` of the tree with this size and root."
struct InclusionClaim {
  std::uint64_t index = 0;
  std::uint64_t tree_size = 0;
  Hash leaf{};  // leaf_hash of the leaf's bytes
  Hash root{};
  std::span<const Hash> proof;
};
base::Result<void> check_inclusion(const InclusionClaim& claim);
// The root that the proof leads to; claim.root is not looked at. The same errors otherwise.
base::Result<Hash> root_of_inclusion(const InclusionClaim& claim);

// "The tree (from, from_root) is a prefix of the tree (to, to_root)."
// from = 0: holds with an empty proof and the empty root. from = to: empty proof, equal roots.
struct ConsistencyClaim {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  Hash from_root{};
  Hash to_root{};
  std::span<const Hash> proof;
};
base::Result<void> check_consistency(const ConsistencyClaim& claim);

}  // namespace piperoll::tlog
