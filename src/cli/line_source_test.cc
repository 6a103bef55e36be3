#include "cli/line_source.h"

#include <cstdio>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "cli/progress.h"

namespace piperoll::cli {
namespace {

struct LineSourceTest : ::testing::Test {
  std::string path = ::testing::TempDir() + "piperoll-lines-" +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
  ~LineSourceTest() override { std::remove(path.c_str()); }

  std::vector<std::string> lines(const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    auto source = LineSource::open(path);
    std::vector<std::string> out;
    while (true) {
      auto line = (*source)->next();
      if (!line) {
        out.push_back("! " + line.error().code);
        if (line.error().code != "line_too_long") {
          return out;
        }
      } else if (!*line) {
        return out;
      } else {
        out.emplace_back(**line);
      }
    }
  }
};

using Lines = std::vector<std::string>;

TEST_F(LineSourceTest, SplitsAtLineEnds) {
  EXPECT_EQ(lines(""), Lines());
  EXPECT_EQ(lines("a"), Lines({"a"}));
  EXPECT_EQ(lines("a\n"), Lines({"a"}));
  EXPECT_EQ(lines("a\n\nb\r\nc"), Lines({"a", "", "b\r", "c"}));
}

TEST_F(LineSourceTest, ReadsCompressedFilesByTheirFirstBytes) {
  const std::string text = "one\ntwo\n";
  EXPECT_EQ(lines(base::compress(base::Compression::Gzip, text, 6)), Lines({"one", "two"}));
  EXPECT_EQ(lines(base::compress(base::Compression::Zstd, text, 3)), Lines({"one", "two"}));
}

TEST_F(LineSourceTest, SaysThatACompressedFileEndsEarly) {
  std::string cut = base::compress(base::Compression::Gzip, std::string(1000, 'x') + "\n", 6);
  cut.resize(cut.size() - 5);
  EXPECT_TRUE(lines(cut).back().starts_with("!"));
}

TEST_F(LineSourceTest, SkipsALineThatIsTooLongAsAWhole) {
  const std::string huge(5 * 1024 * 1024, 'x');
  EXPECT_EQ(lines("a\n" + huge + "\nb\n"), Lines({"a", "! line_too_long", "b"}));
  EXPECT_EQ(lines("a\n" + huge), Lines({"a", "! line_too_long"}));
}

TEST(LineSource, NamesWhatItCannotRead) {
  EXPECT_NE(LineSource::open("/nonexistent/file").error().message.find("/nonexistent/file"),
            std::string::npos);
  EXPECT_FALSE(LineSource::open(::testing::TempDir()));
}

TEST(Progress, TellsShareRateAndTimeLeft) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(1'234'567), "1,234,567");
  EXPECT_EQ(progress_line("importing", 25, 100, 1'000, 2.0),
            "importing  25 % [######                  ] 1,000 events  500/s  6 s left");
  EXPECT_EQ(progress_line("exporting", 25, 0, 10, 0.1), "exporting 10 events");
}

}  // namespace
}  // namespace piperoll::cli
