#include "ingest/content_digest.h"

#include <gtest/gtest.h>

#include "event/event_encoding.h"

namespace piperoll::ingest {
namespace {

const crypto::HmacKey kKey("key");

std::string digest_of(const event::Event& event) {
  return content_digest(kKey, event::encode_event(event::view_of(event)), event.occurred_at);
}

TEST(ContentDigest, TheSameContentIsTheSame) {
  event::Event a = event::make_event("user.create");
  a.occurred_at = base::Timestamp{5};

  EXPECT_EQ(digest_of(a), digest_of(a));
  EXPECT_TRUE(same_content(digest_of(a), digest_of(a)));
}

TEST(ContentDigest, AnyOtherMemberMakesItOther) {
  event::Event a = event::make_event("user.create");
  event::Event b = a;
  b.metadata = R"({"x":1})";

  EXPECT_FALSE(same_content(digest_of(a), digest_of(b)));
}

TEST(ContentDigest, TheTimeIsComparedOnlyWhereBothSayOne) {
  event::Event none = event::make_event("a");
  event::Event early = none;
  early.occurred_at = base::Timestamp{5};
  event::Event late = none;
  late.occurred_at = base::Timestamp{6};

  EXPECT_TRUE(same_content(digest_of(none), digest_of(early)));
  EXPECT_TRUE(same_content(digest_of(late), digest_of(none)));
  EXPECT_FALSE(same_content(digest_of(early), digest_of(late)));
}

TEST(ContentDigest, NeedsTheKeyAndItsLength) {
  event::Event a = event::make_event("a");
  const std::string other = content_digest(crypto::HmacKey("other"),
                                           event::encode_event(event::view_of(a)), std::nullopt);

  EXPECT_FALSE(same_content(digest_of(a), other));
  EXPECT_FALSE(same_content(digest_of(a), ""));
  EXPECT_FALSE(same_content("", ""));
}

}  // namespace
}  // namespace piperoll::ingest
