#include "store/rocksdb/text_order.h"

#include "store/rocksdb/match_values.h"

namespace piperoll::store::rocks {

std::optional<Slot> TextOrder::slot_of_order(const query::Sort& sort) {
  const query::SortTerm& term = sort.front();
  const std::optional<Slot> slot = slot_of(term.field);
  const bool one = sort.size() == 1 && slot.has_value() && kIndexedFields[*slot].has_values &&
                   event::type_of(term.field) == event::FieldType::Text;
  return one ? slot : std::nullopt;
}

bool TextOrder::Before::operator()(const View& a, const View& b) const {
  if (a.absent != b.absent) {
    return b.absent != descending;
  }
  const int order = a.text.compare(b.text);
  return order != 0 ? (order < 0) != descending : (a.seq < b.seq) != descending && a.seq != b.seq;
}

void TextOrder::begin_at(const event::Record& record, bool inclusive) {
  event::FieldScratch scratch;
  const std::optional<std::string_view> text = indexed_text(event::view_of(record), slot_, scratch);
  begin_ = Item{.absent = !text.has_value() && !lowest_,
                .text = std::string(text.value_or("")),
                .seq = record.seq()};
  inclusive_ = inclusive;
}

void TextOrder::offer(std::optional<std::string_view> text, std::uint64_t seq) {
  const View item{!text.has_value() && !lowest_, text.value_or(""), seq};
  if (begin_.has_value()) {
    const bool here = seq == begin_->seq;
    if (here ? !inclusive_ : !before_(view_of(*begin_), item)) {
      return;
    }
  }
  const Item* const last = first_.last();
  if (last == nullptr || before_(item, view_of(*last))) {
    first_.add({item.absent, std::string(item.text), seq});
  }
}

base::Result<std::vector<std::uint64_t>> TextOrder::first(Matches& matches) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const ValueList> list, matches.index().values(slot_));
  for (std::uint32_t bucket = 0; bucket < matches.bucket_count(); ++bucket) {
    RETURN_IF_ERROR(for_each_value(
        matches, slot_, bucket,
        [&](std::uint64_t seq, Code code) {
          offer(code == kAbsent ? std::nullopt : std::optional(list->text(list->rank_of(code))),
                seq);
        },
        [&](std::uint64_t seq, std::string_view text) { offer(text, seq); }));
  }
  std::vector<std::uint64_t> seqs;
  for (const Item& item : first_.take()) {
    seqs.push_back(item.seq);
  }
  return seqs;
}

}  // namespace piperoll::store::rocks
