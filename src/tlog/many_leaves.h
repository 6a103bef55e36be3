#pragma once
// Hashing where there is much of it: nodes side by side, which costs a fraction of one after the
// other (crypto/sha256_many.h). Pure functions.

#include <span>
#include <vector>

#include "tlog/frontier.h"
#include "tlog/hash.h"

namespace piperoll::tlog {

// parents[i] is node_hash(children[2 * i], children[2 * i + 1]). REQUIRES: twice as many children
// as parents
void node_hashes(std::span<const Hash> children, std::span<Hash> parents);

// As Frontier::append for each of the leaves. new_nodes gets the same nodes, level by level, and of
// each level in the order of their index. REQUIRES: tree.size() stays below 2^63
void append_all(Frontier& tree, std::span<const Hash> leaves, std::vector<Node>& new_nodes);

}  // namespace piperoll::tlog
