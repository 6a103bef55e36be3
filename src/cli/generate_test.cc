#include "cli/generate.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "event/event_json.h"
#include "event/event_validate.h"

namespace piperoll::cli {
namespace {

TEST(Generator, MakesValidEventsWithIdsOfTheirOwn) {
  Generator generator({.events = 5'000, .seed = 3, .orgs = 4});
  std::set<std::string> ids;
  for (int i = 0; i < 5'000; ++i) {
    event::Event event = generator.next();
    ASSERT_TRUE(event::faults_of(event).empty()) << event::faults_of(event)[0].pointer;
    EXPECT_TRUE(ids.insert(event.id).second);
  }
}

TEST(Generator, TheSameSeedGivesTheSameEvents) {
  Generator a({.events = 100, .seed = 3});
  Generator b({.events = 100, .seed = 3});
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(a.next(), b.next());
  }
}

TEST(Generator, IsLikeRealLogs) {
  constexpr int kEvents = 20'000;
  Generator generator({.events = kEvents, .seed = 1});
  std::map<std::string, int> actions;
  std::map<std::string, int> commits;
  int failures = 0;
  int late = 0;
  base::Timestamp newest;
  for (int i = 0; i < kEvents; ++i) {
    const event::Event event = generator.next();
    ++actions[event.action];
    failures += event.status == event::Status::Failure ? 1 : 0;
    late += *event.occurred_at < newest ? 1 : 0;
    newest = std::max(newest, *event.occurred_at);
    if (event.commit_id) {
      ++commits[*event.commit_id];
    }
  }
  EXPECT_GT(actions["user.login"], kEvents / 10);
  EXPECT_GT(actions.size(), 15U);
  EXPECT_GT(failures, kEvents / 100);
  EXPECT_LT(failures, kEvents / 20);
  EXPECT_GT(late, kEvents / 50);
  for (const auto& [commit, count] : commits) {
    EXPECT_EQ(count, 2) << commit;  // an intent and its outcome
  }
}

}  // namespace
}  // namespace piperoll::cli
