#include "store/rocksdb/row_blocks.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/zstd_block.h"
#include "store/rocksdb/row_codec.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks {
namespace {

const RowDictionaries kNone;

std::vector<base::Bytes> some_records(std::size_t count, std::size_t bytes) {
  std::vector<base::Bytes> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.emplace_back(bytes, static_cast<char>('a' + i));
  }
  return records;
}

base::Bytes encoded(const std::vector<base::Bytes>& records) {
  std::vector<std::uint32_t> sizes;
  base::Bytes bytes;
  for (const base::Bytes& record : records) {
    sizes.push_back(static_cast<std::uint32_t>(record.size()));
    bytes += record;
  }
  return encode_row_block(sizes, bytes, nullptr, {}).value;
}

TEST(RowBlock, HoldsTheRecordsGivenWhateverTheirSize) {
  for (const std::size_t bytes : {0U, 1U, 100U, 1000U}) {
    const std::vector<base::Bytes> records = some_records(17, bytes);

    const RowBlock block = RowBlock::decode(1000, encoded(records), kNone, {}).value();

    EXPECT_EQ(block.first_seq(), 1000U);
    EXPECT_EQ(block.end_seq(), 1017U);
    EXPECT_FALSE(block.holds(999));
    EXPECT_FALSE(block.holds(1017));
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(block.record(1000 + i), records[i]);
    }
  }
}

TEST(RowBlock, SmallOneHasTheBytesOfTheFormat) {
  EXPECT_EQ(base::hex_encode(encoded({"ab", "c"})),
            "00000205"
            "0201"
            "616263");
}

TEST(RowBlock, RefusesEveryTruncation) {
  for (const std::size_t bytes : {3U, 300U}) {
    const base::Bytes value = encoded(some_records(5, bytes));
    for (std::size_t size = 0; size < value.size(); ++size) {
      const auto result = RowBlock::decode(0, base::ByteView(value).substr(0, size), kNone, {});
      ASSERT_FALSE(result.has_value()) << size;
      EXPECT_EQ(result.error().kind, base::ErrorKind::Corruption);
    }
  }
}

TEST(RowBlock, RefusesADictionaryItDoesNotKnow) {
  base::Bytes value = encoded({"ab"});
  value[1] = 1;
  EXPECT_FALSE(RowBlock::decode(0, value, kNone, {}).has_value());
}

TEST(RowBlock, IsReadWithTheDictionaryItNames) {
  base::Bytes joined;
  std::vector<std::size_t> lengths;
  std::vector<std::uint32_t> sizes;
  base::Bytes records;
  for (std::uint64_t seq = 0; seq < 2000; ++seq) {
    const base::Bytes record = testing::record_bytes(seq);
    joined += record;
    lengths.push_back(record.size());
    if (seq < 16) {
      records += record;
      sizes.push_back(static_cast<std::uint32_t>(record.size()));
    }
  }
  RowDictionaries dictionaries;
  for (const std::size_t bytes : {4096U, 8192U}) {
    dictionaries.add(
        base::ZstdDictionary::make(base::ZstdDictionary::train(joined, lengths, bytes).value(),
                                   kRowBlockZstdLevel)
            .value());
  }

  for (const std::uint64_t number : {1U, 2U}) {
    const base::Bytes value =
        encode_row_block(sizes, records, dictionaries.find(number).get(), {}).value;
    const RowBlock block = RowBlock::decode(0, value, dictionaries, {}).value();
    EXPECT_EQ(block.record(15), testing::record_bytes(15));
    EXPECT_FALSE(RowBlock::decode(0, value, kNone, {}).has_value());
    EXPECT_LT(value.size(), encode_row_block(sizes, records, nullptr, {}).value.size());
  }
}

TEST(RowBlock, RefusesLengthsWhoseSumWrapsAround) {
  base::Bytes raw;
  base::put_varint(raw, 3);
  base::put_varint(raw, ~std::uint64_t{0} - 1);  // the sum is 1, the bytes that follow
  raw += 'x';
  base::Bytes value("\0\0\2", 3);
  base::put_varint(value, raw.size());
  value += raw;

  const auto result = RowBlock::decode(0, value, kNone, {});

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, "damaged_rows");
}

