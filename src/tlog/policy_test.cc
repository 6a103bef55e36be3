#include "tlog/policy.h"

#include <bit>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::tlog {
namespace {

NoteSigner signer(std::string name, char seed, KeyType type) {
  auto key = crypto::Ed25519PrivateKey::from_seed(std::string(32, seed));
  return NoteSigner::make(std::move(name), *std::move(key), type).value();
}

NoteSigner log_signer() {
  return signer("audit.example/acme", 'l', KeyType::Ed25519);
}

NoteSigner witness(int number) {
  return signer("w" + std::to_string(number) + ".example", static_cast<char>('1' + number),
                KeyType::Cosignature);
}

std::string witness_line(const std::string& name, int number) {
  return "witness " + name + " " + witness(number).verifier_key().print() + "\n";
}

// Two of three X, and any of two Y.
std::string nested() {
  std::string text = "log " + log_signer().verifier_key().print() + " https://audit.example/\n";
  for (int i = 0; i < 5; ++i) {
    text += witness_line((i < 3 ? "X" : "Y") + std::to_string(i), i);
  }
  return text +
         "group X 2 X0 X1 X2\n"
         "group Y any Y3 Y4\n"
         "group both all X Y\n"
         "quorum both\n";
}

std::string error_of(const std::string& text) {
  const auto policy = parse_policy(text);
  return policy ? "" : policy.error().message;
}

TEST(Policy, IsReadWithItsGroups) {
  const Policy policy = parse_policy(nested()).value();

  ASSERT_EQ(policy.logs.size(), 1U);
  EXPECT_EQ(policy.logs[0].key, log_signer().verifier_key());
  EXPECT_EQ(policy.logs[0].url, "https://audit.example/");
  ASSERT_EQ(policy.witnesses.size(), 5U);
  EXPECT_EQ(policy.witnesses[3].name, "Y3");
  EXPECT_EQ(policy.groups,
            (std::vector<PolicyGroup>{
                {"X", 2, {"X0", "X1", "X2"}}, {"Y", 1, {"Y3", "Y4"}}, {"both", 2, {"X", "Y"}}}));
  EXPECT_EQ(policy.quorum, "both");
}

TEST(Policy, IsReadAsItIsPrinted) {
  const Policy policy = parse_policy(nested()).value();
  EXPECT_EQ(parse_policy(print_policy(policy)).value(), policy);
  EXPECT_EQ(print_policy(parse_policy("quorum none\n").value()), "quorum none\n");
}

TEST(Policy, MayHoldBlanksCommentsAndAnyBytesAboveAscii) {
  const Policy policy = parse_policy("\t# \xff any bytes\n \t\n  witness\t\xe2\x84\xaa  " +
                                     witness(0).verifier_key().print() +
                                     "\thttps://w.example/\xc3\xa9 \n" + "quorum \xe2\x84\xaa\n")
                            .value();
  EXPECT_EQ(policy.quorum, "\xe2\x84\xaa");
  EXPECT_EQ(policy.witnesses[0].url, "https://w.example/\xc3\xa9");
}

TEST(Policy, NamesTheLineThatIsWrong) {
  const std::string one = witness_line("a", 0);
  const std::string two = one + witness_line("b", 1);
  const std::string log_key = log_signer().verifier_key().print();
  const std::string cases[][2] = {
      {"quorum none", "line 1: must end"},
      {"\nquorums none\n", "line 2: a line must begin"},
      {"quorum a\n" + one, "line 1: \"a\" is no witness"},
      {"quorum none\nquorum none\n", "line 2: there is a quorum already"},
      {"quorum none none\n", "line 1: write: quorum"},
      {one, "there must be a line \"quorum"},
      {"", "there must be a line \"quorum"},
      {one + one, "line 2: the name \"a\" is taken"},
      {one + witness_line("b", 0), "line 2: this public key is in a line before"},
      {"witness none " + witness(0).verifier_key().print() + "\n", "line 1: the name \"none\""},
      {"witness a " + log_key + "\n", "line 1: the key of a witness must be of type 0x04"},
      {"witness a\n", "line 1: write: witness"},
      {"witness a nonsense\n", "line 1: \"nonsense\": "},
      {"log " + witness(0).verifier_key().print() + "\n", "line 1: the key of a log"},
      {"log " + log_key + "\nlog " + log_key + "\n", "line 2: this public key"},
      {"log " + log_key + " url more\n", "line 1: write: log"},
      {"group g any\n", "line 1: write: group"},
      {two + "group g 0 a b\n", "line 3: a group needs"},
      {two + "group g 3 a b\n", "line 3: a group needs"},
      {two + "group g 01 a b\n", "line 3: a group needs"},
      {two + "group g some a b\n", "line 3: a group needs"},
      {two + "group g any a a\n", "line 3: \"a\" is a member of a group already"},
      {two + "group g any a\ngroup h any a b\n", "line 4: \"a\" is a member"},
      {two + "group g any g\n", "line 3: \"g\" is no witness"},
      {two + "group g any none\n", "line 3: \"none\" is no witness"},
      {two + "group a any b\n", "line 3: the name \"a\" is taken"},
      {"# \r\nquorum none\n", "line 1: control characters"},
      {"# \x7f\nquorum none\n", "line 1: control characters"}};
  for (const auto& [text, begin] : cases) {
    EXPECT_TRUE(error_of(text).starts_with(begin)) << text << "\n" << error_of(text);
  }
  EXPECT_EQ(parse_policy(std::string(kPolicyBytesMax + 1, '\n')).error().kind,
            base::ErrorKind::TooLarge);
}

TEST(Policy, TakesThirtyTwoOfEach) {
  std::string text;
  for (int i = 0; i < 32; ++i) {
    text += witness_line("w" + std::to_string(i), i);
  }
  for (int i = 0; i < 32; ++i) {
    text += "group g" + std::to_string(i) + " any w" + std::to_string(i) + "\n";
  }
  EXPECT_TRUE(parse_policy(text + "quorum g31\n"));
}

// Every set of witnesses, against the rule written down in words.
TEST(Policy, TheQuorumOfNestedGroupsIsThatOfTheRule) {
  const Policy policy = parse_policy(nested()).value();
  for (unsigned set = 0; set < 32; ++set) {
    std::vector<bool> cosigned;
    for (unsigned i = 0; i < 5; ++i) {
      cosigned.push_back((set >> i & 1U) != 0);
    }
    const bool expected = std::popcount(set & 7U) >= 2 && (set & 24U) != 0;
    EXPECT_EQ(is_quorum(policy, cosigned), expected) << set;
  }
}

TEST(Policy, WithoutAQuorumNobodyIsNeeded) {
  const Policy policy = parse_policy(witness_line("a", 0) + "quorum none\n").value();
  EXPECT_TRUE(is_quorum(policy, {false}));
}

// k of n for random k and n, with witnesses in one group.
RC_GTEST_PROP(Policy, AThresholdCountsItsMembers, ()) {
  const int members = *rc::gen::inRange(1, 17);
  const int threshold = *rc::gen::inRange(1, members + 1);
  Policy policy;
  PolicyGroup group{"g", static_cast<std::size_t>(threshold), {}};
  std::vector<bool> cosigned;
  for (int i = 0; i < members; ++i) {
    policy.witnesses.push_back({"w" + std::to_string(i), witness(i).verifier_key(), ""});
    group.members.push_back(policy.witnesses.back().name);
    cosigned.push_back(*rc::gen::arbitrary<bool>());
  }
  policy.groups = {group};
  policy.quorum = "g";
  const auto count = std::count(cosigned.begin(), cosigned.end(), true);
  RC_ASSERT(parse_policy(print_policy(policy)).value() == policy);
  RC_ASSERT(is_quorum(policy, cosigned) == (count >= threshold));
}

// One more cosignature never makes a checkpoint count for less.
RC_GTEST_PROP(Policy, MoreCosignaturesNeverHurt, ()) {
  const Policy policy = parse_policy(nested()).value();
  const auto set = *rc::gen::container<std::vector<bool>>(5, rc::gen::arbitrary<bool>());
  const int more = *rc::gen::inRange(0, 5);
  std::vector<bool> larger = set;
  larger[static_cast<std::size_t>(more)] = true;
  RC_ASSERT(!is_quorum(policy, set) || is_quorum(policy, larger));
}

std::string note_by(const std::vector<int>& witnesses) {
  std::string note = sign_checkpoint(
      {.origin = "audit.example/acme", .size = 3, .root = leaf_hash("x"), .extensions = {}},
      log_signer());
  const std::string text = parse_note(note).value().text;
  for (const int number : witnesses) {
    note += print_signature(witness(number).cosign(text, 1'700'000'000));
  }
  return note;
}

TEST(Policy, ACheckpointCountsOnceTheQuorumCosigned) {
  const Policy policy = parse_policy(nested()).value();

  EXPECT_TRUE(open_checkpoint(note_by({0, 2, 4}), log_keys(policy), policy));
  const auto few = open_checkpoint(note_by({0, 4}), log_keys(policy), policy);
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code, "quorum_missing");
  EXPECT_NE(few.error().message.find("X0, Y4"), std::string::npos) << few.error().message;
  EXPECT_EQ(open_checkpoint(note_by({}), log_keys(policy), policy).error().code, "quorum_missing");
}

TEST(Policy, ABadCosignatureOfAKnownWitnessSpoilsTheCheckpoint) {
  const Policy policy = parse_policy(nested()).value();
  std::string note = note_by({0, 2, 4});
  NoteSignature lie = witness(1).cosign("another text\n", 1'700'000'000);
  note += print_signature(lie);
  EXPECT_EQ(open_checkpoint(note, log_keys(policy), policy).error().code, "signature_invalid");

  const Policy without = parse_policy("quorum none\n").value();
  const VerifierKey keys[] = {log_signer().verifier_key()};
  EXPECT_TRUE(open_checkpoint(note, keys, without)) << "unknown keys are ignored";
}

}  // namespace
}  // namespace piperoll::tlog
