#include "server/data_directory.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/temp_directory_test_support.h"

namespace piperoll::server {
namespace {

struct DataDirectoryTest : ::testing::Test {
  const base::TempDirectory folder;
  const std::string path = folder.path();
  std::unique_ptr<DataDirectory> directory = DataDirectory::open(path).value();
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
