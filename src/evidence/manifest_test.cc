#include "evidence/manifest.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "evidence/leaf_maker.h"
#include "evidence/leaf_sample_test_support.h"

namespace piperoll::evidence {
namespace {

std::string sample_manifest() {
  const event::Event event = sample_event();
  return LeafMaker().texts(kSampleOrigin, sample_record(event)).manifest;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, IsReadAsItIsPrinted) {
  const std::string text = sample_manifest();
  const auto manifest = parse_manifest(text);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->log, kSampleOrigin);
  EXPECT_EQ(manifest->recorded_at, sample_head().recorded_at);
  EXPECT_EQ(manifest->digests.at(Slot::Client), kSampleSlots[7].digest);
  std::string printed;
  append_manifest(printed, *manifest);
  EXPECT_EQ(printed, text);
}

TEST(Manifest, QuotesTheOrigin) {
  Manifest manifest = parse_manifest(sample_manifest()).value();
  manifest.log = "a\"b\\\n";
  std::string printed;
  append_manifest(printed, manifest);
  EXPECT_EQ(parse_manifest(printed).value(), manifest);
}

TEST(Manifest, RefusesEveryOtherForm) {
  const std::string good = sample_manifest();
  const std::string first(kSampleSlots[0].digest);
  const std::string second(kSampleSlots[1].digest);
  for (const std::string& text : {std::string(),
                                  std::string("{}"),
                                  std::string("[]"),
                                  good + " ",
                                  " " + good,
                                  with(good, "\"v\":1", "\"v\":2"),
                                  with(good, "\"v\":1", "\"v\":1.0"),
                                  with(good, "\"v\":1", "\"v\": 1"),
                                  with(good, ",\"v\":1", ""),
                                  with(good, "\"v\":1", "\"v\":1,\"w\":1"),
                                  with(good, "sha-256", "sha-512"),
                                  with(good, ".700000Z", ".7Z"),
                                  with(good, ".700000Z", ".700000+00:00"),
                                  with(good, "\"log\"", "\"lag\""),
                                  with(good, first, second),
                                  with(good, first, first.substr(1)),
                                  with(good, first, first + "A"),
                                  with(good, first, std::string(43, '*')),
                                  with(good, "\"" + first + "\",", ""),
                                  with(good, "\"" + first + "\"", "7"),
                                  with(good, "[", "[[],"),
                                  with(good, "\"log\":\"a", "\"log\":\"\\u0061")}) {
    EXPECT_FALSE(parse_manifest(text)) << text;
  }
}

TEST(Leaf, IsReadAsItIsPrinted) {
  const auto leaf = parse_leaf(kSampleLeaf);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(base::hex_encode(tlog::as_bytes(leaf->commitment)), kSampleCommitment);
  EXPECT_EQ(leaf->recorded_at, sample_head().recorded_at);
  EXPECT_EQ(*leaf, leaf_of(sample_manifest(), sample_head().recorded_at));
}

TEST(Leaf, RefusesEveryOtherByte) {
  for (std::size_t at = 0; at < kSampleLeaf.size(); ++at) {
    for (const char c : {' ', '0', '"', '}', '\0'}) {
      std::string text(kSampleLeaf);
      if (text[at] == c) {
        continue;
      }
      text[at] = c;
      const auto leaf = parse_leaf(text);
      std::string printed;
      if (leaf) {  // another commitment or another time
        append_leaf(printed, *leaf);
      }
      EXPECT_TRUE(!leaf || (printed == text && *leaf != parse_leaf(kSampleLeaf).value())) << text;
    }
  }
  EXPECT_FALSE(parse_leaf(kSampleLeaf.substr(1)));
  EXPECT_FALSE(parse_leaf(std::string(kSampleLeaf) + " "));
  EXPECT_FALSE(parse_leaf(""));
}

}  // namespace
}  // namespace piperoll::evidence
