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
  View view{.id = uuid_of(5),
            .org = uuid_of(1),
            .owner = "ann",
            .owner_issuer = "iss",
            .owner_name = "Ann",
            .shared = true,
            .name = "Keys",
            .query = "q=a",
            .columns = {"action", "actor"},
            .density = "compact",
            .created_at = {48},
            .updated_at = {49}};
  return {CreateOrganisation{org},
          SetOrganisationEnabled{uuid_of(1), false},
          CreateKey{key},
          CreateKey{server_key},
          RevokeKey{uuid_of(2), {44}},
          CreateApplication{application},
          CreateKey{signing_key},
          UseKey{uuid_of(2), {45}},
          CreateUser{User{.id = uuid_of(4),
                          .org = uuid_of(1),
                          .roles = {auth::Role::Reader},
                          .email = "ann@example.com",
                          .name = "Ann",
                          .password = "$argon2id$",
                          .created_at = {46},
                          .password_changed_at = {46}}},
          ChangeUser{uuid_of(4), {47}, {}, auth::Roles{auth::Role::Admin}, false, "$argon2id$2"},
          CreateView{view},
          ReplaceView{View{.id = uuid_of(5), .org = uuid_of(1), .name = "N"}},
          DeleteView{uuid_of(5)}};
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

TEST(ControlEncoding, BytesOfAUserAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[8])),
            "0308"
            "04040404040404040404040404040404"
            "01"
            "01010101010101010101010101010101"
            "02"
            "0f616e6e406578616d706c652e636f6d"
            "03416e6e"
            "0a246172676f6e32696424"
            "01"
            "000000000000002e");
}

TEST(ControlEncoding, BytesOfAChangedUserAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[9])),
            "0309"
            "04040404040404040404040404040404"
            "000000000000002f"
            "00"
            "0108"
            "0100"
            "010b246172676f6e3269642432");
}

TEST(ControlEncoding, BytesOfAViewAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[10])),
            "040a"
            "05050505050505050505050505050505"
            "01010101010101010101010101010101"
            "03616e6e"
            "03697373"
            "03416e6e"
            "01"
            "044b657973"
            "03713d61"
            "02"
            "06616374696f6e"
            "056163746f72"
            "07636f6d70616374"
            "0000000000000030"
            "0000000000000031");
}

TEST(ControlEncoding, AReplacedViewIsWrittenWhole) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[11])),
            "040b"
            "05050505050505050505050505050505"
            "01010101010101010101010101010101"
            "000000"
            "00"
            "014e"
            "00"
            "00"
            "00"
            "0000000000000000"
            "0000000000000000");
}

TEST(ControlEncoding, BytesOfADeletedViewAreThoseOfTheTable) {
  EXPECT_EQ(base::hex_encode(encode_control(examples()[12])),
            "040c"
            "05050505050505050505050505050505");
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
  bytes[0] = 5;

  EXPECT_EQ(decode_control(bytes).error().code, "newer_format");
}

RC_GTEST_PROP(ControlEncoding, RandomBytesAreNeverFollowedBlindly, (std::string bytes)) {
  if (auto decoded = decode_control(bytes)) {
    RC_ASSERT(encode_control(*decoded).size() <= bytes.size());
  }
}

}  // namespace
}  // namespace piperoll::registry
