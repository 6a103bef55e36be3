#include "cli/verify_remote.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "evidence/manifest.h"
#include "net/http_client.h"
#include "tlog/checkpoint.h"
#include "tlog/frontier.h"
#include "tlog/tile.h"
#include "tlog/tile_builder.h"

namespace piperoll::cli {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using evidence::Finding;
using evidence::Verdict;

class RemoteVerifier {
 public:
  RemoteVerifier(const RemoteLog& log, std::unique_ptr<net::HttpClient> client)
      : log_(log), client_(std::move(client)) {}

  Result<RemoteFinding> run(const RemoteProgress& progress) {
    ASSIGN_OR_RETURN(net::ClientResponse answer, get(log_.path + "/checkpoint"));
    if (answer.status != 200) {
      return refused("checkpoint", answer.status);
    }
    const std::string note = std::move(answer.body);
    auto opened = tlog::open_checkpoint(note, log_.keys, log_.policy);
    if (!opened) {
      const bool uncosigned = opened.error().code == "quorum_missing";
      return RemoteFinding{finding(uncosigned ? Verdict::Missing : Verdict::Invalid, std::nullopt,
                                   "the checkpoint: " + opened.error().message),
                           ""};
    }
    newest_ = opened->checkpoint;
    if (log_.known) {
      ASSIGN_OR_RETURN(const tlog::SignedCheckpoint known,
                       tlog::open_checkpoint(*log_.known, log_.keys));
      known_ = known.checkpoint;
      if (known_->size > newest_.size) {
        return RemoteFinding{finding(Verdict::Truncated, std::nullopt,
                                     "the log had " + std::to_string(known_->size) +
                                         " leaves and now has " + std::to_string(newest_.size)),
                             ""};
      }
    }
    ASSIGN_OR_RETURN(Finding found, read_leaves(progress));
    const bool good = found.verdict == Verdict::Valid;
    return RemoteFinding{std::move(found), good ? note : ""};
  }

 private:
  Result<Finding> read_leaves(const RemoteProgress& progress) {
    if (auto fault = compare_known()) {
      return *std::move(fault);
    }
    while (frontier_.size() < newest_.size) {
      const std::uint64_t index = frontier_.size() / tlog::kTileWidth;
      const tlog::EntryBundle bundle{.index = index,
                                     .width = tlog::tile_width(0, index, newest_.size)};
      ASSIGN_OR_RETURN(const net::ClientResponse answer,
                       get(log_.path + "/" + tlog::path_of(bundle)));
      if (answer.status == 404) {
        return finding(Verdict::Missing, frontier_.size(), "a bundle of leaves is not there");
      }
      if (answer.status == 500) {
        return finding(Verdict::Invalid, frontier_.size(),
                       "the server itself cannot show a bundle of leaves: a row has changed");
      }
      if (answer.status != 200) {
        return refused(tlog::path_of(bundle), answer.status);
      }
      const auto leaves = tlog::decode_bundle(answer.body, bundle.width);
      if (!leaves) {
        return finding(Verdict::Invalid, frontier_.size(), leaves.error().message);
      }
      for (const base::ByteView leaf : *leaves) {
        if (auto fault = take(leaf)) {
          return *std::move(fault);
        }
      }
      ASSIGN_OR_RETURN(auto fault, check_tiles());
      if (fault) {
        return *std::move(fault);
      }
      if (progress) {
        progress(frontier_.size(), newest_.size);
      }
    }
    if (frontier_.root() != newest_.root) {
      return finding(Verdict::Invalid, std::nullopt,
                     "the leaves do not give the root of the checkpoint");
    }
    return finding(Verdict::Valid, std::nullopt, "");
  }

  auto into_due() {
    return [this](const tlog::Tile& tile, std::span<const tlog::Hash> hashes) {
      due_.emplace_back(tile, std::vector<tlog::Hash>(hashes.begin(), hashes.end()));
    };
  }

