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
enum class Codec : std::uint8_t {
  Raw = 0,
  Zstd = 1,
  ZstdOfRests = 2,
  SharedSeeds = 3,
  ToldIds = 4
};
constexpr std::uint64_t kNoDictionary = 0;

// What of a record is compressed, and what is missing there. On disk one number: the size above all
// else, as much of that as the codec knows.
struct Rest {
  std::uint64_t size = 0;
  event::RandomPart part = event::RandomPart::Nothing;
  bool shares_seed = false;  // its random part begins as the one before, and is without that
  bool id_is_told = false;   // by its place: its random part is without its id

  std::size_t random_bytes() const {
    const std::size_t missing =
        (shares_seed ? event::kSeedBytes : 0) + (id_is_told ? sizeof(base::Uuid::bytes) : 0);
    return event::size_of(part) - missing;
  }
};
constexpr std::uint64_t kPartMask = 3, kSharesSeed = 4, kIdIsTold = 8;

unsigned bits_below_size(Codec codec) {
  return codec == Codec::ToldIds ? 4 : codec == Codec::SharedSeeds ? 3 : 2;
}

std::uint64_t number_of(const Rest& rest) {
  return rest.size << bits_below_size(Codec::ToldIds) | (rest.id_is_told ? kIdIsTold : 0) |
         (rest.shares_seed ? kSharesSeed : 0) | static_cast<std::uint64_t>(rest.part);
}

// Nothing when no record is so.
std::optional<Rest> parse_rest(std::uint64_t number, Codec codec) {
  const unsigned bits = bits_below_size(codec);
  const std::uint64_t below = number & ((1U << bits) - 1);
  const Rest rest{.size = number >> bits,
                  .part = static_cast<event::RandomPart>(below & kPartMask),
                  .shares_seed = (below & kSharesSeed) != 0,
                  .id_is_told = (below & kIdIsTold) != 0};
  const bool has_seed = rest.part != event::RandomPart::Nothing;
  const bool has_made_id = rest.part == event::RandomPart::SeedAndMadeId;
  if ((rest.shares_seed && !has_seed) || (rest.id_is_told && !has_made_id)) {
    return std::nullopt;
  }
  return rest;
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
  if (!from.ok() || codec > static_cast<std::uint8_t>(Codec::ToldIds) ||
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

// Nothing when no id could be made for it: in a record, or in a block, that is damaged.
std::optional<event::RecordPlace> place_with_id(base::ByteView record) {
  const event::RecordPlace place = event::place_of(record);
  const bool has_id = place.seq <= IdCipher::kSeqMax && place.recorded_at >= base::kTimestampMin &&
                      place.recorded_at <= base::kTimestampMax;
  return has_id ? std::optional(place) : std::nullopt;
}

// Which of the records have just the id that is made for their place.
std::vector<bool> ids_that_are_told(std::span<const std::uint32_t> sizes, base::ByteView records,
                                    const MadeIds& made_ids) {
  std::vector<bool> told(sizes.size());
  if (made_ids.cipher == nullptr) {
    return told;
  }
  std::vector<event::RecordPlace> places;
  std::vector<std::pair<std::size_t, base::ByteView>> kept;  // the id of which record
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const base::ByteView record = records.substr(0, sizes[i]);
    records.remove_prefix(sizes[i]);
    const std::optional<event::HeadShape> head = event::head_shape_of(record);
    const std::optional<event::RecordPlace> place = place_with_id(record);
    if (head.has_value() && head->has_made_id && place.has_value()) {
      places.push_back(*place);
      kept.emplace_back(i, record.substr(event::kRecordMadeIdAt, sizeof(base::Uuid::bytes)));
    }
  }
  std::vector<base::Uuid> made(places.size());
  made_ids.cipher->make_many(made_ids.log, places, made);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    told[kept[i].first] = made[i].as_bytes() == kept[i].second;
  }
  return told;
}

// Records in their two parts, those of each kind one behind the other.
struct DividedRows {
  base::Bytes random;
  base::Bytes lengths;  // number_of() each rest
  RowRests rests;
};

