#include "ingest/committer.h"

#include <future>

#include <gtest/gtest.h>

#include "event/event_encoding.h"
#include "ingest/content_digest.h"
#include "ingest/testing/fake_journal.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"

namespace piperoll::ingest {
namespace {

using testing::FakeJournal;
using PlacedResult = base::Result<std::vector<Placed>>;

base::Uuid uuid_of(std::uint8_t byte) {
  base::Uuid id;
  id.bytes.fill(byte);
  return id;
}

struct CommitterTest : ::testing::Test {
  const crypto::HmacKey key{"key"};
  store::FeistelIdCipher ids{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store = store::memory::make_memory_store(ids);
  FakeJournal journal;
  registry::Registry registry;
  base::FakeClock clock{{1'000'000'000}};
  Indexer indexer{*store, {.batch_age_micros = 0}};
  Committer committer{journal, *store, registry, indexer, ids, clock, {.access_delay_micros = 0}};
  const event::LogId log{uuid_of(1), event::LogKind::Events};

  CommitterTest() { registry.apply(registry::CreateOrganisation{{log.org, "acme", 1, true, {}}}); }

  // One request; events as id and action ("" lets the server make the id).
  AppendRequest request_of(const std::vector<std::pair<std::string, std::string>>& events,
                           bool atomic, std::promise<PlacedResult>& promise) {
    AppendRequest request;
    request.log = log;
    request.atomic = atomic;
    for (const auto& [id, action] : events) {
      event::Event event = event::make_event(action);
      event.id = id;
      EventWrite write{.offset = request.arena.size()};
      event::append_encoded_event(request.arena, event::view_of(event));
      write.length = request.arena.size() - write.offset;
      write.id = id;
      if (!id.empty()) {
        write.digest = content_digest(
            key, base::ByteView(request.arena).substr(write.offset, write.length), std::nullopt);
      }
      request.events.push_back(write);
    }
    request.done = [&promise](PlacedResult placed) { promise.set_value(std::move(placed)); };
    return request;
  }

  PlacedResult append(const std::vector<std::pair<std::string, std::string>>& events,
                      bool atomic = false) {
    std::promise<PlacedResult> promise;
    auto accepted = committer.append(request_of(events, atomic, promise));
    if (!accepted) {
      return std::move(accepted).error();
    }
    return promise.get_future().get();
  }

  base::Result<registry::Control> submit(registry::Control control) {
    std::promise<base::Result<registry::Control>> promise;
    auto accepted =
        committer.submit({std::move(control), [&](base::Result<registry::Control> stored) {
                            promise.set_value(std::move(stored));
                          }});
    if (!accepted) {
      return std::move(accepted).error();
    }
    return promise.get_future().get();
  }
};

TEST_F(CommitterTest, GivesDenseSeqsAndOneTimePerGroup) {
  auto first = append({{"", "a"}, {"x", "b"}});
  clock.advance(5);
  auto second = append({{"", "c"}});

  ASSERT_TRUE(first && second);
  EXPECT_EQ((*first)[0].seq, 0U);
  EXPECT_EQ((*first)[1].seq, 1U);
  EXPECT_EQ((*second)[0].seq, 2U);
  EXPECT_EQ((*first)[0].recorded_at, (*first)[1].recorded_at);
  EXPECT_EQ((*second)[0].recorded_at.micros, (*first)[0].recorded_at.micros + 5);
  EXPECT_FALSE((*first)[0].made_id.is_nil());
  EXPECT_TRUE((*first)[1].made_id.is_nil());
}

TEST_F(CommitterTest, NeverLetsRecordedAtGoBack) {
  auto first = append({{"", "a"}});
  clock.jump(-3'600'000'000);
  auto second = append({{"", "b"}});

  EXPECT_EQ((*second)[0].recorded_at, (*first)[0].recorded_at);
}

TEST_F(CommitterTest, WhatIsAcknowledgedIsInTheJournalAndThenInTheStore) {
  ASSERT_TRUE(append({{"x", "a"}}));

  EXPECT_EQ(journal.frames().size(), 1U);
  ASSERT_TRUE(indexer.wait_applied(committer.durable_lsn(log), 10'000'000));
  EXPECT_EQ(store->get_by_id(log, "x").value()->event().action, "a");
}

TEST_F(CommitterTest, TellsDuplicatesFromConflicts) {
  ASSERT_TRUE(append({{"x", "a"}}));

  auto again = append({{"x", "a"}, {"x", "b"}, {"y", "a"}, {"y", "a"}});

  EXPECT_EQ((*again)[0].kind, Placed::Kind::Duplicate);
  EXPECT_EQ((*again)[0].seq, 0U);
  EXPECT_EQ((*again)[1].kind, Placed::Kind::Conflict);
  EXPECT_EQ((*again)[2].kind, Placed::Kind::Stored);
  EXPECT_EQ((*again)[3].kind, Placed::Kind::Duplicate);  // of the one before it
  EXPECT_EQ((*again)[3].seq, (*again)[2].seq);
}

TEST_F(CommitterTest, AConflictTakesBackAnAtomicRequestWhole) {
  ASSERT_TRUE(append({{"x", "a"}}));

  auto refused = append({{"new", "a"}, {"", "b"}, {"x", "other"}}, true);
  auto after = append({{"new", "changed"}});

  EXPECT_EQ((*refused)[0].kind, Placed::Kind::Aborted);
  EXPECT_EQ((*refused)[1].kind, Placed::Kind::Aborted);
  EXPECT_EQ((*refused)[2].kind, Placed::Kind::Conflict);
  EXPECT_EQ((*after)[0].kind, Placed::Kind::Stored);
  EXPECT_EQ((*after)[0].seq, 1U);
}

TEST_F(CommitterTest, ARequestOfDuplicatesWritesNothing) {
  ASSERT_TRUE(append({{"x", "a"}}));

  auto again = append({{"x", "a"}});

  EXPECT_TRUE(again);
  EXPECT_EQ(journal.frames().size(), 1U);
}

TEST_F(CommitterTest, WhatArrivesDuringASyncIsOneGroup) {
  journal.hold();
  std::vector<std::promise<PlacedResult>> promises(4);
  ASSERT_TRUE(committer.append(request_of({{"", "first"}}, false, promises[0])));
  journal.wait_until_waiting();
  for (std::size_t i = 1; i < promises.size(); ++i) {
    ASSERT_TRUE(committer.append(request_of({{"", "later"}}, false, promises[i])));
  }
  journal.let_go();
  for (auto& promise : promises) {
    EXPECT_TRUE(promise.get_future().get());
  }

  EXPECT_EQ(journal.frames().size(), 2U);
}

TEST_F(CommitterTest, RefusesEverythingAfterAFailedSync) {
  journal.fail_with(FakeJournal::Failure::Broken);
  EXPECT_EQ(append({{"x", "a"}}).error().code, "journal_failed");
  journal.fail_with(FakeJournal::Failure::None);

  EXPECT_EQ(append({{"y", "a"}}).error().code, "journal_failed");
  EXPECT_EQ(committer.writable().error().code, "journal_failed");
  EXPECT_TRUE(journal.frames().empty());
}

TEST_F(CommitterTest, GoesOnWhenThereIsSpaceAgain) {
  ASSERT_TRUE(append({{"a", "a"}}));
  journal.fail_with(FakeJournal::Failure::NoSpace);
  EXPECT_EQ(append({{"x", "a"}}).error().code, "no_space");
  journal.fail_with(FakeJournal::Failure::None);

  auto stored = append({{"x", "a"}});

  EXPECT_EQ((*stored)[0].kind, Placed::Kind::Stored);  // the refused one left nothing behind
  EXPECT_EQ((*stored)[0].seq, 1U);
}

TEST_F(CommitterTest, StopsWritingWhenTheClockJumpsAhead) {
  ASSERT_TRUE(append({{"", "a"}}));
  clock.jump(kClockJumpMicros + 1'000'000);

  EXPECT_EQ(append({{"", "b"}}).error().code, "clock_jump");
  EXPECT_EQ(committer.writable().error().code, "clock_jump");
  EXPECT_EQ(journal.frames().size(), 1U);
}

TEST_F(CommitterTest, ALongPauseIsNoJump) {
  ASSERT_TRUE(append({{"", "a"}}));
  clock.advance(86'400'000'000);

  EXPECT_TRUE(append({{"", "b"}}));
}

TEST_F(CommitterTest, RechecksTheOrganisation) {
  ASSERT_TRUE(submit(registry::SetOrganisationEnabled{log.org, false}));
  EXPECT_EQ(append({{"", "a"}}).error().code, "org_disabled");
  ASSERT_TRUE(submit(registry::SetOrganisationEnabled{log.org, true}));
  EXPECT_TRUE(append({{"", "a"}}));
}

TEST_F(CommitterTest, TwoOrganisationsOfOneNameInOneGroupAreOne) {
  journal.hold();
  std::promise<PlacedResult> waiting;
  ASSERT_TRUE(committer.append(request_of({{"", "a"}}, false, waiting)));
  journal.wait_until_waiting();
  std::promise<base::Result<registry::Control>> one, two;
  ASSERT_TRUE(
      committer.submit({registry::CreateOrganisation{{uuid_of(2), "twin", 0, true, {}}},
                        [&](base::Result<registry::Control> r) { one.set_value(std::move(r)); }}));
  ASSERT_TRUE(
      committer.submit({registry::CreateOrganisation{{uuid_of(3), "twin", 0, true, {}}},
                        [&](base::Result<registry::Control> r) { two.set_value(std::move(r)); }}));
  journal.let_go();
  EXPECT_TRUE(waiting.get_future().get());

  EXPECT_TRUE(one.get_future().get());
  EXPECT_EQ(two.get_future().get().error().code, "name_taken");
}

TEST_F(CommitterTest, CommitsWhatIsQueuedAndRefusesTheRestWhenStopped) {
  std::promise<PlacedResult> promise;
  ASSERT_TRUE(committer.append(request_of({{"", "a"}}, false, promise)));

  committer.stop();

  EXPECT_TRUE(promise.get_future().get());
  EXPECT_EQ(append({{"", "b"}}).error().code, "shutting_down");
}

TEST_F(CommitterTest, RefusesWhenTheQueueIsFull) {
  Committer small(journal, *store, registry, indexer, ids, clock, {.queue_bytes_max = 1});
  journal.hold();
  std::vector<std::promise<PlacedResult>> promises(3);
  ASSERT_TRUE(small.append(request_of({{"", "a"}}, false, promises[0])));
  journal.wait_until_waiting();
  ASSERT_TRUE(small.append(request_of({{"", "a"}}, false, promises[1])));

  EXPECT_EQ(small.append(request_of({{"", "a"}}, false, promises[2])).error().code, "busy");

  journal.let_go();
  EXPECT_TRUE(promises[1].get_future().get());
}

TEST_F(CommitterTest, ManyWritersAgreeOnOneOrder) {
  constexpr int kWriters = 8;
  constexpr int kEach = 200;
  std::vector<std::thread> writers;
  std::vector<std::vector<std::uint64_t>> seqs(kWriters);
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        auto placed = append({{std::to_string(w) + "-" + std::to_string(i), "a"}});
        ASSERT_TRUE(placed);
        seqs[static_cast<std::size_t>(w)].push_back((*placed)[0].seq);
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  std::vector<std::uint64_t> all;
  for (const auto& own : seqs) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i], i);
  }
  ASSERT_TRUE(indexer.wait_applied(committer.durable_lsn(), 30'000'000));
  EXPECT_EQ(store->size(log), all.size());
}

}  // namespace
}  // namespace piperoll::ingest
