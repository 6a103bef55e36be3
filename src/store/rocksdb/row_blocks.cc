#include "store/rocksdb/row_blocks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "store/rocksdb/row_codec.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

base::Error row_missing(LogNumber log, std::uint64_t seq) {
  return {.kind = base::ErrorKind::Corruption,
          .message = "the block of record " + std::to_string(seq) + " of log number " +
                     std::to_string(log) + " is not there",
          .code = "row_missing"};
}

base::Error damaged_block(std::uint64_t first_seq) {
  return {.kind = base::ErrorKind::Corruption,
          .message = "the block of records from " + std::to_string(first_seq) + " is damaged",
          .code = "damaged_rows"};
}

rocksdb::Slice slice(base::ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

base::Result<RowBlock> RowBlock::decode(std::uint64_t first_seq, base::ByteView value,
                                        const RowDictionaries& dictionaries,
                                        const MadeIds& made_ids) {
  base::Result<DecodedRows> rows = decode_row_block(value, dictionaries, made_ids);
  if (!rows) {
    return damaged_block(first_seq);
  }
  RowBlock block;
  block.first_seq_ = first_seq;
  block.raw_ = std::move(rows->bytes);
  block.ends_ = std::move(rows->ends);
  block.bodies_ = static_cast<std::uint32_t>(rows->begin);
  return block;
}

RowBlock RowBlock::of(std::uint64_t first_seq, std::span<const base::ByteView> records) {
  RowBlock block;
  block.first_seq_ = first_seq;
  for (const base::ByteView record : records) {
    block.raw_.append(record);
    block.ends_.push_back(static_cast<std::uint32_t>(block.raw_.size()));
  }
  return block;
}

base::ByteView RowBlock::record(std::uint64_t seq) const {
  CHECK(holds(seq));
  const std::size_t index = seq - first_seq_;
  const std::uint32_t begin = index == 0 ? 0 : ends_[index - 1];
  return base::ByteView(raw_).substr(bodies_ + begin, ends_[index] - begin);
}

void RowWriter::resume(const RowBlock& last) {
  CHECK(sizes_.empty() && last.end_seq() == first_seq_);
  for (std::uint64_t seq = last.first_seq(); seq < last.end_seq(); ++seq) {
    add(last.record(seq));
  }
  first_seq_ = last.first_seq();
  if (full()) {
    clear();
    first_seq_ = last.end_seq();
  }
}

void RowWriter::add(base::ByteView record) {
  sizes_.push_back(static_cast<std::uint32_t>(record.size()));
  records_.append(record);
}

void RowWriter::clear() {
  sizes_.clear();
  records_.clear();
}

bool RowWriter::full() const {
  const std::uint64_t next_seq = first_seq_ + sizes_.size();
  return next_seq % kRowBlockRecords == 0 || sizes_.size() >= kRowBlockRecordsMax ||
         records_.size() >= kRowBlockBytesClose;
}

void RowWriter::append(base::ByteView record, BlockPacker& packer) {
  add(record);
  changed_ = true;
  if (full()) {
    const std::uint64_t next_seq = first_seq_ + sizes_.size();
    packer.add({.key = row_block_key(number_, first_seq_),
                .log = log_,
                .sizes = std::exchange(sizes_, {}),
                .records = std::exchange(records_, {})});
    first_seq_ = next_seq;
    changed_ = false;
  }
}

void RowWriter::finish(rocksdb::WriteBatch& batch, const Database& database) {
  if (changed_) {
    const RowDictionaryPointer dictionary = database.row_dictionaries().newest();
    const MadeIds made_ids = database.made_ids(log_);
    batch.Put(database.handle(Family::Rows), slice(row_block_key(number_, first_seq_)),
              slice(encode_row_block(sizes_, records_, dictionary.get(), made_ids).value));
  }
  changed_ = false;
}

base::Result<void> RowReader::load(std::uint64_t seq) {
  if (unapplied(seq).has_value()) {
    load_unapplied(seq);
    return {};
  }
  const bool is_next = block_.has_value() && seq == block_->end_seq();
  if (!is_next && cache_ == Cursor::Cache::Fill) {
    ASSIGN_OR_RETURN(const bool found, load_by_key(seq));
    if (found) {
      return {};
    }
  }
  return load_by_order(seq);
}

// One look where the block begins that holds seq, unless it was closed early or long ago.
base::Result<bool> RowReader::load_by_key(std::uint64_t seq) {
  const std::uint64_t first_seq = seq - seq % kRowBlockRecords;
  block_.reset();
  cursor_is_at_block_ = false;
  rocksdb::PinnableSlice value;
  ASSIGN_OR_RETURN(const bool found,
                   database_.find(Family::Rows, row_block_key(log_, first_seq), snapshot_, value));
  if (!found) {
    return false;
  }
  ++blocks_read_;
  ASSIGN_OR_RETURN(block_, RowBlock::decode(first_seq, {value.data(), value.size()},
                                            database_.row_dictionaries(), made_ids_));
  return block_->holds(seq);
}

std::optional<base::ByteView> RowReader::unapplied(std::uint64_t seq) const {
  if (unapplied_ == nullptr || seq < applied_ || seq >= unapplied_->end_seq()) {
    return std::nullopt;
  }
  return unapplied_->run_at(seq).record(seq);
}

// As a block of the size that it will stand in.
void RowReader::load_unapplied(std::uint64_t seq) {
  const std::uint64_t block_begin = seq - seq % kRowBlockRecords;
  const std::uint64_t begin = std::max(block_begin, applied_);
  const std::uint64_t end = std::min(block_begin + kRowBlockRecords, unapplied_->end_seq());
  std::vector<base::ByteView> records;
  for (std::uint64_t i = begin; i < end; ++i) {
    records.push_back(unapplied_->run_at(i).record(i));
  }
  block_ = RowBlock::of(begin, records);
  cursor_is_at_block_ = false;
}

base::Result<void> RowReader::load_by_order(std::uint64_t seq) {
  if (!cursor_.has_value()) {
    cursor_.emplace(database_, Family::Rows, snapshot_, rows_prefix(log_),
                    end_of(rows_prefix(log_)), cache_);
  }
  if (cursor_is_at_block_ && seq == block_->end_seq()) {
    cursor_->next();
  } else {
    cursor_->seek_before(row_block_key(log_, seq));
  }
  block_.reset();
  cursor_is_at_block_ = false;
  RETURN_IF_ERROR(cursor_->status());
  if (!cursor_->valid()) {
    return row_missing(log_, seq);
  }
  const std::optional<std::uint64_t> first_seq = parse_row_block_key(cursor_->key());
  if (!first_seq.has_value() || *first_seq > seq) {
    return row_missing(log_, seq);
  }
  ++blocks_read_;
  ASSIGN_OR_RETURN(block_, RowBlock::decode(*first_seq, cursor_->value(),
                                            database_.row_dictionaries(), made_ids_));
  cursor_is_at_block_ = true;
  return block_->holds(seq) ? base::Result<void>() : row_missing(log_, seq);
}

base::Result<const RowBlock*> RowReader::block(std::uint64_t seq) {
  if (block_.has_value() && block_->holds(seq)) {
    return &*block_;
  }
  const auto behind = kept_.upper_bound(seq);
  if (behind != kept_.begin() && std::prev(behind)->second.holds(seq)) {
    return &std::prev(behind)->second;
  }
  RETURN_IF_ERROR(load(seq));
  return &*block_;
}

void RowReader::keep() {
  if (block_.has_value() && kept_.size() < kRowBlocksKeptMax) {
    const std::uint64_t first_seq = block_->first_seq();
    kept_.insert_or_assign(first_seq, *std::exchange(block_, std::nullopt));
    cursor_is_at_block_ = false;
  }
}

base::Result<base::ByteView> RowReader::bytes(std::uint64_t seq) {
  if (const std::optional<base::ByteView> waiting = unapplied(seq)) {
    return *waiting;
  }
  ASSIGN_OR_RETURN(const RowBlock* found, block(seq));
  return found->record(seq);
}

base::Result<event::RecordView> RowReader::view(std::uint64_t seq) {
  ASSIGN_OR_RETURN(const base::ByteView found, bytes(seq));
  return event::decode_record(found, id_text_);
}

base::Result<event::Record> RowReader::record(std::uint64_t seq) {
  ASSIGN_OR_RETURN(const base::ByteView found, bytes(seq));
  return event::Record::decode(found);
}

}  // namespace piperoll::store::rocks
