#include "store/rocksdb/row_codec.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/coding.h"
#include "base/zstd_block.h"
#include "event/record_parts.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// docs/formats/store.md
enum class Codec : std::uint8_t { Raw = 0, Zstd = 1, ZstdOfRests = 2, SharedSeeds = 3 };
constexpr std::uint64_t kNoDictionary = 0;
// Below a rest's size, in the number that tells it: its RandomPart, and of the last codec whether
// its random part begins with the seed bytes of the record before, which are left out.
constexpr unsigned kPartBits = 2;
constexpr std::uint64_t kPartMask = (1U << kPartBits) - 1;
constexpr std::uint64_t kSharesSeed = 1U << kPartBits;

unsigned bits_below_size(Codec codec) {
  return codec == Codec::SharedSeeds ? kPartBits + 1 : kPartBits;
}

base::Error damaged_block() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "a block of records is damaged",
          .code = "damaged_rows"};
}

// What stands before the records, whatever the codec.
struct Head {
  Codec codec = Codec::Raw;
  std::uint64_t dictionary = kNoDictionary;
  std::uint64_t records = 0;
  std::uint64_t payload_bytes = 0;  // before compression
};

void put_head(base::Bytes& out, const Head& head) {
  base::put_u8(out, static_cast<std::uint8_t>(head.codec));
  base::put_varint(out, head.dictionary);
  base::put_varint(out, head.records);
  base::put_varint(out, head.payload_bytes);
}

base::Result<Head> read_head(base::Decoder& from) {
  const std::uint8_t codec = from.u8();
  const Head head{.codec = static_cast<Codec>(codec),
                  .dictionary = from.varint(),
                  .records = from.varint(),
                  .payload_bytes = from.varint()};
  if (!from.ok() || codec > static_cast<std::uint8_t>(Codec::SharedSeeds) ||
      head.records > kRowBlockRecordsMax || head.payload_bytes > kRowBlockBytesMax) {
    return damaged_block();
  }
  return head;
}

base::Bytes encode_raw(std::span<const std::uint32_t> sizes, base::ByteView lengths,
                       base::ByteView records) {
  base::Bytes value;
  put_head(value, {.records = sizes.size(), .payload_bytes = lengths.size() + records.size()});
  return value.append(lengths).append(records);
}

// The seed bytes of the last record that had any, in what holds the random parts.
class SharedSeed {
 public:
  // What is left of a random part that was appended at `begin`. Whether its seed was there already.
  bool take_out(base::Bytes& random, std::size_t begin) {
    const base::ByteView seed = base::ByteView(random).substr(begin, event::kSeedBytes);
    const bool is_shared =
        at_.has_value() && seed == base::ByteView(random).substr(*at_, event::kSeedBytes);
    if (is_shared) {
      random.erase(begin, event::kSeedBytes);
    } else {
      at_ = begin;
    }
    return is_shared;
  }

 private:
  std::optional<std::size_t> at_;
};

// Records in their two parts, those of each kind one behind the other.
struct DividedRows {
  base::Bytes random;
  base::Bytes lengths;  // of the rests, with what is missing in each
  RowRests rests;
};

DividedRows divide(std::span<const std::uint32_t> sizes, base::ByteView records) {
  DividedRows rows;
  rows.random.reserve(sizes.size() * event::kRandomPartBytesMax);
  rows.rests.bytes.reserve(records.size());
  rows.rests.sizes.reserve(sizes.size());
  SharedSeed seed;
  for (const std::uint32_t size : sizes) {
    const std::size_t begin = rows.rests.bytes.size();
    const std::size_t random_begin = rows.random.size();
    const event::RandomPart part =
        event::divide_record(records.substr(0, size), rows.random, rows.rests.bytes);
    const std::size_t rest = rows.rests.bytes.size() - begin;
    std::uint64_t what = static_cast<std::uint64_t>(part);
    if (part != event::RandomPart::Nothing && seed.take_out(rows.random, random_begin)) {
      what |= kSharesSeed;
    }
    base::put_varint(rows.lengths, rest << bits_below_size(Codec::SharedSeeds) | what);
    rows.rests.sizes.push_back(rest);
    records.remove_prefix(size);
  }
  return rows;
}

// payload: the lengths of the records, then these.
base::Result<DecodedRows> find_records(base::Bytes payload, const Head& head) {
  base::Decoder lengths(payload);
  DecodedRows rows;
  rows.ends.reserve(head.records);
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < head.records; ++i) {
    const std::uint64_t size = lengths.varint();
    if (!lengths.ok() || size > payload.size() - end) {
      return damaged_block();
    }
    end += size;
    rows.ends.push_back(static_cast<std::uint32_t>(end));
  }
  if (payload.size() != head.payload_bytes || lengths.rest().size() != end) {
    return damaged_block();
  }
  rows.begin = payload.size() - end;
  rows.bytes = std::move(payload);
  return rows;
}

// The random parts of records in turn, as each was before it shared its seed.
class RandomParts {
 public:
  explicit RandomParts(base::ByteView random) : from_(random) {}

