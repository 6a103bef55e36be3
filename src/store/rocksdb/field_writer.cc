#include "store/rocksdb/field_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/coding.h"
#include "store/rocksdb/counts_writer.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// What the table cannot hold or no record has.
constexpr ValueTable::Index kNoValue = ValueTable::kNotThere;

base::Error damaged() {
  return {.kind = base::ErrorKind::Corruption,
          .message = "the code of a value is damaged",
          .code = "damaged_index"};
}

}  // namespace

FieldWriter::FieldWriter(const Database& database, LogNumber log, Slot slot, std::uint64_t next_seq,
                         const FieldHead& head, const IndexSettings& settings)
    : database_(database),
      log_(log),
      slot_(slot),
      settings_(settings),
      head_(head),
      column_(database, Family::Codes, codes_prefix(log, kIndexedFields[slot].number), next_seq),
      values_(settings.seed) {}

base::Result<void> FieldWriter::add(std::uint64_t first_seq, std::span<const IndexedTexts> records,
                                    std::span<Code> codes, rocksdb::WriteBatch& batch) {
  std::array<std::string_view, kAddedTogetherMax> texts;
  std::array<std::uint8_t, kAddedTogetherMax> places;  // of the texts among the records
  std::array<ValueTable::Index, kAddedTogetherMax> known;
  std::size_t count = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::optional<std::string_view>& text = records[i][slot_];
    codes[i] = kAbsent;
    if (text.has_value()) {
      texts[count] = *text;
      places[count++] = static_cast<std::uint8_t>(i);
    }
  }
  present_ += static_cast<std::uint32_t>(count);
  const bool has_codes = kIndexedFields[slot_].has_values && first_seq < head_.stopped_at;
  if (has_codes) {
    values_.find_each(std::span(texts).first(count), std::span(known).first(count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    Code& code = codes[places[i]];
    code = kUnlisted;
    if (has_codes) {
      ASSIGN_OR_RETURN(code, code_of(first_seq + places[i], texts[i], known[i], batch));
    }
  }
  column_.add(codes);
  if (first_seq + records.size() > head_.stopped_at) {
    add_texts(first_seq, records, codes);
  }
  return {};
}

base::Result<Code> FieldWriter::code_of(std::uint64_t seq, std::string_view text,
                                        ValueTable::Index known, rocksdb::WriteBatch& batch) {
  if (seq >= head_.stopped_at) {
    return kUnlisted;
  }
  ValueTable::Index index = known;
  if (index == kNoValue) {
    index = values_.find(text);  // a record just before may have brought it
  }
  if (index == kNoValue) {
    ASSIGN_OR_RETURN(index, load_or_make(seq, text, batch));
  }
  if (index == kNoValue) {
    return kUnlisted;
  }
  OpenValue& open = values_.at(index);
  if (open.batch_count++ == 0) {
    touched_.push_back(index);
  }
  return open.code;
}

// Of the values without a code.
void FieldWriter::add_texts(std::uint64_t first_seq, std::span<const IndexedTexts> records,
                            std::span<const Code> codes) {
  std::size_t i = first_seq < head_.stopped_at ? head_.stopped_at - first_seq : 0;
  if (!texts_.has_value()) {
    texts_.emplace(database_, log_, number(), !kIndexedFields[slot_].has_texts, first_seq + i);
  }
  for (; i < records.size(); ++i) {
    texts_->add(codes[i] == kUnlisted ? records[i][slot_] : std::nullopt);
  }
}

base::Result<ValueTable::Index> FieldWriter::load_or_make(std::uint64_t seq, std::string_view text,
                                                          rocksdb::WriteBatch& batch) {
  const base::Bytes key = value_key(log_, number(), text);
  if (values_.size() < head_.next_code - kFirstCode) {  // some values are only on disk
    rocksdb::PinnableSlice stored;
    ASSIGN_OR_RETURN(const bool found, database_.find(Family::Dict, key, nullptr, stored));
    if (found) {
      base::Decoder decoder({stored.data(), stored.size()});
      const auto code = static_cast<Code>(decoder.varint());
      if (!decoder.ok() || !decoder.at_end()) {
        return damaged();
      }
      return values_.insert(text, {.code = code});
    }
  }
  if (!has_room_for(seq, text)) {
    head_.stopped_at = seq;
    return kNoValue;
  }
  const Code code = head_.next_code++;
  growth_.saw(head_.next_code - kFirstCode, seq);
  head_.value_bytes += text.size();
  base::Bytes value;
  base::put_varint(value, code);
  batch.Put(database_.handle(Family::Dict), rocksdb::Slice(key), rocksdb::Slice(value));
  batch.Put(database_.handle(Family::Dict), rocksdb::Slice(code_key(log_, number(), code)),
            rocksdb::Slice(text.data(), text.size()));
  return values_.insert(text, {.code = code});
}

bool FieldWriter::has_room_for(std::uint64_t seq, std::string_view text) const {
  const std::uint64_t values = head_.next_code - kFirstCode;
  const bool few_records_each = seq < values * kSparseRecordsPerValue;
  const bool hardly_come_back = values >= settings_.sparse_values_max ||
                                (values >= settings_.sparse_values_min && growth_.is_steady());
  return !(few_records_each && hardly_come_back) && values < settings_.field_values_max &&
         head_.value_bytes + text.size() <= kFieldValueBytesMax;
}

base::Result<void> FieldWriter::finish(rocksdb::WriteBatch& batch) {
  RETURN_IF_ERROR(column_.finish(batch));
  if (texts_.has_value()) {
    texts_->finish(batch);
  }
  RETURN_IF_ERROR(write_totals(batch));
  if (head_.stopped_at != kNever && values_.size() > 0) {
    values_ = ValueTable(settings_.seed);  // nobody asks for codes any more
  }
  return {};
}

base::Result<void> FieldWriter::write_totals(rocksdb::WriteBatch& batch) {
  Counts counts;
  if (present_ > 0) {
    counts.push_back({kAbsent, std::exchange(present_, 0U)});
  }
  for (const ValueTable::Index index : touched_) {
    OpenValue& open = values_.at(index);
    counts.push_back({open.code, std::exchange(open.batch_count, 0U)});
  }
  touched_.clear();
  std::sort(counts.begin(), counts.end(),
            [](const KeyCount& a, const KeyCount& b) { return a.key < b.key; });
  for (auto begin = counts.begin(); begin != counts.end();) {
    const std::uint32_t chunk = begin->key / kTotalsPerChunk;
    auto end = begin;
    for (; end != counts.end() && end->key / kTotalsPerChunk == chunk; ++end) {
      end->key %= kTotalsPerChunk;
    }
    if (chunk_merges_.size() <= chunk) {
      chunk_merges_.resize(chunk + 1);
    }
    RETURN_IF_ERROR(add_to_counts(database_, totals_key(log_, number(), chunk), {begin, end},
                                  chunk_merges_[chunk], batch));
    begin = end;
  }
  return {};
}

}  // namespace piperoll::store::rocks
