#include "server/log_keys.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temp_directory_test_support.h"
#include "server/small_files.h"

namespace piperoll::server {
namespace {

constexpr base::Timestamp kThen{1'700'000'000'000'000};
constexpr base::Timestamp kLater{1'800'000'000'000'000};

struct LogKeysTest : ::testing::Test {
  const base::TempDirectory folder;
  const std::string directory = folder.path();
};

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

TEST_F(LogKeysTest, IsMadeOnceAndFoundAgain) {
  const LogKeys made = load_log_keys(directory, "", kThen).value();
  const LogKeys found = load_log_keys(directory, "", kLater).value();

  EXPECT_EQ(found.signing.public_key(), made.signing.public_key());
  EXPECT_EQ(found.known, (std::vector<LogKey>{{kThen, made.signing.public_key()}}));
  EXPECT_EQ(mode_of(directory + "/signing_key"), 0600U);
}

TEST_F(LogKeysTest, MayLieElsewhere) {
  const std::string path = directory + "/elsewhere";
  const LogKeys made = load_log_keys(directory, path, kThen).value();

  EXPECT_FALSE(std::filesystem::exists(directory + "/signing_key"));
  EXPECT_EQ(load_log_keys(directory, path, kLater)->signing.public_key(),
            made.signing.public_key());
}

TEST_F(LogKeysTest, OldPublicKeysStayWhenItIsRotated) {
  const LogKeys first = load_log_keys(directory, "", kThen).value();
  const LogKeys second = rotate_log_key(directory, "", kLater).value();
  const LogKeys found = load_log_keys(directory, "", kLater).value();

  EXPECT_NE(second.signing.public_key(), first.signing.public_key());
  EXPECT_EQ(found.known, (std::vector<LogKey>{{kLater, second.signing.public_key()},
                                              {kThen, first.signing.public_key()}}));
  EXPECT_EQ(public_keys(found.known),
            (std::vector{second.signing.public_key(), first.signing.public_key()}));
}

TEST_F(LogKeysTest, AMissingOneIsNotMadeAnewInSilence) {
  ASSERT_TRUE(load_log_keys(directory, "", kThen).has_value());
  std::filesystem::remove(directory + "/signing_key");

  EXPECT_EQ(load_log_keys(directory, "", kThen).error().code, "signing_key_missing");
}

TEST_F(LogKeysTest, AnotherOneIsNotTaken) {
  ASSERT_TRUE(load_log_keys(directory, "", kThen).has_value());
  ASSERT_TRUE(write_small_file(directory + "/signing_key",
                               "piperoll-signing-key 1\nseed " + std::string(64, 'a') + "\n", 0600)
                  .has_value());

  EXPECT_EQ(load_log_keys(directory, "", kThen).error().code, "signing_key_unknown");
}

TEST_F(LogKeysTest, OneThatOthersMayReadIsNotTaken) {
  ASSERT_TRUE(load_log_keys(directory, "", kThen).has_value());
  ASSERT_EQ(::chmod((directory + "/signing_key").c_str(), 0640), 0);

  EXPECT_EQ(load_log_keys(directory, "", kThen).error().code, "key_exposed");
}

TEST_F(LogKeysTest, DamageIsSaid) {
  ASSERT_TRUE(load_log_keys(directory, "", kThen).has_value());
  for (const char* text :
       {"", "piperoll-signing-key 2\nseed 00\n", "piperoll-signing-key 1\nseed "}) {
    ASSERT_TRUE(write_small_file(directory + "/signing_key", text, 0600).has_value());
    EXPECT_EQ(load_log_keys(directory, "", kThen).error().code, "damaged_key") << text;
  }
  ASSERT_TRUE(write_small_file(directory + "/log_keys", "yesterday abc\n", 0600).has_value());
  EXPECT_EQ(load_log_keys(directory, "", kThen).error().code, "damaged_key");
}

}  // namespace
}  // namespace piperoll::server
