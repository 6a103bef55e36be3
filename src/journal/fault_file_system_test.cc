#include "journal/fault_file_system.h"

#include <set>

#include <gtest/gtest.h>

namespace piperoll::journal {
namespace {

using Fault = FaultFileSystem::Fault;
using Mode = FileSystem::Mode;
using Tear = FaultFileSystem::Tear;

std::string blocks(char fill, std::size_t count = 1) {
  return std::string(count * 4096, fill);
}

TEST(FaultFileSystem, KeepsSyncedBytesAndNamesThroughAPowerCut) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    FaultFileSystem files;
    std::mt19937_64 rng(seed);
    ASSERT_TRUE(files.make_directory("/d"));
    ASSERT_TRUE(files.sync_directory("/"));
    auto file = *files.create("/d/f", Mode::ReadWrite);
    ASSERT_TRUE(file->write_at(0, "synced"));
    ASSERT_TRUE(file->sync_data());
    ASSERT_TRUE(files.sync_directory("/d"));

    files.restart(rng, Tear::Sectors);

    EXPECT_EQ(files.content("/d/f"), "synced");
    EXPECT_FALSE(file->write_at(0, "x"));  // the descriptor is gone
  }
}

TEST(FaultFileSystem, KeepsAnySubsetOfUnsyncedBlocks) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    FaultFileSystem files;
    std::mt19937_64 rng(seed);
    files.set_content("/f", blocks('o', 2));
    auto file = *files.open("/f", Mode::ReadWrite);
    ASSERT_TRUE(file->write_at(0, blocks('n', 2)));

    files.restart(rng, Tear::WholeBlocks);

    const std::string left = files.content("/f");
    seen.insert({left[0], left[4096]});
    EXPECT_EQ(left, blocks(left[0]) + blocks(left[4096]));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"oo", "on", "no", "nn"}));
}

TEST(FaultFileSystem, TearsBlocksAtSectorsWhenAsked) {
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultFileSystem files;
    std::mt19937_64 rng(seed);
    files.set_content("/f", blocks('o'));
    ASSERT_TRUE((*files.open("/f", Mode::ReadWrite))->write_at(0, blocks('n')));

    files.restart(rng, Tear::Sectors);

    const std::string left = files.content("/f");
    torn = torn || (left.find('o') != std::string::npos && left.find('n') != std::string::npos);
  }
  EXPECT_TRUE(torn);
}

TEST(FaultFileSystem, KeepsAnySubsetOfUnsyncedNames) {
  std::set<std::vector<std::string>> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    FaultFileSystem files;
    std::mt19937_64 rng(seed);
    ASSERT_TRUE(files.create("/a", Mode::ReadWrite));
    ASSERT_TRUE(files.rename("/a", "/b"));

    files.restart(rng, Tear::Sectors);

    seen.insert(files.paths());
  }
  EXPECT_EQ(seen, (std::set<std::vector<std::string>>{{}, {"/a"}, {"/b"}}));
}

// The kernel marks pages clean when their write-back failed: the next sync succeeds and proves
// nothing.
TEST(FaultFileSystem, DoesNotPersistWithALaterSyncWhatAFailedOneLeft) {
  FaultFileSystem files;
  files.set_content("/f", blocks('o'));
  auto file = *files.open("/f", Mode::ReadWrite);
  ASSERT_TRUE(file->write_at(0, blocks('n')));
  files.set_rule(FaultFileSystem::every("sync", Fault::Fail));
  EXPECT_FALSE(file->sync_data());
  files.set_rule(nullptr);

  EXPECT_TRUE(file->sync_data());

  EXPECT_EQ(files.content("/f"), blocks('n'));  // as the process sees it
  file = *files.open("/f", Mode::ReadWrite);
  EXPECT_EQ(files.content("/f"), blocks('o'));  // as the disk has it
}

TEST(FaultFileSystem, FailsTheCallThatWasChosen) {
  FaultFileSystem files;
  files.set_content("/f", "abcdefgh");
  auto file = *files.open("/f", Mode::ReadWrite);
  files.set_rule(FaultFileSystem::nth_call(1, Fault::FailHalfDone, FaultFileSystem::Who::Caller));

  EXPECT_TRUE(file->write_at(0, "12"));
  EXPECT_FALSE(file->write_at(2, "3456"));
  EXPECT_TRUE(file->write_at(6, "7"));

  EXPECT_EQ(files.content("/f"), "1234ef7h");
}

TEST(FaultFileSystem, RefusesUnalignedDirectIo) {
  FaultFileSystem files;
  files.set_content("/f", blocks('o'));
  auto file = *files.open("/f", Mode::ReadWriteDirect);
  alignas(4096) static char memory[8192];

  EXPECT_TRUE(file->write_at(0, {memory, 4096}));
  EXPECT_FALSE(file->write_at(8, {memory, 4096}));
  EXPECT_FALSE(file->write_at(0, {memory, 8}));
  EXPECT_FALSE(file->read_at(0, memory + 1, 4096));
}

TEST(FaultFileSystem, RefusesEverythingWithoutPower) {
  FaultFileSystem files;
  files.set_content("/f", "a");
  files.set_rule(FaultFileSystem::nth_call(0, Fault::CutBefore, FaultFileSystem::Who::Caller));

  EXPECT_FALSE(files.open("/f", Mode::ReadWrite));
  EXPECT_FALSE(files.remove("/f"));
  EXPECT_TRUE(files.is_cut());
  files.restart_process();
  EXPECT_TRUE(files.remove("/f"));
}

TEST(FaultFileSystem, CountsSpace) {
  FaultFileSystem files;
  files.set_capacity(8192);
  auto file = *files.create("/f", Mode::ReadWrite);

  EXPECT_EQ(*files.free_bytes("/"), 8192U);
  EXPECT_TRUE(file->write_at(0, blocks('a')));
  EXPECT_EQ(*files.free_bytes("/"), 4096U);
  const auto refused = file->write_at(4096, blocks('a', 2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no_space");
}

}  // namespace
}  // namespace piperoll::journal
