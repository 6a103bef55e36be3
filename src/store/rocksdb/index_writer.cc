#include "store/rocksdb/index_writer.h"

#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
base::Result<std::unique_ptr<IndexWriter>> IndexWriter::resume(const Database& database,
                                                               const LogHead& head,
                                                               std::uint64_t next_seq,
                                                               const IndexSettings& settings) {
  auto writer = std::make_unique<IndexWriter>(Passkey{}, database, head, next_seq, settings);
  RETURN_IF_ERROR(writer->occurred_bounds_.resume(next_seq));
  RETURN_IF_ERROR(writer->recorded_bounds_.resume(next_seq));
  return writer;
}

IndexWriter::IndexWriter(Passkey, const Database& database, const LogHead& head,
                         std::uint64_t next_seq, const IndexSettings& settings)
    : occurred_(database, Family::Time, times_prefix(head.number, TimeColumn::Occurred), next_seq),
      recorded_(database, Family::Time, times_prefix(head.number, TimeColumn::Recorded), next_seq),
      occurred_bounds_(database, head.number, TimeColumn::Occurred),
      recorded_bounds_(database, head.number, TimeColumn::Recorded),
      cells_(database, head.number) {
  fields_.reserve(kSlotCount);
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    fields_.emplace_back(database, head.number, slot, next_seq, head.fields[slot], settings);
  }
}

base::Result<void> IndexWriter::add(const event::RecordView& record, rocksdb::WriteBatch& batch) {
  const base::Timestamp occurred_at = record.occurred_at();
  occurred_.add(occurred_at.micros);
  recorded_.add(record.recorded_at().micros);
  occurred_bounds_.add(record.seq(), occurred_at.micros, batch);
  recorded_bounds_.add(record.seq(), record.recorded_at().micros, batch);
  cells_.begin(occurred_at);
  indexed_texts(record, scratch_, texts_);
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    FieldWriter& field = fields_[slot];
    if (!texts_[slot].has_value()) {
      field.add_absent(record.seq());
      continue;
    }
    std::optional<Code> code = field.add_known(record.seq(), *texts_[slot]);
    if (!code.has_value()) {
      ASSIGN_OR_RETURN(code, field.add_new(record.seq(), *texts_[slot], batch));
    }
    if (kIndexedFields[slot].has_cells) {
      cells_.add(slot, *code);
    }
  }
  return {};
}

base::Result<void> IndexWriter::finish(LogHead& head, rocksdb::WriteBatch& batch) {
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    RETURN_IF_ERROR(fields_[slot].finish(batch));
    head.fields[slot] = fields_[slot].head();
  }
  RETURN_IF_ERROR(occurred_.finish(batch));
  RETURN_IF_ERROR(recorded_.finish(batch));
  occurred_bounds_.finish(batch);
  recorded_bounds_.finish(batch);
  return cells_.finish(batch);
}

std::size_t IndexWriter::memory_bytes() const {
  std::size_t bytes = 0;
  for (const FieldWriter& field : fields_) {
    bytes += field.memory_bytes();
  }
  return bytes;
}

}  // namespace piperoll::store::rocks
