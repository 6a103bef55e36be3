// Costs of tamper evidence (Google Benchmark): leaf, tree, proofs, notes. On generated events.

#include <benchmark/benchmark.h>

#include "base/bytes.h"
#include "cli/generate.h"
#include "crypto/aes.h"
#include "crypto/ed25519.h"
#include "crypto/sha256.h"
#include "crypto/sha256_many.h"
#include "event/event_json.h"
#include "event/record.h"
#include "evidence/leaf_maker.h"
#include "tlog/checkpoint.h"
#include "tlog/frontier.h"
#include "tlog/many_leaves.h"
#include "tlog/proof.h"
#include "tlog/tile.h"
#include "tlog/verify.h"

namespace piperoll {
namespace {

constexpr std::size_t kEvents = 1'024;
constexpr std::string_view kOrigin = "audit.example/5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";

struct Sample {
  std::vector<event::Event> events;
  std::vector<event::RecordView> records;
  std::size_t json_bytes = 0;
};

const Sample& sample() {
  static const Sample kSample = [] {
    Sample sample;
    cli::Generator generator({.events = kEvents, .seed = 1});
    for (std::size_t i = 0; i < kEvents; ++i) {
      sample.events.push_back(generator.next());
      if (sample.events.back().id.empty()) {
        sample.events.back().id = "0195b2a4-6c00-7000-8000-000000000001";
      }
    }
    for (std::size_t i = 0; i < kEvents; ++i) {
      sample.records.push_back({.head = {.seq = i, .recorded_at = {1'767'323'045'000'000}},
                                .event = event::view_of(sample.events[i])});
      sample.records.back().head.seed.bytes.fill(static_cast<std::uint8_t>(i));
      sample.json_bytes += event::canonical_json(sample.records.back().event).size();
    }
    return sample;
  }();
  return kSample;
}

void leaf_hash_of_record(benchmark::State& state) {
  evidence::LeafMaker maker;
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(maker.leaf_hash(kOrigin, sample().records[i++ % kEvents]));
  }
  state.counters["event_bytes"] = static_cast<double>(sample().json_bytes) / kEvents;
}
BENCHMARK(leaf_hash_of_record);

void leaf_hashes_of_1024_records(benchmark::State& state) {
  evidence::LeafMaker maker;
  std::vector<tlog::Hash> hashes(kEvents);
  for (auto _ : state) {
    maker.leaf_hashes(kOrigin, sample().records, hashes);
    benchmark::DoNotOptimize(hashes.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEvents));
}
BENCHMARK(leaf_hashes_of_1024_records);

// 65 bytes each, as nodes are; the argument is the number of lanes.
void sha256_many(benchmark::State& state) {
  const auto lanes = static_cast<crypto::Sha256Lanes>(state.range(0));
  if (!crypto::is_supported(lanes)) {
    state.SkipWithError("not supported here");
    return;
  }
  const std::vector<std::string> texts(256, std::string(65, 'x'));
  const std::vector<base::ByteView> messages(texts.begin(), texts.end());
  std::vector<crypto::Sha256Digest> digests(256);
  for (auto _ : state) {
    crypto::sha256_many(messages, digests, lanes);
    benchmark::DoNotOptimize(digests.data());
  }
  state.SetItemsProcessed(state.iterations() * 256);
}
BENCHMARK(sha256_many)->Arg(1)->Arg(8)->Arg(16);

void slot_values(benchmark::State& state) {
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    const event::RecordView& record = sample().records[i++ % kEvents];
    out.clear();
    for (const evidence::Slot slot : evidence::kSlots) {
      if (evidence::is_present(slot, record.event)) {
        evidence::append_slot_value(out, slot, record.event, record.occurred_at());
      }
    }
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(slot_values);

// SHA-256 over what a leaf needs and nothing else: the floor.
void leaf_hashing_alone(benchmark::State& state) {
  evidence::LeafMaker maker;
  std::vector<evidence::LeafTexts> texts;
  for (const event::RecordView& record : sample().records) {
    texts.push_back(maker.texts(kOrigin, record));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const evidence::LeafTexts& one = texts[i++ % kEvents];
    for (const std::string& disclosure : one.disclosures) {
      if (!disclosure.empty()) {
        benchmark::DoNotOptimize(crypto::sha256(disclosure));
      }
    }
    benchmark::DoNotOptimize(crypto::sha256(one.manifest));
    benchmark::DoNotOptimize(tlog::leaf_hash(one.leaf));
  }
}
BENCHMARK(leaf_hashing_alone);

void aes_set_key_and_sixteen_blocks(benchmark::State& state) {
  crypto::Aes256 aes(std::string(32, 'k'));
  const std::string key(32, 'o');
  std::array<char, 256> blocks{};
  for (auto _ : state) {
    aes.set_key(key);
    aes.encrypt_blocks(blocks.data(), blocks.data(), 16);
    benchmark::DoNotOptimize(blocks);
  }
}
BENCHMARK(aes_set_key_and_sixteen_blocks);

void aes_new_object(benchmark::State& state) {
  const std::string key(32, 'o');
  for (auto _ : state) {
    crypto::Aes256 aes(key);
    benchmark::DoNotOptimize(aes);
  }
}
BENCHMARK(aes_new_object);

void node_hash(benchmark::State& state) {
  tlog::Hash left = tlog::leaf_hash("left");
  const tlog::Hash right = tlog::leaf_hash("right");
  for (auto _ : state) {
    left = tlog::node_hash(left, right);
    benchmark::DoNotOptimize(left);
  }
}
BENCHMARK(node_hash);

void frontier_append(benchmark::State& state) {
  const tlog::Hash leaf = tlog::leaf_hash("leaf");
  tlog::Frontier frontier;
  std::vector<tlog::Node> added;
  for (auto _ : state) {
    added.clear();
    frontier.append(leaf, added);
    benchmark::DoNotOptimize(added.data());
  }
}
BENCHMARK(frontier_append);

// A thousand together, as a batch of the indexer has them.
void frontier_append_all(benchmark::State& state) {
  const std::vector<tlog::Hash> leaves(1'000, tlog::leaf_hash("leaf"));
  tlog::Frontier frontier;
  std::vector<tlog::Node> added;
  for (auto _ : state) {
    added.clear();
    tlog::append_all(frontier, leaves, added);
    benchmark::DoNotOptimize(added.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(leaves.size()));
}
BENCHMARK(frontier_append_all);

void base64url_of_300_bytes(benchmark::State& state) {
  const std::string bytes(300, 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    base::append_base64url(out, bytes);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(base64url_of_300_bytes);

class FullTiles final : public tlog::TileReader {
 public:
  base::Result<std::vector<tlog::Hash>> read_tile(const tlog::Tile& tile) override {
    return std::vector<tlog::Hash>(tile.width, tlog::Hash{});
  }
};

void prove_inclusion_from_tiles(benchmark::State& state) {
  FullTiles tiles;
  tlog::TiledHashReader reader(10'000'000, tiles);
  std::uint64_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(tlog::prove_inclusion(i++ * 7'919 % 10'000'000, 10'000'000, reader));
  }
}
BENCHMARK(prove_inclusion_from_tiles);

void check_inclusion(benchmark::State& state) {
  const std::uint64_t size = 10'000'000;
  const std::vector<tlog::Hash> proof(tlog::inclusion_proof_length(5, size), tlog::Hash{});
  for (auto _ : state) {
    benchmark::DoNotOptimize(tlog::root_of_inclusion(
        {.index = 5, .tree_size = size, .leaf = {}, .root = {}, .proof = proof}));
  }
}
BENCHMARK(check_inclusion);

tlog::NoteSigner signer() {
  auto key = crypto::Ed25519PrivateKey::from_seed(std::string(32, 's'));
  return tlog::NoteSigner::make(std::string(kOrigin), *std::move(key)).value();
}

void sign_checkpoint(benchmark::State& state) {
  const tlog::NoteSigner signs = signer();
  tlog::Checkpoint checkpoint{
      .origin = std::string(kOrigin), .size = 1, .root = {}, .extensions = {}};
  for (auto _ : state) {
    ++checkpoint.size;
    benchmark::DoNotOptimize(tlog::sign_checkpoint(checkpoint, signs));
  }
}
BENCHMARK(sign_checkpoint);

void open_checkpoint(benchmark::State& state) {
  const tlog::NoteSigner signs = signer();
  const tlog::VerifierKey keys[] = {signs.verifier_key()};
  const std::string note = tlog::sign_checkpoint(
      {.origin = std::string(kOrigin), .size = 1, .root = {}, .extensions = {}}, signs);
  for (auto _ : state) {
    benchmark::DoNotOptimize(tlog::open_checkpoint(note, keys));
  }
}
BENCHMARK(open_checkpoint);

}  // namespace
}  // namespace piperoll

BENCHMARK_MAIN();
