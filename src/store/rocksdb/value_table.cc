#include "store/rocksdb/value_table.h"

#include <cstring>
#include <utility>

namespace piperoll::store::rocks {
namespace {

constexpr std::size_t kPlacesMin = 16;
constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

// Eight bytes at a time, each folded into the state by a multiplication with 128 bits of product.
std::uint64_t ValueTable::hash(std::string_view value) const {
  std::uint64_t state = seed_ ^ value.size() * kMix;
  while (value.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, value.data(), sizeof word);
    state = fold(state ^ word, kMix ^ seed_);
    value.remove_prefix(sizeof word);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, value.data(), value.size());
  return fold(state ^ rest, kMix + seed_);
}

ValueTable::Index ValueTable::find(std::string_view value) const {
  if (places_.empty()) {
    return kNotThere;
  }
  const std::uint64_t wanted = hash(value);
  for (std::size_t at = wanted & (places_.size() - 1); places_[at] != 0;
       at = (at + 1) & (places_.size() - 1)) {
    const Entry& entry = entries_[places_[at] - 1];
    if (entry.hash == wanted && text(entry) == value) {
      return places_[at] - 1;
    }
  }
  return kNotThere;
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