  // Nothing where there is no such part. Valid until the next call.
  std::optional<base::ByteView> next(event::RandomPart part, bool shares_seed) {
    const std::size_t bytes = event::size_of(part);
    const std::size_t shared = shares_seed ? event::kSeedBytes : 0;
    if (bytes < shared || (shares_seed && !has_seed_)) {
      return std::nullopt;
    }
    const base::ByteView own = from_.bytes(bytes - shared);
    std::copy(own.begin(), own.end(), last_.begin() + shared);
    has_seed_ = has_seed_ || bytes > 0;
    return from_.ok() ? std::optional(base::ByteView(last_.data(), bytes)) : std::nullopt;
  }
  bool at_end() const { return from_.at_end(); }

 private:
  base::Decoder from_;
  std::array<char, event::kRandomPartBytesMax> last_{};
  bool has_seed_ = false;
};

// payload: the lengths of the rests, then these.
base::Result<DecodedRows> join(base::ByteView random, base::ByteView payload, const Head& head) {
  base::Decoder lengths(payload);
  for (std::uint64_t i = 0; i < head.records; ++i) {
    lengths.varint();
  }
  base::Decoder rests(lengths.rest());
  RandomParts parts(random);
  const unsigned bits = bits_below_size(head.codec);
  lengths = base::Decoder(payload);
  DecodedRows rows;
  rows.ends.reserve(head.records);
  rows.bytes.reserve(payload.size() +
                     head.records * (event::kRandomPartBytesMax + event::kBytesOfTextMax));
  for (std::uint64_t i = 0; i < head.records; ++i) {
    const std::uint64_t length = lengths.varint();
    const auto part = static_cast<event::RandomPart>(length & kPartMask);
    const bool shares_seed = head.codec == Codec::SharedSeeds && (length & kSharesSeed) != 0;
    const std::optional<base::ByteView> of_record = parts.next(part, shares_seed);
    const base::ByteView rest = rests.bytes(length >> bits);
    if (!lengths.ok() || !of_record || !rests.ok() ||
        !event::join_record(rows.bytes, part, *of_record, rest)) {
      return damaged_block();
    }
    rows.ends.push_back(static_cast<std::uint32_t>(rows.bytes.size()));
  }
  if (!parts.at_end() || !rests.at_end()) {
    return damaged_block();
  }
  return rows;
}

}  // namespace

RowRests rests_of(std::span<const std::uint32_t> sizes, base::ByteView records) {
  return divide(sizes, records).rests;
}

EncodedRows encode_row_block(std::span<const std::uint32_t> sizes, base::ByteView records,
                             const RowDictionary* dictionary) {
  base::Bytes plain_lengths;
  for (const std::uint32_t size : sizes) {
    base::put_varint(plain_lengths, size);
  }
  const std::size_t plain_bytes = plain_lengths.size() + records.size();
  if (plain_bytes < kRowBlockBytesRaw) {
    return {.value = encode_raw(sizes, plain_lengths, records),
            .bytes_compressed = plain_bytes,
            .bytes_to_compress = plain_bytes};
  }
  DividedRows rows = divide(sizes, records);
  const base::Bytes payload = rows.lengths + rows.rests.bytes;
  EncodedRows encoded;
  put_head(encoded.value, {.codec = Codec::SharedSeeds,
                           .dictionary = dictionary == nullptr ? kNoDictionary : dictionary->number,
                           .records = sizes.size(),
                           .payload_bytes = payload.size()});
  base::put_string(encoded.value, rows.random);
  const std::size_t begin = encoded.value.size();
  if (dictionary != nullptr) {
    base::append_zstd_block(encoded.value, payload, *dictionary->zstd);
  } else {
    base::append_zstd_block(encoded.value, payload, kRowBlockZstdLevel);
  }
  encoded.bytes_compressed = encoded.value.size() - begin;
  encoded.bytes_to_compress = payload.size();
  return encoded;
}

base::Result<DecodedRows> decode_row_block(base::ByteView value,
                                           const RowDictionaries& dictionaries) {
  base::Decoder from(value);
  ASSIGN_OR_RETURN(const Head head, read_head(from));
  const RowDictionaryPointer dictionary = dictionaries.find(head.dictionary);
  if (head.dictionary != kNoDictionary && dictionary == nullptr) {
    return damaged_block();
  }
  if (head.codec == Codec::Raw) {
    return find_records(base::Bytes(from.rest()), head);
  }
  const bool divided = head.codec != Codec::Zstd;
  const base::ByteView random = divided ? from.string() : base::ByteView();
  if (!from.ok()) {
    return damaged_block();
  }
  base::Bytes payload;
  RETURN_IF_ERROR(
      base::append_zstd_unblock(payload, from.rest(), head.payload_bytes,
                                dictionary == nullptr ? nullptr : dictionary->zstd.get()));
  return divided ? join(random, payload, head) : find_records(std::move(payload), head);
}

}  // namespace piperoll::store::rocks
