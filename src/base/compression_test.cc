#include "base/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace piperoll::base {
namespace {

constexpr std::size_t kPlenty = std::size_t{64} << 20;
constexpr Compression kCodings[] = {Compression::Gzip, Compression::Zstd};

std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += "line " + std::to_string(i * 7919 % 10'007) + " of a text\n";
  }
  text.resize(size);
  return text;
}

// Long texts are compared without printing them.
testing::AssertionResult same(const std::string& got, const std::string& wanted) {
  if (got == wanted) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << got.size() << " bytes, " << got.substr(0, 50);
}

// What "decompress" says: the text, or the kind of the error.
std::string outcome(Compression coding, std::string_view input, std::size_t bytes_max = kPlenty) {
  auto output = decompress(coding, input, bytes_max);
  return output ? *output : std::string("error: ") + to_string(output.error().kind);
}

std::string streamed(Compression coding, std::string_view input, std::size_t slice) {
  auto decoder = make_stream_decompressor(coding);
  std::string output;
  for (; !input.empty(); input.remove_prefix(std::min(slice, input.size()))) {
    if (auto fed = decoder->feed(input.substr(0, slice), output); !fed) {
      return std::string("error: ") + to_string(fed.error().kind);
    }
  }
  if (auto finished = decoder->finish(); !finished) {
    return std::string("error: ") + to_string(finished.error().kind);
  }
  return output;
}

