#pragma once
// Making proofs (RFC 6962 sections 2.1.1 and 2.1.2) from stored hashes. No state; as thread-safe as
// the reader. Each function reads once. Errors of the reader come through; an answer of the wrong
// length is Corruption.
//
// A reader that lies (tiles from elsewhere, a damaged disk) gives a proof that does not verify:
// whoever does not trust the reader checks what comes out with verify.h before he uses it.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "tlog/hash.h"
#include "tlog/hash_reader.h"
#include "tlog/tree_math.h"

namespace piperoll::tlog {

using Proof = std::vector<Hash>;  // at most 64 hashes (inclusion), 65 (consistency)

// The root of the tree when it had tree_size leaves; empty_root() for 0.
base::Result<Hash> tree_root(std::uint64_t tree_size, HashReader& reader);
// That leaf `index` is in the tree of tree_size leaves; leaf side first. InvalidArgument unless
// index < tree_size.
base::Result<Proof> prove_inclusion(std::uint64_t index, std::uint64_t tree_size,
                                    HashReader& reader);
// That the tree of `from` leaves is a prefix of the one of `to`. Empty for from = 0 (a statement
// about nothing, as in tlog-witness) and from = to. InvalidArgument unless from <= to.
base::Result<Proof> prove_consistency(std::uint64_t from, std::uint64_t to, HashReader& reader);

}  // namespace piperoll::tlog
