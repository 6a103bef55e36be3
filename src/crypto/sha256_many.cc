#include "crypto/sha256_many.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/coding.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include "crypto/sha256_compress_internal.h"
#endif

namespace piperoll::crypto {
namespace {

constexpr std::size_t kLengthBytes = 8;  // at the end of the padding

#if defined(__x86_64__)

constexpr std::uint32_t kInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

bool has_sha_extensions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kSha = 1U << 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kSha) != 0;
}

// Messages on their way, one in each lane: blocks that lie side by side, then perhaps one or two of
// padding.
template <unsigned Count>
struct Lanes {
  alignas(64) std::uint32_t state[8][Count] = {};
  std::array<const unsigned char*, Count> at{};
  std::array<std::size_t, Count> left{};  // blocks from there on; 0: the lane is idle
  std::array<std::size_t, Count> padding_left{};
  std::array<Sha256Digest*, Count> digest{};
  std::array<std::array<unsigned char, 2 * kSha256BlockBytes>, Count> padding;

  void begin(unsigned lane, const PaddedMessage& message) {
    at[lane] = reinterpret_cast<const unsigned char*>(message.blocks);
    left[lane] = message.count;
    digest[lane] = message.digest;
  }
  void begin(unsigned lane, base::ByteView bytes, Sha256Digest& into) {
    at[lane] = reinterpret_cast<const unsigned char*>(bytes.data());
    left[lane] = bytes.size() / kSha256BlockBytes;
    digest[lane] = &into;
    const base::ByteView rest = bytes.substr(left[lane] * kSha256BlockBytes);
    padding_left[lane] = sha256_blocks(rest.size());
    auto& text = padding[lane];
    text.fill(0);  // of a fixed size: cheaper than the few bytes that need it
    if (!rest.empty()) {
      std::memcpy(text.data(), rest.data(), rest.size());
    }
    text[rest.size()] = 0x80;
    unsigned char* const end = text.data() + padding_left[lane] * kSha256BlockBytes;
    base::store_be64(reinterpret_cast<char*>(end - kLengthBytes), std::uint64_t{bytes.size()} * 8);
    if (left[lane] == 0) {
      begin_padding(lane);
    }
  }
  bool begin_padding(unsigned lane) {
    at[lane] = padding[lane].data();
    left[lane] = std::exchange(padding_left[lane], 0);
    return left[lane] != 0;
  }
  void reset_state(unsigned lane) {
    for (unsigned word = 0; word < 8; ++word) {
      state[word][lane] = kInitial[word];
    }
  }
  void give_digest(unsigned lane) const {
    for (unsigned word = 0; word < 8; ++word) {
      base::store_be32(reinterpret_cast<char*>(digest[lane]->data()) + 4 * word, state[word][lane]);
    }
  }
};

// All lanes go on together until one of them comes to an end. begin_next(lanes, lane) gives a lane
// the next message; false when there is none.
template <unsigned Count, class Compress, class BeginNext>
void run_lanes(Compress compress, BeginNext begin_next) {
  Lanes<Count> lanes;
  std::size_t busy = 0;
  for (; busy < Count && begin_next(lanes, static_cast<unsigned>(busy)); ++busy) {
    lanes.reset_state(static_cast<unsigned>(busy));
  }
  while (busy > 0) {
    std::size_t steps = ~std::size_t{0};
    const unsigned char* some = nullptr;
    for (unsigned lane = 0; lane < Count; ++lane) {
      if (lanes.left[lane] - 1 < steps) {  // of an idle one the largest number there is
        steps = lanes.left[lane] - 1;
        some = lanes.at[lane];
      }
    }
    ++steps;
    for (unsigned lane = 0; lane < Count; ++lane) {
      // An idle lane goes over what another has; nobody looks at what comes out.
      lanes.at[lane] = lanes.left[lane] != 0 ? lanes.at[lane] : some;
    }
    compress(lanes.state, lanes.at.data(), steps);
    for (unsigned lane = 0; lane < Count; ++lane) {
      if (lanes.left[lane] == 0) {
        continue;
      }
      lanes.at[lane] += steps * kSha256BlockBytes;
      lanes.left[lane] -= steps;
      if (lanes.left[lane] == 0 && !lanes.begin_padding(lane)) {
        lanes.give_digest(lane);
        if (begin_next(lanes, lane)) {
          lanes.reset_state(lane);
        } else {
          --busy;
        }
      }
    }
  }
}

template <class BeginNext>
void run_wide(Sha256Lanes lanes, BeginNext begin_next) {
  if (lanes == Sha256Lanes::Sixteen) {
    run_lanes<16>(sha256_compress_16, begin_next);
  } else {
    run_lanes<8>(sha256_compress_8, begin_next);
  }
}

// The messages by falling number of blocks, the long ones first in no order: so the lanes come to
// their ends together, and a long one does not go on alone at the end.
std::vector<std::uint32_t> longest_first(std::span<const PaddedMessage> messages) {
  static constexpr std::size_t kLong = 63;
  std::array<std::uint32_t, kLong + 2> begins{};  // of each number of blocks, from kLong down
  const auto rank_of = [](const PaddedMessage& message) {
    return kLong - std::min(message.count, kLong);
  };
  for (const PaddedMessage& message : messages) {
    ++begins[rank_of(message) + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<std::uint32_t> order(messages.size());
  for (std::uint32_t i = 0; i < messages.size(); ++i) {
    order[begins[rank_of(messages[i])]++] = i;
  }
  return order;
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
  if (lanes != Sha256Lanes::One) {
    std::size_t next = 0;
    return run_wide(lanes, [&](auto& all, unsigned lane) {
      if (next == messages.size()) {
        return false;
      }
      all.begin(lane, messages[next], digests[next]);
      ++next;
      return true;
    });
  }
#endif
  run_one_by_one(messages, digests);
}

std::size_t pad_message(char* message, std::size_t bytes) {
  const std::size_t blocks = sha256_blocks(bytes);
  char* const padding = message + bytes;
  std::memset(padding, 0, kSha256PaddingMax);
  *padding = static_cast<char>(0x80);
  base::store_be64(message + blocks * kSha256BlockBytes - kLengthBytes, std::uint64_t{bytes} * 8);
  return blocks;
}

void sha256_padded(std::span<const PaddedMessage> messages, Sha256Lanes lanes) {
  if (messages.size() * 4 <= static_cast<std::size_t>(lanes)) {
    lanes = Sha256Lanes::One;
  }
#if defined(__x86_64__)
  if (lanes != Sha256Lanes::One) {
    const std::vector<std::uint32_t> order = longest_first(messages);
    auto next = order.begin();
    return run_wide(lanes, [&](auto& all, unsigned lane) {
      if (next == order.end()) {
        return false;
      }
      all.begin(lane, messages[*next++]);
      return true;
    });
  }
#endif
  for (const PaddedMessage& message : messages) {
    const char* const end = message.blocks + message.count * kSha256BlockBytes;
    const std::uint64_t bits = base::load_be64(end - kLengthBytes);
    *message.digest = sha256({message.blocks, static_cast<std::size_t>(bits / 8)});
  }
}

}  // namespace piperoll::crypto
