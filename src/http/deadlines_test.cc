#include "http/deadlines.h"

#include <memory>

#include <gtest/gtest.h>

namespace piperoll::http {
namespace {

struct Owner {
  explicit Owner(int n) : number(n) {}
  int number;
  Deadline<Owner> deadline{*this};
};

TEST(Deadlines, PassInTheOrderInWhichTheyWereSet) {
  DeadlineList<Owner> list(100);
  Owner a(1), b(2);
  list.set(a.deadline, 0);
  list.set(b.deadline, 10);

  EXPECT_EQ(list.take_passed(99), nullptr);
  EXPECT_EQ(list.take_passed(100), &a);
  EXPECT_EQ(list.take_passed(100), nullptr);
  EXPECT_EQ(list.take_passed(110), &b);
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(a.deadline.is_set());
}

TEST(Deadlines, StartAgainWhenSetAgain) {
  DeadlineList<Owner> list(100);
  Owner a(1), b(2);
  list.set(a.deadline, 0);
  list.set(b.deadline, 0);

  list.set(a.deadline, 50);

  EXPECT_EQ(list.take_passed(120), &b);
  EXPECT_EQ(list.take_passed(149), nullptr);
  EXPECT_EQ(list.take_passed(150), &a);
}

TEST(Deadlines, DoNotPassOnceClearedOrDestroyedOrMoved) {
  DeadlineList<Owner> list(100);
  DeadlineList<Owner> other(1000);
  Owner first(1), middle(2), last(3);
  auto gone = std::make_unique<Owner>(4);
  for (Owner* owner : {&first, &middle, gone.get(), &last}) {
    list.set(owner->deadline, 0);
  }

  middle.deadline.clear();
  middle.deadline.clear();
  gone.reset();
  other.set(last.deadline, 0);

  EXPECT_EQ(list.take_passed(1000), &first);
  EXPECT_EQ(list.take_passed(1000), nullptr);
  EXPECT_EQ(other.take_passed(1000), &last);
}

TEST(Deadlines, OfNoDurationAreNeverSet) {
  DeadlineList<Owner> list(0);
  Owner a(1);

  list.set(a.deadline, 0);

  EXPECT_FALSE(a.deadline.is_set());
  EXPECT_EQ(list.take_passed(1'000'000), nullptr);
}

}  // namespace
}  // namespace piperoll::http
