#include "journal/segment_format.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "journal/journal_test_support.h"

namespace piperoll::journal {
namespace {

constexpr std::uint64_t kId = 0x0102030405060708ULL;

std::string encoded(const SegmentHeader& header) {
  std::string block(kBlockBytes, '?');
  encode_segment_header(header, block.data());
  return block;
}

// Blocks as lines "offset: hex" of 32 bytes, without those that are all zero.
std::string dump(const std::string& bytes) {
  std::ostringstream text;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    const std::string line = bytes.substr(at, 32);
    if (line.find_first_not_of('\0') != std::string::npos) {
      text << at << ": " << base::hex_encode(line) << "\n";
    }
  }
  return text.str();
}

// The bytes a journal writes, against the file that docs/formats/journal.md explains.
TEST(SegmentFormat, IsThatOfTheGoldenFile) {
  FaultFileSystem files;
  ASSERT_TRUE(files.make_directory(kDirectory));
  std::string segment(64 << 10, '\0');
  encode_segment_header({.journal_id = kId, .number = 1, .segment_bytes = 64 << 10},
                        segment.data());
  files.set_content(segment_path(1), segment);
  {
    auto journal = *open_journal(small_options(), 0, files);
    ASSERT_TRUE(journal->append("piperoll"));
    ASSERT_TRUE(journal->append(""));
  }
  JournalOptions packed = small_options();
  packed.pad_groups = false;
  {
    auto journal = *open_journal(packed, 0, files);
    ASSERT_TRUE(journal->append("abc"));
    ASSERT_TRUE(journal->append("0123456789"));
  }

  const std::string path = std::string(PIPEROLL_SOURCE_DIR) + "/src/journal/testdata/segment.hex";
  const std::string now = dump(files.content(segment_path(1)));
  if (std::getenv("PIPEROLL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << now;
  }
  std::ifstream golden(path);
  std::ostringstream wanted;
  wanted << golden.rdbuf();
  EXPECT_EQ(now, wanted.str());
}

TEST(SegmentFormat, DecodesWhatItEncodes) {
  const SegmentHeader header{
      .journal_id = kId, .number = 42, .segment_bytes = 1 << 20, .preallocated = false};

  const auto decoded = decode_segment_header(encoded(header));

  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, header);
}

TEST(SegmentFormat, RefusesHeadersThatAreNone) {
  const auto message_of = [](const std::string& block) {
    return decode_segment_header(block).error().message;
  };

  EXPECT_THAT(message_of(""), testing::HasSubstr("shorter"));
  EXPECT_THAT(message_of(std::string(kBlockBytes, '\0')), testing::HasSubstr("not a journal"));
  EXPECT_THAT(message_of(encoded({.journal_id = 0, .number = 1, .segment_bytes = 1 << 20})),
              testing::HasSubstr("impossible"));
  EXPECT_THAT(message_of(encoded({.journal_id = 1, .number = 1, .segment_bytes = 5000})),
              testing::HasSubstr("impossible"));
}

TEST(SegmentFormat, RefusesAFrameHeaderWithAnyBitFlipped) {
  char bytes[kFrameHeaderBytes];
  FrameHeader header{.journal_id = kId,
                     .lsn = 7,
                     .payload_bytes = 100,
                     .previous_crc = 0x11111111,
                     .payload_crc = 0x22222222};
  header.crc = encode_frame_header(header, bytes);
  ASSERT_EQ(decode_frame_header(bytes, kId), header);

  for (std::size_t bit = 0; bit < kFrameHeaderBytes * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_frame_header(bytes, kId));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
  EXPECT_FALSE(decode_frame_header(bytes, kId + 1));
}

TEST(SegmentFormat, NamesSegments) {
  EXPECT_EQ(segment_name(42), "segment-000000000042");
  EXPECT_EQ(parse_segment_name("segment-000000000042"), 42U);
  EXPECT_EQ(parse_segment_name("segment-42"), std::nullopt);
  EXPECT_EQ(parse_segment_name("segment-00000000004x"), std::nullopt);
  EXPECT_EQ(parse_segment_name("segment-000000000042.new"), std::nullopt);
  EXPECT_TRUE(is_unfinished_segment_name("segment-000000000042.new"));
  EXPECT_FALSE(is_unfinished_segment_name("notes.new"));
}

}  // namespace
}  // namespace piperoll::journal
