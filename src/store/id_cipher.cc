#include "store/id_cipher.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace piperoll::store {

namespace {

constexpr unsigned kRounds = 8;
constexpr unsigned kHalfBits = 37;
constexpr unsigned kCheckBits = 26;
constexpr std::uint64_t kHalfMask = (std::uint64_t{1} << kHalfBits) - 1;
constexpr std::uint64_t kCheckMask = (std::uint64_t{1} << kCheckBits) - 1;
constexpr std::size_t kBlockBytes = crypto::Aes256::kBlockBytes;

using Block = std::array<char, kBlockBytes>;

// 74 bits: 48 + 26 = 37 + 37.
struct Halves {
  std::uint64_t left = 0;
  std::uint64_t right = 0;
};

// Left: the 37 high bits of seq. Right: its 11 low bits, then 26 zero bits.
constexpr unsigned kSeqBitsRight = kHalfBits - kCheckBits;

Halves halves_of_seq(std::uint64_t seq) {
  return {seq >> kSeqBitsRight, (seq << kCheckBits) & kHalfMask};
}

std::uint64_t seq_of_halves(const Halves& halves) {
  return (halves.left << kSeqBitsRight) | (halves.right >> kCheckBits);
}

// As in base/coding.h, but where the compiler can see them: each id needs some thirty.
std::uint64_t swapped(std::uint64_t value) {
  static_assert(std::endian::native == std::endian::little);
  return __builtin_bswap64(value);
}

std::uint64_t load_be64(const char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return swapped(value);
}

void store_be64(char* at, std::uint64_t value) {
  value = swapped(value);
  std::memcpy(at, &value, sizeof value);
}

std::uint64_t millis_of(base::Timestamp time) {
  CHECK(time >= base::kTimestampMin && time <= base::kTimestampMax);
  return static_cast<std::uint64_t>(time.micros / 1000);
}

// The CBC-MAC's state after the first block, which all ids of an organisation have in common.
Block state_of_org(crypto::Aes256& aes, const base::Uuid& org) {
  Block state;
  const base::ByteView bytes = org.as_bytes();
  std::copy(bytes.begin(), bytes.end(), state.begin());
  aes.encrypt_block(state.data(), state.data());
  return state;
}

// And after the second, which is the same in every round.
Block tweak_of(crypto::Aes256& aes, Block state, event::LogKind kind, std::uint64_t millis) {
  Block second{};
  second[0] = static_cast<char>(kind);
  store_be64(second.data() + 8, millis);
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    state[i] = static_cast<char>(state[i] ^ second[i]);
  }
  aes.encrypt_block(state.data(), state.data());
  return state;
}

// What becomes an id.
struct Enciphered {
  Halves halves;
  std::uint64_t millis = 0;
  Block tweak{};
};

// The tweak with the third block added, before it is enciphered.
void put_round_input(char* at, const Block& tweak, std::uint64_t round, std::uint64_t right) {
  store_be64(at, load_be64(tweak.data()) ^ round);
  store_be64(at + 8, load_be64(tweak.data() + 8) ^ right);
}

std::uint64_t round_output(const char* at) {
  return load_be64(at) >> (64 - kHalfBits);
}

void encipher(crypto::Aes256& aes, std::span<Enciphered> values) {
  base::Bytes blocks(values.size() * kBlockBytes, '\0');
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      put_round_input(&blocks[i * kBlockBytes], values[i].tweak, round, values[i].halves.right);
    }
    aes.encrypt_blocks(blocks.data(), blocks.data(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      Halves& halves = values[i].halves;
      halves = {halves.right, halves.left ^ round_output(&blocks[i * kBlockBytes])};
    }
  }
}

void decipher(crypto::Aes256& aes, const Block& tweak, Halves& value) {
  Block block;
  for (std::uint64_t round = kRounds; round-- > 0;) {
    put_round_input(block.data(), tweak, round, value.left);
    aes.encrypt_block(block.data(), block.data());
    value = {value.right ^ round_output(block.data()), value.left};
  }
}

// Bits 48-63 and 64-127 of the id hold 12 and 62 bits of X, behind version and variant.
constexpr unsigned kLowBits = 62;
constexpr std::uint64_t kLowMask = (std::uint64_t{1} << kLowBits) - 1;
constexpr unsigned kLeftBitsLow = kLowBits - kHalfBits;  // of the left half among the last 62

