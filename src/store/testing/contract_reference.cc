#include "store/testing/contract_reference.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "query/match.h"

namespace piperoll::store::testing {

namespace {

std::int64_t decimal(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

base::Timestamp start_of(Interval interval, base::Timestamp time) {
  base::CivilTime civil = base::to_civil(time);
  civil.micros = civil.second = civil.minute = 0;
  if (interval != Interval::Hour) {
    civil.hour = 0;
  }
  if (interval == Interval::Month) {
    civil.day = 1;
  }
  return base::from_civil(civil);
}

}  // namespace

void ReferenceLog::add(const FrameRecord& record) {
  base::Result<event::Record> decoded = event::Record::decode(record.bytes);
  CHECK(decoded.has_value() && decoded->seq() == records_.size());
  if (record.leaf.has_value() && leaves_.size() == records_.size()) {
    leaves_.push_back(*record.leaf);
  }
  records_.push_back(std::make_unique<event::Record>(*std::move(decoded)));
  views_.push_back(event::view_of(*records_.back()));
  seq_of_id_.emplace(views_.back().event.id, records_.size() - 1);
}

std::optional<std::uint64_t> ReferenceLog::seq_of(const std::string& id) const {
  const auto found = seq_of_id_.find(id);
  return found == seq_of_id_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::uint64_t> ReferenceLog::matching(const query::Filter& filter,
                                                  std::uint64_t bound) const {
  std::vector<std::uint64_t> seqs;
  for (std::uint64_t seq = 0; seq < std::min(bound, size()); ++seq) {
    if (query::match(filter, views_[seq])) {
      seqs.push_back(seq);
    }
  }
  return seqs;
}

ExpectedPage ReferenceLog::find(const query::PageRequest& request) const {
  ExpectedPage page;
  page.tree_size = std::min(request.tree_size.value_or(size()), size());
  std::vector<std::uint64_t> all = matching(request.filter, page.tree_size);
  const auto comes_before = [&](std::uint64_t a, std::uint64_t b) {
    return query::compare(request.sort, views_[a], views_[b]) < 0;
  };
  std::sort(all.begin(), all.end(), comes_before);
  auto begin = all.begin();
  auto end = all.end();
  if (request.after_seq.has_value()) {
    begin = std::upper_bound(all.begin(), all.end(), *request.after_seq, comes_before);
  }
  if (request.before_seq.has_value()) {
    end = std::max(begin,
                   std::lower_bound(all.begin(), all.end(), *request.before_seq, comes_before));
  }
  const auto at_most = [&](std::uint64_t count) {
    return static_cast<std::ptrdiff_t>(std::min(count, static_cast<std::uint64_t>(end - begin)));
  };
  if (request.before_seq.has_value()) {
    end -= at_most(request.offset);
    begin = end - at_most(request.limit);
  } else {
    begin += at_most(request.offset);
    end = begin + at_most(request.limit);
  }
  page.seqs.assign(begin, end);
  page.more_before = begin != all.begin();
  page.more_after = end != all.end();
  return page;
}

Facets ReferenceLog::facets(const query::Filter& filter, const event::FieldRef& field,
                            std::uint64_t limit) const {
  Facets facets;
  std::map<std::string, std::uint64_t> counts;
  for (const std::uint64_t seq : matching(filter, size())) {
    event::FieldScratch scratch;
    const auto text = event::text_of(views_[seq], field, scratch);
    if (text.has_value()) {
      ++counts[std::string(*text)];
    } else {
      ++facets.missing;
    }
  }
  for (const auto& [value, count] : counts) {
    facets.values.push_back({value, count});
  }
  const bool by_number = event::type_of(field.field) == event::FieldType::Integer;
  std::stable_sort(facets.values.begin(), facets.values.end(),
                   [&](const FacetValue& a, const FacetValue& b) {
                     if (a.count != b.count) {
                       return a.count > b.count;
                     }
                     return by_number && decimal(a.value) < decimal(b.value);
                   });
  const std::size_t listed = std::min<std::uint64_t>(limit, facets.values.size());
  for (std::size_t i = listed; i < facets.values.size(); ++i) {
    facets.other += facets.values[i].count;
  }
  facets.values.resize(listed);
  return facets;
}

std::vector<Bucket> ReferenceLog::histogram(const query::Filter& filter, Interval interval) const {
  std::map<base::Timestamp, std::uint64_t> counts;
  for (const std::uint64_t seq : matching(filter, size())) {
    ++counts[start_of(interval, views_[seq].occurred_at())];
  }
  std::vector<Bucket> buckets;
  for (const auto& [start, count] : counts) {
    buckets.push_back({start, count});
  }
  return buckets;
}

void Reference::add(const Frame& frame) {
  CHECK(frame.lsn > applied_);
  for (const FrameRecord& record : frame.records) {
    if (record.kind == AppliedRecord::Kind::Control) {
      controls_.push_back(record.bytes);
    } else {
      logs_[record.log].add(record);
    }
  }
  applied_ = frame.lsn;
}

const ReferenceLog& Reference::log(const event::LogId& log) const {
  const auto found = logs_.find(log);
  return found == logs_.end() ? empty_ : found->second;
}

}  // namespace piperoll::store::testing
