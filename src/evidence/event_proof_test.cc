#include "evidence/event_proof.h"

#include <functional>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "evidence/signed_log_test_support.h"

namespace piperoll::evidence {
namespace {

std::vector<tlog::VerifierKey> keys_of(const SignedLog& log) {
  return {log.signer().verifier_key()};
}

TEST(EventProof, OfEveryEventIsValidInBothForms) {
  SignedLog log(11);
  for (std::size_t i = 0; i < 11; ++i) {
    const EventProof proof = log.proof(i);

    const auto json = read_event_proof(print_event_proof(proof));
    const auto file = read_event_proof(print_event_proof_file(proof));

    ASSERT_TRUE(json && file);
    EXPECT_EQ(*json, proof);
    EXPECT_EQ(*file, proof);
    const Finding finding = check_event_proof(*file, keys_of(log));
    EXPECT_EQ(finding.verdict, Verdict::Valid) << finding.detail;
    EXPECT_EQ(finding.checked, 1);
    EXPECT_EQ(finding.log, kSampleOrigin);
  }
}

TEST(EventProof, IsValidWithSlotsHeldBack) {
  SignedLog log(5);
  EventProof proof = log.proof(3);
  proof.disclosures = {};
  EXPECT_EQ(check_event_proof(proof, keys_of(log)).verdict, Verdict::Valid);
}

struct Tampering {
  const char* what;
  std::function<void(EventProof&, SignedLog&)> apply;
  const char* detail;  // a part of it
};

// Puts other text into the place of a slot, as if it had always been there.
void replace_value(EventProof& proof, Slot slot, std::string_view value) {
  std::string& text = proof.disclosures[index_of(slot)];
  text = print_disclosure(parse_disclosure(text).value().salt, slot, value);
}

// A manifest that fits the disclosures again, and a leaf that fits the manifest.
void repair(EventProof& proof, bool leaf_too) {
  Manifest manifest = parse_manifest(proof.manifest).value();
  for (const Slot slot : kSlots) {
    if (const std::string& text = proof.disclosures[index_of(slot)]; !text.empty()) {
      manifest.digests.set(slot, disclosure_digest(text));
    }
  }
  proof.manifest.clear();
  append_manifest(proof.manifest, manifest);
  if (leaf_too) {
    proof.leaf.clear();
    append_leaf(proof.leaf, leaf_of(proof.manifest, manifest.recorded_at));
    proof.leaf_hash = tlog::leaf_hash(proof.leaf);
  }
}

const Tampering kTamperings[] = {
    {"a value", [](auto& proof, auto&) { replace_value(proof, Slot::Actor, R"({"id":"u-2"})"); },
     "actor: not what was recorded"},
    {"a value and its digest",
     [](auto& proof, auto&) {
       replace_value(proof, Slot::Target, R"({"id":"43"})");
       repair(proof, false);
     },
     "the leaf does not commit to the manifest"},
    {"a value, its digest and the leaf",
     [](auto& proof, auto&) {
       replace_value(proof, Slot::Target, R"({"id":"43"})");
       repair(proof, true);
     },
     "does not lead to the root"},
    {"the time in the leaf",
     [](auto& proof, auto&) {
       proof.leaf.replace(proof.leaf.find("2026"), 4, "2025");
       proof.leaf_hash = tlog::leaf_hash(proof.leaf);
     },
     "the leaf does not commit"},
    {"the leaf's hash", [](auto& proof, auto&) { proof.leaf_hash[0] ^= 1; }, "leaf_hash"},
    {"the index", [](auto& proof, auto&) { proof.index += 1; }, "proof"},
    {"an index beyond the tree", [](auto& proof, auto&) { proof.index = 11; }, "beyond the tree"},
    {"a hash of the path", [](auto& proof, auto&) { proof.inclusion[1][7] ^= 1; },
     "does not lead to the root"},
    {"a hash too many", [](auto& proof, auto&) { proof.inclusion.push_back({}); }, "hashes, not"},
    {"a hash too few", [](auto& proof, auto&) { proof.inclusion.pop_back(); }, "hashes, not"},
    {"the tree size", [](auto& proof, auto&) { proof.tree_size += 1; },
     "the checkpoint for one of"},
    {"tree size zero", [](auto& proof, auto&) { proof.tree_size = 0; },
     "the checkpoint for one of"},
    {"the origin", [](auto& proof, auto&) { proof.origin += "x"; }, "the manifest is of the log"},
    {"the event of another log",
     [](auto& proof, auto&) {
       SignedLog other(11, "audit.example/00000000-0000-0000-0000-000000000001");
       const std::string checkpoint = proof.checkpoint;
       proof = other.proof(4);
       proof.checkpoint = checkpoint;
     },
     "the checkpoint is of the log"},
    {"the checkpoint of another log",
     [](auto& proof, auto&) {
       proof.checkpoint =
           SignedLog(11, "audit.example/00000000-0000-0000-0000-000000000001").checkpoint();
     },
     "no signature by a known key"},
    {"the checkpoint's size",
     [](auto& proof, auto&) {
       proof.checkpoint.replace(proof.checkpoint.find("\n11\n"), 4, "\n12\n");
     },
     "is not good"},
    {"an older checkpoint",
     [](auto& proof, auto&) { proof.checkpoint = SignedLog(10).checkpoint(); },
     "the checkpoint for one of 10"},
    {"a checkpoint signed with another key",
     [](auto& proof, auto& log) {
       proof.checkpoint = tlog::sign_checkpoint(
           {.origin = proof.origin, .size = 11, .root = log.frontier().root(), .extensions = {}},
           test_signer(proof.origin, 't'));
     },
     "no signature by a known key"},
    {"no checkpoint", [](auto& proof, auto&) { proof.checkpoint.clear(); }, "empty line"},
    {"no manifest", [](auto& proof, auto&) { proof.manifest.clear(); }, ""},
    {"no leaf", [](auto& proof, auto&) { proof.leaf.clear(); }, "91 bytes"},
};

TEST(EventProof, RefusesEachTamperingAndSaysWhereItIs) {
  for (const Tampering& tampering : kTamperings) {
    SignedLog log(11);
    EventProof proof = log.proof(3);
    ASSERT_EQ(check_event_proof(proof, keys_of(log)).verdict, Verdict::Valid);

    tampering.apply(proof, log);
    const Finding finding = check_event_proof(proof, keys_of(log));

    EXPECT_EQ(finding.verdict, Verdict::Invalid) << tampering.what;
    EXPECT_EQ(finding.checked, 0);
    EXPECT_EQ(finding.first_bad, proof.index);
    EXPECT_NE(finding.detail.find(tampering.detail), std::string::npos)
        << tampering.what << ": " << finding.detail;
  }
}

TEST(EventProof, NoChangedByteOfTheFileIsValid) {
  SignedLog log(5);
  const std::string good = print_event_proof_file(log.proof(3));
  for (std::size_t at = 0; at < good.size(); at += 3) {
    std::string text = good;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    const auto proof = read_event_proof(text);
    EXPECT_FALSE(proof && check_event_proof(*proof, keys_of(log)).verdict == Verdict::Valid) << at;
  }
}

TEST(EventProof, RefusesWhatIsNone) {
  SignedLog log(5);
  const std::string json = print_event_proof(log.proof(3));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = json;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  EXPECT_TRUE(read_event_proof(with("{\"origin\"", "{\"more\":1,\"origin\"")));
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("c2sp.org/tlog-proof@v1"),
        json.substr(1), with("\"index\":3", "\"index\":-3"), with("\"index\":3", "\"index\":\"3\""),
        with("\"index\":3", "\"index\":3.5"), with("\"leaf\"", "\"laef\""),
        with("\"inclusion\":[", "\"inclusion\":[7,"), with("\"actor\"", "\"aktor\""),
        with("\"inclusion\":[\"", "\"inclusion\":[\"*")}) {
    EXPECT_FALSE(read_event_proof(text)) << text;
  }
}

