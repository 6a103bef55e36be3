#include "base/zstd_block.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {

TEST(ZstdBlock, AppendsAndReadsBack) {
  for (const std::size_t size : {0U, 1U, 100U, 16'384U, 200'000U}) {
    std::string input;
    for (std::size_t i = 0; i < size; ++i) {
      input.push_back(static_cast<char>('a' + i * i % 17));
    }
    Bytes packed = "head";
    append_zstd_block(packed, input, 1);
    Bytes out = "before";
    ASSERT_TRUE(append_zstd_unblock(out, ByteView(packed).substr(4), size).has_value());
    EXPECT_EQ(out, "before" + input);
  }
}

TEST(ZstdBlock, RefusesAnotherSizeThanTheOneWritten) {
  Bytes packed;
  append_zstd_block(packed, "some text that was written", 3);
  for (const std::size_t size : {0U, 25U, 27U, 1U << 30}) {
    Bytes out;
    const Result<void> result = append_zstd_unblock(out, packed, size);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, ErrorKind::Corruption);
    EXPECT_EQ(out, "");
  }
}

TEST(ZstdBlock, RefusesEveryTruncation) {
  Bytes packed;
  append_zstd_block(packed, std::string(1000, 'x') + "y", 1);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    Bytes out;
    EXPECT_FALSE(append_zstd_unblock(out, ByteView(packed).substr(0, size), 1001).has_value());
  }
}

// Short texts with much in common, and what a dictionary is trained on.
struct Samples {
  std::string joined;
  std::vector<std::size_t> sizes;
};

std::string sample(std::size_t i) {
  return R"({"action":"invoice.read","actor":{"id":"user-)" + std::to_string(i * 7919 % 1000) +
         R"(","type":"employee"},"target":{"id":"invoice-)" + std::to_string(i * i % 977) +
         R"("},"status":"success"})";
}

Samples samples(std::size_t count) {
  Samples made;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = sample(i);
    made.joined += text;
    made.sizes.push_back(text.size());
  }
  return made;
}

std::shared_ptr<const ZstdDictionary> trained() {
  const Samples from = samples(2000);
  return ZstdDictionary::make(ZstdDictionary::train(from.joined, from.sizes, 4096).value(), 1)
      .value();
}

TEST(ZstdDictionary, MakesShortTextsShorter) {
  const auto dictionary = trained();
  const std::string text = sample(5000);
  Bytes without;
  append_zstd_block(without, text, 1);
  Bytes with;
  append_zstd_block(with, text, *dictionary);

  EXPECT_LT(with.size(), without.size() / 2);
  Bytes out = "before";
  ASSERT_TRUE(append_zstd_unblock(out, with, text.size(), dictionary.get()).has_value());
  EXPECT_EQ(out, "before" + text);
}

TEST(ZstdDictionary, IsNeededToReadWhatWasMadeWithIt) {
  const auto dictionary = trained();
  const auto same = ZstdDictionary::make(Bytes(dictionary->bytes()), 1).value();
  Bytes frame;
  append_zstd_block(frame, sample(1), *dictionary);
  const std::size_t size = sample(1).size();

  Bytes out;
  EXPECT_TRUE(append_zstd_unblock(out, frame, size, same.get()).has_value());
  out.clear();
  EXPECT_FALSE(append_zstd_unblock(out, frame, size).has_value());
  EXPECT_EQ(out, "");
}

TEST(ZstdDictionary, RefusesEveryTruncationOfABlock) {
  const auto dictionary = trained();
  Bytes frame;
  append_zstd_block(frame, sample(1), *dictionary);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    Bytes out;
    EXPECT_FALSE(append_zstd_unblock(out, ByteView(frame).substr(0, size), sample(1).size(),
                                     dictionary.get())
                     .has_value());
  }
}

TEST(ZstdDictionary, RefusesDamagedBytes) {
  const Bytes whole(trained()->bytes());
  const auto cut = ZstdDictionary::make(whole.substr(0, 20), 1);
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().kind, ErrorKind::Corruption);
}

TEST(ZstdDictionary, IsNotMadeOfTooLittle) {
  const Samples few = samples(3);
  EXPECT_FALSE(ZstdDictionary::train(few.joined, few.sizes, 4096).has_value());
  EXPECT_FALSE(ZstdDictionary::train("", {}, 4096).has_value());
}

}  // namespace
}  // namespace piperoll::base
