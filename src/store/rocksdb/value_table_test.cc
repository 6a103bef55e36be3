#include "store/rocksdb/value_table.h"

#include <string>

#include <gtest/gtest.h>

namespace piperoll::store::rocks {
namespace {

TEST(ValueTable, FindsWhatWasInsertedAndNothingElse) {
  ValueTable table(12345);
  EXPECT_EQ(table.find("anything"), ValueTable::kNotThere);
  for (Code code = 0; code < 10'000; ++code) {
    const std::string text(code % 40, 'x');
    table.insert(text + std::to_string(code), {.code = code});
  }

  for (Code code = 0; code < 10'000; ++code) {
    const std::string text(code % 40, 'x');
    const ValueTable::Index index = table.find(text + std::to_string(code));
    ASSERT_NE(index, ValueTable::kNotThere);
    ASSERT_EQ(table.at(index).code, code);
    ASSERT_EQ(table.find(text + "y" + std::to_string(code)), ValueTable::kNotThere);
  }
  EXPECT_EQ(table.size(), 10'000U);
  EXPECT_GT(table.memory_bytes(), 10'000 * sizeof(OpenValue));
}

TEST(ValueTable, KeepsValuesApartThatDifferInLengthOrZeros) {
  ValueTable table(1);
  table.insert("", {.code = 1});
  table.insert(std::string(1, '\0'), {.code = 2});
  table.insert(std::string(8, '\0'), {.code = 3});
  table.insert(std::string(9, '\0'), {.code = 4});
  EXPECT_EQ(table.at(table.find("")).code, 1U);
  EXPECT_EQ(table.at(table.find(std::string(1, '\0'))).code, 2U);
  EXPECT_EQ(table.at(table.find(std::string(8, '\0'))).code, 3U);
  EXPECT_EQ(table.at(table.find(std::string(9, '\0'))).code, 4U);
}

}  // namespace
}  // namespace piperoll::store::rocks
