#include "store/rocksdb/value_table.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::size_t kPlacesMin = 16;
// A smaller table is in the cache next to the core.
constexpr std::size_t kFarFrom = 256;
constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
Word load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The last bytes of a text, eight at most.
std::uint64_t load_last(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (text.size() >= sizeof(std::uint64_t)) {
    return load<std::uint64_t>(end - sizeof(std::uint64_t));
  }
  if (text.size() >= sizeof(std::uint32_t)) {
    return std::uint64_t{load<std::uint32_t>(begin)} << 32 |
           load<std::uint32_t>(end - sizeof(std::uint32_t));
  }
  if (text.empty()) {
    return 0;
  }
  const auto byte = [](char c) { return std::uint64_t{static_cast<std::uint8_t>(c)}; };
  return byte(*begin) << 16 | byte(begin[text.size() / 2]) << 8 | byte(end[-1]);
}

// Most values are so short that a call of memcmp costs as much as comparing.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) < a.size(); at += sizeof(std::uint64_t)) {
    if (load<std::uint64_t>(a.data() + at) != load<std::uint64_t>(b.data() + at)) {
      return false;
    }
  }
  return load_last(a) == load_last(b);
}

}  // namespace

// Eight bytes at a time, each folded into the state by a multiplication with 128 bits of product.
// Lengths are hashed too, so that the last eight may overlap the ones before.
std::uint64_t ValueTable::hash(std::string_view value) const {
  const char* at = value.data();
  std::size_t left = value.size();
  std::uint64_t state = seed_ ^ left * kMix;
  for (; left > sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
    state = fold(state ^ load<std::uint64_t>(at), kMix ^ seed_);
    at += sizeof(std::uint64_t);
  }
  return fold(state ^ load_last(value), kMix + seed_);
}

ValueTable::Index ValueTable::find(std::string_view value, std::uint64_t hash) const {
  if (places_.empty()) {
    return kNotThere;
  }
  for (std::size_t at = hash & (places_.size() - 1); places_[at] != 0;
       at = (at + 1) & (places_.size() - 1)) {
    const Entry& entry = entries_[places_[at] - 1];
    if (entry.hash == hash && is_same(text(entry), value)) {
      return places_[at] - 1;
    }
  }
  return kNotThere;
}

void ValueTable::find_each(std::span<const std::string_view> values, std::span<Index> found) const {
  CHECK(values.size() <= kFoundTogetherMax && found.size() == values.size());
  std::array<std::uint64_t, kFoundTogetherMax> hashes;  // not cleared
  const bool far = entries_.size() >= kFarFrom;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool repeated = i > 0 && is_same(values[i], values[i - 1]);
    hashes[i] = repeated ? hashes[i - 1] : hash(values[i]);
    if (far) {
      __builtin_prefetch(&places_[hashes[i] & (places_.size() - 1)]);
    }
  }
  for (std::size_t i = 0; far && i < values.size(); ++i) {
    const std::uint32_t place = places_[hashes[i] & (places_.size() - 1)];
    __builtin_prefetch(&entries_[place - (place > 0 ? 1 : 0)], 1);
  }
  for (std::size_t i = 0; far && i < values.size(); ++i) {
    const std::uint32_t place = places_[hashes[i] & (places_.size() - 1)];
    __builtin_prefetch(texts_.data() + entries_[place - (place > 0 ? 1 : 0)].text_at);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    // A hash of the same seed and a value of the same bytes.
    const bool repeated = i > 0 && hashes[i] == hashes[i - 1] && is_same(values[i], values[i - 1]);
    found[i] = repeated ? found[i - 1] : find(values[i], hashes[i]);
  }
}

ValueTable::Index ValueTable::insert(std::string_view value, OpenValue open) {
  if (2 * (entries_.size() + 1) > places_.size()) {
    grow();
  }
  entries_.push_back({.hash = hash(value),
                      .text_at = texts_.size(),
                      .text_bytes = static_cast<std::uint32_t>(value.size()),
                      .open = open});
  texts_.append(value);
  const auto index = static_cast<Index>(entries_.size() - 1);
  place(index);
  return index;
}

void ValueTable::place(std::uint32_t index) {
  std::size_t at = entries_[index].hash & (places_.size() - 1);
  while (places_[at] != 0) {
    at = (at + 1) & (places_.size() - 1);
  }
  places_[at] = index + 1;
}

void ValueTable::grow() {
  places_.assign(places_.empty() ? kPlacesMin : 2 * places_.size(), 0);
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    place(i);
  }
}

std::size_t ValueTable::memory_bytes() const {
  return texts_.capacity() + places_.capacity() * sizeof(std::uint32_t) +
         entries_.capacity() * sizeof(Entry);
}

}  // namespace piperoll::store::rocks
