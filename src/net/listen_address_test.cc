#include "net/listen_address.h"

#include <gtest/gtest.h>

namespace piperoll::net {
namespace {

TEST(ListenAddress, IsReadInEveryAcceptedForm) {
  EXPECT_EQ(*parse_listen_address("127.0.0.1:8080"), (ListenAddress{"127.0.0.1", 8080}));
  EXPECT_EQ(*parse_listen_address("[::1]:0"), (ListenAddress{"::1", 0}));
  EXPECT_EQ(*parse_listen_address("localhost:65535"), (ListenAddress{"localhost", 65535}));
  EXPECT_EQ(*parse_listen_address(":80"), (ListenAddress{"", 80}));
  EXPECT_EQ(*parse_listen_address("*:80"), (ListenAddress{"", 80}));
}

TEST(ListenAddress, IsRefusedWithItsTextNamed) {
  for (const char* text :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:80 ", "::1:80", "[]:80", "[::1:80", "a/b:80", "a b:80", "[::1]x:80"}) {
    auto parsed = parse_listen_address(text);

    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, base::ErrorKind::InvalidArgument);
    EXPECT_NE(parsed.error().message.find("'" + std::string(text) + "'"), std::string::npos);
  }
}

}  // namespace
}  // namespace piperoll::net
