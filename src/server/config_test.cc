#include "server/config.h"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

namespace piperoll::server {
namespace {

Environment none() {
  return [](const std::string&) { return std::nullopt; };
}

struct ConfigFile : ::testing::Test {
  std::string path = ::testing::TempDir() + "piperoll-config-" +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml";
  ~ConfigFile() override { std::remove(path.c_str()); }
  void write(const std::string& text) { std::ofstream(path) << text; }
  std::string error_of(const std::string& text) {
    write(text);
    auto config = load_config(path, none(), {});
    return config ? "" : config.error().message;
  }
};

TEST_F(ConfigFile, FlagsBeatTheEnvironmentAndThatBeatsTheFile) {
  write("data = \"d\"\nworker_threads = 3\nreserve_mib = 1\nsegment_mib = 70\n");
  Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PIPEROLL_WORKER_THREADS") {
      return "4";
    }
    return name == "PIPEROLL_RESERVE_MIB" ? std::optional<std::string>("2") : std::nullopt;
  };

  auto config = load_config(path, environment, {{"worker_threads", "5"}});

  ASSERT_TRUE(config);
  EXPECT_EQ(config->worker_threads, 5);
  EXPECT_EQ(config->reserve_mib, 2U);
  EXPECT_EQ(config->segment_mib, 70U);
}

TEST_F(ConfigFile, ListsAreArraysInTheFileAndCommasElsewhere) {
  write("data = \"d\"\nlisten = [\"127.0.0.1:1\", \"[::1]:2\"]\n");
  EXPECT_EQ(load_config(path, none(), {})->listen,
            (std::vector<std::string>{"127.0.0.1:1", "[::1]:2"}));
  EXPECT_EQ(load_config(path, none(), {{"listen", "a:1,b:2"}})->listen,
            (std::vector<std::string>{"a:1", "b:2"}));
}

TEST_F(ConfigFile, ErrorsSayWhereAndWhatIsAllowed) {
  EXPECT_NE(error_of("data = \"d\"\n\nworker_threads = 0\n").find(":3: worker_threads must be"),
            std::string::npos);
  EXPECT_NE(error_of("data = \"d\"\nlisen = [\"x\"]\n").find("did you mean \"listen\""),
            std::string::npos);
  EXPECT_NE(error_of("data = \"d\"\npad_groups = 1\n").find("true or false"), std::string::npos);
  EXPECT_NE(error_of("data = \n").find(":1"), std::string::npos);
  for (const char* setting : {"listen", "tls_listen", "metrics_listen", "trusted_proxies"}) {
    const std::string line = std::string(setting) + " = [\"127.0.0.1:99999\"]\n";
    EXPECT_NE(error_of("data = \"d\"\n" + line).find(setting), std::string::npos) << setting;
  }
  EXPECT_NE(error_of("data = \"d\"\n[lissten]\ny = 1\n").find("did you mean \"listen\""),
            std::string::npos);
  EXPECT_NE(error_of("data = \"d\"\nLISTEN = \"x\"\n").find("did you mean \"listen\""),
            std::string::npos);
  EXPECT_NE(error_of("data = \"d\"\n[listen]\ny = 1\n").find("listen must be"), std::string::npos);
  EXPECT_NE(error_of("worker_threads = 2\n").find("--data"), std::string::npos);
  EXPECT_NE(error_of("data = \"d\"\nlisten = []\n").find("at least one address"),
            std::string::npos);
}

TEST(Config, AMissingFileIsNamed) {
  EXPECT_NE(
      load_config("/nonexistent/x.toml", none(), {}).error().message.find("/nonexistent/x.toml"),
      std::string::npos);
}

TEST(Config, EverySettingIsDescribedOnce) {
  for (const Setting& setting : settings()) {
    EXPECT_FALSE(setting.description.empty()) << setting.name;
    EXPECT_FALSE(setting.type.empty()) << setting.name;
  }
}

}  // namespace
}  // namespace piperoll::server