  std::optional<Finding> take(base::ByteView leaf) {
    const auto parsed = evidence::parse_leaf(leaf);
    if (!parsed) {
      return finding(Verdict::Invalid, frontier_.size(), "no leaf: " + parsed.error().message);
    }
    if (parsed->recorded_at < recorded_at_) {
      return finding(Verdict::Invalid, frontier_.size(), "recorded_at goes back");
    }
    recorded_at_ = parsed->recorded_at;
    std::vector<tlog::Node> new_nodes;
    frontier_.append(tlog::leaf_hash(leaf), new_nodes);
    tiles_.add(new_nodes, into_due());
    return compare_known();
  }

  // The tiles of hashes that the leaves so far are in: proofs are made from them.
  Result<std::optional<Finding>> check_tiles() {
    if (frontier_.size() == newest_.size) {
      tiles_.finish(newest_.size, into_due());
    }
    for (const auto& [tile, hashes] : std::exchange(due_, {})) {
      const std::string path = tlog::path_of(tile);
      const std::uint64_t first = tile.index * tlog::kTileWidth;
      const bool of_leaves = tile.level == 0;
      ASSIGN_OR_RETURN(const net::ClientResponse answer, get(log_.path + "/" + path));
      if (answer.status == 404) {
        return std::optional(
            finding(Verdict::Missing, std::nullopt, path + ": the tile is not there"));
      }
      if (answer.status != 200) {
        return refused(path, answer.status);
      }
      const auto shown = tlog::decode_tile(answer.body);
      if (!shown || shown->size() != hashes.size()) {
        return std::optional(
            finding(Verdict::Invalid, std::nullopt, path + ": not a tile of so many hashes"));
      }
      const auto differs = std::ranges::mismatch(*shown, hashes);
      if (differs.in1 != shown->end()) {
        const auto at = static_cast<std::uint64_t>(differs.in1 - shown->begin());
        return std::optional(finding(Verdict::Invalid,
                                     of_leaves ? std::optional(first + at) : std::nullopt,
                                     path + ": a hash is not that of the leaves"));
      }
    }
    return std::optional<Finding>();
  }

  std::optional<Finding> compare_known() const {
    if (known_ && known_->size == frontier_.size() && known_->root != frontier_.root()) {
      return finding(Verdict::Forked, std::nullopt,
                     "the tree of " + std::to_string(known_->size) +
                         " leaves is another than the one that was signed before");
    }
    return std::nullopt;
  }

  Result<net::ClientResponse> get(const std::string& target) {
    net::ClientRequest request{.method = "GET", .target = target, .headers = {}, .body = ""};
    if (!log_.key.empty()) {
      request.headers.emplace_back("Authorization", "Bearer " + log_.key);
    }
    return client_->send(request);
  }

  static Error refused(const std::string& what, int status) {
    return {.kind = ErrorKind::Unavailable,
            .message = "the server answered " + std::to_string(status) + " for " + what +
                       (status == 401 || status == 403
                            ? ": PIPEROLL_KEY must hold a key with the right prove"
                            : "")};
  }

  Finding finding(Verdict verdict, std::optional<std::uint64_t> bad, std::string detail) const {
    return {.verdict = verdict,
            .log = log_.keys.front().name,
            .checked = std::min(frontier_.size(), bad.value_or(frontier_.size())),
            .first_bad = bad,
            .detail = std::move(detail)};
  }

  const RemoteLog& log_;
  const std::unique_ptr<net::HttpClient> client_;
  tlog::Checkpoint newest_;
  std::optional<tlog::Checkpoint> known_;
  tlog::Frontier frontier_;
  tlog::TileBuilder tiles_;
  std::vector<std::pair<tlog::Tile, std::vector<tlog::Hash>>> due_;  // to be compared
  base::Timestamp recorded_at_{std::numeric_limits<std::int64_t>::min()};
};

}  // namespace

Result<RemoteFinding> verify_remote(const RemoteLog& log, const RemoteProgress& progress) {
  ASSIGN_OR_RETURN(auto client, net::HttpClient::make(log.server));
  return RemoteVerifier(log, std::move(client)).run(progress);
}

}  // namespace piperoll::cli
