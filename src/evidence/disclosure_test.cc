#include "evidence/disclosure.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "evidence/leaf_maker.h"
#include "evidence/leaf_sample_test_support.h"

namespace piperoll::evidence {
namespace {

// RFC 9901 section 4.2.3.
TEST(Disclosure, HasTheDigestOfTheRfc) {
  EXPECT_EQ(
      disclosure_digest("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"),
      "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
}

TEST(Disclosure, IsReadAsItIsPrinted) {
  const auto disclosure = parse_disclosure(kSampleSlots[3].disclosure);
  ASSERT_TRUE(disclosure);
  EXPECT_EQ(disclosure->salt, kSampleSlots[3].salt);
  EXPECT_EQ(disclosure->slot, Slot::ActorPerson);
  EXPECT_EQ(disclosure->value, "{\"email\":\"zoe@example.com\",\"name\":\"Zo\xc3\xab\"}");
  EXPECT_EQ(print_disclosure(disclosure->salt, disclosure->slot, disclosure->value),
            kSampleSlots[3].disclosure);
}

TEST(Disclosure, RefusesEveryOtherForm) {
  const std::string salt(kSampleSlots[3].salt);
  const auto encoded = [](const std::string& json) { return base::base64url_encode(json); };
  EXPECT_TRUE(parse_disclosure(encoded("[\"" + salt + "\",\"actor\",{\"id\":\"1\"}]")));
  for (const std::string& text :
       {std::string(), std::string("*"), encoded("{}"), encoded("[]"),
        encoded("[\"" + salt + "\",{\"id\":\"1\"}]"),
        encoded("[\"" + salt + "\",\"actor\",{\"id\":\"1\"},1]"),
        encoded("[\"" + salt + "\",\"actor\",\"1\"]"), encoded("[\"" + salt + "\",7,{}]"),
        encoded("[7,\"actor\",{}]"), encoded("[\"" + salt + "\",\"_sd\",{}]"),
        encoded("[\"" + salt + "\", \"actor\",{\"id\":\"1\"}]"),
        encoded("[\"" + salt + "\",\"actor\",{\"type\":\"1\",\"id\":\"1\"}]"),
        encoded("[\"" + salt + "\",\"actor\",{\"n\":1.0}]"),
        encoded("[\"" + salt.substr(1) + "\",\"actor\",{}]"),
        encoded("[\"" + salt + "A\",\"actor\",{}]"),
        encoded("[\"" + std::string(22, '*') + "\",\"actor\",{}]"),
        encoded("[\"" + salt + "\",\"actor\",{}]") + "="}) {
    EXPECT_FALSE(parse_disclosure(text)) << text;
  }
}

struct Sample {
  Manifest manifest;
  Disclosures disclosures;
};

Sample sample() {
  const event::Event event = sample_event();
  const LeafTexts texts = LeafMaker().texts(kSampleOrigin, sample_record(event));
  return {parse_manifest(texts.manifest).value(), texts.disclosures};
}

TEST(CheckDisclosures, AcceptsAllSomeOrNone) {
  Sample all = sample();
  EXPECT_TRUE(check_disclosures(all.manifest, all.disclosures));
  all.disclosures[index_of(Slot::ActorPerson)].clear();
  EXPECT_TRUE(check_disclosures(all.manifest, all.disclosures));
  EXPECT_TRUE(check_disclosures(all.manifest, {}));
}

TEST(CheckDisclosures, RefusesAChangedValueAndNamesTheSlot) {
  for (const Slot slot : kSlots) {
    Sample changed = sample();
    std::string& text = changed.disclosures[index_of(slot)];
    if (text.empty()) {  // an absent slot cannot be filled
      text = print_disclosure(kSampleSlots[0].salt, slot, R"({"id":"1"})");
    } else {
      const Disclosure disclosure = parse_disclosure(text).value();
      text = print_disclosure(disclosure.salt, slot, R"({"id":"another"})");
    }
    const auto checked = check_disclosures(changed.manifest, changed.disclosures);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "disclosure_invalid");
    EXPECT_TRUE(checked.error().message.starts_with(std::string(name_of(slot)) + ": "));
  }
}

TEST(CheckDisclosures, RefusesADisclosureInThePlaceOfAnother) {
  Sample swapped = sample();
  std::swap(swapped.disclosures[index_of(Slot::Actor)],
            swapped.disclosures[index_of(Slot::Target)]);
  EXPECT_FALSE(check_disclosures(swapped.manifest, swapped.disclosures));
  Sample broken = sample();
  broken.disclosures[0] = "x";
  EXPECT_FALSE(check_disclosures(broken.manifest, broken.disclosures));
}

}  // namespace
}  // namespace piperoll::evidence