// As `zstd --long=27` writes it for an input of unknown size.
std::string long_window_zstd(std::string_view input, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string output(ZSTD_compressBound(input.size()), '\0');
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  ZSTD_outBuffer out{output.data(), output.size(), 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);  // or it would see the size
  EXPECT_EQ(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  output.resize(out.pos);
  return output;
}

TEST(Compression, NoneCopiesWithinTheLimit) {
  EXPECT_EQ(outcome(Compression::None, "abc", 3), "abc");
  EXPECT_EQ(outcome(Compression::None, "abc", 2), "error: too_large");
  EXPECT_EQ(outcome(Compression::None, "", 0), "");
  EXPECT_EQ(compress(Compression::None, "abc", 1), "abc");
  EXPECT_TRUE(same(streamed(Compression::None, text_of(200'000), 1000), text_of(200'000)));
}

TEST(Compression, ReadsBackTextsOfManySizes) {
  for (Compression coding : kCodings) {
    for (std::size_t size : {0U, 1U, 100U, 65'535U, 65'536U, 65'537U, 131'072U, 1'000'000U}) {
      std::string text = text_of(size);
      for (int level : {1, 6, 9}) {
        EXPECT_TRUE(same(outcome(coding, compress(coding, text, level)), text)) << size;
      }
    }
  }
}

TEST(Compression, AllowsExactlyTheLimit) {
  for (Compression coding : kCodings) {
    for (std::size_t size : {1U, 65'535U, 65'536U, 65'537U, 300'000U}) {
      std::string packed = compress(coding, text_of(size), 3);
      EXPECT_TRUE(same(outcome(coding, packed, size), text_of(size)));
      EXPECT_EQ(outcome(coding, packed, size - 1), "error: too_large");
    }
    EXPECT_EQ(outcome(coding, compress(coding, "", 3), 0), "");
  }
}

TEST(Compression, StopsAtTheLimitOfABomb) {
  std::string zeros(std::size_t{16} << 20, '\0');
  for (Compression coding : kCodings) {
    std::string bomb = compress(coding, zeros, 6);
    ASSERT_LT(bomb.size(), 100'000U);
    EXPECT_EQ(outcome(coding, bomb, 1 << 20), "error: too_large");
    EXPECT_EQ(outcome(coding, bomb + bomb, zeros.size() + 1), "error: too_large");
  }
}

TEST(Compression, RefusesEmptyInput) {
  for (Compression coding : kCodings) {
    EXPECT_EQ(outcome(coding, ""), "error: invalid_argument");
    EXPECT_EQ(streamed(coding, "", 1), "error: invalid_argument");
  }
}

TEST(Compression, RefusesInputThatEndsEarly) {
  for (Compression coding : kCodings) {
    std::string packed = compress(coding, text_of(1000), 3);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      ASSERT_EQ(outcome(coding, packed.substr(0, size)), "error: invalid_argument") << size;
    }
  }
}

TEST(Compression, RefusesTrailingGarbage) {
  for (Compression coding : kCodings) {
    std::string packed = compress(coding, "text", 3);
    for (std::string_view garbage : {"x", "\n", "garbage that is longer than a header"}) {
      EXPECT_EQ(outcome(coding, packed + std::string(garbage)), "error: invalid_argument");
    }
    EXPECT_EQ(outcome(coding, packed + std::string(1, '\0')), "error: invalid_argument");
    EXPECT_EQ(outcome(coding, packed + packed.substr(0, packed.size() - 1)),
              "error: invalid_argument");
  }
}

TEST(Compression, ReadsSeveralMembers) {
  for (Compression coding : kCodings) {
    std::string packed = compress(coding, "one ", 1) + compress(coding, "", 1) +
                         compress(coding, text_of(70'000), 9);
    EXPECT_TRUE(same(outcome(coding, packed), "one " + text_of(70'000)));
    for (std::size_t slice : {1U, 7U, 1000U, 1'000'000U}) {
      EXPECT_TRUE(same(streamed(coding, packed, slice), "one " + text_of(70'000))) << slice;
    }
  }
}

TEST(Compression, RefusesTheOtherCodings) {
  std::string gzip = compress(Compression::Gzip, "text", 6);
  std::string zstd = compress(Compression::Zstd, "text", 3);
  EXPECT_EQ(outcome(Compression::Zstd, gzip), "error: invalid_argument");
  EXPECT_EQ(outcome(Compression::Gzip, zstd), "error: invalid_argument");
  uLongf size = 100;
  std::string zlib(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(zlib.data()), &size, reinterpret_cast<const Bytef*>("text"),
             4);
  EXPECT_EQ(outcome(Compression::Gzip, zlib.substr(0, size)), "error: invalid_argument");
  EXPECT_EQ(outcome(Compression::Gzip, "plain text"), "error: invalid_argument");
  EXPECT_EQ(outcome(Compression::Zstd, "plain text"), "error: invalid_argument");
}

TEST(Compression, NeverGivesADamagedText) {
  std::string text = text_of(500);
  std::string packed = compress(Compression::Gzip, text, 6);
  for (std::size_t at = 0; at < packed.size(); ++at) {
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    // Some bits of the header do not matter, and a match may be found at two distances.
    std::string result = outcome(Compression::Gzip, damaged);
    EXPECT_TRUE(result == text || result == "error: invalid_argument") << at;
  }
}

TEST(Compression, ReadsSkippableFramesOfZstd) {
  std::string skippable("\x50\x2a\x4d\x18\x03\x00\x00\x00", 8);
  std::string packed = skippable + "abc" + compress(Compression::Zstd, "text", 3);
  EXPECT_EQ(outcome(Compression::Zstd, packed), "text");
}

TEST(Compression, ReadsLongWindowsOfZstdButNotTheLongest) {
  std::string text = text_of(300'000);
  EXPECT_TRUE(same(outcome(Compression::Zstd, long_window_zstd(text, 27)), text));
  EXPECT_TRUE(same(streamed(Compression::Zstd, long_window_zstd(text, 27), 1000), text));
  EXPECT_EQ(outcome(Compression::Zstd, long_window_zstd(text, 28)), "error: invalid_argument");
}

TEST(StreamDecompressor, RefusesInputThatEndsEarly) {
  for (Compression coding : kCodings) {
    std::string packed = compress(coding, text_of(1000), 3);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      ASSERT_EQ(streamed(coding, packed.substr(0, size), 100), "error: invalid_argument") << size;
    }
  }
}

TEST(StreamDecompressor, BoundsWhatOneCallAppends) {
  std::string zeros(std::size_t{32} << 20, '\0');
  for (Compression coding : kCodings) {
    auto decoder = make_stream_decompressor(coding, 1 << 20);
    std::string output = "before";
    auto fed = decoder->feed(compress(coding, zeros, 6), output);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().kind, ErrorKind::TooLarge);
    EXPECT_LE(output.size(), std::size_t{6} + (1 << 20));
  }
}

TEST(StreamDecompressor, AppendsAsTheInputComes) {
  for (Compression coding : kCodings) {
    std::string first = compress(coding, "first\n", 3);
    auto decoder = make_stream_decompressor(coding);
    std::string output;
    ASSERT_TRUE(decoder->feed(first, output));
    EXPECT_EQ(output, "first\n");
    ASSERT_TRUE(decoder->finish());
    ASSERT_TRUE(decoder->feed(first.substr(0, 5), output));
    EXPECT_FALSE(decoder->finish());
  }
}

RC_GTEST_PROP(CompressionProperty, ReadsBackAnythingInAnySlices, (const std::string& bytes)) {
  auto coding = *rc::gen::element(Compression::Gzip, Compression::Zstd);
  auto repeats = *rc::gen::inRange(1, 200);
  std::string text;
  for (int i = 0; i < repeats; ++i) {
    text += bytes;
  }
  std::string packed = compress(coding, text, *rc::gen::inRange(1, 10));
  RC_ASSERT(outcome(coding, packed, text.size()) == text);
  RC_ASSERT(streamed(coding, packed, *rc::gen::inRange<std::size_t>(1, 100)) == text);
}

RC_GTEST_PROP(CompressionProperty, NeverExceedsTheLimitOnDamagedInput, ()) {
  auto coding = *rc::gen::element(Compression::Gzip, Compression::Zstd);
  std::string packed = compress(coding, text_of(5000), 3);
  for (int edits = *rc::gen::inRange(1, 5); edits > 0; --edits) {
    packed[*rc::gen::inRange<std::size_t>(0, packed.size())] = *rc::gen::arbitrary<char>();
  }
  auto output = decompress(coding, packed, 5000);
  bool bounded = !output || output->size() <= 5000;
  RC_ASSERT(bounded);
}

}  // namespace
}  // namespace piperoll::base
