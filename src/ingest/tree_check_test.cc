#include "ingest/tree_check.h"

#include <gtest/gtest.h>

#include "ingest/testing/log_frames.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"

namespace piperoll::ingest {
namespace {

using testing::apply_frame;
using testing::kServerName;
using testing::log_of;
using testing::LogFrames;

struct TreeCheckTest : ::testing::Test {
  store::FeistelIdCipher ids{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store = store::memory::make_memory_store(ids);
  LogFrames frames;
  const event::LogId log = log_of(1);
};

TEST_F(TreeCheckTest, AStoreWithoutLogsFits) {
  EXPECT_TRUE(check_trees(*store, kServerName).has_value());
  EXPECT_TRUE(complete_trees(*store, kServerName).has_value());
}

TEST_F(TreeCheckTest, CompletesTreesToWhatTheyWouldHaveBeen) {
  const std::unique_ptr<store::EventStore> other = store::memory::make_memory_store(ids);
  for (const std::size_t records : {3U, 700U, 1U}) {
    const DurableFrame frame = frames.next(log, records);
    apply_frame(*store, frame, records == 3);
    apply_frame(*other, frame, true);
  }
  ASSERT_EQ(store->tree(log).size, 3U);

  ASSERT_TRUE(complete_trees(*store, kServerName).has_value());

  EXPECT_EQ(store->tree(log), other->tree(log));
  EXPECT_TRUE(check_trees(*store, kServerName).has_value());
}

TEST_F(TreeCheckTest, ARowThatIsNotTheOneHashedIsFoundAndNamed) {
  apply_frame(*store, frames.next(log, 9), false);
  std::vector<tlog::Hash> leaves(9);
  leaves.back()[0] = 1;
  ASSERT_TRUE(store->grow_tree(log, leaves).has_value());

  const auto checked = check_trees(*store, kServerName);

  EXPECT_EQ(checked.error().code, "tree_mismatch");
  EXPECT_NE(checked.error().message.find("audit.example/"), std::string::npos);
  EXPECT_NE(checked.error().message.find("seq 5"), std::string::npos) << "the first of the newest";
}

TEST_F(TreeCheckTest, AnotherServerNameDoesNotFit) {
  apply_frame(*store, frames.next(log, 9), true);

  EXPECT_EQ(check_trees(*store, "other.example").error().code, "tree_mismatch");
}

}  // namespace
}  // namespace piperoll::ingest
