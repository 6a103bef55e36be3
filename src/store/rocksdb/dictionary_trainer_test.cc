#include "store/rocksdb/dictionary_trainer.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "event/event_encoding.h"
#include "event/record.h"
#include "store/rocksdb/row_codec.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::size_t kWindow = 128;
constexpr std::size_t kFirstWindow = kWindow / 16;

// Records of one application: what it calls its things differs from what others do.
struct Application {
  std::string word;
  std::uint64_t made = 0;
  base::Bytes record() {
    const std::uint64_t i = ++made;
    return R"({"action":")" + word + ".opened" + R"(","the_)" + word + R"(_number":)" +
           std::to_string(i * 7919 % 100'000) + R"(,"department_of_)" + word + R"(":"north-)" +
           std::to_string(i % 7) + R"("})";
  }
};

struct DictionaryTrainerTest : ::testing::Test {
  RowDictionaries dictionaries;
  DictionaryTrainer trainer{dictionaries, kWindow};

  // Shows it blocks of sixteen records each; trains when it wants to, and uses what comes of it.
  // How many dictionaries came.
  int show(Application& from, std::size_t blocks) {
    int came = 0;
    for (std::size_t i = 0; i < blocks; ++i) {
      std::vector<std::uint32_t> sizes;
      base::Bytes records;
      for (int k = 0; k < 16; ++k) {
        const base::Bytes record = from.record();
        sizes.push_back(static_cast<std::uint32_t>(record.size()));
        records += record;
      }
      const RowDictionaryPointer newest = dictionaries.newest();
      const EncodedRows encoded = encode_row_block(sizes, records, newest.get(), {});
      packed = encoded.value.size();
      trainer.saw(sizes, records, newest.get(), encoded);
      if (trainer.is_due()) {
        trainer.train();
        if (auto made = trainer.take()) {
          dictionaries.add(std::move(made));
          ++came;
        }
      }
    }
    return came;
  }
  std::size_t packed = 0;  // bytes of the last block
};

TEST_F(DictionaryTrainerTest, MakesTheFirstAfterASmallWindow) {
  Application invoices{.word = "invoice"};

  EXPECT_EQ(show(invoices, kFirstWindow - 1), 0);
  const std::size_t without = packed;
  EXPECT_EQ(show(invoices, 1), 1);

  EXPECT_EQ(show(invoices, 1), 0);
  EXPECT_LT(packed, without);
  EXPECT_EQ(dictionaries.newest()->number, 1U);
}

TEST_F(DictionaryTrainerTest, MakesNoOtherWhileTheDataStayAsTheyAre) {
  Application invoices{.word = "invoice"};
  show(invoices, kFirstWindow);
  const int early = show(invoices, 4 * kWindow);

  EXPECT_LE(early, 2);  // of larger samples
  EXPECT_EQ(show(invoices, 40 * kWindow), 0);
}

TEST_F(DictionaryTrainerTest, MakesAnotherWhenTheDataChange) {
  Application invoices{.word = "invoice"};
  Application machines{.word = "milling_machine"};
  show(invoices, kFirstWindow + 20 * kWindow);
  const std::uint64_t before = dictionaries.newest()->number;

  show(machines, 20 * kWindow);
  const std::size_t settled = packed;

  EXPECT_GT(dictionaries.newest()->number, before);
  std::vector<std::uint32_t> sizes;
  base::Bytes records;
  for (int k = 0; k < 16; ++k) {
    const base::Bytes record = machines.record();
    sizes.push_back(static_cast<std::uint32_t>(record.size()));
    records += record;
  }
  EXPECT_LT(settled,
            encode_row_block(sizes, records, dictionaries.find(before).get(), {}).value.size());
}

// However often the data turn: each try for that reason comes later than the one before.
TEST_F(DictionaryTrainerTest, MakesFewDictionariesOfDataThatChangeAllTheTime) {
  for (int i = 0; i < 60; ++i) {
    Application application{.word = "thing_" + std::string(20, static_cast<char>('a' + i % 26)) +
                                    std::to_string(i * i)};
    show(application, kWindow);
  }
  EXPECT_LE(dictionaries.newest()->number, 20U);
}

