#include "server/verify_data.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
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
#include "journal/journal.h"
#include "server/data_directory.h"
#include "server/log_keys.h"
#include "server/small_files.h"
#include "store/id_cipher.h"
#include "store/rocksdb/rocksdb_store.h"
#include "tlog/checkpoint.h"
#include "tlog/frontier.h"

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
  base::Timestamp recorded_at{std::numeric_limits<std::int64_t>::min()};

  Finding finding(Verdict verdict, std::optional<std::uint64_t> bad, std::string detail) const {
    return {.verdict = verdict,
            .log = origin,
            .checked = bad.value_or(frontier.size()),
            .first_bad = bad,
            .detail = std::move(detail)};
  }

  // The next leaf. A finding when what was signed at this size is something else.
  std::optional<Finding> append(const tlog::Hash& leaf) {
    frontier.append(leaf);
    return compare();
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
    for (auto& [log, state] : logs_) {
      auto opened = tlog::open_checkpoint(*options_.checkpoint, state.keys);
      if (opened) {
        state.checkpoints.push_back({opened->checkpoint.size, opened->checkpoint.root});
        return {};
      }
    }
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the checkpoint given was signed by no key of these logs",
                 .code = "foreign_checkpoint"};
  }

  std::optional<Finding> check_log(LogState& state) {
    if (auto fault = take_kept_checkpoint(state)) {
      return fault;
    }
    if (auto fault = state.compare()) {
      return fault;
    }
    const std::uint64_t size = store_.size(state.id);
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
    evidence::LeafMaker maker;
    std::vector<tlog::Hash> tile;
    const std::uint64_t in_tree = store_.tree(state.id).size;
    auto scanned = store_.scan(
        state.id, range.from, range.to, query::all(), [&](const event::RecordView& record) {
          const std::uint64_t seq = range.from + range.leaves.size();
          if (record.seq() != seq) {
            range.fault.emplace(Verdict::Gap, "the row is not there");
            return false;
          }
          if (range.leaves.empty()) {
            range.first = record.recorded_at();
          } else if (record.recorded_at() < range.last) {
            range.fault.emplace(Verdict::Invalid, "recorded_at goes back");
            return false;
          }
          range.last = record.recorded_at();
          range.leaves.push_back(maker.leaf_hash(state.origin, record));
          if (seq >= in_tree) {
            return true;
          }
          if (tile.empty() || seq % tlog::kTileWidth == 0) {
            auto read = read_leaf_tile(state, seq / tlog::kTileWidth, in_tree);
            if (!read) {
              range.fault.emplace(Verdict::Invalid, read.error().message);
              range.leaves.pop_back();
              return false;
            }
            tile = *std::move(read);
          }
          if (tile[seq % tlog::kTileWidth] != range.leaves.back()) {
            range.fault.emplace(Verdict::Invalid, "the row is not the event whose leaf was hashed");
            range.leaves.pop_back();
            return false;
          }
          return true;
        });
    if (!scanned && scanned.error().code == "row_missing") {
      range.fault.emplace(Verdict::Gap, "the row is not there");
    } else if (!scanned) {
      range.fault.emplace(Verdict::Invalid, "the row cannot be read: " + scanned.error().message);
    } else if (!range.fault && range.leaves.size() < range.to - range.from) {
      range.fault.emplace(Verdict::Gap, "the row is not there");
    }
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
    for (const tlog::Hash& leaf : range.leaves) {
      if (auto fault = state.append(leaf)) {
        return fault;
      }
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
    return state.append(leaf);
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
  const store::FeistelIdCipher ids(std::string(store::FeistelIdCipher::kKeyBytes, '\0'));
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
