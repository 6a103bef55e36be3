#include "ingest/witness_client.h"

#include <future>

#include <gtest/gtest.h>

#include "ingest/testing/log_in_memory.h"

namespace piperoll::ingest {
namespace {

using base::MutexLock;
using base::Result;

constexpr std::int64_t kLong = 60'000'000;

tlog::NoteSigner signer_of(int number) {
  auto key = crypto::Ed25519PrivateKey::from_seed(std::string(32, static_cast<char>('0' + number)));
  return tlog::NoteSigner::make("w" + std::to_string(number) + ".example", *std::move(key),
                                tlog::KeyType::Cosignature)
      .value();
}

// A witness in memory that checks as one must, and can be made to misbehave. Thread-safe.
struct FakeWitness {
  enum class Mood { Good, Silent, Lies, Timeless, Stranger, Broken, Alarmed, Grown };

  explicit FakeWitness(int number) : signer(signer_of(number)) {}

  Result<WitnessAnswer> answer(const std::string& body) {
    MutexLock lock(mutex);
    ++asked;
    switch (mood) {
      case Mood::Good:
        break;
      case Mood::Silent:
        return base::Error{.kind = base::ErrorKind::Unavailable, .message = "no answer"};
      case Mood::Broken:
        return WitnessAnswer{200, "text/plain", "no signature\n"};
      case Mood::Alarmed:
        return WitnessAnswer{422, "text/plain", ""};
      case Mood::Grown:
        return WitnessAnswer{409, "text/x.tlog.size", "1000000\n"};
      default:
        break;
    }
    const tlog::WitnessRequest request = tlog::parse_witness_request(body).value();
    const auto checked = tlog::check_witness_request(request, log_keys, known);
    if (!checked) {
      if (checked.error().code == "stale") {
        return WitnessAnswer{409, "text/x.tlog.size", std::to_string(known.size) + "\n"};
      }
      return WitnessAnswer{checked.error().code == "proof_invalid" ? 422 : 403, "", ""};
    }
    known = {checked->checkpoint.size, checked->checkpoint.root};
    const std::string text = mood == Mood::Lies ? "another\n" : checked->note.text;
    const tlog::NoteSigner& by = mood == Mood::Stranger ? stranger : signer;
    return WitnessAnswer{
        200, "text/plain",
        tlog::print_signature(by.cosign(text, mood == Mood::Timeless ? 0 : 1'700'000'000))};
  }

  void set(Mood next) {
    MutexLock lock(mutex);
    mood = next;
  }
  int times() {
    MutexLock lock(mutex);
    return asked;
  }
  std::uint64_t size() {
    MutexLock lock(mutex);
    return known.size;
  }

  const tlog::NoteSigner signer, stranger = signer_of(9);
  std::vector<tlog::VerifierKey> log_keys;
  base::Mutex mutex;
  Mood mood = Mood::Good;
  tlog::WitnessedTree known;
  int asked = 0;
};

class FakeLine : public WitnessLine {
 public:
  explicit FakeLine(FakeWitness& witness) : witness_(witness) {}
  Result<WitnessAnswer> add_checkpoint(const std::string& body) override {
    return witness_.answer(body);
  }
  void stop() override {}

 private:
  FakeWitness& witness_;
};

// A publisher with its client, over a store in memory.
struct WitnessClientTest : ::testing::Test, testing::LogInMemory {
  using Mood = FakeWitness::Mood;

  // threshold 0: quorum none
  void start(std::size_t threshold) {
    tlog::Policy policy;
    tlog::PolicyGroup group{"g", threshold, {}};
    WitnessClientOptions options{
        .round_micros = 1'000, .retry_micros = 1'000, .retry_micros_max = 20'000};
    for (FakeWitness* witness : {&first, &second, &third}) {
      const tlog::VerifierKey vkey = witness->signer.verifier_key();
      policy.witnesses.push_back({vkey.name, vkey, ""});
      group.members.push_back(vkey.name);
      options.lines.push_back(std::make_unique<FakeLine>(*witness));
    }
    if (threshold > 0) {
      policy.groups = {group};
      policy.quorum = "g";
    }
    options.policy = policy;
    client = std::make_unique<WitnessClient>(
        *store, std::move(options), [this](const event::LogId& about, PublishedPointer published) {
          publisher->cosigned(about, std::move(published));
        });
    make_publisher(policy);
    for (FakeWitness* witness : {&first, &second, &third}) {
      witness->log_keys = publisher->verifier_keys(log);
    }
  }

  void make_publisher(const tlog::Policy& policy) {
    PublisherOptions options = publisher_options();
    options.policy = policy;
    options.submit = [this](const event::LogId& about, PublishedPointer published) {
      client->submit(about, std::move(published));
    };
    options.quorum_wait_micros = wait_micros;
    publisher = std::make_unique<Publisher>(*store, key, std::move(options));
  }

  void TearDown() override {
    if (publisher) {
      publisher->stop();
      client->stop();
    }
  }

  void grow(std::size_t records) {
    append(records);
    publisher->changed({&log, 1});
  }

  std::vector<bool> cosigners(const PublishedPointer& published) {
    return tlog::cosigners(client->policy(), tlog::parse_note(published->note).value()).value();
  }

  // The newest, once this many witnesses cosigned one of at least that size; a minute at most.
  PublishedPointer shown_with(std::size_t witnesses, std::uint64_t size) {
    const base::SystemClock clock;
    const std::int64_t deadline = clock.monotonic_micros() + kLong;
    while (clock.monotonic_micros() < deadline) {
      auto newest = publisher->covering(log, size, kLong);
      const auto by = cosigners(newest.value());
      if (static_cast<std::size_t>(std::count(by.begin(), by.end(), true)) >= witnesses) {
        return *newest;
      }
      std::this_thread::yield();
    }
    return nullptr;
  }

  std::int64_t wait_micros = kLong;
  FakeWitness first{1}, second{2}, third{3};
  std::unique_ptr<WitnessClient> client;
  std::unique_ptr<Publisher> publisher;
};

TEST_F(WitnessClientTest, AQuorumMakesACheckpointShown) {
  start(2);
  grow(5);

  const PublishedPointer shown = publisher->covering(log, 5, kLong).value();

  EXPECT_TRUE(tlog::open_checkpoint(shown->note, publisher->verifier_keys(log), client->policy()));
  EXPECT_NE(shown_with(3, 5), nullptr) << "the third is added when it comes";
  EXPECT_EQ(client->waiting_logs(), 0U);
}

TEST_F(WitnessClientTest, EachGrowthIsProvenFromWhatTheWitnessHas) {
  start(3);
  for (std::size_t size = 1; size <= 40; ++size) {
    grow(1);
    ASSERT_NE(shown_with(3, size), nullptr);
  }
  EXPECT_EQ(first.size(), 40U);
}

TEST_F(WitnessClientTest, AWitnessThatKnowsMoreOfTheLogIsAskedFromThere) {
  start(3);
  grow(7);
  ASSERT_NE(shown_with(3, 7), nullptr);
  publisher->stop();
  client->stop();
  start(3);  // knows nothing of what the witnesses have
  grow(6);

  EXPECT_NE(shown_with(3, 13), nullptr);
  EXPECT_EQ(client->stats()[0].failures, 0U) << "a 409 with a size is no failure";
}

TEST_F(WitnessClientTest, WithoutAQuorumTheNewestThatHadOneIsShown) {
  start(2);
  grow(5);
  ASSERT_NE(shown_with(3, 5), nullptr);
  second.set(Mood::Silent);
  third.set(Mood::Silent);
  grow(4);
  const PublishedPointer signed_now = publisher->sign_now(log).value();
  EXPECT_EQ(signed_now->size, 9U) << "signing waits for nobody";
  const auto covering = publisher->covering(log, 9, 10'000);
  ASSERT_FALSE(covering);
  EXPECT_EQ(covering.error().code, "timeout");
  EXPECT_EQ(publisher->newest(log).value()->size, 5U);
  EXPECT_GE(client->waiting_logs(), 1U);

  third.set(Mood::Good);
  EXPECT_NE(shown_with(2, 9), nullptr) << "it is asked again";
}

TEST_F(WitnessClientTest, ALogThatNoQuorumEverCosignedIsNotShown) {
  wait_micros = 1'000;
  start(3);
  first.set(Mood::Silent);
  grow(5);

  const auto newest = publisher->newest(log);

  ASSERT_FALSE(newest);
  EXPECT_EQ(newest.error().kind, base::ErrorKind::Unavailable);
  EXPECT_EQ(newest.error().code, "not_witnessed");
}

TEST_F(WitnessClientTest, WithQuorumNoneCheckpointsAreShownAsSignedAndCosignaturesAdded) {
  start(0);
  first.set(Mood::Silent);
  grow(5);

  EXPECT_EQ(publisher->newest(log).value()->size, 5U);
  const PublishedPointer shown = shown_with(2, 5);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(cosigners(shown), (std::vector<bool>{false, true, true}));
  first.set(Mood::Good);
  EXPECT_NE(shown_with(3, 5), nullptr);
}

TEST_F(WitnessClientTest, WhatIsNoGoodCosignatureIsNotTaken) {
  for (const Mood mood : {Mood::Lies, Mood::Timeless, Mood::Stranger, Mood::Broken, Mood::Alarmed,
                          Mood::Grown, Mood::Silent}) {
    first.known = second.known = third.known = {};
    store = store::memory::make_memory_store(ids);
    frames = {};
    start(2);
    first.set(mood);
    grow(5);

    const PublishedPointer shown = shown_with(2, 5);
    ASSERT_NE(shown, nullptr);
    EXPECT_EQ(cosigners(shown), (std::vector<bool>{false, true, true})) << static_cast<int>(mood);
    while (client->stats()[0].failures == 0) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(client->stats()[0].failing);
    EXPECT_EQ(client->stats()[0].cosignatures, 0U);
    publisher->stop();
    client->stop();
    first.set(Mood::Good);
  }
}

TEST_F(WitnessClientTest, AFailingWitnessIsAskedLessAndLess) {
  start(2);
  first.set(Mood::Silent);
  grow(5);
  ASSERT_NE(shown_with(2, 5), nullptr);
  for (std::size_t size = 6; size <= 200; ++size) {
    grow(1);
    ASSERT_NE(shown_with(2, size), nullptr);
  }
  EXPECT_LT(first.times(), second.times());
}

TEST_F(WitnessClientTest, WhatWasCosignedIsShownAgainAfterARestart) {
  start(2);
  grow(5);
  ASSERT_NE(shown_with(3, 5), nullptr);
  publisher->stop();
  client->stop();
  for (FakeWitness* witness : {&first, &second, &third}) {
    witness->set(Mood::Silent);
  }
  start(2);

  const PublishedPointer shown = publisher->newest(log).value();

  EXPECT_EQ(shown->size, 5U);
  EXPECT_TRUE(tlog::open_checkpoint(shown->note, publisher->verifier_keys(log), client->policy()));
}

TEST_F(WitnessClientTest, WhatWasCosignedOutlivesManyRestarts) {
  start(2);
  grow(5);
  ASSERT_NE(shown_with(3, 5), nullptr);
  for (int i = 0; i < 3; ++i) {
    publisher->stop();
    client->stop();
    first.set(Mood::Silent);
    second.set(Mood::Silent);
    start(2);
    EXPECT_EQ(publisher->sign_now(log).value()->size, 5U);
    EXPECT_EQ(publisher->newest(log).value()->size, 5U);
  }
}

// What was signed since counts for nobody, and takes the place of nothing that does.
TEST_F(WitnessClientTest, WhatWasCosignedOutlivesWhatWasOnlySigned) {
  start(2);
  grow(5);
  ASSERT_NE(shown_with(3, 5), nullptr);
  for (FakeWitness* witness : {&first, &second, &third}) {
    witness->set(Mood::Silent);
  }
  grow(1);
  EXPECT_EQ(publisher->sign_now(log).value()->size, 6U);
  publisher->stop();
  client->stop();
  wait_micros = 1'000;
  start(2);

  EXPECT_EQ(publisher->sign_now(log).value()->size, 6U);
  const auto shown = publisher->newest(log);

  ASSERT_TRUE(shown.has_value()) << shown.error().message;
  EXPECT_EQ((*shown)->size, 5U);
  EXPECT_TRUE(
      tlog::open_checkpoint((*shown)->note, publisher->verifier_keys(log), client->policy()));
}

TEST_F(WitnessClientTest, AnEmptyLogIsCosignedToo) {
  start(3);
  EXPECT_EQ(publisher->newest(log).value()->size, 0U);
}

// Appends and readers at once with witnesses that come and go: every checkpoint shown counts.
TEST_F(WitnessClientTest, WhatIsShownCountsWhateverTheWitnessesDo) {
  start(2);
  grow(1);
  ASSERT_NE(shown_with(2, 1), nullptr);
  std::atomic<bool> done = false;
  auto reader = std::async(std::launch::async, [&] {
    std::uint64_t last = 0;
    bool good = true;
    while (!done) {
      const PublishedPointer shown = publisher->newest(log).value();
      good = good && shown->size >= last &&
             tlog::open_checkpoint(shown->note, publisher->verifier_keys(log), client->policy())
                 .has_value();
      last = shown->size;
    }
    return good;
  });
  FakeWitness* all[] = {&first, &second, &third};
  for (std::size_t i = 0; i < 60; ++i) {
    all[i % 3]->set(i % 2 == 0 ? Mood::Silent : Mood::Good);
    grow(1);
    static_cast<void>(publisher->sign_now(log).has_value());
  }
  for (FakeWitness* witness : all) {
    witness->set(Mood::Good);
  }
  EXPECT_NE(shown_with(3, 61), nullptr);
  done = true;
  EXPECT_TRUE(reader.get());
}

}  // namespace
}  // namespace piperoll::ingest
