#include "server/verify_data.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "evidence/leaf_maker.h"
#include "evidence/origin.h"
#include "ingest/frame.h"
#include "ingest/leaf_hasher.h"
#include "ingest/published_file.h"
#include "journal/journal.h"
#include "server/data_directory.h"
#include "server/log_keys.h"
#include "server/small_files.h"
#include "store/id_cipher.h"
#include "store/rocksdb/rocksdb_store.h"
#include "tlog/checkpoint.h"
#include "tlog/frontier.h"
#include "tlog/many_leaves.h"
#include "tlog/tile_builder.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using evidence::Finding;
using evidence::Verdict;

constexpr std::uint64_t kRangeRecords = 16'384;  // of one thread at a time

// Held while we look, so that no server starts beneath us.
class Lock {
 public:
  explicit Lock(const std::string& directory)
      : fd_(::open((directory + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Lock() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  // A copy without the file is nobody's.
  bool taken() const { return fd_ < 0 || ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

 private:
  const int fd_;
};

// A state of the log that was signed.
struct Signed {
  std::uint64_t size = 0;
  tlog::Hash root{};
};

// One log on its way from the first record to the last.
struct LogState {
  event::LogId id;
  std::string origin;
  std::vector<tlog::VerifierKey> keys;
  std::vector<Signed> checkpoints;
  tlog::Frontier frontier;
  std::uint64_t in_tree = 0;  // leaves that the store has in tiles
  tlog::TileBuilder tiles;
  std::vector<tlog::Node> new_nodes;  // of the last leaves
  base::Timestamp recorded_at{std::numeric_limits<std::int64_t>::min()};

  Finding finding(Verdict verdict, std::optional<std::uint64_t> bad, std::string detail) const {
    return {.verdict = verdict,
            .log = origin,
            .checked = bad.value_or(frontier.size()),
            .first_bad = bad,
            .detail = std::move(detail)};
  }

  // The next leaves. A finding when what was signed at this size is something else.
  std::optional<Finding> append(std::span<const tlog::Hash> leaves) {
    new_nodes.clear();
    tlog::append_all(frontier, leaves, new_nodes);
    return compare();
  }
  // How many of the next leaves can be taken together: up to what was signed or ends the tree.
  std::size_t count_together(std::size_t leaves) const {
    const auto up_to = [&](std::uint64_t size) {
      if (size > frontier.size()) {
        leaves = std::min<std::uint64_t>(leaves, size - frontier.size());
      }
    };
    for (const Signed& checkpoint : checkpoints) {
      up_to(checkpoint.size);
    }
    up_to(in_tree);
    return leaves;
  }
  std::optional<Finding> compare() const {
    for (const Signed& checkpoint : checkpoints) {
      if (checkpoint.size == frontier.size() && checkpoint.root != frontier.root()) {
        return finding(Verdict::Forked, std::nullopt,
                       "a checkpoint of " + std::to_string(checkpoint.size) +
                           " leaves was signed for another log than this one");
      }
    }
    return std::nullopt;
  }
};

// What a thread found in a range of rows.
struct Range {
  std::uint64_t from = 0, to = 0;
  std::vector<tlog::Hash> leaves;
  std::optional<std::pair<Verdict, std::string>> fault;  // of the record after the leaves
  base::Timestamp first{}, last{};                       // recorded_at
};

Finding cannot_tell(Verdict verdict, std::string detail) {
  return {.verdict = verdict,
          .log = "",
          .checked = 0,
          .first_bad = std::nullopt,
          .detail = std::move(detail)};
}

class DataVerifier {
 public:
  DataVerifier(const VerifyDataOptions& options, store::EventStore& store, std::string server_name,
               std::vector<crypto::Ed25519PublicKey> keys)
      : options_(options),
        store_(store),
        server_name_(std::move(server_name)),
        keys_(std::move(keys)) {}

  Result<Finding> run() {
    for (const event::LogId& log : store_.logs()) {
      total_ += store_.size(log);
      state_of(log);
    }
    RETURN_IF_ERROR(take_known_checkpoint());
    if (auto fault = take_published()) {
      return *std::move(fault);
    }
    for (auto& [log, state] : logs_) {
      if (auto fault = check_log(state)) {
        return *std::move(fault);
      }
    }
    if (auto fault = check_journal()) {
      return *std::move(fault);
    }
    Finding good{.verdict = Verdict::Valid};
    for (auto& [log, state] : logs_) {
      if (auto fault = check_end(state)) {
        return *std::move(fault);
      }
      good.checked += state.frontier.size();
    }
    if (logs_.size() == 1) {
      good.log = logs_.begin()->second.origin;
    }
    good.detail = std::to_string(logs_.size()) + (logs_.size() == 1 ? " log" : " logs");
    return good;
  }

 private:
  LogState& state_of(const event::LogId& log) {
    auto [found, is_new] = logs_.try_emplace(log);
    LogState& state = found->second;
    if (is_new) {
      state.id = log;
      state.origin = evidence::origin_of(server_name_, log);
      state.keys = tlog::verifier_keys(state.origin, keys_);
    }
    return state;
  }

  Result<void> take_known_checkpoint() {
    if (!options_.checkpoint) {
      return {};
    }
    // After a crash a whole log may be in the journal alone: it is named by the checkpoint itself.
    const std::string origin = options_.checkpoint->substr(0, options_.checkpoint->find('\n'));
    const auto named = evidence::parse_origin(origin);
    if (named && named->server_name == server_name_) {
      const auto opened =
          tlog::open_checkpoint(*options_.checkpoint, tlog::verifier_keys(origin, keys_));
      if (opened) {
        state_of(named->log)
            .checkpoints.push_back({opened->checkpoint.size, opened->checkpoint.root});
        return {};
      }
    }
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the checkpoint given was signed by no key of these logs",
                 .code = "foreign_checkpoint"};
  }

  // What the server showed last, which it keeps beside the store: of a log that is nowhere else
  // too.
  std::optional<Finding> take_published() {
    auto published = ingest::PublishedFile::read(published_path(options_.directory));
    if (!published) {
      return cannot_tell(Verdict::Invalid, published.error().message);
    }
    for (const auto& [log, newest] : *published) {
      LogState& state = state_of(log);
      auto opened = tlog::open_checkpoint(newest->note, state.keys);
      if (!opened) {
        return state.finding(Verdict::Invalid, std::nullopt,
                             "the checkpoint that was published: " + opened.error().message);
      }
      state.checkpoints.push_back({opened->checkpoint.size, opened->checkpoint.root});
    }
    return std::nullopt;
  }

  std::optional<Finding> check_log(LogState& state) {
    if (auto fault = take_kept_checkpoint(state)) {
      return fault;
    }
    if (auto fault = state.compare()) {
      return fault;
    }
    const std::uint64_t size = store_.size(state.id);
    state.in_tree = store_.tree(state.id).size;
    for (std::uint64_t from = 0; from < size;) {
      std::vector<Range> ranges;
      for (int i = 0; i < options_.threads && from < size; ++i) {
        ranges.push_back({.from = from, .to = std::min(size, from + kRangeRecords)});
        from = ranges.back().to;
      }
      check_ranges(state, ranges);
      for (Range& range : ranges) {
        if (auto fault = take_range(state, range)) {
          return fault;
        }
      }
    }
    const store::TreeHead head = store_.tree(state.id);
    if (head.size == state.frontier.size() && head.root != state.frontier.root()) {
      return state.finding(Verdict::Invalid, std::nullopt,
                           "the root that is kept is not that of the leaves");
    }
    return std::nullopt;
  }

  std::optional<Finding> take_kept_checkpoint(LogState& state) {
    auto kept = store_.kept_checkpoint(state.id);
    if (!kept) {
      return state.finding(Verdict::Invalid, std::nullopt, kept.error().message);
    }
    if (!kept->has_value()) {
      return std::nullopt;  // it was never served
    }
    auto opened = tlog::open_checkpoint(**kept, state.keys);
    if (!opened) {
      return state.finding(Verdict::Invalid, std::nullopt,
                           "the kept checkpoint: " + opened.error().message);
    }
    state.checkpoints.push_back({opened->checkpoint.size, opened->checkpoint.root});
    return std::nullopt;
  }

  void check_ranges(const LogState& state, std::vector<Range>& ranges) {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      threads.emplace_back([&, i] { check_range(state, ranges[i]); });
    }
    check_range(state, ranges.front());
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  // Hashes the rows of a range and compares them with the tiles.
  void check_range(const LogState& state, Range& range) {
    RangeCheck check{.state = state, .range = range};
    auto scanned = store_.scan_runs(
        state.id, range.from, range.to,
        [&](std::span<const event::RecordView> run) { return take_run(check, run); });
    if (!scanned && scanned.error().code == "row_missing") {
      range.fault.emplace(Verdict::Gap, "the row is not there");
    } else if (!scanned) {
      range.fault.emplace(Verdict::Invalid, "the row cannot be read: " + scanned.error().message);
    } else if (!range.fault && range.leaves.size() < range.to - range.from) {
      range.fault.emplace(Verdict::Gap, "the row is not there");
    }
  }

  // A range on its way; of one thread.
  struct RangeCheck {
    const LogState& state;
    Range& range;
    evidence::LeafMaker maker = {};
    std::vector<tlog::Hash> hashes = {};  // of a run
    std::vector<tlog::Hash> tile = {};    // that of the last leaf
  };

  // False from the first fault on. A run is hashed as a whole: many at once go faster.
  bool take_run(RangeCheck& check, std::span<const event::RecordView> run) {
    Range& range = check.range;
    run = run.first(count_in_order(range, run));
    check.hashes.resize(run.size());
    check.maker.leaf_hashes(check.state.origin, run, check.hashes);
    for (const tlog::Hash& leaf : check.hashes) {
      if (auto fault = compare_with_tile(check, leaf)) {
        range.fault = std::move(fault);  // earlier than one of the order
        return false;
      }
      range.leaves.push_back(leaf);
    }
    return !range.fault;
  }

  // How many records of the run follow the range's last; the range's fault is that of the next.
  static std::size_t count_in_order(Range& range, std::span<const event::RecordView> run) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      const bool is_first = range.leaves.empty() && i == 0;
      if (run[i].seq() != range.from + range.leaves.size() + i) {
        range.fault.emplace(Verdict::Gap, "the row is not there");
        return i;
      }
      if (!is_first && run[i].recorded_at() < range.last) {
        range.fault.emplace(Verdict::Invalid, "recorded_at goes back");
        return i;
      }
      range.first = is_first ? run[i].recorded_at() : range.first;
      range.last = run[i].recorded_at();
    }
    return run.size();
  }

  std::optional<std::pair<Verdict, std::string>> compare_with_tile(RangeCheck& check,
                                                                   const tlog::Hash& leaf) {
    const std::uint64_t seq = check.range.from + check.range.leaves.size();
    if (seq >= check.state.in_tree) {
      return std::nullopt;
    }
    if (check.tile.empty() || seq % tlog::kTileWidth == 0) {
      auto read = read_leaf_tile(check.state, seq / tlog::kTileWidth, check.state.in_tree);
      if (!read) {
        return std::pair(Verdict::Invalid, read.error().message);
      }
      check.tile = *std::move(read);
    }
    if (check.tile[seq % tlog::kTileWidth] != leaf) {
      return std::pair(Verdict::Invalid,
                       std::string("the row is not the event whose leaf was hashed"));
    }
    return std::nullopt;
  }

  // The tiles above the leaves that the last leaves complete, or that the tree ends with. Those of
  // the leaves themselves have been compared.
  std::optional<Finding> check_tiles_above(LogState& state) {
    const std::uint64_t in_tree = state.in_tree;
    std::optional<Finding> fault;
    const auto compare = [&](const tlog::Tile& tile, std::span<const tlog::Hash> hashes) {
      if (fault || tile.level == 0) {
        return;
      }
      auto kept = store_.tree_tile(state.id, tile);
      if (!kept) {
        fault = state.finding(Verdict::Invalid, std::nullopt, kept.error().message);
      } else if (!std::equal(hashes.begin(), hashes.end(), kept->begin(), kept->end())) {
        fault =
            state.finding(Verdict::Invalid, std::nullopt,
                          "a hash of the tree is not that of its leaves: " + tlog::path_of(tile));
      }
    };
    if (state.frontier.size() <= in_tree) {
      state.tiles.add(state.new_nodes, compare);
    }
    if (state.frontier.size() == in_tree) {
      state.tiles.finish(in_tree, compare);
    }
    return fault;
  }

  Result<std::vector<tlog::Hash>> read_leaf_tile(const LogState& state, std::uint64_t index,
                                                 std::uint64_t in_tree) {
    return store_.tree_tile(state.id,
                            {.index = index, .width = tlog::tile_width(0, index, in_tree)});
  }

  std::optional<Finding> take_range(LogState& state, const Range& range) {
    if (!range.leaves.empty()) {
      if (range.first < state.recorded_at) {
        return state.finding(Verdict::Invalid, range.from, "recorded_at goes back");
      }
      state.recorded_at = range.last;
    }
    for (std::span<const tlog::Hash> rest = range.leaves; !rest.empty();) {
      const std::size_t count = state.count_together(rest.size());
      if (auto fault = state.append(rest.first(count))) {
        return fault;
      }
      if (auto fault = check_tiles_above(state)) {
        return fault;
      }
      rest = rest.subspan(count);
    }
    done_ += range.leaves.size();
    if (options_.progress) {
      options_.progress(done_, total_);
    }
    if (range.fault) {
      const bool is_end = range.fault->first == Verdict::Gap && is_nothing_behind(state);
      return state.finding(
          is_end ? Verdict::Truncated : range.fault->first, state.frontier.size(),
          is_end ? "this row and all behind it are not there" : range.fault->second);
    }
    return std::nullopt;
  }

  // Whether no row is there from the frontier on. Rows lie in blocks: some of each are asked for.
  bool is_nothing_behind(const LogState& state) {
    constexpr std::uint64_t kStep = 8;
    const std::uint64_t size = store_.size(state.id);
    for (std::uint64_t seq = state.frontier.size(); seq < size; seq += kStep) {
      if (store_.get(state.id, seq).has_value()) {
        return false;
      }
    }
    return !store_.get(state.id, size - 1).has_value();
  }

  // The frames that a crash kept from the store.
  std::optional<Finding> check_journal() {
    if (store_.applied_lsn() > 0 && !has_journal_segments(options_.directory)) {
      return cannot_tell(
          Verdict::Missing,
          "the segments of the journal are not there: what was written last may have "
          "been in them alone");
    }
    ingest::LeafHasher hasher(server_name_);
    std::optional<Finding> fault;
    auto read =
        journal::Journal::read(options_.directory + "/journal", store_.applied_lsn(),
                               [&](journal::Lsn, base::ByteView payload) -> Result<void> {
                                 std::vector<store::AppliedRecord> records;
                                 RETURN_IF_ERROR(ingest::read_frame(payload, records));
                                 std::vector<tlog::Hash> leaves(records.size());
                                 RETURN_IF_ERROR(hasher.hash(records, leaves));
                                 for (std::size_t i = 0; i < records.size() && !fault; ++i) {
                                   if (records[i].kind == store::AppliedRecord::Kind::Event) {
                                     fault = take_journalled(records[i], leaves[i]);
                                   }
                                 }
                                 return {};
                               });
    if (!fault && !read && read.error().kind != ErrorKind::NotFound) {
      fault = Finding{.verdict = Verdict::Invalid,
                      .log = "",
                      .checked = done_,
                      .first_bad = std::nullopt,
                      .detail = "the journal: " + read.error().message};
    }
    return fault;
  }

  std::optional<Finding> take_journalled(const store::AppliedRecord& record,
                                         const tlog::Hash& leaf) {
    LogState& state = state_of(record.log);
    std::array<char, 36> id;
    auto view = event::decode_record(record.bytes, id);
    if (!view || view->seq() != state.frontier.size()) {
      return state.finding(Verdict::Gap, state.frontier.size(),
                           "the next record of the journal is not the next of the log");
    }
    ++done_;
    return state.append({&leaf, 1});
  }

  std::optional<Finding> check_end(const LogState& state) const {
    for (const Signed& checkpoint : state.checkpoints) {
      if (checkpoint.size > state.frontier.size()) {
        return state.finding(Verdict::Truncated, state.frontier.size(),
                             "a checkpoint of " + std::to_string(checkpoint.size) +
                                 " leaves was signed, and there are " +
                                 std::to_string(state.frontier.size()));
      }
    }
    return std::nullopt;
  }

  const VerifyDataOptions& options_;
  store::EventStore& store_;
  const std::string server_name_;
  const std::vector<crypto::Ed25519PublicKey> keys_;
  std::map<event::LogId, LogState> logs_;
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace

Result<Finding> verify_data(const VerifyDataOptions& options) {
  std::error_code error;
  if (!std::filesystem::exists(options.directory + "/FORMAT", error)) {
    return cannot_tell(Verdict::Missing, options.directory + " is no data directory");
  }
  const Lock lock(options.directory);
  if (!lock.taken()) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = options.directory +
                            " is in use: stop the server, or verify it with --server URL",
                 .code = "locked"};
  }
  const std::string store_path = options.directory + "/store";
  if (!std::filesystem::exists(store_path, error)) {
    return cannot_tell(Verdict::Missing, "there is no store in " + options.directory);
  }
  const auto secrets = read_secrets(options.directory);
  if (!secrets) {
    const bool missing = secrets.error().kind == ErrorKind::NotFound;
    return cannot_tell(missing ? Verdict::Missing : Verdict::Invalid,
                       missing ? "the file \"secrets\" is not there, and records are without the "
                                 "ids that follow from it: restore it from the backup"
                               : secrets.error().message);
  }
  const store::FeistelIdCipher ids(secrets->id_key);
  auto store = store::rocks::open_rocksdb_store({.directory = store_path, .read_only = true}, ids);
  if (!store) {
    return cannot_tell(Verdict::Invalid, "the store does not open: " + store.error().message);
  }
  auto name = read_server_name(options.directory);
  auto keys = read_known_keys(options.directory);
  if (!keys) {
    return cannot_tell(Verdict::Invalid, keys.error().message);
  }
  if (!name || keys->empty()) {
    return (*store)->logs().empty()
               ? Finding{.verdict = Verdict::Valid,
                         .log = "",
                         .checked = 0,
                         .first_bad = std::nullopt,
                         .detail = "0 logs"}
               : cannot_tell(Verdict::Missing,
                             "the name of the server or the keys of its logs are not there "
                             "(server_name, log_keys): serve the directory once, or restore them");
  }
  return DataVerifier(options, **store, *std::move(name), public_keys(*keys)).run();
}

}  // namespace piperoll::server
