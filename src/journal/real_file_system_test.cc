#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/temp_directory_test_support.h"
#include "journal/aligned_buffer.h"
#include "journal/journal_test_support.h"

namespace piperoll::journal {
namespace {

using Mode = FileSystem::Mode;

class RealFileSystemTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  const base::TempDirectory made_;
  const std::string directory_ = made_.path();
  FileSystem& files_ = real_file_system();
};

TEST_F(RealFileSystemTest, WritesAndReadsWhole) {
  auto file = *files_.create(path("f"), Mode::ReadWrite);
  ASSERT_TRUE(file->write_at(0, "hello"));
  ASSERT_TRUE(file->write_at(5, " world"));
  ASSERT_TRUE(file->sync_data());

  char bytes[64] = {};
  EXPECT_EQ(*file->read_at(0, bytes, sizeof bytes), 11U);
  EXPECT_EQ(std::string(bytes), "hello world");
  EXPECT_EQ(*file->read_at(6, bytes, 2), 2U);
  EXPECT_EQ(*file->read_at(50, bytes, 2), 0U);
  EXPECT_EQ(*file->size(), 11U);
}

TEST_F(RealFileSystemTest, ReadsTheUnalignedEndWithDirectIo) {
  std::ofstream(path("f")) << std::string(5000, 'x');
  auto opened = files_.open(path("f"), Mode::ReadWriteDirect);
  if (!opened && opened.error().code == "direct_io_unsupported") {
    GTEST_SKIP() << "no direct I/O in the temporary directory";
  }
  AlignedBuffer buffer(16'384);

  EXPECT_EQ(*(*opened)->read_at(0, buffer.data(), 16'384), 5000U);
  EXPECT_EQ(*(*opened)->read_at(8192, buffer.data(), 4096), 0U);
}

TEST_F(RealFileSystemTest, TellsErrorsApart) {
  std::ofstream(path("f")) << "x";

  EXPECT_EQ(files_.open(path("missing"), Mode::ReadWrite).error().kind, base::ErrorKind::NotFound);
  EXPECT_EQ(files_.create(path("f"), Mode::ReadWrite).error().kind, base::ErrorKind::Conflict);
  EXPECT_EQ(files_.remove(path("missing")).error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(files_.make_directory(path("f")));
  EXPECT_FALSE(files_.list(path("f")));
  EXPECT_FALSE(files_.sync_directory(path("missing")));
  EXPECT_FALSE(files_.free_bytes(path("missing")));
  EXPECT_FALSE(files_.rename(path("missing"), path("g")));
}

TEST_F(RealFileSystemTest, DoesNotFollowALinkToASegment) {
  std::ofstream(path("f")) << "x";
  ASSERT_EQ(::symlink(path("f").c_str(), path("link").c_str()), 0);

  EXPECT_FALSE(files_.open(path("link"), Mode::ReadWrite));
}

TEST_F(RealFileSystemTest, ListsMakesAndRenames) {
  ASSERT_TRUE(files_.make_directory(path("d")));
  ASSERT_TRUE(files_.make_directory(path("d")));
  ASSERT_TRUE(files_.create(path("d/a"), Mode::ReadWrite));
  ASSERT_TRUE(files_.rename(path("d/a"), path("d/b")));
  ASSERT_TRUE(files_.sync_directory(path("d")));

  EXPECT_EQ(*files_.list(path("d")), std::vector<std::string>{"b"});
  EXPECT_GT(*files_.free_bytes(path("d")), 0U);
  struct stat status {};
  ASSERT_EQ(::stat(path("d").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  ASSERT_EQ(::stat(path("d/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(RealFileSystemTest, KeepsALockFromAnotherHolder) {
  auto held = files_.lock(path("LOCK"));
  ASSERT_TRUE(held);

  const auto second = files_.lock(path("LOCK"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "locked");
  held->reset();
  EXPECT_TRUE(files_.lock(path("LOCK")));
}

TEST_F(RealFileSystemTest, FreesTheLockWhenItsProcessIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = files_.lock(path("LOCK"));
    const char byte = held ? 'y' : 'n';
    static_cast<void>(!::write(ready[1], &byte, 1));
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  EXPECT_EQ(files_.lock(path("LOCK")).error().code, "locked");

  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  EXPECT_TRUE(files_.lock(path("LOCK")));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(RealFileSystemTest, CarriesAJournalOverRestarts) {
  for (const bool direct : {true, false}) {
    JournalOptions options = small_options();
    options.directory = path(direct ? "direct" : "growing");
    options.allow_direct_io = direct;
    Frames expected;
    for (int restart = 0; restart < 4; ++restart) {
      Frames replayed;
      auto journal = open_journal(options, 0, files_, &replayed);
      ASSERT_TRUE(journal) << journal.error().message;
      ASSERT_EQ(replayed, expected);
      for (int i = 0; i < 20; ++i) {
        const Lsn lsn = expected.size() + 1;
        expected.emplace_back(lsn, payload_of(lsn, (lsn * 997) % 30'000));
        ASSERT_EQ(*(*journal)->append(expected.back().second), lsn);
      }
    }
  }
}

// Large segments are scanned by several threads.
TEST_F(RealFileSystemTest, CarriesAJournalOfLargeSegments) {
  JournalOptions options = small_options();
  options.directory = path("journal");
  options.segment_bytes = 4 << 20;
  options.frame_bytes_max = 2'000'000;
  Frames expected;
  {
    auto journal = *open_journal(options, 0, files_);
    for (Lsn lsn = 1; lsn <= 20; ++lsn) {
      expected.emplace_back(lsn, payload_of(lsn, 1'000'000 + lsn * 40'000));
      ASSERT_EQ(*journal->append(expected.back().second), lsn);
    }
  }

  Frames replayed;
  const auto journal = open_journal(options, 0, files_, &replayed);

  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ(replayed, expected);
}

// The process dies between two calls of its choosing; the kernel lives on.
TEST_F(RealFileSystemTest, KeepsWhatWasAcknowledgedWhenTheProcessIsKilled) {
  JournalOptions options = small_options();
  options.directory = path("journal");
  for (int round = 0; round < 5; ++round) {
    int acknowledged[2];
    ASSERT_EQ(::pipe(acknowledged), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto journal = *open_journal(options, 0, files_);
      while (true) {
        const Lsn lsn = *journal->append(payload_of(journal->last_lsn() + 1, 3000));
        static_cast<void>(!::write(acknowledged[1], &lsn, sizeof lsn));
      }
    }
    ::close(acknowledged[1]);
    Lsn lsn = 0;
    Lsn last = 0;
    for (int i = 0; i < 25; ++i) {
      ASSERT_EQ(::read(acknowledged[0], &lsn, sizeof lsn), static_cast<ssize_t>(sizeof lsn));
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(acknowledged[0], &lsn, sizeof lsn) == static_cast<ssize_t>(sizeof lsn)) {
      last = lsn;
    }
    ::close(acknowledged[0]);

    Frames replayed;
    auto journal = open_journal(options, 0, files_, &replayed);

    ASSERT_TRUE(journal) << journal.error().message;
    EXPECT_GE(replayed.size(), last);
    for (const auto& [number, payload] : replayed) {
      EXPECT_EQ(payload, payload_of(number, 3000));
    }
  }
}

TEST_F(RealFileSystemTest, RefusesADirectoryWithoutTheRightToWrite) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "the superuser may write everywhere";
  }
  JournalOptions options = small_options();
  options.directory = path("journal");
  ASSERT_TRUE(files_.make_directory(options.directory));
  ASSERT_EQ(::chmod(options.directory.c_str(), 0500), 0);

  const auto journal = open_journal(options, 0, files_);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, "access_denied");
}

TEST_F(RealFileSystemTest, RefusesADirectoryThatIsAFile) {
  JournalOptions options = small_options();
  options.directory = path("journal");
  std::ofstream(options.directory) << "x";

  EXPECT_FALSE(open_journal(options, 0, files_));
}

}  // namespace
}  // namespace piperoll::journal
