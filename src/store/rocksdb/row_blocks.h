#pragma once
// Rows: the records of a log in blocks of consecutive seqs, compressed by us (row_codec.h).

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"
#include "event/record.h"
#include "store/rocksdb/block_packer.h"
#include "store/rocksdb/catalog.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/row_dictionaries.h"

namespace piperoll::store::rocks {

// A decoded block. Movable value.
class RowBlock {
 public:
  // Corruption when it is not whole or names a dictionary that is not there.
  static base::Result<RowBlock> decode(std::uint64_t first_seq, base::ByteView value,
                                       const RowDictionaries& dictionaries,
                                       const MadeIds& made_ids);
  // Of records that no block holds yet. REQUIRES: not empty.
  static RowBlock of(std::uint64_t first_seq, std::span<const base::ByteView> records);
  std::uint64_t first_seq() const { return first_seq_; }
  std::uint64_t end_seq() const { return first_seq_ + ends_.size(); }
  bool holds(std::uint64_t seq) const { return first_seq_ <= seq && seq < end_seq(); }
  // The record's bytes; valid while the block is. REQUIRES: holds(seq).
  base::ByteView record(std::uint64_t seq) const;

 private:
  std::uint64_t first_seq_ = 0;
  base::Bytes raw_;
  std::vector<std::uint32_t> ends_;  // of each record in raw_; the first begins at bodies_
  std::uint32_t bodies_ = 0;
};

// The block a log is growing at. Full blocks go to the packer as they fill up; the last one is put
// whole with every batch until it is full, so that small appends make no small blocks. Blocks end
// at multiples of kRowBlockRecords, so that the key of the block of most records is known.
// Applying thread only.
class RowWriter {
 public:
  RowWriter(LogNumber number, const event::LogId& log, std::uint64_t next_seq)
      : number_(number), log_(log), first_seq_(next_seq) {}
  // Goes on with the last block if it has room. REQUIRES: nothing appended before.
  void resume(const RowBlock& last);
  void append(base::ByteView record, BlockPacker& packer);
  void finish(rocksdb::WriteBatch& batch, const Database& database);

 private:
  bool full() const;
  void add(base::ByteView record);
  void clear();

  LogNumber number_;
  event::LogId log_;
  std::uint64_t first_seq_;
  std::vector<std::uint32_t> sizes_;  // of the records of the open block
  base::Bytes records_;               // one behind the other
  bool changed_ = false;
};

// Reads records of one log at one snapshot; remembers the block it read last, so that neighbours
// are cheap. One thread at a time.
class RowReader {
 public:
  // database outlives it. Cache::Leave: for those who read row after row.
  RowReader(const Database& database, Snapshot snapshot, LogNumber number, const event::LogId& log,
            Cursor::Cache cache = Cursor::Cache::Fill)
      : database_(database),
        snapshot_(std::move(snapshot)),
        log_(number),
        made_ids_(database.made_ids(log)),
        cache_(cache) {}
  // Also of those that are not applied.
  RowReader(const Database& database, const ReadView& view,
            Cursor::Cache cache = Cursor::Cache::Fill)
      : database_(database),
        snapshot_(view.snapshot),
        log_(view.head == nullptr ? 0 : view.head->number),
        made_ids_(database.made_ids(view.log)),
        cache_(cache),
        applied_(view.applied()),
        unapplied_(view.unapplied) {}
  // Valid until the next call. Corruption when there is no such record: callers know the size.
  base::Result<base::ByteView> bytes(std::uint64_t seq);
  base::Result<event::RecordView> view(std::uint64_t seq);  // also uses one scratch: as bytes()
  base::Result<event::Record> record(std::uint64_t seq);
  // The bytes of a record that is not applied, which no block holds; valid while the view is.
  std::optional<base::ByteView> unapplied(std::uint64_t seq) const;
  std::uint64_t blocks_read() const { return blocks_read_; }
  // The block that holds seq, or for one that is not applied a copy as a block. Valid until the
  // next call.
  base::Result<const RowBlock*> block(std::uint64_t seq);
  // The block given last is wanted again, after others: keeps it, if it has not kept too many.
  void keep();

 private:
  base::Result<void> load(std::uint64_t seq);
  base::Result<bool> load_by_key(std::uint64_t seq);
  base::Result<void> load_by_order(std::uint64_t seq);
  void load_unapplied(std::uint64_t seq);

  const Database& database_;
  Snapshot snapshot_;
  LogNumber log_;
  MadeIds made_ids_;
  Cursor::Cache cache_;
  std::uint64_t applied_ = 0;  // where unapplied_ is looked at, if it is there
  std::shared_ptr<const Unapplied> unapplied_;
  std::uint64_t blocks_read_ = 0;
  std::optional<Cursor> cursor_;     // made when rows are read in a row
  bool cursor_is_at_block_ = false;  // at block_, which there is then
  std::optional<RowBlock> block_;
  std::map<std::uint64_t, RowBlock> kept_;  // by first seq
  std::array<char, 36> id_text_{};
};

}  // namespace piperoll::store::rocks
