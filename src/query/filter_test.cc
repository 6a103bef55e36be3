#include "query/filter.h"

#include <gtest/gtest.h>

#include "query/query.h"

namespace piperoll::query {
namespace {

using Texts = std::vector<std::string>;
const event::FieldRef kAction = {event::Field::Action, {}};

TEST(Filter, IsEveryRecordByDefault) {
  EXPECT_EQ(Filter{}, all());
  EXPECT_EQ(all().kind, Filter::Kind::All);
}

TEST(Filter, ContainsFoldsItsNeedle) {
  EXPECT_EQ(contains(kAction, "UsEr").texts, Texts{"user"});
  EXPECT_EQ(contains(kAction,
                     "\xc3\x84"
                     "B")
                .texts,
            Texts{"\xc3\xa4"
                  "b"});
  EXPECT_EQ(contains(kAction, "").texts, Texts{""});
}

TEST(Filter, OtherTextsStayAsTheyAre) {
  EXPECT_EQ(equal(kAction, "UsEr").texts, Texts{"UsEr"});
  EXPECT_EQ(prefix(kAction, "UsEr").texts, Texts{"UsEr"});
  EXPECT_EQ(in(kAction, {"B", "a", "B"}).texts, (Texts{"B", "a", "B"}));
}

TEST(Filter, WordsAreSplitAtAnyWhiteSpace) {
  EXPECT_EQ(words("one TWO\t three\n").texts, (Texts{"one", "two", "three"}));
  EXPECT_EQ(words("  ").texts, Texts{});
  EXPECT_EQ(words("").texts, Texts{});
  // U+3000 ideographic space, U+00A0 no-break space, U+2003 em space.
  EXPECT_EQ(words("a\xe3\x80\x80"
                  "b\xc2\xa0"
                  "c\xe2\x80\x83"
                  "d")
                .texts,
            (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(words("\xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80").texts,
            (Texts{"\xe6\x9d\xb1\xe4\xba\xac", "\xf0\x9f\x98\x80"}));
}

TEST(Filter, WordsOfATextCutInTheMiddleOfACharacterAreKept) {
  EXPECT_NO_FATAL_FAILURE(words("abc \xe6\x9d"));
  EXPECT_EQ(words("abc \xe6\x9d").texts.front(), "abc");
}

TEST(Sort, NewestFirstIsByOccurredAtDescending) {
  const Sort sort = newest_first();
  ASSERT_EQ(sort.size(), 1U);
  EXPECT_EQ(sort[0].field, event::Field::OccurredAt);
  EXPECT_TRUE(sort[0].descending);
}

}  // namespace
}  // namespace piperoll::query
