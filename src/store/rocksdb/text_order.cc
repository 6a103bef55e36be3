#include "store/rocksdb/text_order.h"

#include <algorithm>

#include "store/rocksdb/match_values.h"

namespace piperoll::store::rocks {

std::optional<Slot> TextOrder::slot_of_order(const query::Sort& sort) {
  const query::SortTerm& term = sort.front();
  const std::optional<Slot> slot = slot_of(term.field);
  const bool one = sort.size() == 1 && slot.has_value() && kIndexedFields[*slot].has_values &&
                   event::type_of(term.field) == event::FieldType::Text;
  return one ? slot : std::nullopt;
}

bool TextOrder::before(const View& a, const View& b) const {
  if (a.absent != b.absent) {
    return b.absent != descending_;
  }
  const int order = a.text.compare(b.text);
  return order != 0 ? (order < 0) != descending_ : (a.seq < b.seq) != descending_ && a.seq != b.seq;
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
    if (here ? !inclusive_ : !before(view_of(*begin_), item)) {
      return;
    }
  }
  if (cut_ && !before(item, view_of(items_[wanted_ - 1]))) {
    return;
  }
  items_.push_back({item.absent, std::string(item.text), seq});
  if (items_.size() / 2 > wanted_) {
    keep_wanted();
  }
}

void TextOrder::keep_wanted() {
  if (items_.size() <= wanted_) {
    return;
  }
  const auto last = items_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1);
  std::nth_element(items_.begin(), last, items_.end(),
                   [&](const Item& a, const Item& b) { return before(view_of(a), view_of(b)); });
  items_.erase(last + 1, items_.end());
  cut_ = true;
}

base::Result<std::vector<std::uint64_t>> TextOrder::first(Matches& matches) {
  std::vector<std::uint64_t> seqs;
  if (wanted_ == 0) {
    return seqs;
  }
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
  keep_wanted();
  std::sort(items_.begin(), items_.end(),
            [&](const Item& a, const Item& b) { return before(view_of(a), view_of(b)); });
  for (const Item& item : items_) {
    seqs.push_back(item.seq);
  }
  return seqs;
}

}  // namespace piperoll::store::rocks
