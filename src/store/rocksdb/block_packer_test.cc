#include "store/rocksdb/block_packer.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "store/rocksdb/row_blocks.h"
#include "store/rocksdb/row_codec.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

// So many records that follow each other, of lengths that differ.
FullBlock block_from(std::uint64_t first_seq, std::uint64_t records) {
  FullBlock block{.key = row_block_key(1, first_seq), .log = {}, .sizes = {}, .records = {}};
  for (std::uint64_t seq = first_seq; seq < first_seq + records; ++seq) {
    const base::Bytes record(100 + seq % 700, static_cast<char>('a' + seq % 26));
    block.sizes.push_back(static_cast<std::uint32_t>(record.size()));
    block.records += record;
  }
  return block;
}

struct BlockPackerTest : ::testing::Test {
  const testing::TempDirectory directory;
  const std::unique_ptr<Database> database =
      Database::open({.directory = directory.path()}).value();
  BlockPacker packer{*database, 1 << 20};

  // Adds so many blocks of ten records and finishes a batch with them.
  void add_batch(std::uint64_t blocks) {
    rocksdb::WriteBatch batch;
    for (std::uint64_t i = 0; i < blocks; ++i, next_seq += 10) {
      packer.add(block_from(next_seq, 10));
    }
    packer.finish(batch);
    EXPECT_EQ(batch.Count(), blocks);
    ASSERT_TRUE(database->write(batch).has_value());
  }

  std::uint64_t next_seq = 0;
};

TEST_F(BlockPackerTest, PutsEveryBlockOnceWhateverTheSizeOfBatches) {
  for (const std::uint64_t blocks : {0U, 1U, 2U, 3U, 64U, 0U, 1U, 200U, 1U, 17U}) {
    add_batch(blocks);
  }

  std::uint64_t seq = 0;
  Cursor cursor(*database, Family::Rows, nullptr, rows_prefix(1), end_of(rows_prefix(1)));
  for (cursor.seek_first(); cursor.valid(); cursor.next(), seq += 10) {
    const FullBlock expected = block_from(seq, 10);
    ASSERT_EQ(cursor.key(), expected.key);
    ASSERT_EQ(cursor.value(),
              encode_row_block(expected.sizes, expected.records, nullptr, {}).value);
  }
  EXPECT_EQ(seq, next_seq);
}

TEST_F(BlockPackerTest, PutsADictionaryBeforeTheBlocksThatNeedIt) {
  BlockPacker training(*database, 64);
  std::uint64_t seq = 0;
  // The packer trains it when it gets a processor, behind others.
  for (; database->row_dictionaries().newest() == nullptr; std::this_thread::yield()) {
    rocksdb::WriteBatch batch;
    for (int i = 0; i < 8; ++i) {
      FullBlock block{.key = row_block_key(1, seq), .log = {}, .sizes = {}, .records = {}};
      for (const std::uint64_t end = seq + 16; seq < end; ++seq) {
        const base::Bytes record = testing::record_bytes(seq);
        block.sizes.push_back(static_cast<std::uint32_t>(record.size()));
        block.records += record;
      }
      training.add(std::move(block));
    }
    training.finish(batch);
    ASSERT_TRUE(database->write(batch).has_value());
    // A dictionary that a crash would leave out is named by no block that it would leave in.
    RowReader reader(*database, nullptr, 1, testing::test_log(1));
    ASSERT_EQ(reader.bytes(seq - 1).value(), testing::record_bytes(seq - 1));
  }

  rocksdb::PinnableSlice kept;
  ASSERT_TRUE(database->get(Family::Meta, dictionary_key(1), nullptr, kept).has_value());
  EXPECT_EQ(base::ByteView(kept.data(), kept.size()),
            database->row_dictionaries().find(1)->zstd->bytes());
}

TEST_F(BlockPackerTest, ForgetsWhatIsNotFinished) {
  BlockPacker other(*database, 64);
  for (std::uint64_t i = 0; i < 50; ++i) {
    other.add(block_from(i * 10, 10));
  }
}

}  // namespace
}  // namespace piperoll::store::rocks
