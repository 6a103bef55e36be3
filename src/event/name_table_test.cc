#include "event/name_table.h"

#include <gtest/gtest.h>

namespace piperoll::event {
namespace {

struct Entry {
  std::string_view name;
  int number = 0;
};

constexpr NameTable kTable{std::array<Entry, 4>{{{"id", 1}, {"ip", 2}, {"type", 3}, {"x", 4}}}};

TEST(NameTable, FindsWhatItHolds) {
  EXPECT_EQ(kTable[kTable.find("id").value()].number, 1);
  EXPECT_EQ(kTable[kTable.find("ip").value()].number, 2);
  EXPECT_EQ(kTable[kTable.find("type").value()].number, 3);
  EXPECT_EQ(kTable[kTable.find("x").value()].number, 4);
}

TEST(NameTable, FindsNothingElse) {
  for (std::string_view name :
       {"", "i", "d", "id ", "iD", "iid", "typo", "tape", "X", "\xff\xff"}) {
    EXPECT_EQ(kTable.find(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace piperoll::event
