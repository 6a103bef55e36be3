#pragma once
// What a block of rows is on disk: the records of a few seqs, compressed, their random bytes beside
// what is, and without the ids that follow from their places. Byte table in docs/formats/store.md;
// why in ADR 84 and 92. Pure functions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/made_ids.h"
#include "store/rocksdb/row_dictionaries.h"

namespace piperoll::store::rocks {

// What of some records is compressed: each without its random bytes, one behind the other.
struct RowRests {
  base::Bytes bytes;
  std::vector<std::size_t> sizes;
};
RowRests rests_of(std::span<const std::uint32_t> sizes, base::ByteView records);

struct EncodedRows {
  base::Bytes value;
  // What a dictionary can do something about: the value without random bytes, of how much.
  std::size_t bytes_compressed = 0;
  std::size_t bytes_to_compress = 0;
};
// records: one behind the other, of these sizes. dictionary null: without.
EncodedRows encode_row_block(std::span<const std::uint32_t> sizes, base::ByteView records,
                             const RowDictionary* dictionary, const MadeIds& made_ids);

struct DecodedRows {
  base::Bytes bytes;
  std::size_t begin = 0;            // of the first record in bytes
  std::vector<std::uint32_t> ends;  // of each record, counted from begin
};
// made_ids: as it was encoded with. Corruption when the block is not whole or names a dictionary
// that is not there. Whatever the bytes, nothing larger than a block can be is allocated.
base::Result<DecodedRows> decode_row_block(base::ByteView value,
                                           const RowDictionaries& dictionaries,
                                           const MadeIds& made_ids);

}  // namespace piperoll::store::rocks
