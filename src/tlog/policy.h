#pragma once
// Policies (c2sp.org/tlog-policy): which logs are known, which witnesses, and which of these must
// have cosigned a checkpoint before it counts. Values, pure functions.
//
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> all|any|<k> <name>...
//   quorum <name>|none                      exactly one
//
// A name stands for a witness or a group of the lines before. Words are separated by spaces and
// tabs; blank lines, and those whose first word begins with '#', are skipped.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"

namespace piperoll::tlog {

inline constexpr std::size_t kPolicyBytesMax = 1U << 20;
inline constexpr std::size_t kPolicyNamesMax = 1024;  // witnesses and groups together
inline constexpr std::string_view kNoQuorum = "none";

struct PolicyLog {
  VerifierKey key;  // type Ed25519, named as the origin
  std::string url;  // empty: none
  bool operator==(const PolicyLog&) const = default;
};

struct PolicyWitness {
  std::string name;  // within the policy alone
  VerifierKey key;   // type Cosignature
  std::string url;   // submission prefix (c2sp.org/tlog-witness); empty: none
  bool operator==(const PolicyWitness&) const = default;
};

struct PolicyGroup {
  std::string name;
  std::size_t threshold = 1;  // so many of the members, 1 to all
  std::vector<std::string> members;
  bool operator==(const PolicyGroup&) const = default;
};

struct Policy {
  std::vector<PolicyLog> logs;
  std::vector<PolicyWitness> witnesses;
  std::vector<PolicyGroup> groups;  // each after its members
  std::string quorum = std::string(kNoQuorum);
  bool operator==(const Policy&) const = default;
};

// InvalidArgument beginning with "line <n>: ", for keys of other types than those above too;
// TooLarge above kPolicyBytesMax.
base::Result<Policy> parse_policy(std::string_view text);
// Canonical: logs, witnesses, groups, quorum, one space between words, thresholds as numbers.
std::string print_policy(const Policy& policy);

// Whether the quorum is reached when these witnesses, by their index, have cosigned.
// REQUIRES: one for each witness; policy is as parse_policy gives it
bool is_quorum(const Policy& policy, const std::vector<bool>& cosigned);

std::vector<VerifierKey> log_keys(const Policy& policy);
std::vector<VerifierKey> witness_keys(const Policy& policy);

// Which witnesses cosigned the note. InvalidArgument (code "signature_invalid") for a bad
// cosignature under the key of one of them.
base::Result<std::vector<bool>> cosigners(const Policy& policy, const Note& note);

// open_checkpoint, and the quorum reached: InvalidArgument (code "quorum_missing") if it is not.
// keys: of the log, as there: the policy's own log lines count only where they are given
// (log_keys).
base::Result<SignedCheckpoint> open_checkpoint(std::string_view note,
                                               std::span<const VerifierKey> keys,
                                               const Policy& policy);

}  // namespace piperoll::tlog
