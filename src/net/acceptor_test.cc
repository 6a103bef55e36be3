#include <gtest/gtest.h>

#include "net/acceptor_internal.h"

namespace piperoll::net {
namespace {

TEST(Acceptors, TakeAnyFreePortWhenAskedTo) {
  boost::asio::io_context context;

  if (!open_acceptors(context, {"[::1]:0"})) {
    GTEST_SKIP() << "this machine has no IPv6";
  }
  auto acceptors = open_acceptors(context, {"127.0.0.1:0", "[::1]:0"});

  ASSERT_TRUE(acceptors) << acceptors.error().message;
  ASSERT_EQ(acceptors->size(), 2u);
  EXPECT_NE((*acceptors)[0].local_endpoint().port(), 0);
  EXPECT_TRUE((*acceptors)[1].local_endpoint().address().is_v6());
}

TEST(Acceptors, SayWhichAddressIsInUse) {
  boost::asio::io_context context;
  auto first = open_acceptors(context, {"127.0.0.1:0"});
  ASSERT_TRUE(first);
  std::string taken = "127.0.0.1:" + std::to_string(first->front().local_endpoint().port());

  auto second = open_acceptors(context, {taken});

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(second.error().code, "address_in_use");
  EXPECT_EQ(second.error().message,
            "cannot listen on " + taken + ": the address is already in use");
}

TEST(Acceptors, OfANameOrOfAllAddressesShareOnePort) {
  boost::asio::io_context context;

  auto acceptors = open_acceptors(context, {":0"});

  ASSERT_TRUE(acceptors) << acceptors.error().message;
  ASSERT_GE(acceptors->size(), 1u);
  EXPECT_EQ(acceptors->front().local_endpoint().port(), acceptors->back().local_endpoint().port());
}

TEST(Acceptors, RefuseAnAddressThatIsNotOfThisMachine) {
  boost::asio::io_context context;

  auto acceptors = open_acceptors(context, {"192.0.2.1:0"});

  ASSERT_FALSE(acceptors);
  EXPECT_NE(acceptors.error().message.find("cannot listen on 192.0.2.1:0"), std::string::npos);
}

}  // namespace
}  // namespace piperoll::net