DividedRows divide(std::span<const std::uint32_t> sizes, base::ByteView records,
                   const MadeIds& made_ids) {
  const std::vector<bool> told = ids_that_are_told(sizes, records, made_ids);
  DividedRows rows;
  rows.random.reserve(sizes.size() * event::kRandomPartBytesMax);
  rows.rests.bytes.reserve(records.size());
  rows.rests.sizes.reserve(sizes.size());
  SharedSeed seed;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t begin = rows.rests.bytes.size();
    const std::size_t random_begin = rows.random.size();
    Rest rest{
        .part = event::divide_record(records.substr(0, sizes[i]), rows.random, rows.rests.bytes),
        .id_is_told = told[i]};
    if (rest.id_is_told) {
      rows.random.resize(rows.random.size() - sizeof(base::Uuid::bytes));
    }
    rest.shares_seed =
        rest.part != event::RandomPart::Nothing && seed.take_out(rows.random, random_begin);
    rest.size = rows.rests.bytes.size() - begin;
    base::put_varint(rows.lengths, number_of(rest));
    rows.rests.sizes.push_back(rest.size);
    records.remove_prefix(sizes[i]);
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

  // Nothing where there is no such part. Valid until the next call. An id that is told is any.
  std::optional<base::ByteView> next(const Rest& rest) {
    if (rest.shares_seed && !has_seed_) {
      return std::nullopt;
    }
    const base::ByteView own = from_.bytes(rest.random_bytes());
    std::copy(own.begin(), own.end(), last_.begin() + (rest.shares_seed ? event::kSeedBytes : 0));
    has_seed_ = has_seed_ || rest.part != event::RandomPart::Nothing;
    return from_.ok() ? std::optional(base::ByteView(last_.data(), event::size_of(rest.part)))
                      : std::nullopt;
  }
  bool at_end() const { return from_.at_end(); }

 private:
  base::Decoder from_;
  std::array<char, event::kRandomPartBytesMax> last_{};
  bool has_seed_ = false;
};

// The ids that records are without, to be made when all of these are there.
class IdsToMake {
 public:
  // A record of so many bytes at `begin` of what they are put into. Whether it can have one.
  bool add(base::ByteView record, std::size_t begin) {
    const std::optional<event::RecordPlace> place = place_with_id(record);
    if (place.has_value()) {
      places_.push_back(*place);
      begins_.push_back(begin);
    }
    return place.has_value();
  }

  // Whether they could be made.
  bool put(base::Bytes& records, const MadeIds& made_ids) const {
    if (places_.empty() || made_ids.cipher == nullptr) {
      return places_.empty();
    }
    std::vector<base::Uuid> ids(places_.size());
    made_ids.cipher->make_many(made_ids.log, places_, ids);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const base::ByteView id = ids[i].as_bytes();
      std::copy(id.begin(), id.end(),
                records.begin() + static_cast<std::ptrdiff_t>(begins_[i] + event::kRecordMadeIdAt));
    }
    return true;
  }

 private:
  std::vector<event::RecordPlace> places_;
  std::vector<std::size_t> begins_;
};

// payload: the lengths of the rests, then these.
base::Result<DecodedRows> join(base::ByteView random, base::ByteView payload, const Head& head,
                               const MadeIds& made_ids) {
  base::Decoder lengths(payload);
  for (std::uint64_t i = 0; i < head.records; ++i) {
    lengths.varint();
  }
  base::Decoder rests(lengths.rest());
  RandomParts parts(random);
  IdsToMake ids;
  lengths = base::Decoder(payload);
  DecodedRows rows;
  rows.ends.reserve(head.records);
  rows.bytes.reserve(payload.size() +
                     head.records * (event::kRandomPartBytesMax + event::kBytesOfTextMax));
  for (std::uint64_t i = 0; i < head.records; ++i) {
    const std::optional<Rest> rest = parse_rest(lengths.varint(), head.codec);
    if (!lengths.ok() || !rest.has_value()) {
      return damaged_block();
    }
    const std::size_t begin = rows.bytes.size();
    const std::optional<base::ByteView> of_record = parts.next(*rest);
    const base::ByteView bytes = rests.bytes(rest->size);
    if (!of_record || !rests.ok() ||
        !event::join_record(rows.bytes, rest->part, *of_record, bytes) ||
        (rest->id_is_told && !ids.add(base::ByteView(rows.bytes).substr(begin), begin))) {
      return damaged_block();
    }
    rows.ends.push_back(static_cast<std::uint32_t>(rows.bytes.size()));
  }
  if (!parts.at_end() || !rests.at_end() || !ids.put(rows.bytes, made_ids)) {
    return damaged_block();
  }
  return rows;
}

}  // namespace

RowRests rests_of(std::span<const std::uint32_t> sizes, base::ByteView records) {
  return divide(sizes, records, {}).rests;
}

EncodedRows encode_row_block(std::span<const std::uint32_t> sizes, base::ByteView records,
                             const RowDictionary* dictionary, const MadeIds& made_ids) {
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
  DividedRows rows = divide(sizes, records, made_ids);
  const base::Bytes payload = rows.lengths + rows.rests.bytes;
  EncodedRows encoded;
  put_head(encoded.value, {.codec = Codec::ToldIds,
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
                                           const RowDictionaries& dictionaries,
                                           const MadeIds& made_ids) {
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
  return divided ? join(random, payload, head, made_ids) : find_records(std::move(payload), head);
}

}  // namespace piperoll::store::rocks