base::Uuid assemble(std::uint64_t millis, const Halves& halves) {
  std::array<char, kBlockBytes> bytes;
  const std::uint64_t high = halves.left >> kLeftBitsLow;
  const std::uint64_t low = ((halves.left << kHalfBits) | halves.right) & kLowMask;
  store_be64(bytes.data(), (millis << 16) | (std::uint64_t{7} << 12) | high);
  store_be64(bytes.data() + 8, (std::uint64_t{2} << kLowBits) | low);
  return base::Uuid::from_bytes({bytes.data(), bytes.size()});
}

struct Parts {
  std::uint64_t millis = 0;
  Halves halves;
};

std::optional<Parts> take_apart(const base::Uuid& id) {
  const std::uint64_t first = load_be64(id.as_bytes().data());
  const std::uint64_t second = load_be64(id.as_bytes().data() + 8);
  if (((first >> 12) & 0xf) != 7 || (second >> kLowBits) != 2) {
    return std::nullopt;
  }
  const std::uint64_t high = first & 0xfff;
  const std::uint64_t low = second & kLowMask;
  return Parts{first >> 16, {(high << kLeftBitsLow) | (low >> kHalfBits), low & kHalfMask}};
}

}  // namespace

// An AES context for one thread, given back at the end of the scope.
class FeistelIdCipher::Lease {
 public:
  explicit Lease(const FeistelIdCipher& cipher) : cipher_(cipher), aes_(take()) {}
  ~Lease() {
    base::MutexLock lock(cipher_.mutex_);
    cipher_.idle_.push_back(std::move(aes_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  crypto::Aes256& aes() { return aes_; }

 private:
  crypto::Aes256 take() {
    {
      base::MutexLock lock(cipher_.mutex_);
      if (!cipher_.idle_.empty()) {
        crypto::Aes256 aes = std::move(cipher_.idle_.back());
        cipher_.idle_.pop_back();
        return aes;
      }
    }
    return crypto::Aes256(cipher_.key_);
  }

  const FeistelIdCipher& cipher_;
  crypto::Aes256 aes_;
};

FeistelIdCipher::FeistelIdCipher(base::ByteView key) : key_(key) {
  CHECK(key.size() == kKeyBytes);
}

base::Uuid FeistelIdCipher::make(const event::LogId& log, std::uint64_t seq,
                                 base::Timestamp time) const {
  base::Uuid id;
  const event::RecordPlace place{.seq = seq, .recorded_at = time};
  make_many(log, {&place, 1}, {&id, 1});
  return id;
}

void FeistelIdCipher::make_many(const event::LogId& log, std::span<const event::RecordPlace> places,
                                std::span<base::Uuid> ids) const {
  CHECK(places.size() == ids.size());
  Lease lease(*this);
  const Block org = state_of_org(lease.aes(), log.org);
  std::vector<Enciphered> values;
  values.reserve(places.size());
  for (const event::RecordPlace& place : places) {
    CHECK(place.seq <= kSeqMax);
    const std::uint64_t millis = millis_of(place.recorded_at);
    const bool as_before = !values.empty() && values.back().millis == millis;
    values.push_back(
        {.halves = halves_of_seq(place.seq),
         .millis = millis,
         .tweak = as_before ? values.back().tweak : tweak_of(lease.aes(), org, log.kind, millis)});
  }
  encipher(lease.aes(), values);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = assemble(values[i].millis, values[i].halves);
  }
}

std::optional<std::uint64_t> FeistelIdCipher::seq_of(const event::LogId& log,
                                                     const base::Uuid& id) const {
  std::optional<Parts> parts = take_apart(id);
  if (!parts.has_value()) {
    return std::nullopt;
  }
  Lease lease(*this);
  const Block org = state_of_org(lease.aes(), log.org);
  decipher(lease.aes(), tweak_of(lease.aes(), org, log.kind, parts->millis), parts->halves);
  if ((parts->halves.right & kCheckMask) != 0) {
    return std::nullopt;
  }
  return seq_of_halves(parts->halves);
}

}  // namespace piperoll::store
