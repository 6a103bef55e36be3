#include "journal/journal.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "journal/journal_test_support.h"

namespace piperoll::journal {
namespace {

using Fault = FaultFileSystem::Fault;

TEST(Journal, NumbersFramesFromOne) {
  FaultFileSystem files;
  auto journal = open_journal(small_options(), 0, files);
  ASSERT_TRUE(journal) << journal.error().message;

  EXPECT_EQ((*journal)->last_lsn(), 0U);
  EXPECT_EQ(*(*journal)->append("first"), 1U);
  EXPECT_EQ(*(*journal)->append(""), 2U);
  EXPECT_EQ(*(*journal)->append("third"), 3U);
  EXPECT_EQ((*journal)->last_lsn(), 3U);
}

TEST(Journal, ReplaysFramesAboveAfterInOrder) {
  FaultFileSystem files;
  {
    auto journal = *open_journal(small_options(), 0, files);
    for (const char* payload : {"a", "", "c", "d"}) {
      ASSERT_TRUE(journal->append(payload));
    }
  }

  Frames all;
  Frames tail;
  ASSERT_TRUE(open_journal(small_options(), 0, files, &all));
  ASSERT_TRUE(open_journal(small_options(), 2, files, &tail));

  EXPECT_EQ(all, (Frames{{1, "a"}, {2, ""}, {3, "c"}, {4, "d"}}));
  EXPECT_EQ(tail, (Frames{{3, "c"}, {4, "d"}}));
}

TEST(Journal, StopsOpeningWhenTheReplayFails) {
  FaultFileSystem files;
  ASSERT_TRUE((*open_journal(small_options(), 0, files))->append("a"));

  const auto journal = Journal::open(
      small_options(), 0,
      [](Lsn, base::ByteView) -> base::Result<void> {
        return base::Error{.kind = base::ErrorKind::Internal, .message = "cannot apply"};
      },
      files);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().message, "cannot apply");
}

// Any sizes, any order of appends and restarts, with and without padding, with and without direct
// I/O: what comes back is what went in.
TEST(Journal, ReturnsWhatWasAppendedOverRestarts) {
  EXPECT_TRUE(rc::check([] {
    FaultFileSystem files;
    JournalOptions options = small_options();
    Frames expected;
    Lsn after = 0;
    const auto restarts = *rc::gen::inRange(1, 6);
    for (int i = 0; i < restarts; ++i) {
      options.pad_groups = *rc::gen::arbitrary<bool>();
      options.allow_direct_io = *rc::gen::weightedElement<bool>({{3, true}, {1, false}});
      Frames replayed;
      auto journal = open_journal(options, after, files, &replayed);
      RC_ASSERT(journal.has_value());
      RC_ASSERT(replayed ==
                Frames(expected.begin() + static_cast<std::ptrdiff_t>(after), expected.end()));
      const auto appends = *rc::gen::inRange(0, 25);
      for (int k = 0; k < appends; ++k) {
        const auto bytes = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 200),
                                           rc::gen::inRange<std::size_t>(4000, 4200),
                                           rc::gen::inRange<std::size_t>(0, 30'001));
        const Lsn lsn = expected.size() + 1;
        expected.emplace_back(lsn, payload_of(lsn, bytes));
        const auto appended = (*journal)->append(expected.back().second);
        RC_ASSERT(appended.has_value());
        RC_ASSERT(*appended == lsn);
        if (*rc::gen::weightedElement<bool>({{7, false}, {1, true}})) {
          after = *rc::gen::inRange<Lsn>(after, lsn + 1);
          (*journal)->release(after);
        }
      }
    }
  }));
}

TEST(Journal, PutsEachPaddedFrameInBlocksOfItsOwn) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);
  ASSERT_TRUE(journal->append(std::string(10, 'x')));
  const std::string before = files.content(segment_path(1));

  ASSERT_TRUE(journal->append(std::string(5000, 'y')));

  const std::string now = files.content(segment_path(1));
  EXPECT_EQ(now.substr(0, 8192), before.substr(0, 8192));
  EXPECT_EQ(now.substr(8192 + 32, 5000), std::string(5000, 'y'));
  EXPECT_EQ(journal->stats().bytes, 3U * 4096);
}

TEST(Journal, FillsBlocksWithoutPadding) {
  FaultFileSystem files;
  JournalOptions options = small_options();
  options.pad_groups = false;
  auto journal = *open_journal(options, 0, files);

  ASSERT_TRUE(journal->append(std::string(10, 'x')));
  ASSERT_TRUE(journal->append(std::string(10, 'y')));

  const std::string now = files.content(segment_path(1));
  EXPECT_EQ(now.substr(4096 + 32, 10), std::string(10, 'x'));
  EXPECT_EQ(now.substr(4096 + 48 + 32, 10), std::string(10, 'y'));
}

