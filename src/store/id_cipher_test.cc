#include "store/id_cipher.h"

#include <array>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::store {
namespace {

std::string counting(int from, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(from + i));
  }
  return bytes;
}

const event::LogId kLog = {base::Uuid::from_bytes(counting(0x10, 16)), event::LogKind::Events};
const event::LogId kAccess = {kLog.org, event::LogKind::Access};
const base::Timestamp kTime{1'767'225'600'123'456};

FeistelIdCipher cipher() {
  return FeistelIdCipher(counting(0, 32));
}

// Ids given out must stay readable for ever. Computed from the description in the header by an
// independent program with another AES.
TEST(FeistelIdCipher, GivesTheIdsOfItsDescription) {
  const FeistelIdCipher ids = cipher();
  EXPECT_EQ(ids.make(kLog, 0, {0}).to_string(), "00000000-0000-7249-8031-b7af0def8229");
  EXPECT_EQ(ids.make(kLog, 1, kTime).to_string(), "019b76da-a87b-7a2d-8817-99912ba8ed57");
  EXPECT_EQ(ids.make(kAccess, 1, kTime).to_string(), "019b76da-a87b-732f-b840-4c027240dc5c");
  EXPECT_EQ(ids.make(kLog, FeistelIdCipher::kSeqMax, base::kTimestampMax).to_string(),
            "e677d21f-dbff-731d-a493-11643c3ada78");
}

std::uint64_t some_seq() {
  return *rc::gen::resize(rc::kNominalSize,
                          rc::gen::inRange<std::uint64_t>(0, FeistelIdCipher::kSeqMax));
}

base::Timestamp some_time() {
  return {*rc::gen::resize(rc::kNominalSize,
                           rc::gen::inRange<std::int64_t>(0, base::kTimestampMax.micros))};
}

RC_GTEST_PROP(FeistelIdCipher, FindsTheSeqAgain, ()) {
  const FeistelIdCipher ids = cipher();
  const std::uint64_t seq = some_seq();
  const base::Timestamp time = some_time();
  const base::Uuid id = ids.make(kLog, seq, time);
  RC_ASSERT(ids.seq_of(kLog, id) == seq);
}

RC_GTEST_PROP(FeistelIdCipher, MakesUuidsOfVersion7WithTheTime, ()) {
  const base::Timestamp time = some_time();
  const base::Uuid id = cipher().make(kLog, some_seq(), time);
  std::int64_t millis = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    millis = millis << 8 | id.bytes[i];
  }
  RC_ASSERT(millis == time.micros / 1000);
  RC_ASSERT(id.bytes[6] >> 4 == 7);
  RC_ASSERT(id.bytes[8] >> 6 == 2);
}

RC_GTEST_PROP(FeistelIdCipher, MakesManyAsItMakesOne, ()) {
  const FeistelIdCipher ids = cipher();
  const base::Timestamp times[] = {some_time(), some_time()};
  std::vector<event::RecordPlace> places;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
    places.push_back({.seq = some_seq(), .recorded_at = times[*rc::gen::inRange(0, 2)]});
  }
  std::vector<base::Uuid> made(places.size());
  ids.make_many(kLog, places, made);
  for (std::size_t i = 0; i < places.size(); ++i) {
    RC_ASSERT(made[i] == ids.make(kLog, places[i].seq, places[i].recorded_at));
  }
}

TEST(FeistelIdCipher, GivesEverySeqItsOwnId) {
  const FeistelIdCipher ids = cipher();
  std::vector<event::RecordPlace> places(100'000);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = {.seq = i, .recorded_at = kTime};
  }
  std::vector<base::Uuid> made(places.size());
  ids.make_many(kLog, places, made);
  EXPECT_EQ(std::set<base::Uuid>(made.begin(), made.end()).size(), made.size());
}

// One chance in 2^26 each: with these fixed inputs none is taken.
TEST(FeistelIdCipher, DoesNotTakeForeignIdsForItsOwn) {
  const FeistelIdCipher ids = cipher();
  const FeistelIdCipher other_key(counting(1, 32));
  const event::LogId other_org = {base::Uuid::from_bytes(counting(0x11, 16)),
                                  event::LogKind::Events};
  std::mt19937_64 random(1);
  for (std::uint64_t seq = 0; seq < 5000; ++seq) {
    const base::Uuid id = ids.make(kLog, seq, kTime);
    EXPECT_FALSE(ids.seq_of(kAccess, id).has_value());
    EXPECT_FALSE(ids.seq_of(other_org, id).has_value());
    EXPECT_FALSE(other_key.seq_of(kLog, id).has_value());
    base::Uuid foreign = id;  // as another UUIDv7 generator would fill it at the same time
    for (std::size_t i = 9; i < foreign.bytes.size(); ++i) {
      foreign.bytes[i] = static_cast<std::uint8_t>(random());
    }
    EXPECT_FALSE(ids.seq_of(kLog, foreign).has_value());
  }
}

TEST(FeistelIdCipher, DoesNotTakeAnIdWithAnyBitFlippedForItsOwn) {
  const FeistelIdCipher ids = cipher();
  for (std::uint64_t seq = 0; seq < 50; ++seq) {
    const base::Uuid id = ids.make(kLog, seq, kTime);
    for (std::size_t bit = 0; bit < 128; ++bit) {
      base::Uuid changed = id;
      changed.bytes[bit / 8] = static_cast<std::uint8_t>(changed.bytes[bit / 8] ^ (1U << bit % 8));
      EXPECT_FALSE(ids.seq_of(kLog, changed).has_value()) << "seq " << seq << ", bit " << bit;
    }
  }
}

// Neighbours differ in about half of the 74 bits, each bit about half of the time.
TEST(FeistelIdCipher, TellsNothingOfTheOrder) {
  const FeistelIdCipher ids = cipher();
  constexpr int kCount = 4000;
  std::array<int, 128> flips{};
  base::Uuid last = ids.make(kLog, 0, kTime);
  for (std::uint64_t seq = 1; seq <= kCount; ++seq) {
    const base::Uuid id = ids.make(kLog, seq, kTime);
    for (std::size_t bit = 0; bit < 128; ++bit) {
      const unsigned difference = id.bytes[bit / 8] ^ last.bytes[bit / 8];
      flips[bit] += static_cast<int>((difference >> (7 - bit % 8)) & 1U);
    }
    last = id;
  }
  for (std::size_t bit = 0; bit < 128; ++bit) {
    if (bit < 52 || bit == 64 || bit == 65) {
      EXPECT_EQ(flips[bit], 0) << bit;  // time, version, variant
    } else {
      EXPECT_NEAR(flips[bit], kCount / 2, kCount / 20) << bit;  // six standard deviations
    }
  }
}

TEST(FeistelIdCipher, MayBeUsedByManyThreads) {
  const FeistelIdCipher ids = cipher();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&ids, t] {
      for (std::uint64_t seq = t; seq < 4000; seq += 4) {
        EXPECT_EQ(ids.seq_of(kLog, ids.make(kLog, seq, kTime)), seq);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace piperoll::store
