#include "store/rocksdb/log_writer.h"

#include "base/check.h"
#include "store/rocksdb/id_index.h"

namespace piperoll::store::rocks {

base::Result<std::unique_ptr<LogWriter>> LogWriter::resume(const Database& database,
                                                           const Snapshot& snapshot, LogHead head) {
  auto writer = std::make_unique<LogWriter>(database, head);
  if (head.size > 0) {
    RowReader reader(database, snapshot, head.number);
    ASSIGN_OR_RETURN(const RowBlock* last, reader.block(head.size - 1));
    writer->rows_.resume(*last);
  }
  return writer;
}

base::Result<void> LogWriter::append(const event::RecordView& record, base::ByteView bytes,
                                     base::ByteView digest, rocksdb::WriteBatch& writes) {
  CHECK(record.seq() == head_.size);
  rows_.append(bytes, writes, database_);
  if (record.head.made_id.is_nil()) {
    put_id(writes, database_, head_.number, record.event.id, {record.seq(), std::string(digest)});
  }
  head_.size = record.seq() + 1;
  head_.newest_recorded_at = record.recorded_at();
  return {};
}

base::Result<LogHeadPointer> LogWriter::finish(const event::LogId& log,
                                               rocksdb::WriteBatch& writes) {
  rows_.finish(writes, database_);
  const base::Bytes key = log_key(log);
  const base::Bytes value = encode_log_head(head_);
  writes.Put(database_.handle(Family::Meta), rocksdb::Slice(key), rocksdb::Slice(value));
  return LogHeadPointer(std::make_shared<const LogHead>(head_));
}

}  // namespace piperoll::store::rocks
