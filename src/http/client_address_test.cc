#include "http/client_address.h"

#include <gtest/gtest.h>

namespace piperoll::http {
namespace {

std::string address(std::string_view peer, std::vector<wire::HeaderView> headers) {
  std::vector<base::AddressRange> trusted = {*base::AddressRange::parse("10.0.0.0/8"),
                                             *base::AddressRange::parse("2001:db8:1::/48")};
  return client_address(peer, headers, trusted);
}

TEST(ClientAddress, IsThePeerWhenThatIsNotTrusted) {
  EXPECT_EQ(address("192.0.2.7", {{"X-Forwarded-For", "203.0.113.9"}}), "192.0.2.7");
}

TEST(ClientAddress, IsThePeerWithoutTheHeader) {
  EXPECT_EQ(address("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", ""}}), "10.0.0.1");
}

TEST(ClientAddress, IsTheRightMostThatIsNotTrusted) {
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 203.0.113.9, 10.2.3.4"}}),
            "203.0.113.9");
  EXPECT_EQ(address("10.0.0.1", {{"x-forwarded-for", "6.6.6.6"},
                                 {"Other", "7.7.7.7"},
                                 {"X-Forwarded-For", "203.0.113.9,10.2.3.4"}}),
            "203.0.113.9");
}

TEST(ClientAddress, GoesOnToTheHeaderBefore) {
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "203.0.113.9"},
                                 {"X-Forwarded-For", " 10.2.3.4 , 10.2.3.5"}}),
            "203.0.113.9");
}

TEST(ClientAddress, IsTheLeftMostWhenAllAreTrusted) {
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "10.9.9.9, 10.2.3.4"}}), "10.9.9.9");
}

TEST(ClientAddress, StopsAtWhatIsNoAddress) {
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "203.0.113.9, unknown, 10.2.3.4"}}),
            "10.2.3.4");
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "203.0.113.9,,"}}), "10.0.0.1");
}

TEST(ClientAddress, LeavesPortsOutAndIsCanonical) {
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "203.0.113.9:4711"}}), "203.0.113.9");
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "[2001:DB8:2:0::1]:80, 2001:db8:1::5"}}),
            "2001:db8:2::1");
  EXPECT_EQ(address("10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1"}}), "10.0.0.1");
}

}  // namespace
}  // namespace piperoll::http