std::size_t blocks_of(const Database& database, LogNumber log) {
  Cursor cursor(database, Family::Rows, nullptr, rows_prefix(log), end_of(rows_prefix(log)));
  std::size_t count = 0;
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    ++count;
  }
  return count;
}

TEST(RowWriter, JoinsSmallAppendsIntoFullBlocks) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  constexpr std::uint64_t kRecords = 6 * kRowBlockRecords + 5;

  BlockPacker packer(*database, 4096);
  RowWriter writer(4, testing::test_log(1), 0);
  for (std::uint64_t seq = 0; seq < kRecords; ++seq) {
    rocksdb::WriteBatch batch;
    writer.append(testing::record_bytes(seq), packer);
    writer.finish(batch, *database);
    packer.finish(batch);
    ASSERT_TRUE(database->write(batch).has_value());
  }

  EXPECT_EQ(blocks_of(*database, 4), 7U);
  RowReader reader(*database, nullptr, 4, testing::test_log(1));
  for (const std::uint64_t seq : {100U, 0U, 31U, 32U, 33U, 64U, 100U}) {
    EXPECT_EQ(reader.bytes(seq).value(), testing::record_bytes(seq));
    EXPECT_EQ(reader.view(seq)->event.id, "id-" + std::to_string(seq));
  }
}

// Appends each record of [from, to) with a writer of its own, as after a restart.
void append_one_by_one(Database& database, LogNumber log, std::uint64_t from, std::uint64_t to) {
  BlockPacker packer(database, 4096);
  for (std::uint64_t seq = from; seq < to; ++seq) {
    RowWriter writer(log, testing::test_log(1), seq);
    if (seq > 0) {
      RowReader reader(database, nullptr, log, testing::test_log(1));
      writer.resume(**reader.block(seq - 1));
    }
    rocksdb::WriteBatch batch;
    writer.append(testing::record_bytes(seq), packer);
    writer.finish(batch, database);
    packer.finish(batch);
    ASSERT_TRUE(database.write(batch).has_value());
  }
}

TEST(RowWriter, GoesOnWithTheBlockOfAnEarlierOne) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();

  append_one_by_one(*database, 1, 0, 70);

  EXPECT_EQ(blocks_of(*database, 1), 5U);
}

// Puts blocks of these sizes, as other versions and large records leave them.
void put_blocks(Database& database, LogNumber log, std::initializer_list<std::uint64_t> sizes) {
  rocksdb::WriteBatch batch;
  std::uint64_t seq = 0;
  for (const std::uint64_t size : sizes) {
    std::vector<base::Bytes> records;
    const base::Bytes key = row_block_key(log, seq);
    for (const std::uint64_t end = seq + size; seq < end; ++seq) {
      records.push_back(testing::record_bytes(seq));
    }
    const base::Bytes value = encoded(records);
    batch.Put(database.handle(Family::Rows), rocksdb::Slice(key), rocksdb::Slice(value));
  }
  ASSERT_TRUE(database.write(batch).has_value());
}

TEST(RowWriter, EndsABlockOfAnOlderVersionWhereBlocksEnd) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  put_blocks(*database, 1, {32, 5});
  BlockPacker packer(*database, 4096);
  RowWriter writer(1, testing::test_log(1), 37);
  {
    RowReader reader(*database, nullptr, 1, testing::test_log(1));
    writer.resume(**reader.block(36));
  }

  rocksdb::WriteBatch batch;
  for (std::uint64_t seq = 37; seq < 60; ++seq) {
    writer.append(testing::record_bytes(seq), packer);
  }
  writer.finish(batch, *database);
  packer.finish(batch);
  ASSERT_TRUE(database->write(batch).has_value());

  RowReader reader(*database, nullptr, 1, testing::test_log(1));
  EXPECT_EQ(reader.block(59).value()->first_seq(), 48U);
  EXPECT_EQ(reader.block(40).value()->first_seq(), 32U);
  EXPECT_EQ(reader.block(40).value()->end_seq(), 48U);
}

