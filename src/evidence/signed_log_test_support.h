#pragma once
// For tests: a small log of records with its tree, its keys and signed checkpoints.

#include <string>
#include <vector>

#include "base/uuid.h"
#include "evidence/event_proof.h"
#include "evidence/leaf_maker.h"
#include "evidence/leaf_sample_test_support.h"
#include "tlog/checkpoint.h"
#include "tlog/frontier.h"
#include "tlog/hash_reader.h"

namespace piperoll::evidence {

inline tlog::NoteSigner test_signer(std::string name, char seed = 's') {
  auto key = crypto::Ed25519PrivateKey::from_seed(std::string(crypto::kEd25519SeedBytes, seed));
  return tlog::NoteSigner::make(std::move(name), *std::move(key)).value();
}

// Records that differ in seed, id and a few members. One thread at a time.
class SignedLog final : public tlog::HashReader {
 public:
  explicit SignedLog(std::size_t events, std::string origin = std::string(kSampleOrigin))
      : origin_(std::move(origin)), signer_(test_signer(origin_)) {
    for (std::size_t i = 0; i < events; ++i) {
      event::Event event = sample_event();
      event.id = "e-" + std::to_string(i);
      if (i % 3 == 1) {
        event.actor = {};
        event.params = R"({"n":)" + std::to_string(i) + "}";
      }
      event.occurred_at->micros += static_cast<std::int64_t>(i);
      events_.push_back(event);
    }
    for (std::size_t i = 0; i < events; ++i) {
      frontier_.append(maker_.leaf_hash(origin_, record(i)), nodes_);
    }
  }

  event::RecordView record(std::size_t i) const {
    event::RecordView record = sample_record(events_[i]);
    record.head.seq = i;
    record.head.recorded_at.micros += static_cast<std::int64_t>(i / 2);
    record.head.seed.bytes[1] = static_cast<std::uint8_t>(i);
    return record;
  }
  const std::string& origin() const { return origin_; }
  const tlog::NoteSigner& signer() const { return signer_; }
  const tlog::Frontier& frontier() const { return frontier_; }
  tlog::Hash leaf(std::size_t i) { return maker_.leaf_hash(origin_, record(i)); }
  std::string checkpoint() const {
    return tlog::sign_checkpoint(
        {.origin = origin_, .size = frontier_.size(), .root = frontier_.root(), .extensions = {}},
        signer_);
  }

  EventProof proof(std::size_t i) {
    const LeafTexts texts = maker_.texts(origin_, record(i));
    return {.origin = origin_,
            .index = i,
            .tree_size = frontier_.size(),
            .leaf = texts.leaf,
            .checkpoint = checkpoint(),
            .manifest = texts.manifest,
            .leaf_hash = texts.hash,
            .inclusion = tlog::prove_inclusion(i, frontier_.size(), *this).value(),
            .disclosures = texts.disclosures};
  }

  base::Result<std::vector<tlog::Hash>> read_hashes(std::span<const tlog::NodeId> ids) override {
    std::vector<tlog::Hash> hashes;
    for (const tlog::NodeId& id : ids) {
      for (const tlog::Node& node : nodes_) {
        if (node.id == id) {
          hashes.push_back(node.hash);
        }
      }
    }
    return hashes;
  }

 private:
  std::string origin_;
  tlog::NoteSigner signer_;
  LeafMaker maker_;
  std::vector<event::Event> events_;
  std::vector<tlog::Node> nodes_;
  tlog::Frontier frontier_;
};

}  // namespace piperoll::evidence
