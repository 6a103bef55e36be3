#include "ingest/publisher.h"

#include <future>

#include <gtest/gtest.h>

#include "ingest/testing/log_in_memory.h"
#include "tlog/checkpoint.h"

namespace piperoll::ingest {
namespace {

constexpr std::int64_t kLong = 60'000'000;

struct PublisherTest : ::testing::Test, testing::LogInMemory {
  Publisher publisher{*store, key, publisher_options()};

  // What a reader with the log's key sees in a checkpoint.
  tlog::Checkpoint opened(const PublishedPointer& published) {
    return tlog::open_checkpoint(published->note, publisher.verifier_keys(log)).value().checkpoint;
  }
};

TEST_F(PublisherTest, SignsTheTreeOfALogUnderItsOrigin) {
  append(5);

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
  append(5);
  ASSERT_EQ(publisher.newest(log).value()->size, 5U);
  std::promise<void> begun;
  auto waited = std::async(std::launch::async, [&] {
    begun.set_value();
    return publisher.covering(log, 6, kLong);
  });
  begun.get_future().wait();
  append(3);
  publisher.changed({&log, 1});

  EXPECT_EQ(waited.get().value()->size, 8U);
  EXPECT_EQ(publisher.newest(log).value()->size, 8U);
}

TEST_F(PublisherTest, TheNewestStaysUntilSomethingChangesIt) {
  append(5);
  const PublishedPointer first = publisher.newest(log).value();
  append(1);

  EXPECT_EQ(publisher.newest(log).value(), first);
  EXPECT_EQ(publisher.covering(log, 5, 0).value(), first);
  EXPECT_EQ(publisher.covering(log, 6, 0).value()->size, 6U);
  EXPECT_EQ(publisher.sign_now(log).value(), publisher.newest(log).value());
}

TEST_F(PublisherTest, ACosignatureThatIsShownStays) {
  append(5);
  const PublishedPointer signed_now = publisher.newest(log).value();
  const auto with_lines = [&](const std::string& lines) {
    auto made = std::make_shared<Published>(*signed_now);
    made->note += lines;
    return made;
  };

  publisher.cosigned(log, with_lines("first\nsecond\n"));
  publisher.cosigned(log, with_lines("first\n"));

  EXPECT_EQ(publisher.newest(log).value()->note, signed_now->note + "first\nsecond\n");
}

TEST_F(PublisherTest, WhatCannotBeKeptIsNotShown) {
  append(5);
  bool is_full = true;
  std::vector<std::uint64_t> kept;
  PublisherOptions options = publisher_options();
  options.keep = [&](std::span<const std::pair<event::LogId, PublishedPointer>> signed_now)
      -> base::Result<void> {
    if (is_full) {
      return base::Error{.kind = base::ErrorKind::Unavailable, .message = "full"};
    }
    for (const auto& [of, published] : signed_now) {
      EXPECT_EQ(of, log);
      kept.push_back(published->size);
    }
    return {};
  };
  Publisher keeping(*store, key, std::move(options));

  EXPECT_EQ(keeping.newest(log).error().message, "full");
  EXPECT_EQ(keeping.covering(log, 5, 0).error().message, "full");
  is_full = false;
  EXPECT_EQ(keeping.newest(log).value()->size, 5U);
  append(2);
  EXPECT_EQ(keeping.covering(log, 7, 0).value()->size, 7U);
  EXPECT_EQ(keeping.newest(testing::log_of(2)).value()->size, 0U)
      << "an empty log has nothing to lose";
  EXPECT_EQ(kept, (std::vector<std::uint64_t>{5, 7}));
}

TEST_F(PublisherTest, WhatNeverComesIsWaitedForSoLongAsAsked) {
  append(5);

  EXPECT_EQ(publisher.covering(log, 6, 1000).error().code, "timeout");
}

TEST_F(PublisherTest, SignsTheRestWhenItStops) {
  append(5);
  publisher.changed({&log, 1});
  publisher.stop();

  EXPECT_TRUE(store->kept_checkpoint(log).value().has_value());
}

}  // namespace
}  // namespace piperoll::ingest
