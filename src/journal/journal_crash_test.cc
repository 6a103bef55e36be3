// Every call of the journal fails or is the last before the power goes; then what was acknowledged
// must be there, in order, and nothing that was never appended.

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "journal/journal_test_support.h"

namespace piperoll::journal {
namespace {

using Fault = FaultFileSystem::Fault;
using Tear = FaultFileSystem::Tear;
using Who = FaultFileSystem::Who;

struct Layout {
  const char* name;
  bool pad_groups, direct;
  Tear tear;  // packed frames need a disk that writes 4 KiB blocks whole
};

constexpr Layout kLayouts[] = {{"Padded", true, true, Tear::Sectors},
                               {"Packed", false, true, Tear::WholeBlocks},
                               {"PaddedGrowing", true, false, Tear::Sectors},
                               {"PackedGrowing", false, false, Tear::WholeBlocks}};

// The callers' side: what was promised, what was tried, what the store has applied.
struct Oracle {
  std::vector<std::string> known;    // payload of lsn 1, 2, ...: acknowledged or seen in a replay
  std::optional<std::string> tried;  // appended, outcome unknown
  Lsn applied = 0;
};

class Crash {
 public:
  Crash(const Layout& layout, std::uint64_t seed) : layout_(layout), rng_(seed) {
    options_ = small_options();
    options_.pad_groups = layout.pad_groups;
    files_.set_direct_io(layout.direct);
  }

  FaultFileSystem& files() { return files_; }

  // Opens and compares with the oracle. False when the opening failed, which only faults may cause.
  bool open() {
    Frames replayed;
    auto opened = open_journal(options_, oracle_.applied, files_, &replayed);
    // Also before an opening that failed in the end: the store may have applied them.
    Lsn lsn = oracle_.applied;
    for (const auto& [got, payload] : replayed) {
      EXPECT_EQ(got, ++lsn);
      if (lsn <= oracle_.known.size()) {
        EXPECT_EQ(payload, oracle_.known[lsn - 1]) << "frame " << lsn << " changed";
      } else {
        EXPECT_EQ(lsn, oracle_.known.size() + 1);
        EXPECT_TRUE(oracle_.tried && payload == *oracle_.tried) << "frame " << lsn << " invented";
        oracle_.known.push_back(payload);  // it was delivered: from now on it is a promise
      }
    }
    if (!opened) {
      EXPECT_NE(opened.error().kind, base::ErrorKind::Corruption) << opened.error().message;
      return false;
    }
    EXPECT_GE(lsn, oracle_.known.size()) << "acknowledged frames are lost";
    EXPECT_EQ((*opened)->last_lsn(), oracle_.known.size());
    oracle_.tried.reset();
    journal_ = *std::move(opened);
    return true;
  }

  // Stops at the first refusal. `spread`: how far sizes vary.
  void append(int count, std::size_t spread) {
    for (int i = 0; i < count && journal_; ++i) {
      const Lsn next = oracle_.known.size() + 1;
      const std::string payload = payload_of(next * 1000 + ++serial_, 1 + rng_() % spread);
      const auto appended = journal_->append(payload);
      if (!appended) {
        if (appended.error().code == "journal_failed") {
          oracle_.tried = payload;
        }
        return;
      }
      ASSERT_EQ(*appended, next);
      oracle_.known.push_back(payload);
      if (rng_() % 4 == 0) {
        oracle_.applied += rng_() % (oracle_.known.size() - oracle_.applied + 1);
        journal_->release(oracle_.applied);
      }
    }
  }

  void end_process() {
    journal_.reset();
    files_.restart_process();
  }
  void cut_power() {
    files_.cut_power();
    journal_.reset();
    files_.restart(rng_, layout_.tear);
  }
  bool is_open() const { return journal_ != nullptr; }
  std::size_t acknowledged() const { return oracle_.known.size(); }
  std::mt19937_64& rng() { return rng_; }

