#include "ingest/tree_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "evidence/leaf_maker.h"
#include "evidence/origin.h"
#include "store/tree_tiles.h"
#include "tlog/proof.h"
#include "tlog/tile.h"

namespace piperoll::ingest {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kNewestRows = 4;     // are checked at every start
constexpr std::size_t kGrowAtOnce = 16'384;  // leaves

Error mismatch(const std::string& origin, const std::string& what) {
  return {.kind = ErrorKind::Corruption,
          .message = "the log " + origin + " does not fit its tree: " + what,
          .code = "tree_mismatch"};
}

Result<void> complete_tree(store::EventStore& store, const event::LogId& log,
                           const std::string& origin) {
  evidence::LeafMaker maker;
  for (std::uint64_t from = store.tree(log).size; from < store.size(log);
       from = store.tree(log).size) {
    std::vector<tlog::Hash> leaves;
    RETURN_IF_ERROR(
        store.scan(log, from, store.size(log), query::all(), [&](const event::RecordView& record) {
          leaves.push_back(maker.leaf_hash(origin, record));
          return leaves.size() < kGrowAtOnce;
        }));
    RETURN_IF_ERROR(store.grow_tree(log, leaves));
  }
  return {};
}

Result<void> check_tree(store::EventStore& store, const event::LogId& log,
                        const std::string& origin, evidence::LeafMaker& maker) {
  const store::TreeHead head = store.tree(log);
  store::TreeTiles tiles(store, log);
  tlog::TiledHashReader reader(head.size, tiles);
  ASSIGN_OR_RETURN(const tlog::Hash root, tlog::tree_root(head.size, reader));
  if (root != head.root) {
    return mismatch(
        origin, "its hashes do not give the root of its " + std::to_string(head.size) + " leaves");
  }
  std::vector<tlog::NodeId> newest;
  for (std::uint64_t seq = head.size - std::min(head.size, kNewestRows); seq < head.size; ++seq) {
    newest.push_back({0, seq});
  }
  ASSIGN_OR_RETURN(const std::vector<tlog::Hash> stored, reader.read_hashes(newest));
  for (std::size_t i = 0; i < newest.size(); ++i) {
    ASSIGN_OR_RETURN(const event::Record record, store.get(log, newest[i].index));
    if (maker.leaf_hash(origin, event::view_of(record)) != stored[i]) {
      return mismatch(origin, "the event with seq " + std::to_string(newest[i].index) +
                                  " is not the one whose leaf was hashed");
    }
  }
  return {};
}

Result<void> check_log_published(store::EventStore& store, const event::LogId& log,
                                 const std::string& origin, const Published& published) {
  const store::TreeHead head = store.tree(log);
  const std::string counted = std::to_string(published.size) + " events";
  if (head.size < published.size) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = "the log " + origin + " has " + std::to_string(head.size) +
                            " events, and a checkpoint of " + counted +
                            " was published: the end of the journal or of the store was cut off, "
                            "or an older copy was put back",
                 .code = "log_truncated"};
  }
  tlog::Hash root = head.root;
  if (head.size > published.size) {
    store::TreeTiles tiles(store, log);
    tlog::TiledHashReader reader(head.size, tiles);
    ASSIGN_OR_RETURN(root, tlog::tree_root(published.size, reader));
  }
  if (root != published.root) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = "the first " + counted + " of the log " + origin +
                            " are not those that a checkpoint was published of: an older copy was "
                            "put back and written on, or the store was changed",
                 .code = "log_forked"};
  }
  return {};
}

}  // namespace

Result<void> complete_trees(store::EventStore& store, std::string_view server_name) {
  for (const event::LogId& log : store.logs()) {
    RETURN_IF_ERROR(complete_tree(store, log, evidence::origin_of(server_name, log)));
  }
  return {};
}

Result<void> check_published(store::EventStore& store, std::string_view server_name,
                             const PublishedFile::Newest& published) {
  for (const auto& [log, newest] : published) {
    RETURN_IF_ERROR(
        check_log_published(store, log, evidence::origin_of(server_name, log), *newest));
  }
  return {};
}

Result<void> check_trees(store::EventStore& store, std::string_view server_name) {
  evidence::LeafMaker maker;
  for (const event::LogId& log : store.logs()) {
    RETURN_IF_ERROR(check_tree(store, log, evidence::origin_of(server_name, log), maker));
  }
  return {};
}

}  // namespace piperoll::ingest
