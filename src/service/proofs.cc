#include "service/proofs.h"

#include <algorithm>

#include "evidence/leaf_maker.h"
#include "evidence/sd_jwt.h"
#include "service/service_limits.h"
#include "store/tree_tiles.h"
#include "tlog/proof.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using ingest::PublishedPointer;
using operation::Outcome;

Result<void> check_kept(const ServiceParts& parts) {
  if (parts.publisher == nullptr) {
    return Error{.kind = ErrorKind::NotFound,
                 .message = "this server keeps no evidence at present; its own log says why",
                 .code = "evidence_off"};
  }
  return {};
}

Error bad_size(std::string_view parameter, std::uint64_t least, std::uint64_t most) {
  const std::string allowed =
      "must be from " + std::to_string(least) + " to " + std::to_string(most);
  return {.kind = ErrorKind::InvalidArgument,
          .message = std::string(parameter) + " " + allowed,
          .code = "invalid_parameter",
          .faults = {{std::string(parameter), allowed}}};
}

Error tile_not_found() {
  return {.kind = ErrorKind::NotFound,
          .message = "the log has no such tile, or not yet",
          .code = "tile_not_found"};
}

Error row_changed(const std::string& origin, std::uint64_t seq) {
  return {.kind = ErrorKind::Corruption,
          .message = "the event cannot be proven: it is not what was written",
          .code = "tree_mismatch",
          .detail = origin + ", seq " + std::to_string(seq) + ": row and leaf differ"};
}

// The leaves of an entry bundle, made again from the rows.
Result<base::Bytes> bundle_of(const ServiceParts& parts, const event::LogId& log,
                              const tlog::EntryBundle& bundle) {
  const std::uint64_t from = bundle.index * tlog::kTileWidth;
  const std::string origin = parts.publisher->origin(log);
  ASSIGN_OR_RETURN(const std::vector<tlog::Hash> hashes,
                   parts.store.tree_tile(log, {.index = bundle.index, .width = bundle.width}));
  evidence::LeafMaker maker;
  base::Bytes bytes;
  std::size_t made = 0;
  Result<void> same;
  RETURN_IF_ERROR(parts.store.scan(log, from, from + bundle.width, query::all(),
                                   [&](const event::RecordView& record) {
                                     const evidence::LeafTexts texts = maker.texts(origin, record);
                                     if (texts.hash != hashes[made]) {
                                       same = row_changed(origin, record.seq());
                                       return false;
                                     }
                                     ++made;
                                     tlog::append_entry(bytes, texts.leaf);
                                     return true;
                                   }));
  RETURN_IF_ERROR(same);
  if (made != bundle.width) {
    return row_changed(origin, from + made);
  }
  return bytes;
}

// A log's tree at one size.
class LogTree final : public tlog::HashReader {
 public:
  LogTree(store::EventStore& store, const event::LogId& log, std::uint64_t tree_size)
      : tiles_(store, log), reader_(tree_size, tiles_) {}
  Result<std::vector<tlog::Hash>> read_hashes(std::span<const tlog::NodeId> nodes) override {
    return reader_.read_hashes(nodes);
  }

 private:
  store::TreeTiles tiles_;
  tlog::TiledHashReader reader_;
};

}  // namespace

Result<std::unique_ptr<tlog::HashReader>> tree_of(const ServiceParts& parts,
                                                  const event::LogId& log,
                                                  std::uint64_t tree_size) {
  RETURN_IF_ERROR(check_kept(parts));
  return std::unique_ptr<tlog::HashReader>(std::make_unique<LogTree>(parts.store, log, tree_size));
}

