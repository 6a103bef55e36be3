#include "store/testing/contract_run.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "base/check.h"
#include "crypto/random.h"
#include "tlog/tile.h"
#include "tlog/tree_test_support.h"

namespace piperoll::store::testing {

namespace {

std::string key_of(std::uint64_t seed) {
  std::string key(FeistelIdCipher::kKeyBytes, 'k');
  const std::string digits = std::to_string(seed);
  std::copy(digits.begin(), digits.end(), key.begin());
  return key;
}

template <class T>
std::string why(const base::Result<T>& result) {
  return result ? "" : std::string(to_string(result.error().kind)) + ": " + result.error().message;
}

// Where two lists differ first, for people.
std::string difference(const std::vector<std::uint64_t>& got,
                       const std::vector<std::uint64_t>& expected) {
  std::size_t at = 0;
  while (at < got.size() && at < expected.size() && got[at] == expected[at]) {
    ++at;
  }
  const auto shown = [&](const std::vector<std::uint64_t>& list) {
    std::string text;
    for (std::size_t i = at; i < std::min(at + 8, list.size()); ++i) {
      text += " " + std::to_string(list[i]);
    }
    return text + (list.size() > at + 8 ? " ..." : "");
  };
  return "got " + std::to_string(got.size()) + " seqs, expected " +
         std::to_string(expected.size()) + "; from the " + std::to_string(at) + "th: got" +
         shown(got) + "; expected" + shown(expected);
}

std::vector<std::uint64_t> seqs_of(const std::vector<event::Record>& records) {
  std::vector<std::uint64_t> seqs;
  for (const event::Record& record : records) {
    seqs.push_back(record.seq());
  }
  return seqs;
}

std::vector<event::RecordView> sample(const ReferenceLog& log, std::size_t most) {
  const std::vector<event::RecordView>& views = log.views();
  const std::size_t step = std::max<std::size_t>(1, views.size() / most);
  std::vector<event::RecordView> chosen;
  for (std::size_t i = 0; i < views.size(); i += step) {
    chosen.push_back(views[i]);
  }
  return chosen;
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return text;
}

}  // namespace

int scaled(int count) {
  const char* scale = std::getenv("PIPEROLL_PROPERTY_SCALE");
  if (scale == nullptr) {
    return count;
  }
  return std::max(1, static_cast<int>(count * std::strtod(scale, nullptr)));
}

std::uint64_t announced_seed() {
  std::uint64_t seed = 0;
  if (const char* given = std::getenv("PIPEROLL_PROPERTY_SEED"); given != nullptr) {
    seed = std::strtoull(given, nullptr, 10);
  } else {
    crypto::random_bytes(reinterpret_cast<char*>(&seed), sizeof seed);
  }
  std::cout << "PIPEROLL_PROPERTY_SEED=" << seed << "\n";
  return seed;
}

ContractRun::ContractRun(const StoreKind& kind, std::uint64_t seed, const WorldOptions& options)
    : kind_(kind),
      random_(seed),
      ids_(key_of(seed)),
      world_(random_(), options, ids_),
      subject_(kind.make(ids_)) {}

const event::LogId& ContractRun::some_log() {
  const std::vector<event::LogId>& logs = world_.logs();
  return below(2) == 0 ? logs.front() : logs[below(logs.size())];
}

void ContractRun::grow(std::uint64_t records) {
  const std::size_t begin = frames_.size();
  std::uint64_t made = 0;
  while (made < records) {
    frames_.push_back(world_.next_frame());
    made += frames_.back().records.size();
  }
  apply_frames(begin, frames_.size());
  for (std::size_t i = begin; i < frames_.size(); ++i) {
    reference_.add(frames_[i]);
  }
}

void ContractRun::grow_by_frame() {
  frames_.push_back(world_.next_frame());
  apply_batch(frames_.size() - 1, frames_.size());
  reference_.add(frames_.back());
}

void ContractRun::apply_frames(std::size_t begin, std::size_t end) {
  while (begin < end) {
    const std::uint64_t width = below(3) == 0 ? 1 : 1 + below(400);
    const std::size_t stop = begin + std::min<std::size_t>(width, end - begin);
    apply_batch(begin, stop);
    begin = stop;
  }
}

void ContractRun::apply_batch(std::size_t begin, std::size_t end) {
  std::vector<AppliedRecord> records;
  for (std::size_t i = begin; i < end; ++i) {
    for (const FrameRecord& record : frames_[i].records) {
      records.push_back({record.kind, record.log, record.bytes,
                         record.leaf.has_value() ? &*record.leaf : nullptr});
    }
  }
  const Lsn lsn = frames_[end - 1].lsn;
  const base::Result<void> applied = store().apply({lsn, records});
  ASSERT_TRUE(applied.has_value()) << why(applied);
  batch_ends_.insert(lsn);
}

void ContractRun::flush() {
  const base::Result<void> flushed = store().flush();
  ASSERT_TRUE(flushed.has_value()) << why(flushed);
  if (kind_.durable) {
    ASSERT_EQ(store().persisted_lsn(), store().applied_lsn());
  }
}

void ContractRun::index_newest() {
  if (store().wants_index()) {
    const base::Result<void> indexed = store().index_newest();
    ASSERT_TRUE(indexed.has_value()) << why(indexed);
    ASSERT_FALSE(store().wants_index());
  }
}

void ContractRun::restart() {
  const Lsn persisted = store().persisted_lsn();
  subject_->restart();
  const Lsn found = store().applied_lsn();
  ASSERT_GE(found, persisted);
  ASSERT_LE(found, reference_.applied());
  ASSERT_TRUE(found == 0 || batch_ends_.contains(found)) << "part of a batch: " << found;
  std::size_t first = 0;
  std::map<event::LogId, std::uint64_t> sizes;
  for (; first < frames_.size() && frames_[first].lsn <= found; ++first) {
    for (const FrameRecord& record : frames_[first].records) {
      sizes[record.log] += record.kind == AppliedRecord::Kind::Event ? 1U : 0U;
    }
  }
  for (const event::LogId& log : world_.logs()) {
    ASSERT_EQ(store().size(log), sizes[log]) << "after a restart";
  }
  apply_frames(first, frames_.size());
}

query::VocabularyPointer ContractRun::vocabulary(const event::LogId& log) {
  const ReferenceLog& expected = reference_.log(log);
  query::VocabularyPointer& known = vocabularies_[log];
  if (expected.size() > 0 &&
      (known == nullptr || expected.size() > known->size + known->size / 2)) {
    known = query::vocabulary_of(sample(expected, 250), expected.size());
  }
  return known;
}

void ContractRun::check(int questions) {
  check_whole();
  for (int i = 0; i < questions && !::testing::Test::HasFailure(); ++i) {
    const event::LogId& log = some_log();
    if (reference_.log(log).size() == 0) {
      continue;
    }
    switch (below(11)) {
      case 10:
        check_tree(log);
        break;
      case 0:
        check_count(log);
        break;
      case 1:
        check_facets(log);
        break;
      case 2:
        check_histogram(log);
        break;
      case 3:
        check_scan(log);
        break;
      case 4:
        check_ids(log);
        check_record(log);
        break;
      default:
        check_find(log);
        break;
    }
  }
}

void ContractRun::check_tree(const event::LogId& log) {
  const std::vector<tlog::Hash>& leaves = reference_.log(log).leaves();
  std::vector<tlog::Tile> tiles = tlog::tiles_of_growth(0, leaves.size());
  for (tlog::Tile tile : tiles) {
    tile.width = 1 + static_cast<unsigned>(below(tile.width));
    const base::Result<std::vector<tlog::Hash>> got = store().tree_tile(log, tile);
    ASSERT_TRUE(got.has_value()) << why(got);
    ASSERT_EQ(got->size(), tile.width);
    const std::uint64_t span = std::uint64_t{1} << (tlog::kTileHeight * tile.level);
    const std::uint64_t place = below(tile.width);
    const std::uint64_t begin = (tile.index * tlog::kTileWidth + place) * span;
    EXPECT_EQ((*got)[place], tlog::naive_root(std::span(leaves).subspan(begin, span)))
        << tlog::path_of(tile) << ", hash " << place;
  }
  const unsigned width = tlog::tile_width(0, leaves.size() / tlog::kTileWidth, leaves.size());
  const tlog::Tile beyond{.index = leaves.size() / tlog::kTileWidth, .width = width + 1};
  EXPECT_EQ(store().tree_tile(log, beyond).error().kind, base::ErrorKind::NotFound);
}

void ContractRun::grow_tree(const event::LogId& log) {
  ReferenceLog& expected = reference_.log_to_change(log);
  std::vector<tlog::Hash> leaves;
  const std::uint64_t lacking = expected.size() - expected.leaves().size();
  for (std::uint64_t i = 0; i < std::min(lacking, 1 + below(600)); ++i) {
    leaves.push_back(tlog::leaf_hash(expected.bytes(expected.leaves().size())));
    expected.add_leaf(leaves.back());
  }
  const base::Result<void> grown = store().grow_tree(log, leaves);
  ASSERT_TRUE(grown.has_value()) << why(grown);
}

void ContractRun::check_whole() {
  EXPECT_EQ(store().applied_lsn(), reference_.applied());
  EXPECT_LE(store().persisted_lsn(), reference_.applied());
  std::vector<event::LogId> logs;
  std::uint64_t records = 0;
  for (const auto& [log, expected] : reference_.logs()) {
    logs.push_back(log);
    records += expected.size();
    EXPECT_EQ(store().size(log), expected.size());
    EXPECT_EQ(store().newest_recorded_at(log), expected.views().back().recorded_at());
    EXPECT_EQ(store().tree(log).size, expected.leaves().size());
    EXPECT_EQ(store().tree(log).root, tlog::naive_root(expected.leaves()));
  }
  std::vector<event::LogId> known = store().logs();
  std::sort(known.begin(), known.end());
  EXPECT_EQ(known, logs);
  EXPECT_EQ(store().stats().records, records);
  EXPECT_EQ(store().stats().applied, reference_.applied());
  std::vector<base::Bytes> controls;
  const base::Result<void> read = store().for_each_control([&](base::ByteView control) {
    controls.emplace_back(control);
    return base::Result<void>();
  });
  EXPECT_TRUE(read.has_value()) << why(read);
  EXPECT_EQ(controls, reference_.controls());
}

void ContractRun::check_find(const event::LogId& log) {
  query::PageRequest request = draw(query::arbitrary_page_request(vocabulary(log)));
  check_find(log, request);
}

void ContractRun::check_find(const event::LogId& log, const query::PageRequest& request) {
  const ReferenceLog& expected = reference_.log(log);
  const ExpectedPage page = expected.find(request);
  const base::Result<Page> found = store().find(log, request);
  const auto context = [&] {
    return "in a log of " + std::to_string(expected.size()) + ": " + query::print(request) + "\n" +
           store().explain(log, request);
  };
  ASSERT_TRUE(found.has_value()) << why(found) << "\n" << context();
  const std::vector<std::uint64_t> seqs = seqs_of(found->records);
  ASSERT_TRUE(seqs == page.seqs) << difference(seqs, page.seqs) << "\n" << context();
  EXPECT_EQ(found->more_before, page.more_before) << context();
  EXPECT_EQ(found->more_after, page.more_after) << context();
  EXPECT_EQ(found->tree_size, page.tree_size) << context();
  for (const event::Record& record : found->records) {
    ASSERT_EQ(record.bytes(), expected.bytes(record.seq())) << context();
  }
}

std::vector<std::uint64_t> ContractRun::walk(const event::LogId& log, query::PageRequest request,
                                             bool forward) {
  std::vector<std::uint64_t> seqs;
  bool more = true;
  while (more && !::testing::Test::HasFailure()) {
    const base::Result<Page> page = store().find(log, request);
    EXPECT_TRUE(page.has_value()) << why(page);
    if (!page) {
      break;
    }
    std::vector<std::uint64_t> part = seqs_of(page->records);
    more = forward ? page->more_after : page->more_before;
    EXPECT_TRUE(!more || !part.empty()) << "no way on";
    if (part.empty()) {
      break;
    }
    seqs.insert(forward ? seqs.end() : seqs.begin(), part.begin(), part.end());
    request.offset = 0;
    (forward ? request.after_seq : request.before_seq) = forward ? part.back() : part.front();
    if (below(4) == 0) {
      grow_by_frame();
    }
  }
  return seqs;
}

void ContractRun::check_walk(const event::LogId& log, query::PageRequest request) {
  request.after_seq.reset();
  request.before_seq.reset();
  request.offset = 0;
  request.tree_size = reference_.log(log).size();
  query::PageRequest whole = request;
  whole.limit = query::kNoLimit;
  const std::vector<std::uint64_t> expected = reference_.log(log).find(whole).seqs;
  const std::vector<std::uint64_t> forward = walk(log, request, true);
  ASSERT_TRUE(forward == expected) << difference(forward, expected) << "\n"
                                   << query::print(request);
  if (expected.empty()) {
    return;
  }
  request.before_seq = expected.back();
  std::vector<std::uint64_t> back = walk(log, request, false);
  back.push_back(expected.back());
  ASSERT_TRUE(back == expected) << "backward: " << difference(back, expected) << "\n"
                                << query::print(request);
}

void ContractRun::check_count(const event::LogId& log) {
  check_count(log, draw(query::arbitrary_filter(vocabulary(log))));
}

void ContractRun::check_count(const event::LogId& log, const query::Filter& filter) {
  const ReferenceLog& expected = reference_.log(log);
  std::optional<std::uint64_t> tree_size;
  if (below(3) == 0) {
    tree_size = below(expected.size() + 3);
  }
  const base::Result<std::uint64_t> count = store().count(log, filter, tree_size);
  ASSERT_TRUE(count.has_value()) << why(count) << "\n" << query::print(filter);
  EXPECT_EQ(*count, expected.matching(filter, tree_size.value_or(expected.size())).size())
      << "of " << tree_size.value_or(expected.size()) << " in a log of " << expected.size() << ": "
      << query::print(filter);
}

void ContractRun::check_facets(const event::LogId& log) {
  const event::FieldRef field = draw(query::arbitrary_field(vocabulary(log)));
  if (event::type_of(field.field) == event::FieldType::Time) {
    return;
  }
  const query::Filter filter = draw(query::arbitrary_filter(vocabulary(log), 2));
  check_facets(log, filter, field, below(2) == 0 ? below(5) : 1000);
}

void ContractRun::check_facets(const event::LogId& log, const query::Filter& filter,
                               const event::FieldRef& field, std::uint64_t limit) {
  const base::Result<Facets> found = store().facets(log, filter, field, limit);
  const std::string context = "facets of " + field.print() + ", limit " + std::to_string(limit) +
                              ", filter " + query::print(filter);
  ASSERT_TRUE(found.has_value()) << why(found) << "\n" << context;
  const Facets expected = reference_.log(log).facets(filter, field, limit);
  EXPECT_EQ(found->other, expected.other) << context;
  EXPECT_EQ(found->missing, expected.missing) << context;
  ASSERT_EQ(found->values.size(), expected.values.size()) << context;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_EQ(found->values[i].value, expected.values[i].value) << context << " at " << i;
    ASSERT_EQ(found->values[i].count, expected.values[i].count) << context << " at " << i;
  }
}