TEST_F(DictionaryTrainerTest, MakesNoneOfNoise) {
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < 3 * kFirstWindow; ++i) {
    base::Bytes records;
    for (int k = 0; k < 4000; ++k) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      records.push_back(static_cast<char>(state >> 56));
    }
    const std::vector<std::uint32_t> sizes(16, 250);
    trainer.saw(sizes, records, nullptr, encode_row_block(sizes, records, nullptr, {}));
    if (trainer.is_due()) {
      trainer.train();
      EXPECT_EQ(trainer.take(), nullptr);
    }
  }
}

// A record with a made id and a seed, which are random, and some text.
base::Bytes record_of(const std::string& text, std::mt19937_64& random) {
  event::RecordHead head;
  for (std::uint8_t& byte : head.seed.bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  for (std::uint8_t& byte : head.made_id.bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  event::Event event = event::make_event("user.login");
  event.summary = text + std::to_string(random() % 10'000);
  base::Bytes record;
  event::append_record(record, head, event::encode_event(event::view_of(event)));
  return record;
}

struct Joined {
  std::vector<std::uint32_t> sizes;
  base::Bytes records;
};
Joined block_of(const std::string& text, std::mt19937_64& random) {
  Joined block;
  for (int k = 0; k < 16; ++k) {
    const base::Bytes record = record_of(text, random);
    block.sizes.push_back(static_cast<std::uint32_t>(record.size()));
    block.records += record;
  }
  return block;
}

// With the random bytes counted in, the change that follows would be one of a few percent.
TEST_F(DictionaryTrainerTest, SeesAChangeBesideRandomBytes) {
  std::mt19937_64 random(1);
  RowDictionary dictionary;
  const auto train_when_due = [&] {
    const bool due = trainer.is_due();
    if (due) {
      trainer.train();
      trainer.take();
    }
    return due;
  };
  const auto show_as = [&](std::size_t bytes_compressed) {
    const Joined block = block_of("text", random);
    EncodedRows encoded = encode_row_block(block.sizes, block.records, nullptr, {});
    ASSERT_GT(encoded.value.size(), 16U * 48U + encoded.bytes_compressed);
    encoded.bytes_compressed = bytes_compressed;
    trainer.saw(block.sizes, block.records, &dictionary, encoded);
  };
  // Past the eighth window the next power of two is far.
  for (std::size_t i = 0; i < 10 * kWindow; ++i) {
    show_as(200);
    train_when_due();
  }

  bool due = false;
  for (std::size_t i = 0; i < 5 * kWindow && !due; ++i) {
    show_as(240);
    due = train_when_due();
  }

  EXPECT_TRUE(due);
}

// As those of older versions were, which took random bytes for what records hold.
TEST_F(DictionaryTrainerTest, ReplacesADictionaryOfWholeRecords) {
  std::mt19937_64 random(1);
  const std::string text = "the same words in every record, whoever wrote it: ";
  base::Bytes joined;
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 100; ++i) {
    const Joined block = block_of(std::to_string(i) + " other words ", random);
    joined += block.records;
    sizes.insert(sizes.end(), block.sizes.begin(), block.sizes.end());
  }
  dictionaries.add(
      base::ZstdDictionary::make(base::ZstdDictionary::train(joined, sizes, 8192).value(), 1)
          .value());

  for (std::size_t i = 0; i < kWindow; ++i) {
    const Joined block = block_of(text, random);
    const RowDictionaryPointer newest = dictionaries.newest();
    const EncodedRows encoded = encode_row_block(block.sizes, block.records, newest.get(), {});
    const DecodedRows decoded = decode_row_block(encoded.value, dictionaries, {}).value();
    ASSERT_EQ(decoded.bytes, block.records);
    trainer.saw(block.sizes, block.records, newest.get(), encoded);
  }

  ASSERT_TRUE(trainer.is_due());
  trainer.train();
  EXPECT_NE(trainer.take(), nullptr);
}

}  // namespace
}  // namespace piperoll::store::rocks
