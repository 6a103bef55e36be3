#include "server/issuer_keys.h"

#include <cstdio>
#include <fstream>
#include <future>

#include <gtest/gtest.h>

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

LoadedKeys keys_of(char c) {
  const std::string secret(32, c);
  return {*auth::KeySet::from_secret(secret), secret, 3600};
}

// What the next load answers; a load waits until a test allows it.
class Loader {
 public:
  LoadKeys load() {
    return [this]() -> Result<LoadedKeys> {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return allowed_ > 0; });
      --allowed_;
      return next_;
    };
  }
  void allow(Result<LoadedKeys> next, int times = 1) {
    std::lock_guard lock(mutex_);
    next_ = std::move(next);
    allowed_ += times;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int allowed_ = 0;
  Result<LoadedKeys> next_ = Error{};
};

// Asks for newer keys and waits until that has ended; false where nothing was to be had.
bool refresh(RefreshedKeys& keys, const std::function<void()>& meanwhile) {
  std::promise<void> done;
  if (!keys.refresh([&] { done.set_value(); })) {
    return false;
  }
  meanwhile();
  done.get_future().get();
  return true;
}

struct Keys : ::testing::Test {
  base::FakeClock clock{base::Timestamp{0}};
  Loader loader;
  const Error failure{.kind = ErrorKind::Unavailable, .message = "no answer"};
  ~Keys() override { loader.allow(failure, 100); }
};

TEST_F(Keys, AreFetchedInTheBackgroundAndWhoWaitsIsTold) {
  RefreshedKeys keys("i", loader.load(), std::nullopt, clock);
  EXPECT_EQ(keys.keys(), nullptr);

  EXPECT_TRUE(refresh(keys, [&] { loader.allow(keys_of('a')); }));

  EXPECT_NE(keys.keys(), nullptr);
  EXPECT_EQ(keys.stats().fetches, 1U);
  loader.allow(failure, 100);
}

TEST_F(Keys, StayWhenAFetchFails) {
  RefreshedKeys keys("i", loader.load(), keys_of('a'), clock);
  const auto before = keys.keys();

  EXPECT_TRUE(refresh(keys, [&] { loader.allow(failure); }));

  EXPECT_EQ(keys.keys(), before);
  EXPECT_EQ(keys.stats().failures, 1U);
  loader.allow(failure, 100);
}

TEST_F(Keys, AreTheSameSetWhileTheirTextIs) {
  RefreshedKeys keys("i", loader.load(), keys_of('a'), clock);
  const auto before = keys.keys();
  EXPECT_TRUE(refresh(keys, [&] { loader.allow(keys_of('a')); }));
  EXPECT_EQ(keys.keys(), before);

  clock.advance(auth::FetchPlan::kUnknownKeyPause);
  EXPECT_TRUE(refresh(keys, [&] { loader.allow(keys_of('b')); }));

  EXPECT_NE(keys.keys(), before);
  loader.allow(failure, 100);
}

TEST_F(Keys, AreFetchedForAnUnknownKeyOnceAMinute) {
  RefreshedKeys keys("i", loader.load(), keys_of('a'), clock);
  EXPECT_TRUE(refresh(keys, [&] { loader.allow(keys_of('a')); }));

  EXPECT_FALSE(keys.refresh([] { FAIL(); }));
  clock.advance(auth::FetchPlan::kUnknownKeyPause);
  EXPECT_TRUE(refresh(keys, [&] { loader.allow(keys_of('a')); }));
  EXPECT_EQ(keys.stats().fetches, 3U);  // the first set counts
  loader.allow(failure, 100);
}

TEST_F(Keys, AreNotBelievedForever) {
  RefreshedKeys keys("i", loader.load(), keys_of('a'), clock);
  loader.allow(failure, 100);

  clock.advance(auth::FetchPlan::kBelievedMax);

  EXPECT_EQ(keys.keys(), nullptr);
}

TEST_F(Keys, LetEverybodyGoWhenTheyStop) {
  auto keys = std::make_unique<RefreshedKeys>("i", loader.load(), std::nullopt, clock);
  int told = 0;
  ASSERT_TRUE(keys->refresh([&] { ++told; }));
  loader.allow(failure, 100);

  keys->stop();

  EXPECT_EQ(told, 1);
  EXPECT_FALSE(keys->refresh([] { FAIL(); }));
}

struct KeyFile : ::testing::Test {
  std::string path = ::testing::TempDir() + "piperoll-keys-" +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
  ~KeyFile() override { std::remove(path.c_str()); }
  void write(const std::string& text) { std::ofstream(path) << text; }
};

TEST_F(KeyFile, HoldsASecretWithoutItsLineEnd) {
  write(std::string(32, 's') + "\r\n");
  auto loaded = key_loader({.keys = IssuerConfig::Keys::SecretFile, .source = path})();

  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  const std::string token =
      auth::sign_token(R"({"alg":"HS256"})", "{}", crypto::HmacKey(std::string(32, 's')));
  EXPECT_EQ(
      auth::check_signature(*auth::parse_token(token), auth::TokenAlgorithm::Hs256, loaded->keys),
      auth::SignatureCheck::Good);
}

TEST_F(KeyFile, IsCheckedBeforeTheServerStarts) {
  const auto issuer = [&](const std::string& name, IssuerConfig::Keys keys) {
    IssuerConfig config{.keys = keys, .source = path};
    config.issuer.issuer = config.issuer.name = name;
    return config;
  };
  using Kind = IssuerConfig::Keys;
  EXPECT_FALSE(check_issuers({issuer("a", Kind::KeysFile)}).has_value()) << "no file";
  write("short");
  EXPECT_FALSE(check_issuers({issuer("a", Kind::SecretFile)}).has_value());
  EXPECT_FALSE(check_issuers({issuer("a", Kind::KeysFile)}).has_value());
  write(std::string(40, 's'));
  EXPECT_TRUE(check_issuers({issuer("a", Kind::SecretFile)}).has_value());
  EXPECT_FALSE(
      check_issuers({issuer("a", Kind::SecretFile), issuer("a", Kind::SecretFile)}).has_value());
  base::SystemClock clock;
  auto trusted = make_trusted({issuer("a", Kind::SecretFile)}, clock);
  ASSERT_TRUE(trusted.has_value());
  EXPECT_NE(trusted->front().keys->keys(), nullptr);
}

}  // namespace
}  // namespace piperoll::server
