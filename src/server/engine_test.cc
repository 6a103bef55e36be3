// Starts over what the process before left: what is replayed, and what stops them. How a crash at
// any moment is recovered from: verify_data_test.cc, tests/crash.

#include "server/engine.h"

#include <gtest/gtest.h>

#include "base/temp_directory_test_support.h"
#include "ingest/frame.h"

namespace piperoll::server {
namespace {

class EngineStartTest : public ::testing::Test {
 protected:
  EngineStartTest() { EXPECT_TRUE(start().has_value()); }

  base::Result<std::unique_ptr<Engine>> start() {
    return Engine::open({.directory = data_, .server_name = "audit.example"}, clock_);
  }

  // A frame behind those of the closed directory, as another program might write it.
  void append_frame(base::ByteView payload) {
    const auto ignore = [](journal::Lsn, base::ByteView) { return base::Result<void>(); };
    auto journal = journal::Journal::open({.directory = data_ + "/journal"}, 0, ignore);
    ASSERT_TRUE(journal.has_value()) << journal.error().message;
    ASSERT_TRUE((*journal)->append(payload).has_value());
  }

  base::TempDirectory root_;
  const std::string data_ = root_.path() + "/data";
  const base::SystemClock clock_;
};

TEST_F(EngineStartTest, AppliesFramesThatTheStoreLacks) {
  base::Bytes frame;
  ingest::begin_frame(frame);
  append_frame(frame);

  const auto engine = start();

  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  EXPECT_EQ((*engine)->indexer().applied_lsn(), (*engine)->journal().last_lsn());
  EXPECT_EQ((*engine)->store().applied_lsn(), (*engine)->journal().last_lsn());
  EXPECT_GT((*engine)->journal().last_lsn(), 0U);
}

TEST_F(EngineStartTest, StopsAtAFrameOfAnotherProgram) {
  append_frame("this is no frame");

  const auto engine = start();

  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().kind, base::ErrorKind::Corruption) << engine.error().message;
}

TEST_F(EngineStartTest, StopsAtAControlRecordThatIsNone) {
  base::Bytes frame;
  ingest::begin_frame(frame);
  ingest::add_control(frame, "this is no control record");
  append_frame(frame);

  const auto engine = start();

  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().kind, base::ErrorKind::Corruption) << engine.error().message;
}

}  // namespace
}  // namespace piperoll::server
