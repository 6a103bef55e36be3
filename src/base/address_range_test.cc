#include "base/address_range.h"

#include <string>

#include <gtest/gtest.h>

namespace piperoll::base {
namespace {

TEST(AddressRange, HoldsTheAddressesOfItsPrefix) {
  AddressRange range = *AddressRange::parse("10.32.0.0/11");

  EXPECT_TRUE(range.contains("10.32.0.0"));
  EXPECT_TRUE(range.contains("10.63.255.255"));
  EXPECT_TRUE(range.contains("::ffff:10.40.1.2"));
  EXPECT_FALSE(range.contains("10.64.0.0"));
  EXPECT_FALSE(range.contains("11.32.0.0"));
  EXPECT_FALSE(range.contains("::1"));
  EXPECT_FALSE(range.contains("unknown"));
  EXPECT_FALSE(range.contains(""));
}

TEST(AddressRange, OfVersionSixHoldsItsPrefix) {
  AddressRange range = *AddressRange::parse("2001:db8::/33");

  EXPECT_TRUE(range.contains("2001:db8:7fff::1"));
  EXPECT_FALSE(range.contains("2001:db8:8000::1"));
  EXPECT_FALSE(range.contains("10.0.0.1"));
}

TEST(AddressRange, MayBeOneAddressOrAll) {
  EXPECT_TRUE(AddressRange::parse("127.0.0.1")->contains("127.0.0.1"));
  EXPECT_FALSE(AddressRange::parse("127.0.0.1")->contains("127.0.0.2"));
  EXPECT_TRUE(AddressRange::parse("::1")->contains("0:0::1"));
  EXPECT_TRUE(AddressRange::parse("0.0.0.0/0")->contains("203.0.113.9"));
  EXPECT_FALSE(AddressRange::parse("0.0.0.0/0")->contains("2001:db8::1"));
  EXPECT_TRUE(AddressRange::parse("::/0")->contains("2001:db8::1"));
}

TEST(AddressRange, IsRefusedWhenItCannotBeMeant) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.1/8", "::1/129",
                           "10.0.0/8", "example.org", "10.0.0.0/8 "}) {
    EXPECT_FALSE(AddressRange::parse(text)) << text;
  }
}

}  // namespace
}  // namespace piperoll::base
