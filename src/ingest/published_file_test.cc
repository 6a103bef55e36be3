#include "ingest/published_file.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/temp_directory_test_support.h"
#include "ingest/testing/log_frames.h"

namespace piperoll::ingest {
namespace {

namespace fs = std::filesystem;
using testing::log_of;

class PublishedFileTest : public ::testing::Test {
 protected:
  static PublishedPointer of_size(std::uint64_t size) {
    Published published{.size = size, .root = {}, .note = "note of " + std::to_string(size)};
    published.root[0] = static_cast<std::uint8_t>(size);
    return std::make_shared<const Published>(std::move(published));
  }
  static void keep(PublishedFile& file, std::uint8_t log, std::uint64_t size) {
    const PublishedFile::Entry entry(log_of(log), of_size(size));
    const auto kept = file.keep({&entry, 1});
    ASSERT_TRUE(kept.has_value()) << kept.error().message;
  }
  // The sizes that the file tells, by log.
  std::map<event::LogId, std::uint64_t> sizes() {
    std::map<event::LogId, std::uint64_t> sizes;
    const PublishedFile::Newest newest = PublishedFile::read(path_).value();
    for (const auto& [log, published] : newest) {
      EXPECT_EQ(published->root[0], static_cast<std::uint8_t>(published->size));
      EXPECT_EQ(published->note, "note of " + std::to_string(published->size));
      sizes[log] = published->size;
    }
    return sizes;
  }
  std::string bytes() {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void put(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  base::TempDirectory directory_;
  const std::string path_ = directory_.path() + "/published";
};

TEST_F(PublishedFileTest, OfADirectoryThatHasNoneIsEmpty) {
  EXPECT_TRUE(PublishedFile::read(path_).value().empty());
  EXPECT_FALSE(fs::exists(path_)) << "reading makes nothing";
}

TEST_F(PublishedFileTest, HoldsTheNewestOfEachLog) {
  {
    auto file = PublishedFile::open(path_).value();
    keep(*file, 1, 5);
    keep(*file, 2, 7);
    keep(*file, 1, 9);
  }
  {
    auto file = PublishedFile::open(path_).value();
    keep(*file, 3, 1);
  }

  EXPECT_EQ(sizes(), (std::map<event::LogId, std::uint64_t>{
                         {log_of(1), 9}, {log_of(2), 7}, {log_of(3), 1}}));
}

TEST_F(PublishedFileTest, IsReadWhereverACrashCutIt) {
  std::vector<std::size_t> ends;
  {
    auto file = PublishedFile::open(path_).value();
    ends.push_back(bytes().size());
    for (std::uint64_t size = 1; size <= 3; ++size) {
      keep(*file, 1, size);
      ends.push_back(bytes().size());
    }
  }
  const std::string whole = bytes();
  for (std::size_t at = ends.front(); at <= whole.size(); ++at) {
    put(whole.substr(0, at));
    const auto kept = std::upper_bound(ends.begin(), ends.end(), at) - ends.begin() - 1;
    const auto found = sizes();
    ASSERT_EQ(found.empty() ? 0 : found.at(log_of(1)), static_cast<std::uint64_t>(kept)) << at;

    auto file = PublishedFile::open(path_).value();  // goes on behind what was good
    keep(*file, 1, 8);
    ASSERT_EQ(sizes().at(log_of(1)), 8U) << at;
  }
}

TEST_F(PublishedFileTest, WhatACrashLeftOfTheLastFrameIsCutOff) {
  {
    auto file = PublishedFile::open(path_).value();
    keep(*file, 1, 5);
  }
  const std::string good = bytes();
  put(good + std::string(500, '\0'));
  EXPECT_EQ(sizes().at(log_of(1)), 5U);

  auto file = PublishedFile::open(path_).value();

  EXPECT_EQ(bytes(), good);
}

TEST_F(PublishedFileTest, DamageBeforeTheLastFrameIsNoTornEnd) {
  {
    auto file = PublishedFile::open(path_).value();
    keep(*file, 1, 5);
    keep(*file, 1, 6);
  }
  std::string changed = bytes();
  changed[40] ^= 1;
  put(changed);

  EXPECT_EQ(PublishedFile::read(path_).error().code, "published_damaged");
  EXPECT_EQ(PublishedFile::open(path_).error().code, "published_damaged");
  put("something else\n");
  EXPECT_EQ(PublishedFile::read(path_).error().code, "published_damaged");
}

TEST_F(PublishedFileTest, DoesNotGrowForever) {
  auto file = PublishedFile::open(path_).value();
  const std::string note(1'000, 'n');
  for (std::uint64_t size = 1; size <= 2'000; ++size) {
    const PublishedFile::Entry entry(log_of(1), std::make_shared<const Published>(Published{
                                                    .size = size, .root = {}, .note = note}));
    ASSERT_TRUE(file->keep({&entry, 1}).has_value());
  }

  EXPECT_LT(fs::file_size(path_), 2'000'000U);
  EXPECT_EQ(PublishedFile::read(path_).value().at(log_of(1))->size, 2'000U);
}

TEST_F(PublishedFileTest, ManyMayKeepAtOnce) {
  auto file = PublishedFile::open(path_).value();
  std::vector<std::thread> threads;
  for (std::uint8_t log = 1; log <= 8; ++log) {
    threads.emplace_back([&, log] {
      for (std::uint64_t size = 1; size <= 20; ++size) {
        keep(*file, log, size);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  for (std::uint8_t log = 1; log <= 8; ++log) {
    EXPECT_EQ(sizes().at(log_of(log)), 20U);
  }
}

TEST_F(PublishedFileTest, SaysWhereItCannotBeMade) {
  EXPECT_EQ(PublishedFile::open(directory_.path() + "/none/published").error().code,
            "not_writable");
}

// As when the disk is full: files may not grow for a while.
TEST_F(PublishedFileTest, SaysWhenItCannotKeepAndGoesOnWhenItCan) {
  auto file = PublishedFile::open(path_).value();
  keep(*file, 1, 5);
  struct rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit full = {.rlim_cur = bytes().size() + 10, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const PublishedFile::Entry entry(log_of(2), of_size(6));

  const auto kept = file->keep({&entry, 1});
  const auto kept_anew = file->keep({&entry, 1});

  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(kept.error().code, "not_writable");
  EXPECT_EQ(kept_anew.error().code, "not_writable");
  EXPECT_EQ(sizes(), (std::map<event::LogId, std::uint64_t>{{log_of(1), 5}}));
  keep(*file, 3, 7);
  EXPECT_EQ(sizes().at(log_of(3)), 7U);
  EXPECT_EQ(sizes().at(log_of(1)), 5U);
}

}  // namespace
}  // namespace piperoll::ingest
