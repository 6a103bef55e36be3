#include "server/data_directory.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace piperoll::server {
namespace {

struct DataDirectoryTest : ::testing::Test {
  DataDirectoryTest() {
    std::string pattern = ::testing::TempDir() + "data_directory_XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path = pattern;
    directory = DataDirectory::open(path).value();
  }
  ~DataDirectoryTest() override {
    directory.reset();
    std::filesystem::remove_all(path);
  }
  std::string path;
  std::unique_ptr<DataDirectory> directory;
};

TEST_F(DataDirectoryTest, HasNoServerNameBeforeItIsGivenOne) {
  EXPECT_EQ(directory->name_server("", false).value(), std::nullopt);
  EXPECT_EQ(directory->name_server("audit.example", false).value(), "audit.example");
  EXPECT_EQ(directory->name_server("", false).value(), std::nullopt) << "nothing was bound";
}

TEST_F(DataDirectoryTest, KeepsTheServerNameItWasBegunWith) {
  EXPECT_EQ(directory->name_server("audit.example", true).value(), "audit.example");
  EXPECT_EQ(directory->name_server("", true).value(), "audit.example");
  EXPECT_EQ(directory->name_server("audit.example", true).value(), "audit.example");

  const auto other = directory->name_server("other.example", true);

  EXPECT_EQ(other.error().code, "server_name_changed");
  EXPECT_NE(other.error().message.find("audit.example"), std::string::npos);
}

TEST_F(DataDirectoryTest, TakesTheDefaultServerNameWhereNoneIsWanted) {
  EXPECT_EQ(directory->name_server("", true).value(), kServerNameByDefault);
}

}  // namespace
}  // namespace piperoll::server
