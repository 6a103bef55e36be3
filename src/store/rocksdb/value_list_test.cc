#include "store/rocksdb/value_list.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

class ValueListTest : public ::testing::Test {
 protected:
  // The list of these values, the first with the first code.
  ValueList list_of(Slot slot, const std::vector<std::string>& values) {
    rocksdb::WriteBatch batch;
    Code code = kFirstCode;
    for (const std::string& value : values) {
      batch.Put(database_->handle(Family::Dict),
                rocksdb::Slice(code_key(1, kIndexedFields[slot].number, code++)),
                rocksdb::Slice(value));
    }
    EXPECT_TRUE(database_->write(batch).has_value());
    return ValueList::extend({}, *database_, database_->snapshot(), 1, slot, code).value();
  }

  testing::TempDirectory directory_;
  std::unique_ptr<Database> database_ = Database::open({.directory = directory_.path()}).value();
};

TEST_F(ValueListTest, FindsTheCodeOfEachValueAndOfNoOther) {
  std::mt19937_64 random(6);
  for (const event::Field field : {event::Field::Action, event::Field::RequestStatusCode}) {
    const Slot slot = slot_of(field).value();
    std::set<std::string> made;
    std::vector<std::string> values;
    while (values.size() < 300) {
      std::string value = std::to_string(random() % (random() % 2 == 0 ? 200 : 100'000));
      if (made.insert(value).second) {
        values.push_back(std::move(value));
      }
    }
    const ValueList list = list_of(slot, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(list.find(values[i], field), kFirstCode + i) << values[i];
    }
    for (int number = 0; number < 2'000; ++number) {
      const std::string text = std::to_string(number);
      EXPECT_EQ(list.find(text, field).has_value(), made.contains(text)) << text;
    }
    EXPECT_FALSE(list.find("", field).has_value());
    EXPECT_FALSE(ValueList().find("1", field).has_value());
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
