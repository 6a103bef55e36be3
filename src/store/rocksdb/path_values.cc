#include "store/rocksdb/path_values.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "event/canonical_scan.h"
#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/column_writer.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// One value in a thousand that is not there seems to be. (format)
constexpr std::size_t kBitsPerValue = 14;
constexpr unsigned kProbes = 8;

std::string_view last_name(std::string_view path_or_name) {
  return path_or_name.substr(path_or_name.rfind('.') + 1);
}

bool is_container(std::string_view value) {
  return value.starts_with('{') || value.starts_with('[');
}

// Calls visit(byte, mask) for the bits of a value until it returns false. (format)
template <class Visit>
bool all_bits(std::uint32_t hash, std::size_t bytes, Visit visit) {
  std::uint32_t at = hash * 0x9e3779b1U;
  const std::uint32_t step = std::rotl(at, 15) | 1U;
  for (unsigned i = 0; i < kProbes; ++i, at += step) {
    const std::uint64_t bit = (std::uint64_t{at} * (bytes * 8)) >> 32U;
    if (!visit(bit / 8, static_cast<std::uint8_t>(1U << bit % 8))) {
      return false;
    }
  }
  return true;
}

bool may_have(base::ByteView filter, std::uint32_t hash) {
  return !filter.empty() && all_bits(hash, filter.size(), [&](std::size_t byte, std::uint8_t mask) {
    return (static_cast<std::uint8_t>(filter[byte]) & mask) != 0;
  });
}

}  // namespace

std::uint32_t path_value_hash(std::string_view path_or_name, std::string_view text) {
  return base::crc32c(text, base::crc32c(last_name(path_or_name)));
}

void append_path_values(std::string_view object, std::vector<std::uint32_t>& hashes) {
  std::string name_room;
  std::string value_room;
  for (event::MemberCursor members(object); members.next();) {
    const std::string_view value = members.value();
    if (value.starts_with('{')) {
      append_path_values(value, hashes);
    } else if (!is_container(value)) {
      hashes.push_back(path_value_hash(event::unescaped(members.raw_name(), name_room),
                                       event::value_text(value, value_room)));
    }
  }
}

std::vector<std::uint32_t> path_value_hashes(const query::Filter& filter) {
  using Kind = query::Filter::Kind;
  if (filter.field.path.empty() || (filter.kind != Kind::Equal && filter.kind != Kind::In) ||
      std::any_of(filter.texts.begin(), filter.texts.end(),
                  [](const std::string& text) { return is_container(text); })) {
    return {};
  }
  std::vector<std::uint32_t> hashes;
  for (const std::string& text : filter.texts) {
    hashes.push_back(path_value_hash(filter.field.path, text));
  }
  return hashes;
}

void PathValuesPart::add(const event::EventView& event) {
  ++count_;
  if (full_) {
    return;
  }
  for (const std::string_view object : {event.context, event.params, event.metadata}) {
    append_path_values(object, hashes_);
  }
  if (hashes_.size() > 2 * kPathValuesMax) {
    remove_twins();
    full_ = hashes_.size() > kPathValuesMax;
  }
}

void PathValuesPart::remove_twins() {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
}

void PathValuesPart::append_to(base::Bytes& out, std::uint32_t first) {
  CHECK(!full_ && first + count_ <= kSegmentSeqs);
  remove_twins();
  const std::size_t bytes = (hashes_.size() * kBitsPerValue + 7) / 8;
  base::put_varint(out, first);
  base::put_varint(out, count_);
  base::put_varint(out, bytes);
  const std::size_t begin = out.size();
  out.resize(begin + bytes);
  for (const std::uint32_t hash : hashes_) {
    all_bits(hash, bytes, [&](std::size_t byte, std::uint8_t mask) {
      out[begin + byte] = static_cast<char>(static_cast<std::uint8_t>(out[begin + byte]) | mask);
      return true;
    });
  }
}

void PathValuesPart::clear() {
  count_ = 0;
  full_ = false;
  hashes_.clear();
}

base::Result<void> find_without(base::ByteView parts, std::span<const std::uint32_t> hashes,
                                std::uint32_t offset, SeqSet& without) {
  base::Decoder decoder(parts);
  for (std::uint64_t end = 0; !decoder.at_end();) {
    const std::uint64_t first = decoder.varint();
    const std::uint64_t count = decoder.varint();
    const base::ByteView filter = decoder.string();
    if (!decoder.ok() || first < end || first >= kSegmentSeqs || count > kSegmentSeqs - first) {
      return damaged_column();
    }
    end = first + count;
    if (std::none_of(hashes.begin(), hashes.end(),
                     [&](std::uint32_t hash) { return may_have(filter, hash); })) {
      without.add_range(static_cast<std::uint32_t>(offset + first),
                        static_cast<std::uint32_t>(offset + end));
    }
  }
  return {};
}

void PathValuesWriter::add(const event::EventView& event, rocksdb::WriteBatch& batch) {
  part_.add(event);
  if (++next_seq_ % kSegmentSeqs == 0) {
    finish(batch);
  }
}

void PathValuesWriter::finish(rocksdb::WriteBatch& batch) {
  const std::uint64_t begin = next_seq_ - part_.count();
  if (part_.count() > 0 && !part_.is_full()) {
    const auto first = static_cast<std::uint32_t>(begin % kSegmentSeqs);
    base::Bytes part;
    part_.append_to(part, first);
    write_part(database_, Family::Codes, prefix_, begin >> kSegmentBits, first, part, batch);
  }
  part_.clear();
}

}  // namespace piperoll::store::rocks