TEST(Finding, IsOneJsonLine) {
  EXPECT_EQ(print_finding({.verdict = Verdict::Gap,
                           .log = "a/b",
                           .checked = 7,
                           .first_bad = 7,
                           .detail = "event 7\nis not there"}),
            R"({"verdict":"gap","log":"a/b","checked":7,"first_bad":7,)"
            R"("detail":"event 7\nis not there"})");
  EXPECT_EQ(print_finding({.verdict = Verdict::Valid,
                           .log = "a",
                           .checked = 0,
                           .first_bad = std::nullopt,
                           .detail = ""}),
            R"({"verdict":"valid","log":"a","checked":0,"first_bad":null,"detail":""})");
  for (const auto& [verdict, name] : {std::pair{Verdict::Invalid, "invalid"},
                                      {Verdict::Missing, "missing"},
                                      {Verdict::Truncated, "truncated"},
                                      {Verdict::Forked, "forked"}}) {
    EXPECT_EQ(to_string(verdict), name);
  }
}

TEST(CheckEventProof, OfAnOlderTreeIsNotInvalidButMissesWhatJoinsThem) {
  SignedLog log(11);
  EventProof proof = log.proof(4);
  proof.tree_size = 7;

  const Finding found = check_event_proof(proof, keys_of(log));

  EXPECT_EQ(found.verdict, Verdict::Missing);
  EXPECT_EQ(found.first_bad, std::nullopt);
  EXPECT_NE(found.detail.find("the tree of 7 leaves"), std::string::npos);
}

}  // namespace
}  // namespace piperoll::evidence
