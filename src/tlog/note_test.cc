#include "tlog/note.h"

#include <gtest/gtest.h>

namespace piperoll::tlog {
namespace {

// c2sp.org/signed-note, example.
constexpr std::string_view kSpecKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kSpecNote =
    "This is an example message.\n"
    "\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";
// golang.org/x/mod sumdb/note, example of the package.
constexpr std::string_view kGoKey =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
constexpr std::string_view kSeed =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

VerifierKey key(std::string_view vkey) {
  return parse_verifier_key(vkey).value();
}

NoteSigner signer(std::string name, KeyType type = KeyType::Ed25519) {
  const base::Bytes seed = base::hex_decode(kSeed).value();
  return NoteSigner::make(std::move(name), crypto::Ed25519PrivateKey::from_seed(seed).value(), type)
      .value();
}

std::string code_of(const base::Result<std::vector<VerifiedSignature>>& result) {
  return result ? "verified" : result.error().code;
}

TEST(Note, ThePublishedOnesVerify) {
  for (const auto& [vkey, bytes] : {std::pair{kSpecKey, kSpecNote}, std::pair{kGoKey, kGoNote}}) {
    const auto note = parse_note(bytes);
    ASSERT_TRUE(note);
    EXPECT_EQ(print_note(*note), bytes);
    const VerifierKey keys[] = {key(vkey)};
    EXPECT_EQ(keys[0].print(), vkey);
    const auto verified = verify_note(*note, keys);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->size(), 1);
    EXPECT_EQ(verified->front().unix_seconds, std::nullopt);
  }
}

TEST(Note, NoChangedBitVerifies) {
  const VerifierKey keys[] = {key(kSpecKey)};
  for (std::size_t bit = 0; bit < kSpecNote.size() * 8; ++bit) {
    std::string bytes(kSpecNote);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const auto note = parse_note(bytes);
    EXPECT_FALSE(note && verify_note(*note, keys)) << bit;
  }
}

TEST(Note, IsCutAtTheLastEmptyLine) {
  const NoteSigner signs = signer("a");
  Note note{.text = "one\n\ntwo\n\n", .signatures = {signs.sign("one\n\ntwo\n\n")}};
  const auto parsed = parse_note(print_note(note));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, note);
  const VerifierKey keys[] = {signs.verifier_key()};
  EXPECT_TRUE(verify_note(*parsed, keys));
}

TEST(Note, RefusesWhatIsNone) {
  const std::string line = "\xe2\x80\x94 a AAAAAAA=\n";
  EXPECT_TRUE(parse_note("text\n\n" + line));
  for (const std::string& bytes :
       {std::string(),
        std::string("\n"),
        std::string("\n\n"),
        std::string("text\n\n"),
        "text\n" + line,
        "text" + line,
        "text\n\n" + line + "\n",
        "text\n\n" + line + "more\n",
        "text\n\n" + line.substr(0, line.size() - 1),
        "text\n\n-" + line.substr(3),
        std::string("text\n\n\xe2\x80\x94") + "a AAAAAAA=\n",
        std::string("text\n\n\xe2\x80\x94 a\n"),
        std::string("text\n\n\xe2\x80\x94 a  AAAAAAA=\n"),
        std::string("text\n\n\xe2\x80\x94  AAAAAAA=\n"),
        std::string("text\n\n\xe2\x80\x94 a AAAAAA==\n"),  // a key id alone
        std::string("text\n\n\xe2\x80\x94 a AAAAAAA\n"),
        std::string("text\n\n\xe2\x80\x94 a AAAAAAA= \n"),
        std::string("text\n\n\xe2\x80\x94 a+b AAAAAAA=\n"),
        std::string("text\n\n\xe2\x80\x94 a\xc2\xa0") + "b AAAAAAA=\n",
        "te\txt\n\n" + line,
        "te\rxt\n\n" + line,
        std::string("te\0xt\n\n", 7) + line,
        "te\xff\n\n" + line}) {
    EXPECT_FALSE(parse_note(bytes)) << bytes;
  }
}

TEST(Note, HasBounds) {
  const std::string line = "\xe2\x80\x94 a AAAAAAA=\n";
  std::string lines;
  for (std::size_t i = 0; i < kNoteSignaturesMax; ++i) {
    lines += line;
  }
  EXPECT_EQ(parse_note("text\n\n" + lines)->signatures.size(), kNoteSignaturesMax);
  EXPECT_FALSE(parse_note("text\n\n" + lines + line));
  const std::string tail = "\n\n" + line;
  EXPECT_TRUE(parse_note(std::string(kNoteBytesMax - tail.size(), 'x') + tail));
  const auto beyond = parse_note(std::string(kNoteBytesMax - tail.size() + 1, 'x') + tail);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, base::ErrorKind::TooLarge);
}