TEST(Journal, MakesOneWriteAndOneSyncAnAppend) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);
  ASSERT_TRUE(journal->append("first"));
  const auto self = std::this_thread::get_id();
  files.forget_calls();

  ASSERT_TRUE(journal->append(std::string(20'000, 'x')));

  std::vector<std::string> operations;
  for (const FaultFileSystem::Call& call : files.calls()) {
    if (call.thread == self) {
      operations.push_back(call.operation);
    }
  }
  EXPECT_EQ(operations, (std::vector<std::string>{"free_bytes", "write", "sync"}));
}

TEST(Journal, NeverZeroesOnTheAppendingThread) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);
  const auto self = std::this_thread::get_id();
  files.forget_calls();

  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(journal->append(std::string(20'000, 'x')));
  }

  for (const FaultFileSystem::Call& call : files.calls()) {
    if (call.thread == self) {
      EXPECT_THAT(call.operation, testing::AnyOf("free_bytes", "write", "sync"));
    }
  }
}

TEST(Journal, RecyclesReleasedSegmentsInsteadOfMakingNewOnes) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);

  for (Lsn lsn = 1; lsn <= 400; ++lsn) {
    ASSERT_TRUE(journal->append(payload_of(lsn, 20'000)));
    journal->release(lsn);
  }

  EXPECT_LE(files.paths().size(), 12U);  // 200 segments were filled
  EXPECT_EQ(journal->stats().segments_in_use, 1U);
}

// Segments that still hold old frames behind and in front of new ones, at any moment of a restart.
TEST(Journal, ToldOldFramesOfRecycledSegmentsFromNewOnes) {
  FaultFileSystem files;
  const JournalOptions options = small_options();
  Lsn lsn = 0;
  for (int restart = 0; restart < 60; ++restart) {
    const Lsn after = lsn < 3 ? 0 : lsn - 3;
    Frames replayed;
    auto journal = open_journal(options, after, files, &replayed);
    ASSERT_TRUE(journal) << journal.error().message;
    ASSERT_EQ(replayed.size(), lsn - after);
    for (int i = 0; i < 7; ++i) {
      ++lsn;
      ASSERT_EQ(*(*journal)->append(payload_of(lsn, 500 + (lsn * 1771) % 20'000)), lsn);
    }
    (*journal)->release(lsn - 3);
  }
}

// A start reads what it needs, however many segments wait for their turn.
TEST(Journal, ReadsNoMoreThanTheBeginningOfSegmentsThatAreSettled) {
  FaultFileSystem files;
  {
    auto journal = *open_journal(small_options(), 0, files);
    for (Lsn lsn = 1; lsn <= 12; ++lsn) {
      ASSERT_TRUE(journal->append(payload_of(lsn, 20'000)));  // three a segment
    }
  }
  const auto times_opened = [&](std::uint64_t number, Lsn after) {
    files.forget_calls();
    EXPECT_TRUE(open_journal(small_options(), after, files));
    const auto calls = files.calls();
    return std::count_if(calls.begin(), calls.end(), [&](const FaultFileSystem::Call& call) {
      // The background opens those that it takes for new frames.
      return call.thread == std::this_thread::get_id() && call.operation == "open" &&
             call.path == segment_path(number);
    });
  };

  EXPECT_EQ(times_opened(2, 6), 1);
  EXPECT_EQ(times_opened(2, 12), 1);
  EXPECT_GT(times_opened(2, 5), 1);
  EXPECT_GT(times_opened(3, 6), 1);
}

TEST(Journal, KeepsTheSegmentOfTheNewestFrame) {
  FaultFileSystem files;
  Lsn last = 0;
  {
    auto journal = *open_journal(small_options(), 0, files);
    for (int i = 0; i < 30; ++i) {
      last = *journal->append(std::string(20'000, 'x'));
      journal->release(last);
    }
  }

  auto journal = open_journal(small_options(), last, files);

  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ((*journal)->last_lsn(), last);
  EXPECT_EQ(*(*journal)->append("next"), last + 1);
}

TEST(Journal, RefusesToReplayWhatWasRecycled) {
  FaultFileSystem files;
  {
    auto journal = *open_journal(small_options(), 0, files);
    for (Lsn lsn = 1; lsn <= 60; ++lsn) {
      ASSERT_TRUE(journal->append(std::string(20'000, 'x')));
      journal->release(lsn);
    }
  }

  const auto journal = open_journal(small_options(), 0, files);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
  EXPECT_THAT(journal.error().message, testing::HasSubstr("frame 1 is still needed"));
}

TEST(Journal, ContinuesBehindTheAppliedFrameWhenEmpty) {
  FaultFileSystem files;

  auto journal = *open_journal(small_options(), 41, files);

  EXPECT_EQ(journal->last_lsn(), 41U);
  EXPECT_EQ(*journal->append("a"), 42U);
  journal.reset();
  Frames replayed;
  ASSERT_TRUE(open_journal(small_options(), 41, files, &replayed));
  EXPECT_EQ(replayed, (Frames{{42, "a"}}));
}

TEST(Journal, RefusesToStartBehindTheAppliedFrame) {
  FaultFileSystem files;
  ASSERT_TRUE((*open_journal(small_options(), 0, files))->append("a"));

  const auto journal = open_journal(small_options(), 2, files);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
  EXPECT_THAT(journal.error().message,
              testing::HasSubstr("ends with frame 1, but frame 2 has been applied"));
}

TEST(Journal, RefusesFramesAboveTheLimit) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);

  const auto refused = journal->append(std::string(30'001, 'x'));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::TooLarge);
  EXPECT_TRUE(journal->append(std::string(30'000, 'x')));
}

TEST(Journal, RefusesImpossibleOptions) {
  FaultFileSystem files;
  const auto kind_of = [&](auto change) {
    JournalOptions options = small_options();
    change(options);
    const auto journal = open_journal(options, 0, files);
    return journal ? base::ErrorKind::Internal : journal.error().kind;
  };

  using base::ErrorKind;
  EXPECT_EQ(kind_of([](auto& o) { o.directory = ""; }), ErrorKind::InvalidArgument);
  EXPECT_EQ(kind_of([](auto& o) { o.segment_bytes = 65'537; }), ErrorKind::InvalidArgument);
  EXPECT_EQ(kind_of([](auto& o) { o.segment_bytes = 32'768; }), ErrorKind::InvalidArgument);
  EXPECT_EQ(kind_of([](auto& o) { o.frame_bytes_max = 32'768; }), ErrorKind::InvalidArgument);
  EXPECT_EQ(kind_of([](auto& o) { o.frame_bytes_max = 0; }), ErrorKind::InvalidArgument);
}

TEST(Journal, TakesSegmentsOfAnotherSize) {
  FaultFileSystem files;
  JournalOptions options = small_options();
  ASSERT_TRUE((*open_journal(options, 0, files))->append(payload_of(1, 30'000)));
  options.segment_bytes = 256 << 10;
  options.frame_bytes_max = 100'000;
  ASSERT_TRUE((*open_journal(options, 0, files))->append(payload_of(2, 100'000)));
  options = small_options();
  options.frame_bytes_max = 100;  // a limit for new frames alone

  Frames replayed;
  const auto journal = open_journal(options, 0, files, &replayed);

  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ(replayed, (Frames{{1, payload_of(1, 30'000)}, {2, payload_of(2, 100'000)}}));
}

TEST(Journal, FallsBackToGrowingFilesWithoutDirectIo) {
  FaultFileSystem files;
  files.set_direct_io(false);
  {
    auto journal = *open_journal(small_options(), 0, files);
    EXPECT_FALSE(journal->direct_io());
    ASSERT_TRUE(journal->append(payload_of(1, 10'000)));
    EXPECT_EQ(files.content(segment_path(1)).size(), 4096U + 12'288);
    for (Lsn lsn = 2; lsn <= 10; ++lsn) {
      ASSERT_TRUE(journal->append(payload_of(lsn, 10'000)));
    }
  }

  Frames replayed;
  auto journal = *open_journal(small_options(), 4, files, &replayed);

  EXPECT_EQ(replayed.size(), 6U);
  journal->release(10);
  for (Lsn lsn = 11; lsn <= 200; ++lsn) {
    ASSERT_TRUE(journal->append(payload_of(lsn, 10'000)));
    journal->release(lsn);
  }
  EXPECT_LE(files.paths().size(), 8U);  // released ones are removed
}

TEST(Journal, RefusesADirectoryThatIsLocked) {
  FaultFileSystem files;
  auto first = *open_journal(small_options(), 0, files);

  const auto second = open_journal(small_options(), 0, files);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(second.error().code, "locked");
  first.reset();
  EXPECT_TRUE(open_journal(small_options(), 0, files));
}

TEST(Journal, RefusesADirectoryItCannotWrite) {
  FaultFileSystem files;
  ASSERT_TRUE((*open_journal(small_options(), 0, files))->append("a"));
  files.set_read_only(true);

  const auto journal = open_journal(small_options(), 0, files);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(journal.error().code, "access_denied");
}

TEST(Journal, RefusesAppendsBeforeTheReserveIsTouchedAndRecovers) {
  FaultFileSystem files;
  files.set_capacity(10 << 20);
  JournalOptions options = small_options();
  options.reserve_bytes = 1 << 20;
  auto journal = *open_journal(options, 0, files);
  ASSERT_TRUE(journal->append("a"));
  const std::string before = files.content(segment_path(1));
  files.set_capacity(1 << 20);

  const auto refused = journal->append("b");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no_space");
  EXPECT_EQ(files.content(segment_path(1)), before);
  EXPECT_FALSE(journal->failed());
  files.set_capacity(10 << 20);
  EXPECT_EQ(*journal->append("c"), 2U);
}

// The current segment has room, another cannot be made: the reserve is untouched and appends go on
// to its end, are refused there, and work again once there is space.
TEST(Journal, GoesOnAfterTheDiskWasTooFullForAnotherSegment) {
  for (const bool direct : {true, false}) {
    FaultFileSystem files;
    files.set_direct_io(direct);
    files.set_capacity(300 << 10);
    JournalOptions options = small_options();
    options.reserve_bytes = 64 << 10;
    auto journal = *open_journal(options, 0, files);
    Frames expected;
    const auto fill = [&] {
      while (true) {
        const Lsn lsn = expected.size() + 1;
        const auto appended = journal->append(payload_of(lsn, 20'000));
        if (!appended) {
          EXPECT_EQ(appended.error().code, "no_space") << appended.error().message;
          return;
        }
        expected.emplace_back(*appended, payload_of(lsn, 20'000));
      }
    };

    fill();
    const std::size_t first = expected.size();
    EXPECT_GT(first, 0U);
    files.set_capacity(600 << 10);
    fill();

    EXPECT_GT(expected.size(), first);
    EXPECT_FALSE(journal->failed());
    journal.reset();
    Frames replayed;
    ASSERT_TRUE(open_journal(options, 0, files, &replayed));
    EXPECT_EQ(replayed, expected);
  }
}

TEST(Journal, OpensAndReplaysOnAFullDisk) {
  FaultFileSystem files;
  ASSERT_TRUE((*open_journal(small_options(), 0, files))->append("a"));
  files.set_capacity(0);

  Frames replayed;
  auto journal = open_journal(small_options(), 0, files, &replayed);

  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ(replayed.size(), 1U);
}

TEST(Journal, NeverAppendsAgainAfterAFailedWriteOrSync) {
  for (const char* operation : {"write", "sync"}) {
    for (const Fault fault :
         {Fault::Fail, Fault::FailAfterDoing, Fault::FailHalfDone, Fault::NoSpace}) {
      FaultFileSystem files;
      auto journal = *open_journal(small_options(), 0, files);
      ASSERT_TRUE(journal->append("a"));
      files.set_rule(FaultFileSystem::every(operation, fault, "segment-000000000001"));

      const auto failed = journal->append("b");
      files.set_rule(nullptr);
      files.forget_calls();
      const auto later = journal->append("c");

      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().code, "journal_failed");
      ASSERT_FALSE(later);
      EXPECT_EQ(later.error().code, "journal_failed");
      EXPECT_TRUE(journal->failed());
      EXPECT_EQ(journal->last_lsn(), 1U);
      for (const FaultFileSystem::Call& call : files.calls()) {
        EXPECT_NE(call.path, segment_path(1));  // the sync is not retried
      }
    }
  }
}

TEST(Journal, StopsWhenTheBackgroundCannotTrustTheDisk) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);
  ASSERT_TRUE(journal->append("a"));
  files.set_rule([self = std::this_thread::get_id()](const FaultFileSystem::Call& call) {
    return call.thread != self && call.operation == "sync" ? Fault::Fail : Fault::None;
  });

  base::Result<Lsn> appended = Lsn{0};
  for (int i = 0; i < 50 && appended; ++i) {
    appended = journal->append(std::string(20'000, 'x'));
  }

  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, "journal_failed");
}

TEST(Journal, TriesAgainWhenASegmentCouldNotBeCreated) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);
  ASSERT_TRUE(journal->append("a"));
  files.set_rule(FaultFileSystem::every("create", Fault::Fail));

  base::Result<Lsn> appended = Lsn{0};
  for (int i = 0; i < 50 && appended; ++i) {
    appended = journal->append(std::string(20'000, 'x'));
  }
  files.set_rule(nullptr);

  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, "no_segment");
  EXPECT_FALSE(journal->failed());
  EXPECT_TRUE(journal->append(std::string(20'000, 'x')));
}

TEST(Journal, ReportsWhatItDid) {
  FaultFileSystem files;
  auto journal = *open_journal(small_options(), 0, files);
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(journal->append(std::string(20'000, 'x')));
  }

  const JournalStats stats = journal->stats();

  EXPECT_EQ(stats.frames, 7U);
  EXPECT_EQ(stats.syncs, 7U);
  EXPECT_EQ(stats.bytes, 7U * 20'480);
  EXPECT_EQ(stats.segments_in_use, 3U);
}

}  // namespace
}  // namespace piperoll::journal
