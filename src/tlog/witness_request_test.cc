#include "tlog/witness_request.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

constexpr std::size_t kLeaves = 40;

const NoteSigner& signer() {
  static const NoteSigner kSigner =
      NoteSigner::make("audit.example/acme",
                       crypto::Ed25519PrivateKey::from_seed(std::string(32, 'l')).value())
          .value();
  return kSigner;
}

const std::vector<Hash>& leaves() {
  static const std::vector<Hash> kAll = labelled_leaves(kLeaves);
  return kAll;
}

Hash root_at(std::size_t size) {
  return naive_root(Leaves(leaves()).first(size));
}

std::string note_of(std::uint64_t size, const Hash& root) {
  return sign_checkpoint(
      {.origin = "audit.example/acme", .size = size, .root = root, .extensions = {}}, signer());
}

WitnessRequest request(std::size_t from, std::size_t to) {
  WitnessRequest made{.old_size = from, .consistency = {}, .note = note_of(to, root_at(to))};
  if (from > 0 && from < to) {
    made.consistency = naive_subproof(from, Leaves(leaves()).first(to), true);
  }
  return made;
}

WitnessedTree known(std::size_t size) {
  return {.size = size, .root = root_at(size)};
}

std::vector<VerifierKey> keys() {
  return {signer().verifier_key()};
}

std::string code_of(const WitnessRequest& request, const WitnessedTree& tree) {
  const auto checked = check_witness_request(request, keys(), tree);
  return checked ? "" : checked.error().code;
}

TEST(WitnessRequest, IsLines) {
  const std::string note = note_of(2, root_at(2));
  const WitnessRequest made = request(1, 2);
  ASSERT_EQ(made.consistency.size(), 1U);
  EXPECT_EQ(print_witness_request(made),
            "old 1\n" + print_hash(made.consistency[0]) + "\n\n" + note);
}

TEST(WitnessRequest, RefusesOtherTexts) {
  const std::string note = note_of(2, root_at(2));
  const std::string hash = print_hash(root_at(1)) + "\n";
  ASSERT_TRUE(parse_witness_request("old 1\n" + hash + "\n" + note));
  std::string many = "old 1\n";
  for (std::size_t i = 0; i < kWitnessProofHashesMax; ++i) {
    many += hash;
  }
  EXPECT_TRUE(parse_witness_request(many + "\n" + note));
  for (const std::string& text :
       {std::string(), std::string("old 1\n"), "old 1\n" + hash, "old 1\n" + hash + "\n",
        "old 01\n\n" + note, "old\n\n" + note, "old  1\n\n" + note, "old -1\n\n" + note,
        "Old 1\n\n" + note, "old 1\r\n\r\n" + note, "\nold 1\n\n" + note,
        "old 1\n" + hash.substr(1) + "\n" + note, many + hash + "\n" + note,
        "old 1\n\n" + note.substr(0, note.size() - 1), std::string("old 1\n\nnothing\n"),
        "old 9223372036854775808\n\n" + note, "old 1\n\n\n" + note}) {
    const auto parsed = parse_witness_request(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "malformed_request") << text;
  }
  EXPECT_EQ(parse_witness_request(std::string(kWitnessRequestBytesMax + 1, 'x')).error().kind,
            base::ErrorKind::TooLarge);
}

// Every pair of sizes, from every size that the witness may know.
TEST(WitnessRequest, IsCosignedOnlyWhereItGrowsFromWhatIsKnown) {
  for (std::size_t have = 0; have <= 6; ++have) {
    for (std::size_t from = 0; from <= 6; ++from) {
      for (std::size_t to = 0; to <= 6; ++to) {
        const std::string expected = from > to ? "old_size" : from != have ? "stale" : "";
        EXPECT_EQ(code_of(request(from, to), known(have)), expected)
            << have << " " << from << " " << to;
      }
    }
  }
}

