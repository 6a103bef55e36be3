#include "evidence/sd_jwt.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "evidence/signed_log_test_support.h"

namespace piperoll::evidence {
namespace {

struct Sample {
  tlog::NoteSigner signer = test_signer(std::string(kSampleOrigin));
  LeafTexts texts = [] {
    const event::Event event = sample_event();
    return LeafMaker().texts(kSampleOrigin, sample_record(event));
  }();
  std::string print() const { return print_sd_jwt(texts.manifest, texts.disclosures, signer); }
  auto open(const std::string& text) const { return open_sd_jwt(text, signer.verifier_key()); }
};

TEST(SdJwt, OpensAsItWasPrinted) {
  const Sample sample;
  const auto opened = sample.open(sample.print());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->manifest, sample.texts.manifest);
  EXPECT_EQ(opened->disclosures, sample.texts.disclosures);
}

TEST(SdJwt, HasTheFormOfTheRfc) {
  const Sample sample;
  const std::string text = sample.print();
  EXPECT_EQ(std::count(text.begin(), text.end(), '~'), 10);
  const std::string header = base::base64url_decode(text.substr(0, text.find('.'))).value();
  EXPECT_EQ(header, R"({"alg":"EdDSA","kid":"audit.example/5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f+)" +
                        sample.signer.verifier_key().print().substr(51, 8) +
                        R"(","typ":"piperoll-event+sd-jwt"})");
}

TEST(SdJwt, OpensWithDisclosuresHeldBack) {
  Sample sample;
  sample.texts.disclosures[index_of(Slot::ActorPerson)].clear();
  EXPECT_TRUE(sample.open(sample.print()));
  sample.texts.disclosures = {};
  EXPECT_TRUE(sample.open(sample.print()));
}

TEST(SdJwt, RefusesForgedAndRepeatedDisclosures) {
  const Sample sample;
  const std::string good = sample.print();
  const std::string forged =
      print_disclosure(kSampleSlots[0].salt, Slot::Context, R"({"a":1})") + "~";
  EXPECT_FALSE(sample.open(good + forged));
  EXPECT_FALSE(sample.open(good + sample.texts.disclosures[0] + "~"));
  EXPECT_FALSE(sample.open(good + "~"));
  EXPECT_FALSE(sample.open(good + "x"));
  EXPECT_FALSE(sample.open(good.substr(0, good.size() - 1)));
}

TEST(SdJwt, RefusesAnotherKeyAndEveryChangedCharacter) {
  const Sample sample;
  const std::string good = sample.print();
  EXPECT_FALSE(open_sd_jwt(good, test_signer(std::string(kSampleOrigin), 't').verifier_key()));
  EXPECT_FALSE(open_sd_jwt(good, test_signer("another").verifier_key()));
  EXPECT_FALSE(sample.open(""));
  EXPECT_FALSE(sample.open("~"));
  EXPECT_FALSE(sample.open("..~"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string text = good;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sample.open(text)) << at;
  }
}

}  // namespace
}  // namespace piperoll::evidence
