#include "base/file_io.h"

#include <cerrno>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/temp_directory_test_support.h"

namespace piperoll::base {
namespace {

TEST(WriteAll, WritesEverything) {
  const TempDirectory directory;
  const std::string path = directory.path() + "/file";
  const std::string text(3 << 20, 'x');
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);

  EXPECT_TRUE(write_all(fd, text));
  EXPECT_TRUE(write_all(fd, ""));
  ::close(fd);

  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  EXPECT_TRUE(sync_parent_directory(path));
}

TEST(WriteAll, SaysWhyItFailed) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);

  EXPECT_FALSE(write_all(full, "text"));
  EXPECT_EQ(errno, ENOSPC);
  ::close(full);
}

TEST(SyncParentDirectory, SaysWhyItFailed) {
  EXPECT_FALSE(sync_parent_directory("/no-such-directory/file"));
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace piperoll::base
