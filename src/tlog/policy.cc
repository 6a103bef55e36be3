#include "tlog/policy.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"

namespace piperoll::tlog {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error bad(std::string why) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(why), .code = "invalid_policy"};
}

// The only white space of a policy, and its only control characters but LF.
constexpr std::string_view kBlanks = " \t";

bool is_refused(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) {
      return words;
    }
    words.push_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(words.back().size());
  }
}

using Words = std::vector<std::string_view>;

class PolicyReader {
 public:
  Result<void> add_line(std::string_view line) {
    if (std::any_of(line.begin(), line.end(), is_refused)) {
      return bad("control characters other than tab are not allowed");
    }
    const Words words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) {
      return {};
    }
    if (words[0] == "log") {
      return add_log(words);
    }
    if (words[0] == "witness") {
      return add_witness(words);
    }
    if (words[0] == "group") {
      return add_group(words);
    }
    if (words[0] == "quorum") {
      return set_quorum(words);
    }
    return bad("a line must begin with log, witness, group or quorum, not \"" +
               std::string(words[0].substr(0, 40)) + "\"");
  }

  Result<Policy> finish() {
    if (!has_quorum_) {
      return bad("there must be a line \"quorum <name>\", or \"quorum none\"");
    }
    return std::move(policy_);
  }

 private:
  Result<void> add_log(const Words& words) {
    if (words.size() != 2 && words.size() != 3) {
      return bad("write: log <vkey> [<url>]");
    }
    ASSIGN_OR_RETURN(PolicyLog log, key_of<PolicyLog>(words[1], KeyType::Ed25519, policy_.logs));
    log.url = words.size() == 3 ? std::string(words[2]) : "";
    policy_.logs.push_back(std::move(log));
    return {};
  }

  Result<void> add_witness(const Words& words) {
    if (words.size() != 3 && words.size() != 4) {
      return bad("write: witness <name> <vkey> [<url>]");
    }
    RETURN_IF_ERROR(take_name(words[1]));
    ASSIGN_OR_RETURN(PolicyWitness witness,
                     key_of<PolicyWitness>(words[2], KeyType::Cosignature, policy_.witnesses));
    witness.name = std::string(words[1]);
    witness.url = words.size() == 4 ? std::string(words[3]) : "";
    policy_.witnesses.push_back(std::move(witness));
    return {};
  }

  Result<void> add_group(const Words& words) {
    if (words.size() < 4) {
      return bad("write: group <name> all|any|<k> <name>...");
    }
    PolicyGroup group{.name = std::string(words[1]), .threshold = 0, .members = {}};
    for (const std::string_view member : Words(words.begin() + 3, words.end())) {
      RETURN_IF_ERROR(take_member(member));
      group.members.emplace_back(member);
    }
    ASSIGN_OR_RETURN(group.threshold, threshold_of(words[2], group.members.size()));
    RETURN_IF_ERROR(take_name(words[1]));  // after its members: a group is not one of itself
    policy_.groups.push_back(std::move(group));
    return {};
  }

  Result<void> set_quorum(const Words& words) {
    if (words.size() != 2) {
      return bad("write: quorum <name>, or quorum none");
    }
    if (has_quorum_) {
      return bad("there is a quorum already");
    }
    if (words[1] != kNoQuorum && !names_.contains(words[1])) {
      return bad("\"" + std::string(words[1]) + "\" is no witness or group of the lines before");
    }
    policy_.quorum = std::string(words[1]);
    has_quorum_ = true;
    return {};
  }

  template <class Entry>
  static Result<Entry> key_of(std::string_view vkey, KeyType type,
                              const std::vector<Entry>& before) {
    auto key = parse_verifier_key(vkey);
    if (!key) {
      return bad("\"" + std::string(vkey.substr(0, 200)) + "\": " + key.error().message);
    }
    if (key->type != type) {
      return bad(type == KeyType::Ed25519
                     ? "the key of a log must be of type 0x01 (Ed25519)"
                     : "the key of a witness must be of type 0x04 (Ed25519 cosignature)");
    }
    const auto same = [&](const Entry& entry) { return entry.key.public_key == key->public_key; };
    if (std::any_of(before.begin(), before.end(), same)) {
      return bad("this public key is in a line before");
    }
    Entry entry;
    entry.key = *std::move(key);
    return entry;
  }

  static Result<std::size_t> threshold_of(std::string_view word, std::size_t members) {
    if (word == "any" || word == "all") {
      return word == "any" ? std::size_t{1} : members;
    }
    const auto number = parse_tree_size(word);
    if (!number || *number == 0 || *number > members) {
      return bad("a group needs all, any, or a number from 1 to " + std::to_string(members) +
                 " of its members");
    }
    return static_cast<std::size_t>(*number);
  }

  Result<void> take_name(std::string_view name) {
    if (name == kNoQuorum || names_.contains(name)) {
      return bad("the name \"" + std::string(name) + "\" is taken");
    }
    if (names_.size() == kPolicyNamesMax) {
      return bad("there may be " + std::to_string(kPolicyNamesMax) + " witnesses and groups");
    }
    names_.emplace(name, false);
    return {};
  }

  // A witness counts in one way alone.
  Result<void> take_member(std::string_view name) {
    const auto known = names_.find(name);
    if (known == names_.end()) {
      return bad("\"" + std::string(name) + "\" is no witness or group of the lines before");
    }
    if (std::exchange(known->second, true)) {
      return bad("\"" + std::string(name) + "\" is a member of a group already");
    }
    return {};
  }

  Policy policy_;
  bool has_quorum_ = false;
  std::map<std::string, bool, std::less<>> names_;  // to whether it is a member
};

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  if (text.size() > kPolicyBytesMax) {
    return Error{.kind = ErrorKind::TooLarge,
                 .message = "a policy may have " + std::to_string(kPolicyBytesMax) + " bytes",
                 .code = "invalid_policy"};
  }
  PolicyReader reader;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.size() == text.size()) {
      return bad("line " + std::to_string(number) + ": must end in a line feed");
    }
    if (auto added = reader.add_line(line); !added) {
      return std::move(added).error().with_context("line " + std::to_string(number));
    }
    text.remove_prefix(line.size() + 1);
  }
  return reader.finish();
}