Result<Outcome> prove_event(const ServiceParts& parts, const event::LogId& log,
                            const operation::ProveEvent& prove) {
  RETURN_IF_ERROR(check_kept(parts));
  ASSIGN_OR_RETURN(const std::optional<event::Record> record, parts.store.get_by_id(log, prove.id));
  if (!record) {
    return Error{
        .kind = ErrorKind::NotFound, .message = "no such event", .code = "event_not_found"};
  }
  const std::uint64_t seq = record->seq();
  const std::uint64_t most = parts.store.tree(log).size;
  if (prove.tree_size && (*prove.tree_size <= seq || *prove.tree_size > most)) {
    return bad_size("size", seq + 1, most);
  }
  ASSIGN_OR_RETURN(
      const PublishedPointer published,
      parts.publisher->covering(log, prove.tree_size.value_or(seq + 1), kCheckpointWaitMicros));
  const std::string origin = parts.publisher->origin(log);
  evidence::LeafTexts texts = evidence::LeafMaker().texts(origin, event::view_of(*record));
  const std::uint64_t tree_size = prove.tree_size.value_or(published->size);
  LogTree tree(parts.store, log, tree_size);
  const tlog::NodeId leaf{0, seq};
  ASSIGN_OR_RETURN(const std::vector<tlog::Hash> stored, tree.read_hashes({&leaf, 1}));
  if (stored.front() != texts.hash) {
    return row_changed(origin, seq);
  }
  operation::EventProven proven;
  if (prove.form == operation::ProveEvent::Form::SdJwt) {
    proven.sd_jwt =
        evidence::print_sd_jwt(texts.manifest, texts.disclosures, parts.publisher->signer(log));
  }
  ASSIGN_OR_RETURN(tlog::Proof inclusion, tlog::prove_inclusion(seq, tree_size, tree));
  proven.proof = {.origin = origin,
                  .index = seq,
                  .tree_size = tree_size,
                  .leaf = std::move(texts.leaf),
                  .checkpoint = published->note,
                  .manifest = std::move(texts.manifest),
                  .leaf_hash = texts.hash,
                  .inclusion = std::move(inclusion),
                  .disclosures = std::move(texts.disclosures)};
  return Outcome(std::move(proven));
}

Result<Outcome> read_checkpoint(const ServiceParts& parts, const event::LogId& log) {
  RETURN_IF_ERROR(check_kept(parts));
  ASSIGN_OR_RETURN(const PublishedPointer published, parts.publisher->newest(log));
  return Outcome(operation::CheckpointRead{published->note});
}

Result<Outcome> read_tile(const ServiceParts& parts, const event::LogId& log,
                          const tlog::TileResource& resource) {
  RETURN_IF_ERROR(check_kept(parts));
  const std::uint64_t size = parts.store.tree(log).size;
  if (const auto* tile = std::get_if<tlog::Tile>(&resource)) {
    if (!tlog::exists(*tile, size)) {
      return tile_not_found();
    }
    ASSIGN_OR_RETURN(const std::vector<tlog::Hash> hashes, parts.store.tree_tile(log, *tile));
    return Outcome(operation::TileRead{tlog::encode_tile(hashes), tile->width == tlog::kTileWidth});
  }
  const auto& bundle = std::get<tlog::EntryBundle>(resource);
  if (!tlog::exists(bundle, size)) {
    return tile_not_found();
  }
  ASSIGN_OR_RETURN(base::Bytes bytes, bundle_of(parts, log, bundle));
  return Outcome(operation::TileRead{std::move(bytes), bundle.width == tlog::kTileWidth});
}

Result<Outcome> read_log_keys(const ServiceParts& parts, const event::LogId& log) {
  RETURN_IF_ERROR(check_kept(parts));
  return Outcome(operation::LogKeysRead{parts.publisher->verifier_keys(log)});
}

Result<Outcome> prove_consistency(const ServiceParts& parts, const event::LogId& log,
                                  const operation::ProveConsistency& prove) {
  RETURN_IF_ERROR(check_kept(parts));
  const std::uint64_t most = parts.store.tree(log).size;
  if (prove.to > most) {
    return bad_size("to", 0, most);
  }
  if (prove.from > prove.to) {
    return bad_size("from", 0, prove.to);
  }
  ASSIGN_OR_RETURN(const PublishedPointer published,
                   parts.publisher->covering(log, prove.to, kCheckpointWaitMicros));
  LogTree tree(parts.store, log, prove.to);
  ASSIGN_OR_RETURN(tlog::Proof proof, tlog::prove_consistency(prove.from, prove.to, tree));
  return Outcome(operation::ConsistencyProven{.from = prove.from,
                                              .to = prove.to,
                                              .proof = std::move(proof),
                                              .checkpoint = published->note});
}

}  // namespace piperoll::service