void ContractRun::check_histogram(const event::LogId& log) {
  const query::Filter filter =
      below(3) == 0 ? query::all() : draw(query::arbitrary_filter(vocabulary(log), 2));
  check_histogram(log, filter, static_cast<Interval>(below(3)));
}

void ContractRun::check_histogram(const event::LogId& log, const query::Filter& filter,
                                  Interval interval) {
  const base::Result<std::vector<Bucket>> found = store().histogram(log, filter, interval);
  const std::string context =
      "histogram " + std::to_string(static_cast<int>(interval)) + " of " + query::print(filter);
  ASSERT_TRUE(found.has_value()) << why(found) << "\n" << context;
  const std::vector<Bucket> expected = reference_.log(log).histogram(filter, interval);
  ASSERT_EQ(found->size(), expected.size()) << context;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(found->at(i).start, expected[i].start) << context << " at " << i;
    ASSERT_EQ(found->at(i).count, expected[i].count) << context << " at " << i;
  }
}

void ContractRun::check_scan(const event::LogId& log) {
  const std::uint64_t size = reference_.log(log).size();
  const query::Filter filter =
      below(3) == 0 ? query::all() : draw(query::arbitrary_filter(vocabulary(log), 2));
  const std::uint64_t from = below(size + 2);
  check_scan(log, filter, from, below(2) == 0 ? query::kNoLimit : below(size + 2));
}

