#include "http/output_queue.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::http {
namespace {

std::string everything(const OutputQueue& queue) {
  std::array<std::string_view, OutputQueue::kPiecesMax> pieces;
  std::size_t count = queue.front(pieces);
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += pieces[i];
  }
  return all;
}

TEST(OutputQueue, JoinsSmallPiecesIntoOne) {
  OutputQueue queue;
  queue.append(std::string_view("ab"));
  queue.append(std::string("cd"));

  std::array<std::string_view, OutputQueue::kPiecesMax> pieces;
  ASSERT_EQ(queue.front(pieces), 1u);
  EXPECT_EQ(pieces[0], "abcd");
  EXPECT_EQ(queue.size(), 4u);
}

TEST(OutputQueue, TakesLargePiecesOverWithoutACopy) {
  OutputQueue queue;
  std::string large(OutputQueue::kCopiedBytesMax + 1, 'x');
  const char* address = large.data();
  queue.append(std::string_view("head"));
  queue.append(std::move(large));

  std::array<std::string_view, OutputQueue::kPiecesMax> pieces;
  ASSERT_EQ(queue.front(pieces), 2u);
  EXPECT_EQ(pieces[1].data(), address);
}

TEST(OutputQueue, IsEmptyOnceAllIsConsumed) {
  OutputQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.append(std::string_view("abc"));
  queue.consume(1);
  EXPECT_EQ(everything(queue), "bc");
  queue.consume(2);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(everything(queue), "");
  queue.append(std::string_view("d"));
  EXPECT_EQ(everything(queue), "d");
}

// Against a plain string: whatever is appended and consumed, front() is a prefix of what is left.
RC_GTEST_PROP(OutputQueue, BehavesLikeAString, ()) {
  OutputQueue queue;
  std::string model;
  auto steps = *rc::gen::container<std::vector<std::pair<bool, int>>>(
      rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::inRange(0, 70'000)));
  char next = 'a';
  for (auto [appends, amount] : steps) {
    if (appends) {
      std::string bytes(static_cast<std::size_t>(amount), next);
      next = next == 'z' ? 'a' : static_cast<char>(next + 1);
      model += bytes;
      amount % 2 == 0 ? queue.append(std::string_view(bytes)) : queue.append(std::move(bytes));
    } else {
      std::size_t count = std::min(static_cast<std::size_t>(amount), model.size());
      model.erase(0, count);
      queue.consume(count);
    }
    RC_ASSERT(queue.size() == model.size());
    std::string front = everything(queue);
    RC_ASSERT(model.starts_with(front));
    RC_ASSERT(front.empty() == model.empty());
  }
}

}  // namespace
}  // namespace piperoll::http
