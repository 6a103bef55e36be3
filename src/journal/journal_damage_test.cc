// Bytes that are not what was written: found, named, never papered over.

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "journal/journal_test_support.h"
#include "journal/segment_format.h"

namespace piperoll::journal {
namespace {

using testing::HasSubstr;

// Frames 1 to 12 in segments 1 to 4 or so.
Frames write_frames(FaultFileSystem& files, const JournalOptions& options) {
  Frames frames;
  auto journal = *open_journal(options, 0, files);
  for (Lsn lsn = 1; lsn <= 12; ++lsn) {
    frames.emplace_back(lsn, payload_of(lsn, 8000 + (lsn * 4999) % 17'000));
    EXPECT_TRUE(journal->append(frames.back().second));
  }
  return frames;
}

void flip(FaultFileSystem& files, const std::string& path, std::uint64_t bit) {
  std::string bytes = files.content(path);
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  files.set_content(path, bytes);
}

// Where each frame lies: segment, offset of its header, bytes that count.
struct Place {
  std::uint64_t segment = 0, at = 0, bytes = 0;
};
std::vector<Place> find_frames(const FaultFileSystem& files) {
  std::vector<Place> places(1);  // lsn 0 is none
  std::map<Lsn, Place> found;
  for (std::uint64_t number = 1; number < 20; ++number) {
    const std::vector<std::string> paths = files.paths();
    if (std::find(paths.begin(), paths.end(), segment_path(number)) == paths.end()) {
      continue;
    }
    const std::string bytes = files.content(segment_path(number));
    const std::uint64_t id = base::load_be64(bytes.data() + 16);
    for (std::uint64_t at = kBlockBytes; at + kFrameHeaderBytes <= bytes.size(); at += 8) {
      if (const auto header = decode_frame_header(bytes.data() + at, id)) {
        found[header->lsn] = {number, at, kFrameHeaderBytes + header->payload_bytes};
      }
    }
  }
  for (const auto& [lsn, place] : found) {
    places.push_back(place);
  }
  return places;
}

class JournalDamage : public testing::TestWithParam<bool> {
 protected:
  JournalDamage() { options_.pad_groups = GetParam(); }
  JournalOptions options_ = small_options();
};

TEST_P(JournalDamage, IsFoundWhereverABitFlipsBeforeTheLastFrame) {
  FaultFileSystem files;
  write_frames(files, options_);
  const std::vector<Place> places = find_frames(files);
  ASSERT_EQ(places.size(), 13U);
  std::mt19937_64 rng(20260102);
  for (Lsn lsn = 1; lsn <= 11; ++lsn) {
    const Place place = places[lsn];
    for (int i = 0; i < 60; ++i) {
      // Each bit of the header in turn somewhere, then anywhere in the frame.
      const std::uint64_t range = i < 30 ? kFrameHeaderBytes : place.bytes;
      const std::uint64_t bit = place.at * 8 + rng() % (range * 8);
      flip(files, segment_path(place.segment), bit);

      const auto journal = open_journal(options_, 0, files);

      ASSERT_FALSE(journal) << "lsn " << lsn << " bit " << bit;
      EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
      EXPECT_THAT(journal.error().message, HasSubstr("segment-"));
      EXPECT_THAT(journal.error().message, HasSubstr("at offset"));
      flip(files, segment_path(place.segment), bit);
    }
  }
  EXPECT_TRUE(open_journal(options_, 0, files));
}

// The newest frame is written by one write. When it is not whole, nothing on disk tells a torn
// write that nobody was promised from later damage, except the store that has applied it.
TEST_P(JournalDamage, OfTheLastFrameIsFoundWhenItHasBeenApplied) {
  FaultFileSystem files;
  const Frames frames = write_frames(files, options_);
  const Place place = find_frames(files)[12];
  flip(files, segment_path(place.segment), place.at * 8 + 300);

  const auto applied = open_journal(options_, 12, files);
  Frames replayed;
  const auto not_applied = open_journal(options_, 11, files, &replayed);

  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().kind, base::ErrorKind::Corruption);
  ASSERT_TRUE(not_applied);
  EXPECT_EQ(replayed, Frames{});
  EXPECT_EQ((*not_applied)->last_lsn(), 11U);
}

TEST_P(JournalDamage, NamesSegmentAndOffset) {
  FaultFileSystem files;
  write_frames(files, options_);
  const Place place = find_frames(files)[2];
  flip(files, segment_path(place.segment), place.at * 8 + 500);

  const auto journal = open_journal(options_, 0, files);

  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("segment-000000000001 at offset "));
  EXPECT_THAT(journal.error().message, HasSubstr("frame 2 should begin here"));
}

TEST_P(JournalDamage, OfTheTwoLastFramesIsFoundByTheHeaderOfTheLast) {
  FaultFileSystem files;
  write_frames(files, options_);
  const std::vector<Place> places = find_frames(files);
  flip(files, segment_path(places[11].segment), places[11].at * 8 + 3);
  flip(files, segment_path(places[12].segment), (places[12].at + kFrameHeaderBytes + 7) * 8);

  const auto journal = open_journal(options_, 0, files);

  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("frame 12 was begun here"));
}

TEST_P(JournalDamage, InFramesThatAreAppliedDoesNotStopTheStart) {
  FaultFileSystem files;
  write_frames(files, options_);
  const Place place = find_frames(files)[2];
  flip(files, segment_path(place.segment), place.at * 8 + 500);

  Frames replayed;
  const auto journal = open_journal(options_, 9, files, &replayed);

  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ(replayed.size(), 3U);
}

TEST_P(JournalDamage, IsFoundWhenASegmentIsMissing) {
  for (const std::uint64_t lost : {1U, 2U}) {
    FaultFileSystem files;
    write_frames(files, options_);
    ASSERT_TRUE(files.remove(segment_path(lost)));

    const auto journal = open_journal(options_, 0, files);

    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
  }
}

TEST_P(JournalDamage, IsFoundWhenASegmentIsCutShort) {
  FaultFileSystem files;
  write_frames(files, options_);
  files.set_content(segment_path(1), files.content(segment_path(1)).substr(0, 40'000));

  const auto journal = open_journal(options_, 0, files);

  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("has 40000 bytes instead of 65536"));
}

TEST_P(JournalDamage, IsFoundInEveryBitOfASegmentHeader) {
  FaultFileSystem files;
  write_frames(files, options_);
  for (std::uint64_t bit = 0; bit < kBlockBytes * 8; bit += bit < 400 ? 1 : 997) {
    flip(files, segment_path(2), bit);

    const auto journal = open_journal(options_, 0, files);

    ASSERT_FALSE(journal) << bit;
    EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
    EXPECT_EQ(journal.error().code, "journal_damaged");
    EXPECT_THAT(journal.error().message, HasSubstr("segment-000000000002 at offset 0"));
    flip(files, segment_path(2), bit);
  }
}

TEST_P(JournalDamage, IsFoundWhenASegmentHasTheNameOfAnother) {
  FaultFileSystem files;
  write_frames(files, options_);
  files.set_content(segment_path(9), files.content(segment_path(1)));

  const auto journal = open_journal(options_, 0, files);

  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("segment-000000000009 at offset 0"));
}

TEST_P(JournalDamage, IsFoundWhenASegmentIsFromAnotherJournal) {
  FaultFileSystem files;
  FaultFileSystem others;
  write_frames(files, options_);
  write_frames(others, options_);
  files.set_content(segment_path(2), others.content(segment_path(2)));

  const auto journal = open_journal(options_, 0, files);

  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("another journal"));
}

