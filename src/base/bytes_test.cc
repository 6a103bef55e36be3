#include "base/bytes.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/base64url.h"

namespace piperoll::base {
namespace {

TEST(Hex, EncodesInLowerCase) {
  EXPECT_EQ(hex_encode(""), "");
  EXPECT_EQ(hex_encode(std::string("\x00\x0f\xa5\xff", 4)), "000fa5ff");
}

TEST(Hex, DecodesEitherCase) {
  EXPECT_EQ(*hex_decode(""), "");
  EXPECT_EQ(*hex_decode("00fFA5"), std::string("\x00\xff\xa5", 3));
}

TEST(Hex, RefusesWhatIsNotHex) {
  for (std::string_view text :
       {"0", "000", "0g", "g0", " 00", "0x00", "/0", ":0", "@0", "`0", "00\n"}) {
    auto decoded = hex_decode(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().kind, ErrorKind::InvalidArgument);
  }
}

// RFC 4648 section 10.
TEST(Base64, MatchesTheVectorsOfTheRfc) {
  struct Case {
    std::string_view plain, padded, url;
  };
  for (const auto& [plain, padded, url] : {Case{"", "", ""},
                                           {"f", "Zg==", "Zg"},
                                           {"fo", "Zm8=", "Zm8"},
                                           {"foo", "Zm9v", "Zm9v"},
                                           {"foob", "Zm9vYg==", "Zm9vYg"},
                                           {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                           {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                           {"\xfb\xff\xbf", "+/+/", "-_-_"}}) {
    EXPECT_EQ(base64_encode(plain), padded);
    std::string appended = "before ";
    append_base64url(appended, plain);
    EXPECT_EQ(appended, "before " + std::string(url));
    EXPECT_EQ(base64url_chars(plain.size()), url.size());
    EXPECT_EQ(base64url_encode(plain), url);
    EXPECT_EQ(*base64_decode(padded), plain);
    EXPECT_EQ(*base64url_decode(url), plain);
  }
}

// Digit by digit, as RFC 4648 section 4 says it.
TEST(Base64, IsTheSameAtEveryLength) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Bytes plain;
  for (unsigned size = 0; size < 100; ++size) {
    std::string expected;
    for (unsigned bit = 0; bit < 8 * plain.size(); bit += 6) {
      unsigned digit = 0;
      for (unsigned i = bit; i < bit + 6; ++i) {
        const unsigned byte = i / 8 < plain.size() ? static_cast<unsigned char>(plain[i / 8]) : 0;
        digit = digit << 1 | (byte >> (7 - i % 8) & 1);
      }
      expected += kDigits[digit];
    }
    EXPECT_EQ(base64url_encode(plain), expected);
    const Bytes followed = plain + '\0' + Bytes(kBase64urlSlack - 1, '\xff');
    Bytes loose(expected.size() + kBase64urlSlack, ' ');
    write_base64url_loosely(loose.data(), {followed.data(), plain.size()});
    EXPECT_EQ(loose.substr(0, expected.size()), expected);
    if (plain.size() == 16) {
      write_base64url_of_16(loose.data(), plain.data());
      EXPECT_EQ(loose.substr(0, expected.size()), expected);
    }
    std::replace(expected.begin(), expected.end(), '-', '+');
    std::replace(expected.begin(), expected.end(), '_', '/');
    expected.resize((expected.size() + 3) / 4 * 4, '=');
    EXPECT_EQ(base64_encode(plain), expected);
    plain += static_cast<char>(size * 167 + 13);
  }
}

TEST(Base64, RefusesWrongPadding) {
  for (std::string_view text : {"Zg", "Zg=", "Zg===", "Zm8", "=", "==", "===", "====", "Z===",
                                "Zm9v=", "Zm9v====", "Zg==Zg==", "Z=g=", "=Zg="}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
  for (std::string_view text : {"Zg==", "Zm8=", "Z", "Zm9vY"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
}

TEST(Base64, RefusesOtherCharacters) {
  for (std::string_view text : {"Zm9 ", "Zm9\n", "Zm-v", "Zm_v", "\x80m9v", "Zm9v\n   "}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
  for (std::string_view text : {"Zm+v", "Zm/v", "Zm9v\n", " Zg"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
  EXPECT_FALSE(base64_decode(std::string_view("Zm9\0", 4)));
}

TEST(Base64, RefusesTrailingBits) {
  EXPECT_FALSE(base64_decode("Zh=="));
  EXPECT_FALSE(base64_decode("Zm9="));
  EXPECT_FALSE(base64url_decode("Zh"));
  EXPECT_FALSE(base64url_decode("Zm9"));
}

RC_GTEST_PROP(BytesProperty, DecodingUndoesEncoding, (const std::string& bytes)) {
  RC_ASSERT(*hex_decode(hex_encode(bytes)) == bytes);
  RC_ASSERT(*base64_decode(base64_encode(bytes)) == bytes);
  RC_ASSERT(*base64url_decode(base64url_encode(bytes)) == bytes);
}

// Strict: only one text decodes to given bytes, so decoding a text and encoding again gives it
// back.
RC_GTEST_PROP(BytesProperty, EncodingUndoesDecoding, ()) {
  auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABab01+/-_==gQw")));
  if (auto decoded = base64_decode(text)) {
    RC_ASSERT(base64_encode(*decoded) == text);
  }
  if (auto decoded = base64url_decode(text)) {
    RC_ASSERT(base64url_encode(*decoded) == text);
  }
}

}  // namespace
}  // namespace piperoll::base
