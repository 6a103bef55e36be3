#include "base/zstd_block.h"

#include <string>

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

}  // namespace
}  // namespace piperoll::base
