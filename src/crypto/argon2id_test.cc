#include "crypto/argon2id.h"

#include <gtest/gtest.h>

namespace piperoll::crypto {
namespace {

// Made with the reference's own command:
//   printf %s PASSWORD | argon2 SALT -id -t T -k M -p P -r -l 32
TEST(Argon2id, GivesTheReferencesAnswers) {
  const auto hex = [](std::string_view password, std::string_view salt, Argon2Cost cost) {
    return base::hex_encode(*argon2id(password, salt, cost, 32));
  };
  EXPECT_EQ(hex("password", "somesalt", {65'536, 2, 1}),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  EXPECT_EQ(hex("password", "somesalt", {256, 2, 1}),
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  EXPECT_EQ(hex("password", "somesalt", {256, 2, 2}),
            "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
  EXPECT_EQ(hex("differentpassword", "somesalt", {65'536, 2, 1}),
            "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde");
}

TEST(Argon2id, RefusesWhatTheStandardDoesNotAllow) {
  EXPECT_EQ(argon2id("password", "short", {256, 2, 1}, 32).error().code, "bad_argon2");
  EXPECT_EQ(argon2id("password", "somesalt", {256, 0, 1}, 32).error().code, "bad_argon2");
  EXPECT_EQ(argon2id("password", "somesalt", {1, 2, 1}, 32).error().code, "bad_argon2");
}

}  // namespace
}  // namespace piperoll::crypto