TEST(WitnessRequest, IsRefusedWhereTheTreeIsAnother) {
  WitnessRequest fork = request(7, 7);
  fork.note = note_of(7, leaf_hash("another"));
  EXPECT_EQ(code_of(fork, known(7)), "proof_invalid");
  WitnessRequest grown = request(7, 11);
  grown.note = note_of(11, leaf_hash("another"));
  EXPECT_EQ(code_of(grown, known(7)), "proof_invalid");
  WitnessRequest proven = request(0, 5);
  proven.consistency.push_back(leaf_hash("x"));
  EXPECT_EQ(code_of(proven, known(0)), "proof_invalid");
  WitnessRequest same = request(5, 5);
  same.consistency.push_back(leaf_hash("x"));
  EXPECT_EQ(code_of(same, known(5)), "proof_invalid");
  WitnessRequest empty = request(0, 0);
  empty.note = note_of(0, leaf_hash("x"));
  EXPECT_EQ(code_of(empty, known(0)), "proof_invalid");
}

RC_GTEST_PROP(WitnessRequest, IsReadAsItIsPrinted, ()) {
  const auto to = *rc::gen::inRange<std::size_t>(0, kLeaves + 1);
  const auto from = *rc::gen::inRange<std::size_t>(0, to + 1);
  const WitnessRequest made = request(from, to);
  RC_ASSERT(parse_witness_request(print_witness_request(made)).value() == made);
}

RC_GTEST_PROP(WitnessRequest, AnyChangedHashOfTheProofIsFound, ()) {
  const auto to = *rc::gen::inRange<std::size_t>(2, kLeaves + 1);
  const auto from = *rc::gen::inRange<std::size_t>(1, to);
  WitnessRequest made = request(from, to);
  RC_ASSERT(code_of(made, known(from)).empty());
  const auto at = *rc::gen::inRange<std::size_t>(0, made.consistency.size());
  made.consistency[at][*rc::gen::inRange<std::size_t>(0, kHashBytes)] ^= 1;
  RC_ASSERT(code_of(made, known(from)) == "proof_invalid");
}

TEST(WitnessRequest, NeedsASignatureByATrustedKeyAndIgnoresOthers) {
  const NoteSigner other =
      NoteSigner::make("audit.example/acme",
                       crypto::Ed25519PrivateKey::from_seed(std::string(32, 'o')).value())
          .value();
  WitnessRequest made = request(0, 5);
  made.note += print_signature(other.sign("anything\n"));
  EXPECT_EQ(code_of(made, known(0)), "");

  made.note = sign_checkpoint(parse_checkpoint(parse_note(made.note)->text).value(), other);
  EXPECT_EQ(code_of(made, known(0)), "signature_missing");
  EXPECT_EQ(check_witness_request(made, keys(), known(3)).error().kind, base::ErrorKind::Forbidden)
      << "who asks comes before what is asked";

  WitnessRequest forged = request(0, 5);
  Note note = parse_note(forged.note).value();
  note.signatures[0].signature[5] ^= 1;
  forged.note = print_note(note);
  EXPECT_EQ(code_of(forged, known(0)), "signature_invalid");
}

TEST(WitnessRequest, AKeyMayHaveAnotherNameThanTheOrigin) {
  const NoteSigner named =
      NoteSigner::make("log-key",
                       crypto::Ed25519PrivateKey::from_seed(std::string(32, 'n')).value())
          .value();
  const WitnessRequest made{
      .old_size = 0,
      .consistency = {},
      .note = sign_checkpoint(
          {.origin = "an origin", .size = 4, .root = root_at(4), .extensions = {}}, named)};
  const VerifierKey trusted[] = {named.verifier_key()};
  EXPECT_TRUE(check_witness_request(made, trusted, {}));
}

TEST(WitnessRequest, ASizeLineIsOneNumber) {
  EXPECT_EQ(parse_size_line("0\n").value(), 0U);
  EXPECT_EQ(parse_size_line("20852163\n").value(), 20'852'163U);
  for (const char* text : {"", "\n", "1", "1\n\n", "01\n", " 1\n", "-1\n", "1\r\n"}) {
    EXPECT_FALSE(parse_size_line(text)) << text;
  }
}

}  // namespace
}  // namespace piperoll::tlog