void ContractRun::check_scan(const event::LogId& log, const query::Filter& filter,
                             std::uint64_t from, std::uint64_t to) {
  const ReferenceLog& expected = reference_.log(log);
  const std::uint64_t most = below(2) == 0 ? query::kNoLimit : 1 + below(20);
  std::vector<std::uint64_t> wanted = expected.matching(filter, to);
  std::erase_if(wanted, [&](std::uint64_t seq) { return seq < from; });
  wanted.resize(std::min<std::uint64_t>(wanted.size(), most));
  std::vector<std::uint64_t> visited;
  bool same_bytes = true;
  const base::Result<void> scanned =
      store().scan(log, from, to, filter, [&](const event::RecordView& record) {
        visited.push_back(record.seq());
        same_bytes = same_bytes && record.event == expected.views().at(record.seq()).event;
        return visited.size() < most;
      });
  const std::string context = "scan of [" + std::to_string(from) + ", " + std::to_string(to) +
                              "), at most " + std::to_string(most) + ": " + query::print(filter);
  ASSERT_TRUE(scanned.has_value()) << why(scanned) << "\n" << context;
  ASSERT_TRUE(visited == wanted) << difference(visited, wanted) << "\n" << context;
  EXPECT_TRUE(same_bytes) << context;
}

void ContractRun::check_record(const event::LogId& log) {
  const ReferenceLog& expected = reference_.log(log);
  const std::uint64_t seq = below(expected.size());
  const base::Result<event::Record> record = store().get(log, seq);
  ASSERT_TRUE(record.has_value()) << why(record);
  EXPECT_EQ(record->seq(), seq);
  EXPECT_EQ(record->bytes(), expected.bytes(seq));
  const base::Result<event::Record> beyond = store().get(log, expected.size() + below(3));
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().kind, base::ErrorKind::NotFound);
}

