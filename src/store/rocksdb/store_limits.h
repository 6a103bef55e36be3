#pragma once
// Every bound of the RocksDB store. Those marked "format" are part of docs/formats/store.md: a
// change of one is a new format version.

#include <cstddef>
#include <cstdint>

namespace piperoll::store::rocks {

inline constexpr std::uint32_t kFormatVersion = 8;
inline constexpr std::uint32_t kFormatVersionLeast = 2;      // read, and written on as the newest
inline constexpr std::uint32_t kFormatVersionHashedIds = 7;  // before: ids whole in their keys
inline constexpr std::uint32_t kFormatVersionToldIds = 8;    // before: made ids whole in their rows

// Of the keyed hash of an id (format). A new id is mistaken for one of n others, and their row read
// for nothing, n times in 2^40: once in a thousand at a billion, where four bytes would do it for
// every fourth.
inline constexpr std::size_t kIdHashBytes = 5;

// Rows: a block is closed by whichever comes first: a seq that is a multiple of this, so many
// bytes.
inline constexpr std::uint64_t kRowBlockRecords = 16;
inline constexpr std::size_t kRowBlockRecordsMax = 32;         // of any version (format)
inline constexpr std::size_t kRowBlockBytesClose = 16 * 1024;  // of records, before compression
inline constexpr std::size_t kRowBlockBytesMax = 1 << 20;      // no valid block decodes to more
inline constexpr std::size_t kRowBlockBytesRaw = 512;          // smaller ones are not compressed
inline constexpr int kRowBlockZstdLevel = 1;
inline constexpr std::size_t kRowDictionaryBytesMax = 32 * 1024;
inline constexpr std::size_t kRowBlocksKeptMax = 64;  // by a reader, besides the last

// Index: seqs in buckets of 2^16, buckets in segments of 2^10 (format).
inline constexpr unsigned kBucketBits = 16;
inline constexpr unsigned kSegmentBits = 10;
inline constexpr std::uint32_t kBucketSeqs = 1U << kBucketBits;
inline constexpr std::uint32_t kSegmentSeqs = 1U << kSegmentBits;
inline constexpr std::uint32_t kSegmentsPerBucket = kBucketSeqs / kSegmentSeqs;

// Values of one field of one log that get a code (and RocksOptions::field_values_max).
inline constexpr std::uint64_t kFieldValueBytesMax = 64ULL << 20;
// Fewer records than this for each value of a field are few (RocksOptions::sparse_values_min): a
// dictionary of near-unique values costs more than the rows.
inline constexpr std::uint32_t kSparseRecordsPerValue = 4;
inline constexpr std::uint32_t kHashPartitions = 64;  // of the hashes of a bucket (format)
// A filter is made of so many values at paths at most (28 KiB).
inline constexpr std::size_t kPathValuesMax = 16 * 1024;
// Longer values without a code are read from their rows (a reader takes up to this much of each).
inline constexpr std::size_t kColumnTextBytesMax = 512;
inline constexpr std::size_t kValueKeyBytesMax = 128;  // longer values are cut in keys (format)

inline constexpr std::uint32_t kTotalsPerChunk = 256;  // codes in one key of totals (format)
inline constexpr std::uint32_t kCellCodesMax = 256;    // only lower codes have cells (format)
inline constexpr std::size_t kShortSetMax = 32;        // larger sets are Roaring bitmaps
inline constexpr std::uint8_t kMergesMax = 24;         // operands on a key before it is put whole

// A predicate that holds for more values than this reads the column instead of their postings.
inline constexpr std::size_t kPostingsPerPredicateMax = 32;
// So few candidates are read from rows; for more, all texts of a field in their bucket are
// searched.
inline constexpr std::uint64_t kRowsBeforeTextsMax = 128;
inline constexpr std::uint64_t kRowsBeforeFiltersMax = 16;  // of values at paths, likewise
// Groups and candidate sets up to this size are sorted as a whole.
inline constexpr std::uint64_t kSortWholeMax = 4096;

// The next seven, the block cache and the write buffers (RocksOptions) are what a store keeps in
// memory: 504 MiB as they come.
// What the applying thread keeps of logs it wrote to. A log beyond that is read back when it is
// written to again.
inline constexpr std::size_t kActiveLogsMax = 1024;
inline constexpr std::size_t kActiveLogBytesMax = 48ULL << 20;
// Sorted values of fields that readers keep, and the totals of these.
inline constexpr std::size_t kValueListBytesMax = 60ULL << 20;
inline constexpr std::size_t kFieldTotalsBytesMax = 4ULL << 20;
// Distinct texts of buckets of fields whose values have no code, which they keep; how many buckets
// one query collects, which takes it about as long as searching them three times.
inline constexpr std::size_t kTextListBytesMax = 64ULL << 20;
inline constexpr std::uint32_t kTextBucketsPerQuery = 4;
// Times of buckets that they keep: 1 KiB for 65,536 records.
inline constexpr std::size_t kBoundsListBytesMax = 8ULL << 20;
// Decoded times of full segments that they keep: about 8 KiB for 1,024 records.
inline constexpr std::size_t kTimeSegmentBytesMax = 16ULL << 20;
// Codes of buckets without postings that they keep: 256 KiB for a field of 65,536 records.
inline constexpr std::size_t kUnpostedColumnBytesMax = 8ULL << 20;
// Logs of which it is counted how often their newest records were read.
inline constexpr std::size_t kNewestReadsLogsMax = 4096;
// An offset from here on is counted, a smaller one is walked: below, reading bounds costs more.
inline constexpr std::uint64_t kSkipByCountingMin = 512;

}  // namespace piperoll::store::rocks
