#include "store/rocksdb/log_writer.h"

#include "base/check.h"
#include "store/rocksdb/id_index.h"
#include "store/rocksdb/posting_writer.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {

base::Result<std::unique_ptr<LogWriter>> LogWriter::resume(const Database& database,
                                                           const Snapshot& snapshot,
                                                           const LogHead& head,
                                                           const IndexSettings& settings,
                                                           BlockPacker& packer) {
  auto writer = std::make_unique<LogWriter>(database, head, settings, packer);
  if (head.size > 0) {
    RowReader reader(database, snapshot, head.number);
    ASSIGN_OR_RETURN(const RowBlock* last, reader.block(head.size - 1));
    writer->rows_.resume(*last);
  }
  return writer;
}

base::Result<void> LogWriter::begin(std::uint64_t count, rocksdb::WriteBatch& writes) {
  indexing_ = head_.size + count - head_.indexed >= settings_.indexed_from;
  if (!indexing_) {
    return {};
  }
  if (index_ == nullptr) {
    ASSIGN_OR_RETURN(index_, IndexWriter::resume(database_, head_, head_.indexed, settings_));
  }
  RETURN_IF_ERROR(PostingWriter(database_).advance(head_, count, writes));
  if (head_.indexed == head_.size) {
    return {};
  }
  RowReader rows(database_, nullptr, head_.number);
  for (std::uint64_t seq = head_.indexed; seq < head_.size; ++seq) {
    ASSIGN_OR_RETURN(const event::RecordView record, rows.view(seq));
    RETURN_IF_ERROR(index_->add(record, writes));
  }
  return {};
}

base::Result<void> LogWriter::append(const event::RecordView& record, base::ByteView bytes,
                                     base::ByteView digest, rocksdb::WriteBatch& writes) {
  CHECK(record.seq() == head_.size);
  rows_.append(bytes, packer_);
  if (record.head.made_id.is_nil()) {
    put_id(writes, database_, head_.number, record.event.id, {record.seq(), std::string(digest)});
  }
  if (indexing_) {
    RETURN_IF_ERROR(index_->add(record, writes));
  }
  head_.size = record.seq() + 1;
  head_.newest_recorded_at = record.recorded_at();
  return {};
}

void LogWriter::append_leaf(std::uint64_t seq, const tlog::Hash& leaf) {
  if (seq == head_.tree.size() + tree_.waiting()) {
    tree_.append(leaf);
  }
}

base::Result<LogHeadPointer> LogWriter::finish(const event::LogId& log,
                                               rocksdb::WriteBatch& writes) {
  rows_.finish(writes, database_);
  tree_.finish(head_.tree, database_, writes);
  if (indexing_) {
    RETURN_IF_ERROR(index_->finish(head_, writes));
    head_.indexed = head_.size;
  }
  const base::Bytes key = log_key(log);
  const base::Bytes value = encode_log_head(head_);
  writes.Put(database_.handle(Family::Meta), rocksdb::Slice(key), rocksdb::Slice(value));
  return LogHeadPointer(std::make_shared<const LogHead>(head_));
}

std::size_t LogWriter::memory_bytes() const {
  return sizeof(LogWriter) + kRowBlockBytesClose + (index_ == nullptr ? 0 : index_->memory_bytes());
}

}  // namespace piperoll::store::rocks