// Frames of an older state of the same segment, as a disk that loses a write leaves them.
TEST_P(JournalDamage, IsFoundWhenAWriteWasLost) {
  FaultFileSystem files;
  write_frames(files, options_);
  const Place place = find_frames(files)[3];
  std::string bytes = files.content(segment_path(place.segment));
  const std::uint64_t begin = round_down(place.at, kBlockBytes);
  bytes.replace(begin, kBlockBytes, std::string(kBlockBytes, '\0'));
  files.set_content(segment_path(place.segment), bytes);

  const auto journal = open_journal(options_, 0, files);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
}

TEST_P(JournalDamage, IsNotImitatedByAPayloadThatLooksLikeFrames) {
  FaultFileSystem files;
  auto journal = *open_journal(options_, 0, files);
  ASSERT_TRUE(journal->append("a"));
  // A caller does not know the id of the journal.
  std::string forged(kBlockBytes * 2, '\0');
  for (std::size_t at = 0; at < forged.size(); at += kFrameHeaderBytes) {
    encode_frame_header({.journal_id = 0x0123456789abcdefULL, .lsn = 50}, forged.data() + at);
  }
  ASSERT_TRUE(journal->append(forged));
  journal.reset();
  const Place place = find_frames(files)[2];
  flip(files, segment_path(place.segment), place.at * 8);

  Frames replayed;
  const auto reopened = open_journal(options_, 0, files, &replayed);

  ASSERT_TRUE(reopened) << reopened.error().message;  // a torn last frame, no damage
  EXPECT_EQ(replayed.size(), 1U);
}

// The same lsn with another payload and valid checksums, but not those the next frame names.
TEST_P(JournalDamage, NeverTakesOneFrameForAnother) {
  FaultFileSystem files;
  write_frames(files, options_);
  const std::vector<Place> places = find_frames(files);
  for (Lsn lsn = 1; lsn <= 11; ++lsn) {
    const std::string path = segment_path(places[lsn].segment);
    const std::string original = files.content(path);
    std::string bytes = original;
    auto header =
        *decode_frame_header(bytes.data() + places[lsn].at, base::load_be64(bytes.data() + 16));
    const std::uint64_t payload_at = places[lsn].at + kFrameHeaderBytes;
    bytes[payload_at] = 'Z';
    header.payload_crc =
        base::crc32c(std::string_view(bytes).substr(payload_at, header.payload_bytes));
    encode_frame_header(header, bytes.data() + places[lsn].at);
    files.set_content(path, bytes);

    const auto journal = open_journal(options_, 0, files);

    ASSERT_FALSE(journal) << lsn;
    EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
    files.set_content(path, original);
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, JournalDamage, testing::Bool(), [](const auto& param_info) {
  return param_info.param ? "Padded" : "Packed";
});

TEST(JournalFormat, RefusesANewerOne) {
  FaultFileSystem files;
  { const auto journal = *open_journal(small_options(), 0, files); }
  std::string block(kBlockBytes, '\0');
  encode_segment_header({.journal_id = 1, .number = 7, .segment_bytes = 65'536}, block.data());
  base::store_be32(block.data() + 8, kFormatVersion + 1);
  base::store_be32(block.data() + kBlockBytes - 4,
                   base::crc32c(std::string_view(block).substr(0, kBlockBytes - 4)));
  files.set_content(segment_path(7), block);

  const auto journal = open_journal(small_options(), 0, files);

  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, base::ErrorKind::Corruption);
  EXPECT_EQ(journal.error().code, "newer_format");
  EXPECT_THAT(journal.error().message, HasSubstr("format 2"));
}

}  // namespace
}  // namespace piperoll::journal
