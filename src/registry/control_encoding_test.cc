#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "registry/registry.h"

namespace piperoll::registry {
namespace {

base::Uuid uuid_of(std::uint8_t byte) {
  base::Uuid id;
  id.bytes.fill(byte);
  return id;
}

std::vector<Control> examples() {
  Organisation org{uuid_of(1), "acme", 7, true, {1'000'000}};
  Key key{uuid_of(2),
          uuid_of(1),
          {auth::Role::Writer, auth::Role::Auditor},
          "ci",
          "prl_abcd",
          {},
          {5},
          base::Timestamp{99},
          {},
          {},
          {}};
  key.digest.fill(0xEE);
  Key server_key = key;
  server_key.org.reset();
  server_key.expires_at.reset();
  Key signing_key = key;
  signing_key.networks = {"10.0.0.0/8", "2001:db8::/32"};
  signing_key.signing = std::string("\x00\xff", 2);
  Application application{uuid_of(3), uuid_of(1), "billing", "Billing",
                          "Money",    "#ff0000",  {7},       {8}};
  return {CreateOrganisation{org},
          SetOrganisationEnabled{uuid_of(1), false},
          CreateKey{key},
          CreateKey{server_key},
          RevokeKey{uuid_of(2), {44}},
          CreateApplication{application},
          CreateKey{signing_key},
          UseKey{uuid_of(2), {45}}};
}

TEST(ControlEncoding, BytesOfAnOrganisationAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[0])),
            "0101"
            "01010101010101010101010101010101"
            "0461636d65"
            "00000007"
            "01"
            "00000000000f4240");
}

TEST(ControlEncoding, BytesOfARevocationAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[4])),
            "0104"
            "02020202020202020202020202020202"
            "000000000000002c");
}

TEST(ControlEncoding, BytesOfAUseAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[7])),
            "0207"
            "02020202020202020202020202020202"
            "000000000000002d");
}

TEST(ControlEncoding, AKeyWithNetworksAndASignatureStateSaysThemLast) {
  const std::string plain = base::hex_encode(encode_control(examples()[2]));
  const std::string with_more = base::hex_encode(encode_control(examples()[6]));

  EXPECT_EQ(plain.substr(0, 4), "0103");
  EXPECT_EQ(with_more, "0206" + plain.substr(4) + "02" + "0a" + base::hex_encode("10.0.0.0/8") +
                           "0d" + base::hex_encode("2001:db8::/32") + "02" + "00ff");
}

TEST(ControlEncoding, EveryKindSurvivesItsBytes) {
  for (const Control& control : examples()) {
    base::Bytes bytes = encode_control(control);

    auto decoded = decode_control(bytes);

    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode_control(*decoded), bytes);
    EXPECT_EQ(decoded->index(), control.index());
  }
}

TEST(ControlEncoding, EveryCutAndEveryExtraByteIsRefused) {
  for (const Control& control : examples()) {
    base::Bytes bytes = encode_control(control);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(decode_control(std::string_view(bytes).substr(0, length)));
    }
    EXPECT_FALSE(decode_control(bytes + "x"));
  }
}

TEST(ControlEncoding, ANewerVersionIsNamedAsSuch) {
  base::Bytes bytes = encode_control(examples()[0]);
  bytes[0] = 3;

  EXPECT_EQ(decode_control(bytes).error().code, "newer_format");
}

RC_GTEST_PROP(ControlEncoding, RandomBytesAreNeverFollowedBlindly, (std::string bytes)) {
  if (auto decoded = decode_control(bytes)) {
    RC_ASSERT(encode_control(*decoded).size() <= bytes.size());
  }
}

}  // namespace
}  // namespace piperoll::registry
