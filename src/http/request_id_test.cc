#include "http/request_id.h"

#include <set>

#include <gtest/gtest.h>

#include "base/uuid.h"

namespace piperoll::http {
namespace {

TEST(RequestId, IsSaneWithinItsCharactersAndLength) {
  EXPECT_TRUE(is_sane_request_id("a"));
  EXPECT_TRUE(is_sane_request_id("AZaz09._:/+=@-"));
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'x')));
  EXPECT_FALSE(is_sane_request_id(""));
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'x')));
  for (const char* bad : {"a b", "a\tb", "a\"", "a,b", "a;b", "<a>", "\xc3\xa4", "a%20", "a\\"}) {
    EXPECT_FALSE(is_sane_request_id(bad)) << bad;
  }
}

TEST(RequestId, WhenNewIsAUuidOfVersionFourAndNeverRepeats) {
  RequestIdSource one;
  RequestIdSource other;
  std::set<std::string> seen;

  for (int i = 0; i < 1000; ++i) {
    for (RequestIdSource* source : {&one, &other}) {
      std::string id = source->next();
      ASSERT_TRUE(base::parse_uuid(id)) << id;
      ASSERT_TRUE(is_sane_request_id(id));
      ASSERT_EQ(id[14], '4');
      ASSERT_NE(std::string("89ab").find(id[19]), std::string::npos);
      ASSERT_TRUE(seen.insert(id).second);
    }
  }
}

}  // namespace
}  // namespace piperoll::http
