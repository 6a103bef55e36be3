#include "store/rocksdb/dictionary_trainer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/rocksdb/row_blocks.h"
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
      packed = encode_row_block(sizes, records, newest.get()).size();
      trainer.saw(sizes, records, newest.get(), packed);
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
  EXPECT_LT(settled, encode_row_block(sizes, records, dictionaries.find(before).get()).size());
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
    trainer.saw(sizes, records, nullptr, 4000);
    if (trainer.is_due()) {
      trainer.train();
      EXPECT_EQ(trainer.take(), nullptr);
    }
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
