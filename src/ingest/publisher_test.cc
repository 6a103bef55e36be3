#include "ingest/publisher.h"

#include <future>

#include <gtest/gtest.h>

#include "ingest/testing/log_frames.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"
#include "tlog/checkpoint.h"

namespace piperoll::ingest {
namespace {

using testing::apply_frame;
using testing::kServerName;
using testing::log_of;
using testing::LogFrames;

constexpr std::int64_t kLong = 60'000'000;

struct PublisherTest : ::testing::Test {
  store::FeistelIdCipher ids{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store = store::memory::make_memory_store(ids);
  crypto::Ed25519PrivateKey key =
      crypto::Ed25519PrivateKey::from_seed(std::string(32, 's')).value();
  LogFrames frames;
  const event::LogId log = log_of(1);
  Publisher publisher{
      *store, key, {.server_name = std::string(kServerName), .known_keys = {key.public_key()}}};

  void grow(std::size_t records) { apply_frame(*store, frames.next(log, records), true); }

  // What a reader with the log's key sees in a checkpoint.
  tlog::Checkpoint opened(const PublishedPointer& published) {
    return tlog::open_checkpoint(published->note, publisher.verifier_keys(log)).value().checkpoint;
  }
};

TEST_F(PublisherTest, SignsTheTreeOfALogUnderItsOrigin) {
  grow(5);

  const PublishedPointer published = publisher.newest(log).value();

  EXPECT_EQ(published->size, 5U);
  EXPECT_EQ(opened(published), (tlog::Checkpoint{.origin = publisher.origin(log),
                                                 .size = 5,
                                                 .root = store->tree(log).root,
                                                 .extensions = {}}));
  EXPECT_EQ(store->kept_checkpoint(log).value(), published->note);
}

TEST_F(PublisherTest, SignsAnEmptyLogToo) {
  const tlog::Checkpoint empty = opened(publisher.newest(log).value());

  EXPECT_EQ(empty.size, 0U);
  EXPECT_EQ(empty.root, tlog::empty_root());
}

TEST_F(PublisherTest, PublishesWhatChangedWithoutBeingAsked) {
  grow(5);
  ASSERT_EQ(publisher.newest(log).value()->size, 5U);
  std::promise<void> begun;
  auto waited = std::async(std::launch::async, [&] {
    begun.set_value();
    return publisher.covering(log, 6, kLong);
  });
  begun.get_future().wait();
  grow(3);
  publisher.changed({&log, 1});

  EXPECT_EQ(waited.get().value()->size, 8U);
  EXPECT_EQ(publisher.newest(log).value()->size, 8U);
}

TEST_F(PublisherTest, TheNewestStaysUntilSomethingChangesIt) {
  grow(5);
  const PublishedPointer first = publisher.newest(log).value();
  grow(1);

  EXPECT_EQ(publisher.newest(log).value(), first);
  EXPECT_EQ(publisher.covering(log, 5, 0).value(), first);
  EXPECT_EQ(publisher.covering(log, 6, 0).value()->size, 6U);
  EXPECT_EQ(publisher.sign_now(log).value(), publisher.newest(log).value());
}

TEST_F(PublisherTest, WhatNeverComesIsWaitedForSoLongAsAsked) {
  grow(5);

  EXPECT_EQ(publisher.covering(log, 6, 1000).error().code, "timeout");
}

TEST_F(PublisherTest, SignsTheRestWhenItStops) {
  grow(5);
  publisher.changed({&log, 1});
  publisher.stop();

  EXPECT_TRUE(store->kept_checkpoint(log).value().has_value());
}

}  // namespace
}  // namespace piperoll::ingest