// As versions before 5 wrote blocks: the records compressed as they are.
base::Bytes older_block(std::uint64_t from, std::uint64_t to) {
  base::Bytes payload, records;
  for (std::uint64_t seq = from; seq < to; ++seq) {
    const base::Bytes record = testing::record_bytes(seq);
    base::put_varint(payload, record.size());
    records += record;
  }
  payload += records;
  base::Bytes value("\1\0", 2);
  base::put_varint(value, to - from);
  base::put_varint(value, payload.size());
  base::append_zstd_block(value, payload, kRowBlockZstdLevel);
  return value;
}

TEST(RowWriter, GoesOnWithABlockWhoseRecordsAreCompressedWhole) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  rocksdb::WriteBatch older;
  for (const auto& [from, to] : {std::pair{0U, 16U}, std::pair{16U, 27U}}) {
    const base::Bytes key = row_block_key(1, from);
    const base::Bytes value = older_block(from, to);
    older.Put(database->handle(Family::Rows), rocksdb::Slice(key), rocksdb::Slice(value));
  }
  ASSERT_TRUE(database->write(older).has_value());

  append_one_by_one(*database, 1, 27, 40);

  RowReader reader(*database, nullptr, 1, testing::test_log(1));
  for (std::uint64_t seq = 0; seq < 40; ++seq) {
    EXPECT_EQ(reader.bytes(seq).value(), testing::record_bytes(seq));
  }
  EXPECT_EQ(blocks_of(*database, 1), 3U);
}

TEST(RowReader, FindsRecordsInBlocksThatBeginAnywhere) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  put_blocks(*database, 1, {32, 5, 20, 1, 2, 30});
  constexpr std::uint64_t kEnd = 90;

  RowReader forth(*database, nullptr, 1, testing::test_log(1));
  RowReader back(*database, nullptr, 1, testing::test_log(1));
  RowReader scan(*database, nullptr, 1, testing::test_log(1), Cursor::Cache::Leave);
  RowReader keeping(*database, nullptr, 1, testing::test_log(1));
  for (std::uint64_t i = 0; i < kEnd; ++i) {
    const std::uint64_t anywhere = i * 37 % kEnd;
    EXPECT_EQ(forth.bytes(i).value(), testing::record_bytes(i));
    EXPECT_EQ(scan.bytes(i).value(), testing::record_bytes(i));
    EXPECT_EQ(back.bytes(kEnd - 1 - i).value(), testing::record_bytes(kEnd - 1 - i));
    EXPECT_EQ(keeping.bytes(anywhere).value(), testing::record_bytes(anywhere));
    keeping.keep();
  }
  EXPECT_FALSE(forth.bytes(kEnd).has_value());
  EXPECT_FALSE(back.bytes(kEnd).has_value());
}

TEST(RowReader, ReadsAKeptBlockOnce) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();
  put_blocks(*database, 1, {16, 16, 16});
  RowReader reader(*database, nullptr, 1, testing::test_log(1));

  for (const std::uint64_t seq : {40U, 3U, 20U}) {
    ASSERT_TRUE(reader.bytes(seq).has_value());
    reader.keep();
  }
  for (const std::uint64_t seq : {2U, 19U, 41U, 3U}) {
    EXPECT_EQ(reader.bytes(seq).value(), testing::record_bytes(seq));
  }

  EXPECT_EQ(reader.blocks_read(), 3U);
}

TEST(RowReader, NamesTheRecordThatIsMissing) {
  const testing::TempDirectory directory;
  const auto database = Database::open({.directory = directory.path()}).value();

  RowReader reader(*database, nullptr, 1, testing::test_log(1));
  const auto missing = reader.bytes(77);

  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, base::ErrorKind::Corruption);
  EXPECT_NE(missing.error().message.find("77"), std::string::npos);
}

}  // namespace
}  // namespace piperoll::store::rocks
