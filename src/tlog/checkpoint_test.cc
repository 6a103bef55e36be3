#include "tlog/checkpoint.h"

#include <gtest/gtest.h>

#include "tlog/frontier.h"
#include "tlog/tree_test_support.h"

namespace piperoll::tlog {
namespace {

// Keys of RFC 8032 TEST 1 and TEST 2. The notes were verified with golang.org/x/mod sumdb/note, the
// Tessera client and transparency-dev/formats.
constexpr std::string_view kLogKey =
    "example.org/audit+4c6ee7a2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
constexpr std::string_view kWitnessKey =
    "witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
constexpr std::string_view kLogSeed =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr std::string_view kWitnessSeed =
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr std::string_view kCosigned =
    "example.org/audit\n"
    "8\n"
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    "\n"
    "\xe2\x80\x94 example.org/audit "
    "TG7nou3Tll1JGf9VrApq6+g5KEyLlj1/omg4iW63mLpHLAdV5FsbkLS9JKJ2gdA8Fxx28pCVnDhAFzmFhMPgDu58TQU=\n"
    "\xe2\x80\x94 witness.example/w1 "
    "BNLYMwAAAABlU/EA3nB32Ao2dfXYiaV1V6WDplNNTPFjSWZb8ogXRP4b3YE2UB0GRXxS6qCHbJgoOelkBEyD9QKp5mE/"
    "tuR1+VD4AQ==\n";

NoteSigner signer(std::string name, std::string_view seed, KeyType type) {
  auto key = crypto::Ed25519PrivateKey::from_seed(base::hex_decode(seed).value());
  return NoteSigner::make(std::move(name), *std::move(key), type).value();
}

NoteSigner log_signer() {
  return signer("example.org/audit", kLogSeed, KeyType::Ed25519);
}

Checkpoint checkpoint_of(std::uint64_t size, std::string_view label) {
  Frontier frontier;
  const std::vector<Hash> leaves =
      label.empty() ? ct_leaf_hashes() : labelled_leaves(size, std::string(label));
  for (std::uint64_t i = 0; i < size; ++i) {
    frontier.append(leaves[i]);
  }
  return {.origin = "example.org/audit", .size = size, .root = frontier.root(), .extensions = {}};
}

std::string signature_line(const Checkpoint& checkpoint) {
  const std::string note = sign_checkpoint(checkpoint, log_signer());
  return note.substr(note.rfind(' ') + 1);
}

TEST(Checkpoint, IsThatOfTheVectorWithItsCosignature) {
  const Checkpoint checkpoint = checkpoint_of(8, "");
  Note note{.text = print_checkpoint(checkpoint), .signatures = {}};
  note.signatures.push_back(log_signer().sign(note.text));
  note.signatures.push_back(signer("witness.example/w1", kWitnessSeed, KeyType::Cosignature)
                                .cosign(note.text, 1'700'000'000));

  EXPECT_EQ(print_note(note), kCosigned);
}

TEST(Checkpoint, OpensWithTheKeysOfLogAndWitness) {
  const VerifierKey keys[] = {parse_verifier_key(kWitnessKey).value(),
                              parse_verifier_key(kLogKey).value()};
  const auto opened = open_checkpoint(kCosigned, keys);

  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->checkpoint, checkpoint_of(8, ""));
  ASSERT_EQ(opened->verified.size(), 2);
  EXPECT_EQ(opened->verified[1].unix_seconds, 1'700'000'000);
}

TEST(Checkpoint, SignaturesAreThoseOfTheVectors) {
  EXPECT_EQ(signature_line(checkpoint_of(70'000, "entry ")),
            "TG7nonljwLxJ1a876JN6LY2T4yf3+Z3hgCLTqV6TNjE32AL/"
            "GaNFcbYE6E9apkIHXZK+5W6V3IG+tXBBzLNDB+ZQbgw=\n");
  EXPECT_EQ(signature_line(checkpoint_of(600, "entry ")),
            "TG7nongm70Wnay94/"
            "+EBGyzRM7DAfpgjowdRm7V32n7EY1iyFONjox4u8PILPtYKHzjj8dmoWSND5mvjForW2aEJZQ0=\n");
  EXPECT_EQ(
      signature_line(checkpoint_of(0, "entry ")),
      "TG7novNCy5uYuf468lw5PQfz8V6FF1swpYj4OCPJTdbmx6mtcaPfXipGiHiu5Mmb8Goa6GwRi8wIKhxWTFGUOsmZg"
      "gM=\n");
}

TEST(Checkpoint, MustBeSignedByItsOwnLog) {
  const VerifierKey witness_only[] = {parse_verifier_key(kWitnessKey).value()};
  const auto opened = open_checkpoint(kCosigned, witness_only);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "signature_missing");

  // Another log of the same server, with the same key material under its own name.
  const NoteSigner other = signer("example.org/other", kLogSeed, KeyType::Ed25519);
  const VerifierKey both[] = {parse_verifier_key(kLogKey).value(), other.verifier_key()};
  const std::string foreign = sign_checkpoint(checkpoint_of(8, ""), other);
  EXPECT_EQ(open_checkpoint(foreign, both).error().code, "signature_missing");
}

TEST(Checkpoint, RoundTripsWithExtensionLines) {
  Checkpoint checkpoint = checkpoint_of(600, "entry ");
  checkpoint.extensions = {"one", "two more"};
  EXPECT_EQ(parse_checkpoint(print_checkpoint(checkpoint)).value(), checkpoint);
}

TEST(Checkpoint, RefusesOtherTexts) {
  const std::string root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
  EXPECT_TRUE(parse_checkpoint("o\n8\n" + root));
  EXPECT_TRUE(parse_checkpoint("o\n9223372036854775807\n" + root));
  for (const std::string& text :
       {std::string(),
        std::string("o\n"),
        std::string("o\n8\n"),
        "\n8\n" + root,
        "o\n\n" + root,
        "o\n08\n" + root,
        "o\n00\n" + root,
        "o\n-1\n" + root,
        "o\n+1\n" + root,
        "o\n 8\n" + root,
        "o\n8 \n" + root,
        "o\n0x8\n" + root,
        "o\n8.0\n" + root,
        "o\n9223372036854775808\n" + root,
        "o\n18446744073709551616\n" + root,
        "o\n8\n" + root.substr(0, 44),
        "o\n8\n" + root.substr(1),
        "o\n8\n" + root + "\n",
        "o\n8\n" + root + "x",
        "o\n8\n" + root + "x\n\n",
        std::string("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n"),
        std::string("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz-Nw7_RgQyg=\n")}) {
    EXPECT_FALSE(parse_checkpoint(text)) << text;
  }
}

}  // namespace
}  // namespace piperoll::tlog
