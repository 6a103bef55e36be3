#include "crypto/sha256_many.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/coding.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include "crypto/sha256_compress_internal.h"
#endif

namespace piperoll::crypto {
namespace {

#if defined(__x86_64__)

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kLengthBytes = 8;
constexpr std::uint32_t kInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

bool has_sha_extensions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kSha = 1U << 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kSha) != 0;
}

// One message on its way through a lane: its whole blocks where they lie, then one or two of
// padding.
struct Lane {
  const unsigned char* whole = nullptr;
  std::size_t whole_blocks = 0;
  std::size_t padding_blocks = 0;
  std::size_t at = 0;       // blocks done
  std::size_t message = 0;  // its index
  bool busy = false;
  std::array<unsigned char, 2 * kBlockBytes> padding{};

  void begin(base::ByteView bytes, std::size_t index) {
    whole = reinterpret_cast<const unsigned char*>(bytes.data());
    whole_blocks = bytes.size() / kBlockBytes;
    const base::ByteView rest = bytes.substr(whole_blocks * kBlockBytes);
    padding_blocks = rest.size() + 1 + kLengthBytes <= kBlockBytes ? 1 : 2;
    padding.fill(0);  // of a fixed size: cheaper than the few bytes that need it
    if (!rest.empty()) {
      std::memcpy(padding.data(), rest.data(), rest.size());
    }
    padding[rest.size()] = 0x80;
    unsigned char* const length = padding.data() + padding_blocks * kBlockBytes - kLengthBytes;
    base::store_be64(reinterpret_cast<char*>(length), std::uint64_t{bytes.size()} * 8);
    at = 0;
    message = index;
    busy = true;
  }
  const unsigned char* block() const {
    return at < whole_blocks ? whole + at * kBlockBytes
                             : padding.data() + (at - whole_blocks) * kBlockBytes;
  }
  bool done() const { return at == whole_blocks + padding_blocks; }
};

template <unsigned Lanes, class Compress>
void run_lanes(std::span<const base::ByteView> messages, std::span<Sha256Digest> digests,
               Compress compress) {
  alignas(64) std::uint32_t state[8][Lanes];
  std::array<Lane, Lanes> lanes;
  std::array<const unsigned char*, Lanes> blocks;
  std::size_t next = 0;
  std::size_t busy = 0;
  const auto refill = [&](unsigned lane) {
    lanes[lane].busy = next < messages.size();
    if (lanes[lane].busy) {
      lanes[lane].begin(messages[next], next);
      ++next;
      ++busy;
      for (unsigned word = 0; word < 8; ++word) {
        state[word][lane] = kInitial[word];
      }
    }
  };
  std::memset(state, 0, sizeof state);
  for (unsigned lane = 0; lane < Lanes; ++lane) {
    refill(lane);
  }
  while (busy > 0) {
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      // An idle lane goes over its padding again; nobody looks at what comes out.
      blocks[lane] = lanes[lane].busy ? lanes[lane].block() : lanes[lane].padding.data();
    }
    compress(state, blocks.data());
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      if (!lanes[lane].busy) {
        continue;
      }
      ++lanes[lane].at;
      if (lanes[lane].done()) {
        char* const digest = reinterpret_cast<char*>(digests[lanes[lane].message].data());
        for (unsigned word = 0; word < 8; ++word) {
          base::store_be32(digest + 4 * word, state[word][lane]);
        }
        --busy;
        refill(lane);
      }
    }
  }
}

#endif

void run_one_by_one(std::span<const base::ByteView> messages, std::span<Sha256Digest> digests) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    digests[i] = sha256(messages[i]);
  }
}

}  // namespace

bool is_supported(Sha256Lanes lanes) {
#if defined(__x86_64__)
  if (lanes == Sha256Lanes::Sixteen) {
    return __builtin_cpu_supports("avx512f") != 0;
  }
  if (lanes == Sha256Lanes::Eight) {
    return __builtin_cpu_supports("avx2") != 0;
  }
#endif
  return lanes == Sha256Lanes::One;
}

Sha256Lanes sha256_lanes() {
#if defined(__x86_64__)
  static const Sha256Lanes kFastest = [] {
    if (is_supported(Sha256Lanes::Sixteen)) {
      return Sha256Lanes::Sixteen;
    }
    return !has_sha_extensions() && is_supported(Sha256Lanes::Eight) ? Sha256Lanes::Eight
                                                                     : Sha256Lanes::One;
  }();
  return kFastest;
#else
  return Sha256Lanes::One;
#endif
}

void sha256_many(std::span<const base::ByteView> messages, std::span<Sha256Digest> digests,
                 Sha256Lanes lanes) {
  CHECK(messages.size() == digests.size());
  // Under a quarter of the lanes one after the other is faster.
  if (messages.size() * 4 <= static_cast<std::size_t>(lanes)) {
    lanes = Sha256Lanes::One;
  }
#if defined(__x86_64__)
  if (lanes == Sha256Lanes::Sixteen) {
    return run_lanes<16>(messages, digests, sha256_compress_16);
  }
  if (lanes == Sha256Lanes::Eight) {
    return run_lanes<8>(messages, digests, sha256_compress_8);
  }
#endif
  run_one_by_one(messages, digests);
}

}  // namespace piperoll::crypto
