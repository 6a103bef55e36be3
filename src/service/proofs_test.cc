#include "service/proofs.h"

#include <gtest/gtest.h>

#include "event/event_json.h"
#include "evidence/event_proof.h"
#include "evidence/export_check.h"
#include "evidence/sd_jwt.h"
#include "service/testing/service_world.h"
#include "tlog/checkpoint.h"
#include "tlog/frontier.h"
#include "tlog/verify.h"

namespace piperoll::service {
namespace {

using operation::ProveEvent;
using testing::kServerName;

struct ProofsTest : ::testing::Test {
  testing::ServiceWorld world{AccessLogMode::Sync, true};
  store::EventStore& store = *world.store;
  const ingest::Publisher& publisher = *world.publisher;
  const event::LogId log{world.acme, event::LogKind::Events};

  operation::Reply execute(const std::string& who, operation::Operation operation) {
    return world.execute(world.call(who, std::move(operation)));
  }

  void append(std::size_t events) {
    operation::AppendEvents inputs;
    for (std::size_t i = 0; i < events; ++i) {
      event::Event event = event::make_event("user.update");
      event.id = "e-" + std::to_string(next_++);
      event.actor.email = "zoe@example.com";
      inputs.batch.add(event);
    }
    ASSERT_TRUE(execute("acme-writer", std::move(inputs)).outcome.has_value());
  }

  evidence::EventProof proof_of(const std::string& id,
                                std::optional<std::uint64_t> size = std::nullopt) {
    operation::Reply reply = execute("acme-auditor", ProveEvent{.id = id, .tree_size = size});
    EXPECT_TRUE(reply.outcome.has_value()) << reply.outcome.error().message;
    return std::get<operation::EventProven>(*std::move(reply.outcome)).proof;
  }

