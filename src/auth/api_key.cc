#include "auth/api_key.h"

#include <algorithm>

#include "base/crc32.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace piperoll::auth {

namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kBodyLength = 30;
constexpr std::size_t kChecksumLength = 6;
static_assert(kApiKeyPrefix.size() + kBodyLength + kChecksumLength == kApiKeyLength);

// A table: the letters of a secret are random, and so would be every branch.
constexpr std::array<bool, 256> kIsBase62 = [] {
  std::array<bool, 256> is{};
  for (char c : kAlphabet) {
    is[static_cast<unsigned char>(c)] = true;
  }
  return is;
}();

bool is_base62(char c) {
  return kIsBase62[static_cast<unsigned char>(c)];
}

}  // namespace

std::string key_checksum(std::string_view body) {
  std::uint32_t crc = base::crc32(body);
  std::string text(kChecksumLength, kAlphabet[0]);
  for (std::size_t i = kChecksumLength; i > 0; --i) {
    text[i - 1] = kAlphabet[crc % kAlphabet.size()];
    crc /= static_cast<std::uint32_t>(kAlphabet.size());
  }
  return text;
}

std::string generate_api_key() {
  std::string body;
  while (body.size() < kBodyLength) {
    char random[64];
    crypto::random_bytes(random, sizeof random);
    for (char c : random) {
      // 248 = 4 * 62: values above would favour the first letters of the alphabet.
      if (auto value = static_cast<unsigned char>(c); value < 248 && body.size() < kBodyLength) {
        body.push_back(kAlphabet[value % kAlphabet.size()]);
      }
    }
  }
  return std::string(kApiKeyPrefix) + body + key_checksum(body);
}

bool is_well_formed_api_key(std::string_view key) {
  if (key.size() != kApiKeyLength || !key.starts_with(kApiKeyPrefix)) {
    return false;
  }
  std::string_view rest = key.substr(kApiKeyPrefix.size());
  std::string_view body = rest.substr(0, kBodyLength);
  return std::all_of(rest.begin(), rest.end(), is_base62) &&
         key_checksum(body) == rest.substr(kBodyLength);
}

KeyDigest digest_of(std::string_view key) {
  return crypto::sha256(key);
}

std::string display_prefix(std::string_view key) {
  return std::string(key.substr(0, kApiKeyPrefix.size() + 4));
}

}  // namespace piperoll::auth