void ContractRun::check_id(const event::LogId& log, const std::string& id,
                           const std::optional<std::uint64_t>& seq) {
  const base::Result<std::optional<event::Record>> known = store().get_applied_by_id(log, id);
  ASSERT_TRUE(known.has_value()) << why(known) << "\nid " << id;
  ASSERT_EQ(known->has_value(), seq.has_value()) << "id " << id;
  const base::Result<std::optional<event::Record>> record = store().get_by_id(log, id);
  ASSERT_TRUE(record.has_value()) << why(record) << "\nid " << id;
  ASSERT_EQ(record->has_value(), seq.has_value()) << "id " << id;
  if (seq.has_value()) {
    const ReferenceLog& expected = reference_.log(log);
    EXPECT_EQ((**known).bytes(), expected.bytes(*seq)) << "id " << id;
    EXPECT_EQ((**record).bytes(), expected.bytes(*seq)) << "id " << id;
  }
}

void ContractRun::check_ids(const event::LogId& log) {
  const ReferenceLog& expected = reference_.log(log);
  const std::uint64_t seq = below(expected.size());
  const event::RecordView& record = expected.views()[seq];
  const std::string id(record.event.id);
  check_id(log, id, seq);
  check_id(log, id + "x", std::nullopt);
  check_id(log, "", std::nullopt);
  if (upper_case(id) != id) {
    check_id(log, upper_case(id), expected.seq_of(upper_case(id)));
  }
  // Ids that the cipher takes for its own, but no record has: another time, a seq to come, and the
  // seq of a record whose id its caller chose.
  const base::Timestamp later{record.recorded_at().micros + 5000};
  check_id(log, ids_.make(log, seq, later).to_string(), std::nullopt);
  check_id(log, ids_.make(log, expected.size() + below(10), later).to_string(), std::nullopt);
  if (record.head.made_id.is_nil()) {
    check_id(log, ids_.make(log, seq, record.recorded_at()).to_string(), std::nullopt);
  }
  const event::LogId& other = some_log();
  check_id(other, id, reference_.log(other).seq_of(id));
}

}  // namespace piperoll::store::testing