  std::uint64_t next_ = 0;
};

TEST_F(ProofsTest, EveryEventIsProvenToWhoHasTheKeyOfTheLog) {
  append(300);
  for (const std::uint64_t seq : {0U, 1U, 255U, 256U, 299U}) {
    const evidence::EventProof proof = proof_of("e-" + std::to_string(seq));

    EXPECT_EQ(proof.index, seq);
    EXPECT_EQ(proof.tree_size, 300U);
    const evidence::Finding found = check_event_proof(proof, publisher.verifier_keys(log));
    EXPECT_EQ(found.verdict, evidence::Verdict::Valid) << found.detail;
  }
}

TEST_F(ProofsTest, AnEventIsProvenInOlderTreesToo) {
  append(40);
  const evidence::EventProof proof = proof_of("e-7", 9);

  EXPECT_EQ(proof.tree_size, 9U);
  const tlog::Hash root_of_9 = [&] {
    tlog::Frontier frontier;
    for (std::uint64_t seq = 0; seq < 9; ++seq) {
      frontier.append(store.tree_tile(log, {.index = 0, .width = 40}).value()[seq]);
    }
    return frontier.root();
  }();
  EXPECT_TRUE(tlog::check_inclusion({.index = 7,
                                     .tree_size = 9,
                                     .leaf = proof.leaf_hash,
                                     .root = root_of_9,
                                     .proof = proof.inclusion})
                  .has_value());
}

TEST_F(ProofsTest, ASizeThatDoesNotHoldTheEventIsRefused) {
  append(10);
  for (const std::uint64_t size : {7U, 11U}) {
    const operation::Reply reply =
        execute("acme-auditor", ProveEvent{.id = "e-7", .tree_size = size});
    ASSERT_FALSE(reply.outcome.has_value());
    EXPECT_EQ(reply.outcome.error().kind, base::ErrorKind::InvalidArgument);
    EXPECT_EQ(reply.outcome.error().faults.front().pointer, "size");
    EXPECT_EQ(reply.outcome.error().faults.front().detail, "must be from 8 to 10");
  }
}

TEST_F(ProofsTest, WhatIsNotThereAndWhatIsForeignLookAlike) {
  append(3);
  const auto missing = execute("acme-auditor", ProveEvent{.id = "no-such"}).outcome;
  const auto foreign = execute("other-auditor", ProveEvent{.id = "e-1"}).outcome;

  EXPECT_EQ(missing.error().code, "event_not_found");
  EXPECT_EQ(foreign.error().code, missing.error().code);
  EXPECT_EQ(foreign.error().message, missing.error().message);
}

TEST_F(ProofsTest, AReaderMayNotProve) {
  append(3);
  EXPECT_EQ(execute("acme-reader", ProveEvent{.id = "e-1"}).outcome.error().code, "no_right");
  EXPECT_EQ(execute("acme-reader", operation::ReadCheckpoint{}).outcome.error().code, "no_right");
}

TEST_F(ProofsTest, ProvingIsRecordedAndReadingTilesIsNot) {
  append(3);
  const event::LogId access{world.acme, event::LogKind::Access};
  proof_of("e-1");
  execute("acme-auditor", operation::ReadCheckpoint{});
  execute("acme-auditor", operation::ReadTile{.resource = tlog::Tile{.width = 1}});
  execute("acme-auditor", operation::ReadLogKeys{});
  world.indexer.stop();

  ASSERT_EQ(store.size(access), 1U);
  const event::Record record = store.get(access, 0).value();
  EXPECT_EQ(record.event().action, "events.prove");
  EXPECT_EQ(record.event().target.id, "e-1");
}

TEST_F(ProofsTest, AnyTwoSizesAreConsistent) {
  append(70);
  const auto tree = [&](std::uint64_t size) {
    tlog::Frontier frontier;
    for (std::uint64_t seq = 0; seq < size; ++seq) {
      frontier.append(store.tree_tile(log, {.index = 0, .width = 70}).value()[seq]);
    }
    return frontier.root();
  };
  for (const auto& [from, to] : {std::pair{1, 70}, std::pair{64, 65}, std::pair{33, 69}}) {
    const auto reply = execute("acme-auditor",
                               operation::ProveConsistency{.from = static_cast<std::uint64_t>(from),
                                                           .to = static_cast<std::uint64_t>(to)});
    const auto& proven = std::get<operation::ConsistencyProven>(*reply.outcome);
    EXPECT_TRUE(tlog::check_consistency({.from = proven.from,
                                         .to = proven.to,
                                         .from_root = tree(proven.from),
                                         .to_root = tree(proven.to),
                                         .proof = proven.proof})
                    .has_value());
  }
  for (const auto& [from, to] : {std::pair{3, 71}, std::pair{5, 4}}) {
    const auto reply = execute("acme-auditor",
                               operation::ProveConsistency{.from = static_cast<std::uint64_t>(from),
                                                           .to = static_cast<std::uint64_t>(to)});
    EXPECT_EQ(reply.outcome.error().kind, base::ErrorKind::InvalidArgument);
  }
}

TEST_F(ProofsTest, BundlesHoldTheLeavesThatTilesHash) {
  append(300);
  proof_of("e-299");  // tiles are there once a checkpoint is
  for (const tlog::EntryBundle& bundle :
       {tlog::EntryBundle{.index = 0}, tlog::EntryBundle{.index = 1, .width = 44}}) {
    const auto bytes = std::get<operation::TileRead>(
        *execute("acme-auditor", operation::ReadTile{.resource = bundle}).outcome);
    const auto hashes = std::get<operation::TileRead>(
        *execute("acme-auditor", operation::ReadTile{.resource = tlog::Tile{.index = bundle.index,
                                                                            .width = bundle.width}})
             .outcome);
    const auto leaves = tlog::decode_bundle(bytes.bytes, bundle.width).value();
    std::vector<tlog::Hash> made;
    for (const base::ByteView leaf : leaves) {
      made.push_back(tlog::leaf_hash(leaf));
    }
    EXPECT_EQ(tlog::encode_tile(made), hashes.bytes);
    EXPECT_EQ(bytes.full, bundle.width == tlog::kTileWidth);
  }
  const auto beyond = execute(
      "acme-auditor", operation::ReadTile{.resource = tlog::EntryBundle{.index = 1, .width = 45}});
  EXPECT_EQ(beyond.outcome.error().code, "tile_not_found");
}

TEST_F(ProofsTest, AnUnfilteredExportIsCheckedFromItsLinesAlone) {
  append(20);
  operation::Reply reply = execute("acme-auditor", operation::ExportEvents{.filter = query::all()});
  auto& streamed = std::get<operation::Streamed>(*reply.outcome);
  evidence::ExportCheck check = evidence::ExportCheck::make(publisher.verifier_keys(log)).value();
  for (bool last = false; !last;) {
    evidence::RecordSeeds seeds;
    const auto add = [&](const event::RecordView& record) {
      std::string line;
      event::write_record(line, record, world.acme, {.seed = seeds.of(record.head)});
      check.add_line(line);
      return true;
    };
    last = streamed.stream->next(add).value().last;
  }
  EXPECT_EQ(streamed.tree_size, 20U);
  EXPECT_EQ(streamed.origin, publisher.origin(log));
  const auto opened =
      tlog::open_checkpoint(streamed.checkpoint, publisher.verifier_keys(log)).value();
  EXPECT_EQ(opened.checkpoint.size, 20U);
  EXPECT_EQ(check.checked(), 20U);
}

TEST_F(ProofsTest, AnExportGivesItsTreeWhereThatIsAskedFor) {
  append(20);
  operation::Reply reply = execute("acme-auditor", operation::ExportEvents{.filter = query::all()});
  EXPECT_EQ(std::get<operation::Streamed>(*reply.outcome).tree, nullptr);
  reply =
      execute("acme-auditor", operation::ExportEvents{.filter = query::all(), .with_tree = true});
  const auto& streamed = std::get<operation::Streamed>(*reply.outcome);
  append(3);

  const std::vector<tlog::NodeId> nodes = tlog::nodes_across({0, 20});
  const std::vector<tlog::Hash> hashes = streamed.tree->read_hashes(nodes).value();

  tlog::Frontier tree;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    tree.append_node(nodes[i].level, hashes[i]);
  }
  const auto opened =
      tlog::open_checkpoint(streamed.checkpoint, publisher.verifier_keys(log)).value();
  EXPECT_EQ(tree.root(), opened.checkpoint.root);
}

TEST_F(ProofsTest, ARowThatWasChangedIsNotProven) {
  append(5);
  proof_of("e-4");
  // A tree of other leaves under the same rows.
  const std::unique_ptr<store::EventStore> other = store::memory::make_memory_store(world.ids);
  const event::Record row = store.get(log, 0).value();
  const tlog::Hash wrong{};
  const store::AppliedRecord record{.log = log, .bytes = row.bytes(), .leaf = &wrong};
  ASSERT_TRUE(other->apply({.lsn = 1, .records = {&record, 1}}).has_value());
  ingest::Publisher publishing(*other, world.signing_key, {.server_name = kServerName});
  ServiceParts damaged = world.parts_over(*other);
  damaged.publisher = &publishing;

  EXPECT_EQ(prove_event(damaged, log, {.id = "e-0"}).error().code, "tree_mismatch");
  EXPECT_EQ(read_tile(damaged, log, tlog::EntryBundle{.width = 1}).error().code, "tree_mismatch");
}

TEST_F(ProofsTest, SaysWhenNoEvidenceIsKept) {
  testing::ServiceWorld without;
  without.append("acme-writer", {event::make_event("a")});
  const operation::Reply reply =
      without.execute(without.call("acme-auditor", operation::ReadCheckpoint{}));

  EXPECT_EQ(reply.outcome.error().code, "evidence_off");
  const operation::Reply exported = without.execute(without.call(
      "acme-auditor", operation::ExportEvents{.filter = query::all(), .with_tree = true}));
  EXPECT_EQ(exported.outcome.error().code, "evidence_off");
}

TEST_F(ProofsTest, PublicLogsAreShownToAnyoneAndNothingElse) {
  append(3);
  Service open(world.parts(), {.access_log = AccessLogMode::Sync, .public_logs = true});
  const auto ask = [&](operation::Operation operation, const std::string& org) {
    operation::Call call = world.call("acme-auditor", std::move(operation));
    call.credential = {};
    call.org = {operation::OrgReference::Place::Path, org};
    std::promise<operation::Reply> promise;
    open.execute(std::move(call),
                 [&](operation::Reply reply) { promise.set_value(std::move(reply)); });
    return promise.get_future().get().outcome;
  };
  EXPECT_TRUE(ask(operation::ReadCheckpoint{}, world.acme.to_string()).has_value());
  EXPECT_TRUE(
      ask(operation::ProveConsistency{.from = 1, .to = 3}, world.acme.to_string()).has_value());
  EXPECT_EQ(ask(ProveEvent{.id = "e-1"}, world.acme.to_string()).error().code, "no_credential");
  EXPECT_EQ(ask(operation::FindEvents{}, world.acme.to_string()).error().code, "no_credential");
  EXPECT_EQ(ask(operation::ReadCheckpoint{}, "acme").error().code, "org_forbidden");
  EXPECT_EQ(ask(operation::ReadCheckpoint{}, base::Uuid{}.to_string()).error().code,
            "org_forbidden");
}

TEST_F(ProofsTest, AProofComesAsSdJwtWhereThatIsAskedFor) {
  append(3);
  operation::Reply reply =
      execute("acme-auditor", ProveEvent{.id = "e-1", .form = ProveEvent::Form::SdJwt});
  const auto& proven = std::get<operation::EventProven>(*reply.outcome);

  const auto opened = evidence::open_sd_jwt(proven.sd_jwt, publisher.verifier_keys(log).front());
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->manifest, proven.proof.manifest);
  EXPECT_EQ(opened->disclosures, proven.proof.disclosures);
}

}  // namespace
}  // namespace piperoll::service
