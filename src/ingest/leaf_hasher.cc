#include "ingest/leaf_hasher.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/check.h"
#include "evidence/origin.h"

namespace piperoll::ingest {

void LeafHasher::hash_log(const event::LogId& log) {
  hashes_.resize(views_.size());
  maker_.leaf_hashes(evidence::origin_of(server_name_, log), views_, hashes_);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    *places_[i] = hashes_[i];
  }
  views_.clear();
  places_.clear();
}

base::Result<void> LeafHasher::hash(std::span<const store::AppliedRecord> records,
                                    std::span<tlog::Hash> leaves) {
  CHECK(records.size() == leaves.size());
  // Log by log: hashing goes fastest over many records of one.
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    if (records[i].kind == store::AppliedRecord::Kind::Event) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return records[a].log < records[b].log;
  });
  std::vector<std::array<char, 36>> ids(order.size());  // of those that the server made
  for (std::size_t i = 0; i < order.size(); ++i) {
    const store::AppliedRecord& record = records[order[i]];
    auto view = event::decode_record(record.bytes, ids[i]);
    if (!view) {
      views_.clear();
      places_.clear();
      return std::move(view).error();
    }
    views_.push_back(*view);
    places_.push_back(&leaves[order[i]]);
    if (i + 1 == order.size() || records[order[i + 1]].log != record.log) {
      hash_log(record.log);
    }
  }
  return {};
}

}  // namespace piperoll::ingest
