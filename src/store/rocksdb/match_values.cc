#include "store/rocksdb/match_values.h"

#include "store/rocksdb/column_codec.h"
#include "store/rocksdb/store_limits.h"

namespace piperoll::store::rocks {
namespace {

// Few records, or such as have no text in the index: their rows tell.
base::Result<void> visit_rows(Matches& matches, Slot slot, std::uint64_t base,
                              const SeqSet& unlisted, const VisitText& visit_text) {
  event::FieldScratch scratch;
  for (const std::uint16_t low : unlisted.list()) {
    ASSIGN_OR_RETURN(const event::RecordView record, matches.row(base + low));
    const std::optional<std::string_view> text = indexed_text(record, slot, scratch);
    if (!text.has_value()) {
      return damaged_column();
    }
    visit_text(base + low, *text);
  }
  return {};
}

}  // namespace

base::Result<void> for_each_value(Matches& matches, Slot slot, std::uint32_t bucket,
                                  const VisitCode& visit_code, const VisitText& visit_text) {
  ASSIGN_OR_RETURN(const SeqSet set, matches.in_bucket(bucket));
  if (set.empty()) {
    return {};
  }
  const std::uint64_t base = std::uint64_t{bucket} << kBucketBits;
  const Code end = matches.index().field(slot).next_code;
  ASSIGN_OR_RETURN(const std::span<const Code> codes, matches.index().codes(slot, bucket));
  std::vector<std::uint16_t> without_code;
  for (const std::uint16_t low : set.list()) {
    if (codes[low] == kUnlisted) {
      without_code.push_back(low);
    } else if (codes[low] < end) {
      visit_code(base + low, codes[low]);
    } else {
      return damaged_column();
    }
  }
  SeqSet unlisted = SeqSet::of_sorted(without_code);
  if (kIndexedFields[slot].has_texts && without_code.size() > kRowsBeforeTextsMax) {
    const SeqSet wanted = unlisted;
    RETURN_IF_ERROR(matches.index().for_each_texts(
        slot, bucket, [&](std::uint32_t offset, const TextSegment& texts) -> base::Result<void> {
          for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto low = static_cast<std::uint16_t>(offset + texts.place(i));
            if (wanted.contains(low)) {
              visit_text(base + low, texts.text(i));
            }
          }
          texts.take_known(offset, unlisted);
          return {};
        }));
  }
  return visit_rows(matches, slot, base, unlisted, visit_text);
}

}  // namespace piperoll::store::rocks