TEST(VerifyNote, IgnoresUnknownKeysAndRefusesBadSignaturesOfKnownOnes) {
  const NoteSigner a = signer("a");
  const NoteSigner b = signer("b");
  const std::string text = "text\n";
  NoteSignature bad = b.sign(text);
  bad.signature[5] = static_cast<char>(bad.signature[5] ^ 1);
  NoteSignature other_id = bad;
  other_id.key_id ^= 1;
  const VerifierKey both[] = {a.verifier_key(), b.verifier_key()};
  const VerifierKey only_a[] = {a.verifier_key()};

  EXPECT_EQ(code_of(verify_note({text, {a.sign(text), b.sign(text)}}, both)), "verified");
  EXPECT_EQ(verify_note({text, {b.sign(text), a.sign(text)}}, both)->front().key, 1);
  EXPECT_EQ(code_of(verify_note({text, {a.sign(text), bad}}, only_a)), "verified");
  EXPECT_EQ(code_of(verify_note({text, {a.sign(text), bad}}, both)), "signature_invalid");
  EXPECT_EQ(code_of(verify_note({text, {a.sign(text), other_id}}, both)), "verified");
  EXPECT_EQ(code_of(verify_note({text, {bad}}, only_a)), "signature_missing");
  EXPECT_EQ(code_of(verify_note({text, {a.sign(text)}}, {})), "signature_missing");
  EXPECT_EQ(code_of(verify_note({"other\n", {a.sign(text)}}, both)), "signature_invalid");
}

TEST(VerifyNote, CountsAKeyOnce) {
  const NoteSigner a = signer("a");
  const VerifierKey keys[] = {a.verifier_key()};
  const auto verified = verify_note({"text\n", {a.sign("text\n"), a.sign("text\n")}}, keys);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->size(), 1);
}

TEST(VerifyNote, ANameIsPartOfTheKey) {
  const NoteSigner a = signer("a");
  NoteSignature renamed = a.sign("text\n");
  renamed.name = "b";
  const VerifierKey keys[] = {a.verifier_key(), signer("b").verifier_key()};
  EXPECT_EQ(code_of(verify_note({"text\n", {renamed}}, keys)), "signature_missing");
}

TEST(VerifierKey, RefusesOtherForms) {
  EXPECT_TRUE(parse_verifier_key(kSpecKey));
  for (const char* vkey :
       {"", "+", "++", "example.com/foo", "example.com/foo+530d903a",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"}) {
    EXPECT_FALSE(parse_verifier_key(vkey)) << vkey;
  }
}

TEST(NoteSigner, WritesItsSecretDownAndReadsItAgain) {
  const NoteSigner a = signer("example.org/audit");
  const auto again = NoteSigner::parse(a.print_secret());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->verifier_key(), a.verifier_key());
  EXPECT_EQ(again->sign("text\n"), a.sign("text\n"));
  EXPECT_EQ(a.verifier_key().print(),
            "example.org/audit+4c6ee7a2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
}

// golang.org/x/mod sumdb/note, example of the package.
TEST(NoteSigner, ReadsTheSecretOfTheGoTools) {
  const auto parsed = NoteSigner::parse(
      "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->verifier_key().print(), kGoKey);
  const auto note = parse_note(kGoNote);
  ASSERT_TRUE(note);
  EXPECT_EQ(parsed->sign(note->text), note->signatures.front());
}

TEST(NoteSigner, RefusesOtherSecretsAndNames) {
  const std::string secret = signer("a").print_secret();
  std::string wrong_id = secret;
  wrong_id[14] = wrong_id[14] == '0' ? '1' : '0';
  EXPECT_FALSE(NoteSigner::parse(wrong_id));
  EXPECT_FALSE(NoteSigner::parse(secret.substr(1)));
  EXPECT_FALSE(NoteSigner::parse(kSpecKey));
  for (const char* name : {"", "a b", "a+b", "a\xc2\x85", "a\n", "\xff", "\xe3\x80\x80", "a\x01"}) {
    auto made = crypto::Ed25519PrivateKey::from_seed(std::string(32, 's'));
    EXPECT_FALSE(NoteSigner::make(name, *std::move(made))) << name;
  }
  EXPECT_TRUE(is_key_name("Zo\xc3\xab/\xe6\x97\xa5"));
}

TEST(Cosignature, HoldsItsTimeAndVerifies) {
  const NoteSigner witness = signer("witness", KeyType::Cosignature);
  const VerifierKey keys[] = {witness.verifier_key()};
  NoteSignature signature = witness.cosign("text\n", 1'700'000'000);

  const auto verified = verify_note({"text\n", {signature}}, keys);

  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->front().unix_seconds, 1'700'000'000);
  EXPECT_EQ(parse_verifier_key(keys[0].print()).value(), keys[0]);
  EXPECT_EQ(NoteSigner::parse(witness.print_secret())->cosign("text\n", 1'700'000'000), signature);
  for (std::size_t bit = 0; bit < signature.signature.size() * 8; ++bit) {
    NoteSignature changed = signature;
    changed.signature[bit / 8] = static_cast<char>(changed.signature[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(code_of(verify_note({"text\n", {changed}}, keys)), "signature_invalid") << bit;
  }
  signature.signature.resize(8);
  EXPECT_EQ(code_of(verify_note({"text\n", {signature}}, keys)), "signature_invalid");
}

TEST(Signatures, AloneAreLines) {
  const NoteSigner a = signer("a");
  const NoteSignature signature = a.sign("text\n");
  const std::string line = print_signature(signature);
  EXPECT_EQ(parse_signatures(line + line)->size(), 2);
  EXPECT_EQ(parse_signatures(line)->front(), signature);
  EXPECT_FALSE(parse_signatures(""));
  EXPECT_FALSE(parse_signatures(line.substr(0, line.size() - 1)));
  EXPECT_FALSE(parse_signatures(line + "\n"));
}

}  // namespace
}  // namespace piperoll::tlog
