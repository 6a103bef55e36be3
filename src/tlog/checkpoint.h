#pragma once
// Checkpoints (c2sp.org/tlog-checkpoint): what a log signs about itself. Values, pure functions.
//
//   <origin> LF <size, decimal> LF <root, base64> LF ( <extension line> LF )*
//
// A log must never sign two that contradict each other; ours have no extension lines.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tlog/hash.h"
#include "tlog/note.h"

namespace piperoll::tlog {

struct Checkpoint {
  std::string origin;  // not empty; of our logs also the name of the key
  std::uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;  // none empty
  bool operator==(const Checkpoint&) const = default;
};

inline constexpr std::uint64_t kTreeSizeMax = (std::uint64_t{1} << 63) - 1;  // as other logs

// InvalidArgument for anything that print_checkpoint would not give, size > kTreeSizeMax included.
base::Result<Checkpoint> parse_checkpoint(std::string_view text);
// REQUIRES: origin and extension lines are not empty and hold no LF
std::string print_checkpoint(const Checkpoint& checkpoint);
// The signed note.
std::string sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer);

struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
  std::vector<VerifiedSignature> verified;  // by the keys given; at least one is the log's own
};
// A signed checkpoint from outside. keys: those of the log (type Ed25519, named as its origin), old
// ones too, and of any witnesses. Errors as parse_note, verify_note, parse_checkpoint;
// "signature_missing" also when no key of the log signed.
base::Result<SignedCheckpoint> open_checkpoint(std::string_view note,
                                               std::span<const VerifierKey> keys);

// A decimal number as in checkpoints and proofs: no sign, no leading zero, at most kTreeSizeMax.
base::Result<std::uint64_t> parse_tree_size(std::string_view digits);

}  // namespace piperoll::tlog
