#include "store/rocksdb/text_column.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/unicode.h"
#include "event/testing/event_arbitrary.h"
#include "store/rocksdb/hashed_values.h"
#include "store/rocksdb/testing/text_parts.h"

namespace piperoll::store::rocks {
namespace {

using testing::part_of;
using testing::Texts;

// What a reader is told: the text of each record of the segment.
Texts read(const TextSegment& segment) {
  Texts texts(kSegmentSeqs);
  for (std::size_t i = 0; i < segment.size(); ++i) {
    texts[segment.place(i)] = std::string(segment.text(i));
  }
  return texts;
}

SeqSet unknown_of(const TextSegment& segment) {
  SeqSet unknown = SeqSet::range(0, kSegmentSeqs);
  segment.take_known(0, unknown);
  return unknown;
}

std::vector<std::uint16_t> found(const TextSegment& segment, std::string_view needle) {
  std::vector<std::uint16_t> lows;
  segment.find_containing(base::fold_case(needle), 2048, lows);
  return lows;
}

TEST(TextColumn, PartsHaveTheBytesOfTheFormat) {
  const std::string numbers = "123456789";  // CRC32C e3069283: RFC 3720, B.4
  // first 3, 4 records, 2 texts, none left out, their places, their hashes, 11 bytes.
  EXPECT_EQ(base::hex_encode(part_of(3, {numbers, {}, {}, ""})),
            "03"
            "04"
            "02"
            "00"
            "0003"
            "e3069283"
            "00000001"
            "0b"
            "3132333435363738390000");
  EXPECT_EQ(base::hex_encode(part_of(9, {{}, {}})), "09020000");
  TextsPart part;
  part.add_absent();
  part.add(numbers, hash_of(numbers), true);
  base::Bytes left_out;
  part.append_to(left_out, 0);
  EXPECT_EQ(base::hex_encode(left_out), "0002000101e3069283");
}

TEST(TextColumn, TellsWhatItKnowsAndWhatNot) {
  const std::string longest(kColumnTextBytesMax, 'y');
  TextSegment segment;
  ASSERT_TRUE(segment
                  .read(part_of(2, {"a", {}, longest + "z"}) + part_of(5, {{}, longest, ""}) +
                        part_of(1000, {"b"}))
                  .has_value());

  const Texts texts = read(segment);
  EXPECT_EQ(texts[2], "a");
  EXPECT_EQ(texts[6], longest);
  EXPECT_EQ(texts[7], "");
  EXPECT_EQ(texts[1000], "b");
  EXPECT_EQ(segment.size(), 4U);
  SeqSet expected = SeqSet::range(0, 2);
  expected.add(4);  // too long
  expected.add_range(8, 1000);
  expected.add_range(1001, kSegmentSeqs);
  EXPECT_EQ(unknown_of(segment), expected);
}

TEST(TextColumn, FindsPartsOfTextsInAnyCase) {
  TextSegment segment;
  ASSERT_TRUE(
      segment.read(part_of(0, {"Acme", "", {}, "\u00c4CME acme", "me", "m\u212a"})).has_value());

  EXPECT_EQ(found(segment, "ME"), (std::vector<std::uint16_t>{2048, 2051, 2052}));
  EXPECT_EQ(found(segment, "\u00e4"), (std::vector<std::uint16_t>{2051}));
  EXPECT_EQ(found(segment, "mk"), (std::vector<std::uint16_t>{2053}));
  EXPECT_EQ(found(segment, ""), (std::vector<std::uint16_t>{2048, 2049, 2051, 2052, 2053}));
  EXPECT_TRUE(found(segment, "emea").empty()) << "not across texts";
  EXPECT_TRUE(found(segment, std::string_view("e\0", 2)).empty());
}

TEST(TextColumn, RefusesWhatIsDamaged) {
  const base::Bytes good = part_of(3, {"ab", {}, {}, "c"}) +
                           part_of(8, {std::string(300, 'x'), {}, std::string(600, 'y')});
  TextSegment segment;
  ASSERT_TRUE(segment.read(good).has_value());
  for (std::size_t size = 1; size < good.size(); ++size) {
    if (size != part_of(3, {"ab", {}, {}, "c"}).size()) {
      EXPECT_FALSE(segment.read(base::ByteView(good).substr(0, size)).has_value()) << size;
    }
  }
  for (std::size_t at = 0; at < good.size(); ++at) {  // whatever it says, it stays in its bounds
    for (const int flip : {1, 0x80, 0xff}) {
      base::Bytes bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      if (segment.read(bytes)) {
        (void)read(segment);
        (void)unknown_of(segment);
        (void)found(segment, "x");
      }
      std::vector<Code> hashes(kSegmentSeqs);
      (void)read_hashes(bytes, hashes);
    }
  }
  EXPECT_FALSE(segment.read(part_of(3, {"a"}) + part_of(3, {"b"})).has_value()) << "twice";
}

Texts arbitrary_texts(std::size_t count) {
  Texts texts;
  for (std::size_t i = 0; i < count; ++i) {
    const int kind = *rc::gen::inRange(0, 12);
    if (kind == 0) {
      texts.emplace_back(
          std::string(kColumnTextBytesMax + *rc::gen::inRange<std::size_t>(0, 2), 'l'));
    } else if (kind < 3) {
      texts.emplace_back();
    } else {
      texts.emplace_back(*event::arbitrary::word() + *event::arbitrary::word());
    }
  }
  return texts;
}

RC_GTEST_PROP(TextColumn, AgreesWithLookingAtEachText, ()) {
  base::Bytes parts;
  Texts all(kSegmentSeqs);
  std::vector<Code> expected_hashes(kSegmentSeqs);
  SeqSet unknown = SeqSet::range(0, kSegmentSeqs);
  std::uint32_t next = 0;
  for (int part = *rc::gen::inRange(0, 4); part > 0; --part) {
    next += static_cast<std::uint32_t>(*rc::gen::inRange(0, 20));
    const Texts texts = arbitrary_texts(static_cast<std::size_t>(*rc::gen::inRange(1, 30)));
    parts += part_of(next, texts);
    for (const std::optional<std::string>& text : texts) {
      expected_hashes[next] = text.has_value() ? hash_of(*text) : 0;
      if (!text.has_value() || text->size() <= kColumnTextBytesMax) {
        all[next] = text;
        SeqSet known;
        known.add(static_cast<std::uint16_t>(next));
        unknown -= known;
      }
      ++next;
    }
  }
  TextSegment segment;
  RC_ASSERT(segment.read(parts).has_value());
  RC_ASSERT(read(segment) == all);
  RC_ASSERT(unknown_of(segment) == unknown);
  std::vector<Code> hashes(kSegmentSeqs);
  RC_ASSERT(read_hashes(parts, hashes).has_value());
  RC_ASSERT(hashes == expected_hashes);
  const std::string needle = base::fold_case(*event::arbitrary::word());
  std::vector<std::uint16_t> expected;
  for (std::uint32_t place = 0; place < kSegmentSeqs; ++place) {
    if (all[place].has_value() && base::contains_folded(*all[place], needle)) {
      expected.push_back(static_cast<std::uint16_t>(2048 + place));
    }
  }
  RC_ASSERT(found(segment, needle) == expected);
}

}  // namespace
}  // namespace piperoll::store::rocks
