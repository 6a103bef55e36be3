#include "store/rocksdb/index_writer.h"

#include <algorithm>
#include <array>

#include "base/thread.h"
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
      cells_(database, head.number),
      path_values_(database, head.number, next_seq) {
  fields_.reserve(kSlotCount);
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    fields_.emplace_back(database, head.number, slot, next_seq, head.fields[slot], settings);
  }
}

base::Result<void> IndexWriter::add(std::span<const event::RecordView> records,
                                    rocksdb::WriteBatch& batch) {
  while (!records.empty()) {
    const std::size_t count = std::min(records.size(), FieldWriter::kAddedTogetherMax);
    RETURN_IF_ERROR(add_some(records.first(count), batch));
    records = records.subspan(count);
  }
  return {};
}

// Field by field, not record by record: what a field keeps is fetched into the cache for all of
// them at once.
base::Result<void> IndexWriter::add_some(std::span<const event::RecordView> records,
                                         rocksdb::WriteBatch& batch) {
  std::array<IndexedTexts, FieldWriter::kAddedTogetherMax> texts;
  std::array<event::FieldScratch, FieldWriter::kAddedTogetherMax> scratch;
  std::array<std::array<Code, FieldWriter::kAddedTogetherMax>, kSlotCount> codes;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const event::RecordView& record = records[i];
    const std::int64_t occurred_at = record.occurred_at().micros;
    occurred_.add(occurred_at);
    recorded_.add(record.recorded_at().micros);
    occurred_bounds_.add(record.seq(), occurred_at, batch);
    recorded_bounds_.add(record.seq(), record.recorded_at().micros, batch);
    indexed_texts(record, scratch[i], texts[i]);
    path_values_.add(record.event, batch);
  }
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    RETURN_IF_ERROR(fields_[slot].add(records.front().seq(), std::span(texts).first(records.size()),
                                      std::span(codes[slot]).first(records.size()), batch));
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    cells_.begin(records[i].occurred_at());
    for (Slot slot = 0; slot < kSlotCount; ++slot) {
      if (kIndexedFields[slot].has_cells) {
        cells_.add(slot, codes[slot][i]);
      }
    }
  }
  return {};
}

base::Result<void> IndexWriter::finish(LogHead& head, rocksdb::WriteBatch& batch) {
  for (Slot slot = 0; slot < kSlotCount; ++slot) {
    RETURN_IF_ERROR(fields_[slot].finish(batch));
    head.fields[slot] = fields_[slot].head();
    base::give_way();
  }
  RETURN_IF_ERROR(occurred_.finish(batch));
  RETURN_IF_ERROR(recorded_.finish(batch));
  occurred_bounds_.finish(batch);
  recorded_bounds_.finish(batch);
  path_values_.finish(batch);
  return cells_.finish(batch);
}

std::size_t IndexWriter::memory_bytes() const {
  std::size_t bytes = path_values_.memory_bytes();
  for (const FieldWriter& field : fields_) {
    bytes += field.memory_bytes();
  }
  return bytes;
}

}  // namespace piperoll::store::rocks
