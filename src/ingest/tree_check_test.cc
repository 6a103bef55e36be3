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

// What was published of the log, now.
PublishedFile::Newest published_of(const store::EventStore& store, const event::LogId& log) {
  const store::TreeHead head = store.tree(log);
  return {{log, std::make_shared<const Published>(
                    Published{.size = head.size, .root = head.root, .note = "a note"})}};
}

TEST_F(TreeCheckTest, WhatWasPublishedOfALogIsStillInIt) {
  apply_frame(*store, frames.next(log, 300), true);
  const PublishedFile::Newest published = published_of(*store, log);
  EXPECT_TRUE(check_published(*store, kServerName, published).has_value());

  apply_frame(*store, frames.next(log, 300), true);

  EXPECT_TRUE(check_published(*store, kServerName, published).has_value());
}

TEST_F(TreeCheckTest, ALogThatEndsBeforeWhatWasPublishedIsNamed) {
  const std::unique_ptr<store::EventStore> cut = store::memory::make_memory_store(ids);
  const DurableFrame first = frames.next(log, 9);
  apply_frame(*cut, first, true);
  apply_frame(*store, first, true);
  apply_frame(*store, frames.next(log, 3), true);

  const auto checked = check_published(*cut, kServerName, published_of(*store, log));

  EXPECT_EQ(checked.error().code, "log_truncated");
  EXPECT_NE(checked.error().message.find("has 9 events, and a checkpoint of 12"),
            std::string::npos);
  EXPECT_EQ(check_published(*store::memory::make_memory_store(ids), kServerName,
                            published_of(*store, log))
                .error()
                .code,
            "log_truncated")
      << "a log that is nowhere";
}

TEST_F(TreeCheckTest, ALogThatGrewOtherwiseIsNamed) {
  const std::unique_ptr<store::EventStore> other = store::memory::make_memory_store(ids);
  const DurableFrame frame = frames.next(log, 9);
  apply_frame(*store, frame, true);
  apply_frame(*other, frame, false);
  std::vector<tlog::Hash> leaves(9);
  leaves.front()[0] = 1;
  ASSERT_TRUE(other->grow_tree(log, leaves).has_value());
  const PublishedFile::Newest published = published_of(*store, log);
  EXPECT_EQ(check_published(*other, kServerName, published).error().code, "log_forked");

  apply_frame(*other, frames.next(log, 9), true);

  EXPECT_EQ(check_published(*other, kServerName, published).error().code, "log_forked")
      << "of a larger log too";
}

}  // namespace
}  // namespace piperoll::ingest