 private:
  const Layout layout_;
  std::mt19937_64 rng_;
  FaultFileSystem files_;
  JournalOptions options_;
  Oracle oracle_;
  JournalPointer journal_;
  std::uint64_t serial_ = 0;
};

class JournalCrash : public testing::TestWithParam<Layout> {};

// After the fault: process restart and power cut in both orders, and work goes on.
void expect_recovery(Crash& crash, bool power_cut) {
  if (power_cut) {
    crash.cut_power();
  } else {
    crash.end_process();
  }
  ASSERT_TRUE(crash.open());
  crash.cut_power();  // what was replayed a moment ago is durable
  ASSERT_TRUE(crash.open());
  crash.append(3, 20'000);
  crash.cut_power();
  ASSERT_TRUE(crash.open());
  crash.append(12, 20'000);
  crash.end_process();
  ASSERT_TRUE(crash.open());
}

constexpr Fault kFaults[] = {Fault::Fail,    Fault::FailAfterDoing, Fault::FailHalfDone,
                             Fault::NoSpace, Fault::CutBefore,      Fault::CutAfter};

// The calls of an append to a segment with room, and of appends that open another segment.
TEST_P(JournalCrash, AtEveryCallOfAppendsKeepsWhatWasAcknowledged) {
  for (const Fault fault : kFaults) {
    for (const bool power_cut : {true, false}) {
      for (std::uint64_t n = 0; n < 24; ++n) {
        SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(fault) << " call " << n
                                        << " power cut " << power_cut);
        Crash crash(GetParam(), n * 31 + 7);
        ASSERT_TRUE(crash.open());
        crash.append(2, 20'000);
        crash.files().set_rule(FaultFileSystem::nth_call(n, fault, Who::Caller));
        crash.append(9, 25'000);
        expect_recovery(crash, power_cut);
      }
    }
  }
}

// Zeroing, naming, taking back and removing segments.
TEST_P(JournalCrash, AtEveryCallOfTheBackgroundKeepsWhatWasAcknowledged) {
  for (const Fault fault : kFaults) {
    for (const bool power_cut : {true, false}) {
      for (std::uint64_t n = 0; n < 30; ++n) {
        SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(fault) << " call " << n
                                        << " power cut " << power_cut);
        Crash crash(GetParam(), n * 37 + 11);
        crash.files().set_rule(FaultFileSystem::nth_call(n, fault, Who::Others));
        ASSERT_TRUE(crash.open());
        crash.append(12, 25'000);
        expect_recovery(crash, power_cut);
      }
    }
  }
}

TEST_P(JournalCrash, AtEveryCallOfAnOpeningKeepsWhatWasAcknowledged) {
  for (const Fault fault : kFaults) {
    for (const bool power_cut : {true, false}) {
      bool reached = true;
      for (std::uint64_t n = 0; reached && n < 200; ++n) {
        SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(fault) << " call " << n
                                        << " power cut " << power_cut);
        Crash crash(GetParam(), n * 41 + 13);
        if (n % 2 == 1) {
          ASSERT_TRUE(crash.open());
          crash.append(8, 25'000);
          crash.cut_power();
        }
        crash.files().set_rule(FaultFileSystem::nth_call(n / 2, fault, Who::Caller));
        reached = !crash.open();
        expect_recovery(crash, power_cut);
      }
      EXPECT_FALSE(reached);
    }
  }
}

// Long lives with many crashes, each at a call that a seed chooses.
TEST_P(JournalCrash, AtRandomCallsKeepsWhatWasAcknowledged) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Crash crash(GetParam(), seed);
    for (int life = 0; life < 25; ++life) {
      const Fault fault = kFaults[crash.rng()() % std::size(kFaults)];
      const Who who = crash.rng()() % 3 == 0 ? Who::Others : Who::Caller;
      if (crash.rng()() % 4 != 0) {
        crash.files().set_rule(FaultFileSystem::nth_call(crash.rng()() % 60, fault, who));
      }
      if (crash.open()) {
        crash.append(static_cast<int>(crash.rng()() % 20), crash.rng()() % 2 ? 300 : 25'000);
      }
      if (crash.rng()() % 2 == 0) {
        crash.cut_power();
      } else {
        crash.end_process();
      }
      if (testing::Test::HasFailure()) {
        return;
      }
    }
    ASSERT_TRUE(crash.open());
    EXPECT_GT(crash.acknowledged(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, JournalCrash, testing::ValuesIn(kLayouts),
                         [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace piperoll::journal
