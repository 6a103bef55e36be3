#include "store/rocksdb/text_lists.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/unicode.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/text_parts.h"

namespace piperoll::store::rocks {
namespace {

using testing::Texts;

TextSegment segment_of(const Texts& texts, std::uint32_t first) {
  TextSegment segment;
  if (!texts.empty()) {  // there is no empty part
    EXPECT_TRUE(segment.read(testing::part_of(first, texts)).has_value());
  }
  return segment;
}

RC_GTEST_PROP(BucketTexts, HaveEachTextOnceAndFindItsRecords, ()) {
  const auto text = rc::gen::element<std::string>("Alice", "alice", "bob", "", "\xc3\x84\xc3\xb6",
                                                  "a-b-c", std::string(600, 'x'));
  const auto texts = *rc::gen::container<Texts>(
      *rc::gen::inRange<std::size_t>(0, 40),
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 4), text), [](const auto& pair) {
        return pair.first == 0 ? std::optional<std::string>() : pair.second;
      }));
  const auto offset = *rc::gen::element<std::uint32_t>(0, kSegmentSeqs, 63 * kSegmentSeqs);
  BucketTexts::Builder builder(*rc::gen::arbitrary<std::uint64_t>());
  builder.add(offset, segment_of(texts, 5));
  const BucketTexts bucket = builder.finish();

  for (const std::string needle : {"ali", "b", "", "\xc3\xa4", "xx", "\0", "c"}) {
    std::vector<std::uint16_t> expected;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].has_value() && texts[i]->size() <= kColumnTextBytesMax &&
          base::contains_folded(*texts[i], needle)) {
        expected.push_back(static_cast<std::uint16_t>(offset + 5 + i));
      }
    }
    RC_ASSERT(bucket.find_containing(needle).list() == expected);
  }
  SeqSet unknown = SeqSet::range(0, kBucketSeqs);
  SeqSet by_segment = unknown;
  bucket.take_known(unknown);
  segment_of(texts, 5).take_known(offset, by_segment);
  RC_ASSERT(unknown.list() == by_segment.list());
}

TextLists::Pointer some_texts(std::size_t bytes) {
  BucketTexts::Builder builder(1);
  builder.add(0, segment_of({std::string(bytes, 'a')}, 0));
  return std::make_shared<const BucketTexts>(builder.finish());
}

TEST(TextLists, KeepWhatWasUsedLastWithinTheBudget) {
  const std::size_t each = some_texts(400)->memory_bytes();
  TextLists lists(3 * each);
  for (std::uint32_t bucket = 0; bucket < 3; ++bucket) {
    EXPECT_TRUE(lists.wants_more());
    lists.keep({1, 2, bucket}, some_texts(400));
  }
  EXPECT_NE(lists.find({1, 2, 0}), nullptr);
  lists.keep({1, 2, 3}, some_texts(400));
  EXPECT_EQ(lists.find({1, 2, 1}), nullptr) << "used least lately";
  EXPECT_NE(lists.find({1, 2, 0}), nullptr);
  EXPECT_NE(lists.find({1, 2, 3}), nullptr);
  EXPECT_EQ(lists.find({1, 3, 0}), nullptr);
  EXPECT_EQ(lists.memory_bytes(), 3 * each);
}

TEST(TextLists, HardlyTakeMoreWhenTheyAreFull) {
  TextLists lists(100);
  lists.keep({1, 1, 1}, some_texts(400));
  int wanted = 0;
  for (int i = 0; i < 160; ++i) {
    wanted += lists.wants_more() ? 1 : 0;
  }
  EXPECT_EQ(wanted, 10);
}

}  // namespace
}  // namespace piperoll::store::rocks
