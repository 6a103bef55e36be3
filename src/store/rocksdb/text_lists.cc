#include "store/rocksdb/text_lists.h"

#include <array>
#include <bit>
#include <span>
#include <utility>

#include "base/text_search.h"
#include "base/unicode.h"
#include "crypto/random.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

constexpr std::uint64_t kRefusedBetween = 15;  // while there is no room

// A bucket of records, one bit each.
class Bits {
 public:
  void add(std::uint16_t low) { words_[low / 64] |= std::uint64_t{1} << (low % 64); }
  SeqSet set() const {
    std::vector<std::uint16_t> lows;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        lows.push_back(
            static_cast<std::uint16_t>(64 * i + static_cast<unsigned>(std::countr_zero(word))));
      }
    }
    return SeqSet::of_sorted(lows);
  }

 private:
  std::array<std::uint64_t, kBucketSeqs / 64> words_{};
};

}  // namespace

BucketTexts::Builder::Builder(std::uint64_t seed)
    : distinct_(seed), unknown_(SeqSet::range(0, kBucketSeqs)) {}

void BucketTexts::Builder::add(std::uint32_t offset, const TextSegment& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = texts.text(i);
    ValueTable::Index index = distinct_.find(text);
    if (index == ValueTable::kNotThere) {
      index = distinct_.insert(text, {});
    }
    places_.push_back({index, static_cast<std::uint16_t>(offset + texts.place(i))});
  }
  texts.take_known(offset, unknown_);
}

BucketTexts BucketTexts::Builder::finish() {
  BucketTexts made;
  base::Bytes texts;
  for (ValueTable::Index i = 0; i < distinct_.size(); ++i) {
    texts.append(distinct_.text(i)).push_back('\0');
  }
  made.folded_ = base::fold_case(texts);
  // By text, by counting; within a text in the order of the records.
  made.starts_.assign(distinct_.size() + 1, 0);
  for (const Place& place : places_) {
    ++made.starts_[place.text + 1];
  }
  for (std::size_t i = 1; i < made.starts_.size(); ++i) {
    made.starts_[i] += made.starts_[i - 1];
  }
  std::vector<std::uint32_t> next(made.starts_);
  made.lows_.resize(places_.size());
  for (const Place& place : places_) {
    made.lows_[next[place.text]++] = place.low;
  }
  made.unknown_ = std::move(unknown_);
  return made;
}

SeqSet BucketTexts::find_containing(std::string_view folded_needle) const {
  Bits found;
  base::for_each_text_with(folded_, folded_needle, [&](std::size_t text) {
    for (const std::uint16_t low :
         std::span(lows_).subspan(starts_[text], starts_[text + 1] - starts_[text])) {
      found.add(low);
    }
  });
  return found.set();
}

std::size_t BucketTexts::memory_bytes() const {
  return sizeof(BucketTexts) + folded_.capacity() + starts_.capacity() * sizeof(std::uint32_t) +
         lows_.capacity() * sizeof(std::uint16_t);
}

TextLists::TextLists(std::size_t bytes_max) : kept_(bytes_max) {
  crypto::random_bytes(reinterpret_cast<char*>(&seed_), sizeof seed_);
}

bool TextLists::wants_more() {
  return kept_.has_room() || refused_++ % (kRefusedBetween + 1) == kRefusedBetween;
}

void TextLists::keep(const Key& key, const Pointer& texts) {
  const auto is_enough = [](const BucketTexts&) { return true; };  // a full bucket does not change
  kept_.keep(key, texts, texts->memory_bytes(), is_enough);
}

}  // namespace piperoll::store::rocks
