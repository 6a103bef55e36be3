#include "store/rocksdb/value_table.h"

#include <algorithm>
#include <string>
#include <vector>

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

TEST(ValueTable, FindsSeveralAsItFindsEach) {
  ValueTable table(7);
  const std::vector<std::string> texts = [] {
    std::vector<std::string> made;
    for (int i = 0; i < 3'000; ++i) {
      made.push_back(std::string(static_cast<std::size_t>(i % 19), 'a') + std::to_string(i / 2));
    }
    return made;
  }();
  for (std::size_t known = 0; known < texts.size(); known += 500) {
    for (std::size_t i = known; i > 0 && i < known + 500; ++i) {
      if (table.find(texts[i]) == ValueTable::kNotThere) {
        table.insert(texts[i], {.code = static_cast<Code>(i)});
      }
    }
    for (std::size_t begin = 0; begin < texts.size(); begin += 31) {
      const std::size_t count = std::min<std::size_t>(32, texts.size() - begin);
      std::vector<std::string_view> values(
          texts.begin() + static_cast<std::ptrdiff_t>(begin),
          texts.begin() + static_cast<std::ptrdiff_t>(begin + count));
      std::vector<ValueTable::Index> found(count);
      table.find_each(values, found);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(found[i], table.find(values[i])) << values[i];
      }
    }
  }
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
