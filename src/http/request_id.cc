#include "http/request_id.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <sys/random.h>

#include "base/check.h"
#include "base/uuid.h"

namespace piperoll::http {
namespace {

constexpr std::array<bool, 256> sane_characters() {
  std::array<bool, 256> sane{};
  for (char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789._:/+=@-")) {
    sane[static_cast<unsigned char>(c)] = true;
  }
  return sane;
}

constexpr std::array<bool, 256> kSane = sane_characters();

std::mt19937_64 seeded_by_kernel() {
  std::array<std::uint32_t, 8> seed{};
  CHECK(getrandom(seed.data(), sizeof(seed), 0) == static_cast<ssize_t>(sizeof(seed)));
  std::seed_seq sequence(seed.begin(), seed.end());
  return std::mt19937_64(sequence);
}

}  // namespace

bool is_sane_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return kSane[static_cast<unsigned char>(c)];
  });
}

RequestIdSource::RequestIdSource() : random_(seeded_by_kernel()) {}

std::string RequestIdSource::next() {
  base::Uuid id;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random_();
    std::memcpy(id.bytes.data() + half * 8, &bits, 8);
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id.to_string();
}

}  // namespace piperoll::http
