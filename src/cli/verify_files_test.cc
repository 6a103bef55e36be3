#include "cli/verify_files.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/compression.h"
#include "base/temp_directory_test_support.h"
#include "event/event_json.h"
#include "evidence/origin.h"
#include "evidence/signed_log_test_support.h"

namespace piperoll::cli {
namespace {

using evidence::Finding;
using evidence::SignedLog;
using evidence::Verdict;

struct VerifyFilesTest : ::testing::Test {
  const base::TempDirectory directory;

  std::string write(const std::string& name, std::string_view text) const {
    const std::string path = directory.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // A whole export of the log.
  std::string exported() const {
    const base::Uuid org = evidence::parse_origin(log.origin())->log.org;
    std::string text;
    for (std::size_t i = 0; i < kEvents; ++i) {
      event::write_record(text, log.record(i), org, {.seed = log.record(i).head.seed.bytes});
      text += "\n";
    }
    const std::string size = std::to_string(kEvents);
    text += R"({"piperoll_export":{"log":")" + log.origin() + R"(","from":0,"to":)" + size +
            R"(,"tree_size":)" + size + R"(,"count":)" + size + R"(,"complete":true,"checkpoint":)";
    base::append_canonical_string(text, log.checkpoint());
    return text + "}}\n";
  }
  std::vector<tlog::VerifierKey> keys() const { return {log.signer().verifier_key()}; }

  static constexpr std::size_t kEvents = 40;
  SignedLog log{kEvents};
};

TEST_F(VerifyFilesTest, AnExportIsVerifiedPlainAndCompressed) {
  const std::string text = exported();
  for (const auto& [name, bytes] :
       {std::pair<std::string, std::string>{"plain.ndjson", text},
        std::pair<std::string, std::string>{"packed.ndjson.gz",
                                            base::compress(base::Compression::Gzip, text, 6)}}) {
    const Finding found = verify_export(write(name, bytes), keys(), nullptr).value();
    EXPECT_EQ(found.verdict, Verdict::Valid) << name << ": " << found.detail;
    EXPECT_EQ(found.checked, kEvents);
  }
}

TEST_F(VerifyFilesTest, AnExportThatBreaksOffIsTruncated) {
  const std::string text = exported();
  const std::string half = text.substr(0, text.size() / 2);

  EXPECT_EQ(verify_export(write("half", half), keys(), nullptr)->verdict, Verdict::Truncated);
  const std::string packed = base::compress(base::Compression::Gzip, text, 6);
  EXPECT_EQ(verify_export(write("half.gz", packed.substr(0, packed.size() / 2)), keys(), nullptr)
                ->verdict,
            Verdict::Truncated);
}

TEST_F(VerifyFilesTest, AProofIsGoodForAPolicyOnceItsQuorumCosigned) {
  const auto witness = tlog::NoteSigner::make(
      "w.example", crypto::Ed25519PrivateKey::from_seed(std::string(32, 'w')).value(),
      tlog::KeyType::Cosignature);
  const tlog::Policy policy =
      read_policy(write("policy", "witness w " + witness->verifier_key().print() + "\nquorum w\n"))
          .value();
  evidence::EventProof proof = log.proof(7);
  const std::string path = write("proof", evidence::print_event_proof(proof));

  EXPECT_EQ(verify_proof(path, keys())->verdict, Verdict::Valid);
  const Finding lacking = verify_proof(path, keys(), policy).value();
  EXPECT_EQ(lacking.verdict, Verdict::Missing) << lacking.detail;
  EXPECT_EQ(lacking.first_bad, std::nullopt);

  const std::string text = tlog::parse_note(proof.checkpoint)->text;
  proof.checkpoint += tlog::print_signature(witness->cosign(text, 1'700'000'000));
  for (const std::string& form :
       {evidence::print_event_proof(proof), evidence::print_event_proof_file(proof)}) {
    EXPECT_EQ(verify_proof(write("proof", form), keys(), policy)->verdict, Verdict::Valid);
  }
  proof.inclusion[0][0] ^= 1;
  EXPECT_EQ(
      verify_proof(write("proof", evidence::print_event_proof(proof)), keys(), policy)->verdict,
      Verdict::Invalid);
}

TEST_F(VerifyFilesTest, APolicyThatIsNoneIsNamedWithItsLine) {
  const auto read = read_policy(write("policy", "quorum none\nquorum none\n"));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("/policy: line 2: "), std::string::npos);
  EXPECT_FALSE(read_policy(directory.path() + "/absent"));
}

TEST_F(VerifyFilesTest, AProofIsVerifiedInBothForms) {
  const evidence::EventProof proof = log.proof(7);
  for (const std::string& text :
       {evidence::print_event_proof(proof), evidence::print_event_proof_file(proof)}) {
    EXPECT_EQ(verify_proof(write("proof", text), keys())->verdict, Verdict::Valid);
  }
  EXPECT_EQ(verify_proof(write("proof", "{}"), keys())->verdict, Verdict::Invalid);
}

TEST_F(VerifyFilesTest, KeysAreReadOneALine) {
  const std::string vkey = log.signer().verifier_key().print();

  EXPECT_EQ(read_verifier_keys(write("one", vkey)).value(), keys());
  EXPECT_EQ(read_verifier_keys(write("more", "# ours\n\n" + vkey + "\r\n" + vkey + "\n"))->size(),
            2U);
}

TEST_F(VerifyFilesTest, ALineThatIsNoKeyIsNamed) {
  const std::string vkey = log.signer().verifier_key().print();
  const auto bad = read_verifier_keys(write("bad", vkey + "\nno key\n"));

  EXPECT_NE(bad.error().message.find("bad, line 2"), std::string::npos) << bad.error().message;
  EXPECT_FALSE(read_verifier_keys(write("empty", "\n")).has_value());
  EXPECT_EQ(read_verifier_keys(directory.path() + "/none").error().kind, base::ErrorKind::NotFound);
}

}  // namespace
}  // namespace piperoll::cli
