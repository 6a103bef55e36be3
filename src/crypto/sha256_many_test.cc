#include "crypto/sha256_many.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace piperoll::crypto {
namespace {

constexpr Sha256Lanes kLanes[] = {Sha256Lanes::One, Sha256Lanes::Eight, Sha256Lanes::Sixteen};

std::string message_of(std::size_t bytes, std::size_t salt) {
  std::string message(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    message[i] = static_cast<char>(i * 7 + salt * 131 + (i >> 5));
  }
  return message;
}

void expect_as_one_by_one(const std::vector<std::string>& messages) {
  const std::vector<base::ByteView> views(messages.begin(), messages.end());
  for (const Sha256Lanes lanes : kLanes) {
    if (!is_supported(lanes)) {
      continue;
    }
    std::vector<Sha256Digest> digests(messages.size());
    sha256_many(views, digests, lanes);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(digests[i], sha256(messages[i]))
          << messages[i].size() << " bytes in " << static_cast<int>(lanes) << " lanes";
    }
  }
}

TEST(Sha256Many, GivesEveryLengthItsDigest) {
  std::vector<std::string> messages;
  for (std::size_t bytes = 0; bytes <= 600; ++bytes) {
    messages.push_back(message_of(bytes, bytes));
  }
  expect_as_one_by_one(messages);
}

TEST(Sha256Many, GivesEveryNumberOfMessagesTheirDigests) {
  for (std::size_t count = 0; count <= 70; ++count) {
    std::vector<std::string> messages;
    for (std::size_t i = 0; i < count; ++i) {
      messages.push_back(message_of((i * 37) % 150, i));
    }
    expect_as_one_by_one(messages);
  }
}

TEST(Sha256Many, TakesOneLongMessageAmongShortOnes) {
  std::vector<std::string> messages(40, "short");
  messages[17] = message_of(100'000, 1);
  expect_as_one_by_one(messages);
}

// The same messages in room of their own, each followed by its padding.
void expect_padded_as_one_by_one(const std::vector<std::string>& messages) {
  std::vector<std::string> rooms;
  for (const std::string& message : messages) {
    rooms.push_back(message + std::string(kSha256PaddingMax, 'x'));
  }
  for (const Sha256Lanes lanes : kLanes) {
    if (!is_supported(lanes)) {
      continue;
    }
    std::vector<Sha256Digest> digests(messages.size());
    std::vector<PaddedMessage> padded;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const std::size_t count = pad_message(rooms[i].data(), messages[i].size());
      ASSERT_EQ(count, sha256_blocks(messages[i].size()));
      padded.push_back({rooms[i].data(), count, &digests[i]});
    }
    sha256_padded(padded, lanes);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(digests[i], sha256(messages[i]))
          << messages[i].size() << " bytes in " << static_cast<int>(lanes) << " lanes";
    }
  }
}

TEST(Sha256Padded, GivesEveryLengthItsDigest) {
  std::vector<std::string> messages;
  for (std::size_t bytes = 0; bytes <= 600; ++bytes) {
    messages.push_back(message_of(bytes * 37 % 601, bytes));
  }
  expect_padded_as_one_by_one(messages);
}

TEST(Sha256Padded, GivesEveryNumberOfMessagesTheirDigests) {
  for (std::size_t count = 0; count <= 70; ++count) {
    std::vector<std::string> messages;
    for (std::size_t i = 0; i < count; ++i) {
      messages.push_back(message_of((i * 37) % 150, i));
    }
    expect_padded_as_one_by_one(messages);
  }
}

TEST(Sha256Padded, TakesLongMessagesAmongShortOnes) {
  std::vector<std::string> messages(40, "short");
  messages[17] = message_of(100'000, 1);
  messages[39] = message_of(64 * 63, 2);
  messages[3] = message_of(64 * 64, 3);
  expect_padded_as_one_by_one(messages);
}

RC_GTEST_PROP(Sha256Padded, GivesWhatOneByOneGives, (const std::vector<std::string>& messages)) {
  expect_padded_as_one_by_one(messages);
}

TEST(Sha256Many, TheLanesChosenAreSupported) {
  EXPECT_TRUE(is_supported(sha256_lanes()));
  EXPECT_TRUE(is_supported(Sha256Lanes::One));
}

RC_GTEST_PROP(Sha256Many, GivesWhatOneByOneGives, (const std::vector<std::string>& messages)) {
  expect_as_one_by_one(messages);
}

}  // namespace
}  // namespace piperoll::crypto
