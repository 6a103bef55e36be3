#include "ingest/frame_runs.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ingest/frame.h"
#include "ingest/testing/log_frames.h"

namespace piperoll::ingest {
namespace {

using testing::log_of;
using testing::LogFrames;

TEST(FrameRuns, AreTheRecordsOfEachLog) {
  LogFrames frames;
  frames.next(log_of(1), 5);
  base::Bytes payload = frames.next(log_of(1), 3).payload;
  add_control(payload, "control");
  payload += frames.next(log_of(2), 2).payload.substr(1);  // behind the version
  FrameRuns runs;

  const store::UnappliedRun* const first = runs.of(payload, log_of(1));
  const store::UnappliedRun* const second = runs.of(payload, log_of(2));

  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_EQ(first->first_seq(), 5U);
  EXPECT_EQ(first->end_seq(), 8U);
  EXPECT_EQ(second->first_seq(), 0U);
  EXPECT_EQ(second->end_seq(), 2U);
  EXPECT_EQ(event::Record::decode(second->record(1))->event().id, "id-1");
  EXPECT_EQ(runs.of(payload, log_of(1)), first) << "read once";
  EXPECT_EQ(runs.of(payload, log_of(3)), nullptr);
  EXPECT_EQ(runs.of(payload, log_of(1, event::LogKind::Access)), nullptr);
}

TEST(FrameRuns, OfWhatIsNoFrameAreNone) {
  LogFrames frames;
  const base::Bytes whole = frames.next(log_of(1), 3).payload;
  for (const base::ByteView payload : {base::ByteView("damaged"), base::ByteView(),
                                       base::ByteView(whole).substr(0, whole.size() - 1)}) {
    EXPECT_EQ(FrameRuns().of(payload, log_of(1)), nullptr);
  }
}

TEST(FrameRuns, AreGivenToManyReaders) {
  LogFrames frames;
  const base::Bytes payload = frames.next(log_of(1), 50).payload;
  FrameRuns runs;
  std::vector<const store::UnappliedRun*> seen(4);
  std::vector<std::thread> readers;
  for (auto& run : seen) {
    readers.emplace_back([&] { run = runs.of(payload, log_of(1)); });
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
  for (const store::UnappliedRun* const run : seen) {
    ASSERT_NE(run, nullptr);
    EXPECT_EQ(run, seen.front());
  }
}

}  // namespace
}  // namespace piperoll::ingest