std::string print_policy(const Policy& policy) {
  const auto tail = [](const std::string& url) { return url.empty() ? "\n" : " " + url + "\n"; };
  std::string text;
  for (const PolicyLog& log : policy.logs) {
    text += "log " + log.key.print() + tail(log.url);
  }
  for (const PolicyWitness& witness : policy.witnesses) {
    text += "witness " + witness.name + " " + witness.key.print() + tail(witness.url);
  }
  for (const PolicyGroup& group : policy.groups) {
    text += "group " + group.name + " " + std::to_string(group.threshold);
    for (const std::string& member : group.members) {
      text += " " + member;
    }
    text += "\n";
  }
  return text + "quorum " + policy.quorum + "\n";
}

bool is_quorum(const Policy& policy, const std::vector<bool>& cosigned) {
  CHECK(cosigned.size() == policy.witnesses.size());
  if (policy.quorum == kNoQuorum) {
    return true;
  }
  std::map<std::string_view, bool> reached;
  for (std::size_t i = 0; i < cosigned.size(); ++i) {
    reached[policy.witnesses[i].name] = cosigned[i];
  }
  for (const PolicyGroup& group : policy.groups) {
    const auto count = std::count_if(group.members.begin(), group.members.end(),
                                     [&](const std::string& name) { return reached[name]; });
    reached[group.name] = static_cast<std::size_t>(count) >= group.threshold;
  }
  return reached[policy.quorum];
}

std::vector<VerifierKey> log_keys(const Policy& policy) {
  std::vector<VerifierKey> keys;
  for (const PolicyLog& log : policy.logs) {
    keys.push_back(log.key);
  }
  return keys;
}

std::vector<VerifierKey> witness_keys(const Policy& policy) {
  std::vector<VerifierKey> keys;
  for (const PolicyWitness& witness : policy.witnesses) {
    keys.push_back(witness.key);
  }
  return keys;
}

Result<std::vector<bool>> cosigners(const Policy& policy, const Note& note) {
  std::vector<bool> cosigned(policy.witnesses.size());
  auto verified = verify_note(note, witness_keys(policy));
  if (!verified && verified.error().code == "signature_missing") {
    return cosigned;
  }
  RETURN_IF_ERROR(verified);
  for (const VerifiedSignature& signature : *verified) {
    cosigned[signature.key] = true;
  }
  return cosigned;
}

Result<SignedCheckpoint> open_checkpoint(std::string_view note, std::span<const VerifierKey> keys,
                                         const Policy& policy) {
  ASSIGN_OR_RETURN(SignedCheckpoint opened, open_checkpoint(note, keys));
  ASSIGN_OR_RETURN(const std::vector<bool> cosigned, cosigners(policy, opened.note));
  if (!is_quorum(policy, cosigned)) {
    std::string names;
    for (std::size_t i = 0; i < cosigned.size(); ++i) {
      if (cosigned[i]) {
        names += (names.empty() ? "" : ", ") + policy.witnesses[i].name;
      }
    }
    return Error{
        .kind = ErrorKind::InvalidArgument,
        .message = "the quorum " + policy.quorum + " of the policy is not reached: " +
                   (names.empty() ? "no witness of it" : "of its witnesses only " + names) +
                   " cosigned the checkpoint",
        .code = "quorum_missing"};
  }
  return opened;
}

}  // namespace piperoll::tlog
