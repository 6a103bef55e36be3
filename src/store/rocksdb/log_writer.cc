#include "store/rocksdb/log_writer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"
#include "store/rocksdb/id_index.h"
#include "store/rocksdb/posting_writer.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

base::Result<std::unique_ptr<LogWriter>> LogWriter::resume(const Database& database,
                                                           const ReadView& view,
                                                           const IndexSettings& settings,
                                                           BlockPacker& packer) {
  auto writer = std::make_unique<LogWriter>(database, view.log, *view.head, settings, packer);
  if (view.applied() > 0) {
    RowReader reader(database, view);
    ASSIGN_OR_RETURN(const RowBlock* last, reader.block(view.applied() - 1));
    writer->rows_.resume(*last);
  }
  return writer;
}

base::Result<void> LogWriter::begin(std::uint64_t count, rocksdb::WriteBatch& writes) {
  indexing_ = head_.size + count - head_.indexed >= settings_.indexed_from;
  return indexing_ ? begin_indexing(count, writes) : base::Result<void>();
}

base::Result<void> LogWriter::index_newest(rocksdb::WriteBatch& writes) {
  indexing_ = head_.indexed < head_.size;
  return indexing_ ? begin_indexing(head_.size - head_.indexed, writes) : base::Result<void>();
}

// count: of the records in whose course postings are written.
base::Result<void> LogWriter::begin_indexing(std::uint64_t count, rocksdb::WriteBatch& writes) {
  if (index_ == nullptr) {
    ASSIGN_OR_RETURN(index_, IndexWriter::resume(database_, head_, head_.indexed, settings_));
  }
  RETURN_IF_ERROR(PostingWriter(database_).advance(head_, count, writes));
  return head_.indexed == head_.size ? base::Result<void>() : catch_up(writes);
}

base::Result<void> LogWriter::catch_up(rocksdb::WriteBatch& writes) {
  RowReader rows(database_, nullptr, head_.number, log_);
  std::vector<event::RecordView> records;
  std::array<char, 36> id_text;  // of each in turn: no index looks at it
  for (std::uint64_t seq = head_.indexed; seq < head_.size;) {
    ASSIGN_OR_RETURN(const RowBlock* const block, rows.block(seq));
    records.clear();
    for (; seq < std::min(head_.size, block->end_seq()); ++seq) {
      ASSIGN_OR_RETURN(records.emplace_back(), event::decode_record(block->record(seq), id_text));
    }
    RETURN_IF_ERROR(index_->add(records, writes));
  }
  return {};
}

base::Result<void> LogWriter::append(std::span<const event::RecordView> records,
                                     std::span<const AppliedRecord> applied,
                                     rocksdb::WriteBatch& writes) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const event::RecordView& record = records[i];
    CHECK(record.seq() == head_.size);
    rows_.append(applied[i].bytes, packer_);
    if (record.head.made_id.is_nil()) {
      put_id(writes, database_, head_.number, record.event.id, record.seq());
    }
    head_.size = record.seq() + 1;
    head_.newest_recorded_at = record.recorded_at();
  }
  return indexing_ ? index_->add(records, writes) : base::Result<void>();
}

void LogWriter::append_leaf(std::uint64_t seq, const tlog::Hash& leaf) {
  if (seq == head_.tree.size() + tree_.waiting()) {
    tree_.append(leaf);
  }
}

base::Result<LogHeadPointer> LogWriter::finish(rocksdb::WriteBatch& writes) {
  rows_.finish(writes, database_);
  tree_.finish(head_.tree, database_, writes);
  if (indexing_) {
    RETURN_IF_ERROR(index_->finish(head_, writes));
    head_.indexed = head_.size;
  }
  const base::Bytes key = log_key(log_);
  const base::Bytes value = encode_log_head(head_);
  writes.Put(database_.handle(Family::Meta), rocksdb::Slice(key), rocksdb::Slice(value));
  return LogHeadPointer(std::make_shared<const LogHead>(head_));
}

std::size_t LogWriter::memory_bytes() const {
  return sizeof(LogWriter) + kRowBlockBytesClose + (index_ == nullptr ? 0 : index_->memory_bytes());
}

}  // namespace piperoll::store::rocks
