#include "base/ip_address.h"

#include <array>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::base {
namespace {

std::string shown(std::string_view text) {
  auto canonical = canonical_ip(text);
  return canonical ? *canonical : "refused";
}

TEST(CanonicalIp, KeepsDottedQuads) {
  for (std::string_view text : {"0.0.0.0", "127.0.0.1", "192.0.2.1", "255.255.255.255"}) {
    EXPECT_EQ(shown(text), text);
  }
}

TEST(CanonicalIp, ShowsVersionSixAsRfc5952Says) {
  // Section 1 and 4: every spelling of one address.
  for (std::string_view text :
       {"2001:db8:0:0:1:0:0:1", "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::0:1:0:0:1",
        "2001:0db8::1:0:0:1", "2001:db8:0:0:1::1", "2001:DB8:0:0:1::1",
        "2001:0db8:0000:0000:0001:0000:0000:0001"}) {
    EXPECT_EQ(shown(text), "2001:db8::1:0:0:1") << text;
  }
  EXPECT_EQ(shown("::"), "::");
  EXPECT_EQ(shown("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(shown("::1"), "::1");
  EXPECT_EQ(shown("1::"), "1::");
  EXPECT_EQ(shown("1:0:0:0:0:0:0:0"), "1::");
  EXPECT_EQ(shown("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");  // 4.2.2: one group stays
  EXPECT_EQ(shown("2001:db8::1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(shown("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");        // 4.2.3: the longest run
  EXPECT_EQ(shown("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");  // or the first
  EXPECT_EQ(shown("0:1:2:3:4:5:6:7"), "0:1:2:3:4:5:6:7");
  EXPECT_EQ(shown("0:0:2:3:4:5:0:0"), "::2:3:4:5:0:0");
  EXPECT_EQ(shown("2001:DB8:AAAA::ABCD"), "2001:db8:aaaa::abcd");
}

TEST(CanonicalIp, ShowsMappedAddressesWithADottedQuad) {
  EXPECT_EQ(shown("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
  EXPECT_EQ(shown("::FFFF:C000:201"), "::ffff:192.0.2.1");
  EXPECT_EQ(shown("0:0:0:0:0:ffff:c000:0201"), "::ffff:192.0.2.1");
  EXPECT_EQ(shown("::ffff:0.0.0.0"), "::ffff:0.0.0.0");
  EXPECT_EQ(shown("::192.0.2.1"), "::c000:201");  // not mapped
  EXPECT_EQ(shown("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(shown("1::ffff:192.0.2.1"), "1::ffff:c000:201");
}

TEST(CanonicalIp, RefusesEverythingElse) {
  for (std::string_view text : {"",
                                " ",
                                "1",
                                "1.2.3",
                                "1.2.3.4.5",
                                "1.2.3.256",
                                "01.2.3.4",
                                "1.2.3.04",
                                "00.0.0.0",
                                "1.2.3.4 ",
                                " 1.2.3.4",
                                "1.2.3.-4",
                                "0x1.2.3.4",
                                "1.2.3.4/24",
                                "1..2.3",
                                "localhost",
                                ":",
                                ":::",
                                "1:2",
                                "1:2:3:4:5:6:7:8:9",
                                "1::2::3",
                                "12345::",
                                "g::",
                                "::1%eth0",
                                "[::1]",
                                "::1/64",
                                "::ffff:192.0.2.256",
                                "::ffff:192.0.02.1",
                                "1:2:3:4:5:6:7:1.2.3.4",
                                ":1:2:3:4:5:6:7",
                                "1:",
                                "2001:0db8:0000:0000:0001:0000:0000:000100000000000000000"}) {
    auto canonical = canonical_ip(text);
    ASSERT_FALSE(canonical) << text;
    EXPECT_EQ(canonical.error().kind, ErrorKind::InvalidArgument);
  }
  EXPECT_FALSE(canonical_ip(std::string_view("1.2.3.4\0", 8)));
}

// Groups full of zeros, so that runs of every length and place occur.
std::array<unsigned char, 16> any_address() {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t group = 0; group < 8; ++group) {
    auto value = *rc::gen::weightedOneOf<std::uint16_t>({{3, rc::gen::just<std::uint16_t>(0)},
                                                         {1, rc::gen::just<std::uint16_t>(0xffff)},
                                                         {2, rc::gen::arbitrary<std::uint16_t>()}});
    bytes[2 * group] = static_cast<unsigned char>(value >> 8);
    bytes[2 * group + 1] = static_cast<unsigned char>(value);
  }
  return bytes;
}

RC_GTEST_PROP(CanonicalIpProperty, ShowsTheSameAddressInItsOneForm, ()) {
  auto bytes = any_address();
  std::string full;
  for (std::size_t i = 0; i < 16; i += 2) {
    char group[8];
    std::snprintf(group, sizeof group, "%s%02X%02x", i == 0 ? "" : ":", bytes[i], bytes[i + 1]);
    full += group;
  }

  std::string text = *canonical_ip(full);

  std::array<unsigned char, 16> back{};
  RC_ASSERT(inet_pton(AF_INET6, text.c_str(), back.data()) == 1);
  RC_ASSERT(back == bytes);
  RC_ASSERT(*canonical_ip(text) == text);
  // The C library differs only where it shows a quad for what is not a mapped address.
  char library[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes.data(), library, sizeof library);
  if (std::string_view(library).find('.') == std::string_view::npos) {
    RC_ASSERT(text == library);
  }
}

RC_GTEST_PROP(CanonicalIpProperty, KeepsEveryDottedQuad, (std::uint8_t a, std::uint8_t b)) {
  std::string text = std::to_string(a) + "." + std::to_string(b) + ".0." + std::to_string(a ^ b);
  RC_ASSERT(*canonical_ip(text) == text);
}

}  // namespace
}  // namespace piperoll::base
