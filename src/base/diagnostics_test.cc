#include "base/diagnostics.h"

#include <functional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/timestamp.h"

namespace piperoll::base {
namespace {

using testing::MatchesRegex;

std::string written(DiagnosticsLevel level, DiagnosticsFormat format,
                    const std::function<void()>& write) {
  configure_diagnostics(level, format);
  testing::internal::CaptureStderr();
  write();
  std::string output = testing::internal::GetCapturedStderr();
  configure_diagnostics(DiagnosticsLevel::Info, DiagnosticsFormat::Text);
  return output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

std::string member(const JsonValue& object, std::string_view name) {
  JsonValue value;
  return object.find(name, value) ? std::string(value.as_string()) : "absent";
}

constexpr char kTime[] = "[0-9]+-[0-9][0-9]-[0-9][0-9]T[0-9:]+\\.[0-9][0-9][0-9]Z ";

TEST(Diagnostics, WritesOneLineOfText) {
  auto text = written(DiagnosticsLevel::Info, DiagnosticsFormat::Text, [] {
    info("listening", {{"address", "127.0.0.1:8080"}, {"threads", "4"}});
  });
  EXPECT_THAT(text, MatchesRegex(std::string(kTime) +
                                 "info    listening address=127.0.0.1:8080 threads=4\n"));
}

TEST(Diagnostics, WritesNoColoursToAFile) {
  auto text =
      written(DiagnosticsLevel::Debug, DiagnosticsFormat::Text, [] { error("sync failed"); });
  EXPECT_THAT(text, MatchesRegex(std::string(kTime) + "error   sync failed\n"));
}

TEST(Diagnostics, QuotesValuesThatCouldForgeALine) {
  auto text = written(DiagnosticsLevel::Info, DiagnosticsFormat::Text, [] {
    warning("odd",
            {{"a", "x\ny"}, {"b", ""}, {"c", "two words"}, {"d", "k=v"}, {"e", "\xff\x1b[m"}});
  });
  EXPECT_THAT(text, MatchesRegex(std::string(kTime) +
                                 "warning odd a=\"x\\\\ny\" b=\"\" c=\"two words\" d=\"k=v\" "
                                 "e=\"\xef\xbf\xbd\\\\u001b\\[m\"\n"));
}

TEST(Diagnostics, DoesNotReadFormatsInMessages) {
  auto text = written(DiagnosticsLevel::Info, DiagnosticsFormat::Text, [] {
    info("100% {} %v {0}", {{"a", "{}%v"}});
  });
  EXPECT_TRUE(text.ends_with(" 100% {} %v {0} a={}%v\n")) << text;
}

TEST(Diagnostics, WritesOneJsonObjectALine) {
  auto text = written(DiagnosticsLevel::Info, DiagnosticsFormat::Json, [] {
    info("ready");
    error("broken", {{"path", "a\"b\nc"}, {"bytes", "\xff"}, {"time", "not the time"}});
  });

  auto lines = lines_of(text);

  ASSERT_EQ(lines.size(), 2U);
  JsonParser parser;
  auto ready = *parser.parse(lines[0]);
  EXPECT_EQ(member(ready, "level"), "info");
  EXPECT_EQ(member(ready, "message"), "ready");
  EXPECT_TRUE(parse_rfc3339(member(ready, "time")));
  auto broken = *parser.parse(lines[1]);
  EXPECT_EQ(member(broken, "level"), "error");
  JsonValue fields;
  ASSERT_TRUE(broken.find("fields", fields));
  EXPECT_EQ(member(fields, "path"), "a\"b\nc");
  EXPECT_EQ(member(fields, "bytes"), "\xef\xbf\xbd");
  EXPECT_EQ(member(fields, "time"), "not the time");
}

TEST(Diagnostics, LeavesOutWhatIsBelowTheLevel) {
  auto write_all = [] {
    debug("d");
    info("i");
    warning("w");
    error("e");
  };
  auto count = [&](DiagnosticsLevel level) {
    return lines_of(written(level, DiagnosticsFormat::Text, write_all)).size();
  };
  EXPECT_EQ(count(DiagnosticsLevel::Debug), 4U);
  EXPECT_EQ(count(DiagnosticsLevel::Info), 3U);
  EXPECT_EQ(count(DiagnosticsLevel::Warning), 2U);
  EXPECT_EQ(count(DiagnosticsLevel::Error), 1U);
  EXPECT_EQ(count(DiagnosticsLevel::Off), 0U);
}

TEST(Diagnostics, KeepsLinesOfManyThreadsWhole) {
  auto text = written(DiagnosticsLevel::Info, DiagnosticsFormat::Json, [] {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int line = 0; line < 200; ++line) {
          info("a line", {{"number", std::to_string(line)}});
        }
      });
    }
  });

  auto lines = lines_of(text);

  EXPECT_EQ(lines.size(), 800U);
  JsonParser parser;
  for (const std::string& line : lines) {
    ASSERT_TRUE(parser.parse(line)) << line;
  }
}

}  // namespace
}  // namespace piperoll::base
