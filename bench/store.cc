// Costs of the RocksDB store (Google Benchmark): applying batches of generated events, reads of a
// log of them, and blocks of rows alone. Directories are made in the temporary folder and removed.

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/zstd_block.h"
#include "cli/generate.h"
#include "event/event_encoding.h"
#include "event/record.h"
#include "query/query.h"
#include "store/id_cipher.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/row_codec.h"
#include "store/rocksdb/row_dictionaries.h"
#include "store/rocksdb/store_limits.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll {
namespace {

using store::rocks::testing::TempDirectory;
using store::rocks::testing::test_log;

constexpr std::size_t kEvents = 400'000;

// Encoded events, without ids as a server gets them.
const std::vector<base::Bytes>& encoded_events() {
  static const std::vector<base::Bytes> kEncoded = [] {
    std::vector<base::Bytes> encoded;
    cli::Generator generator({.events = kEvents, .seed = 1});
    for (std::size_t i = 0; i < kEvents; ++i) {
      event::Event event = generator.next();
      event.id.clear();
      encoded.push_back(event::encode_event(event::view_of(event)));
    }
    return encoded;
  }();
  return kEncoded;
}

struct World {
  TempDirectory directory;
  store::FeistelIdCipher ids = store::rocks::testing::test_ids();
  std::unique_ptr<store::EventStore> store =
      store::rocks::open_rocksdb_store({.directory = directory.path()}, ids).value();
  store::Lsn lsn = 0;
  std::uint64_t size = 0;

  void apply(std::size_t count) {
    std::vector<base::Bytes> records(count);
    std::vector<store::AppliedRecord> applied(count);
    for (std::size_t i = 0; i < count; ++i, ++size) {
      const base::Timestamp now{1'767'225'600'000'000 + static_cast<std::int64_t>(size) * 10};
      event::append_record(records[i],
                           {.seq = size, .recorded_at = now, .made_id = ids.make({}, size, now)},
                           encoded_events()[size % kEvents]);
      applied[i] = {.log = test_log(1), .bytes = records[i]};
    }
    CHECK(store->apply({.lsn = ++lsn, .records = applied}).has_value());
  }
};

// One batch an iteration; items: events.
void apply_batches(benchmark::State& state) {
  encoded_events();
  World world;
  const auto batch = static_cast<std::size_t>(state.range(0));
  while (world.size < kEvents / 4) {
    world.apply(16'384);
  }
  for (auto _ : state) {
    world.apply(batch);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(apply_batches)->Arg(16'384)->Arg(2'048)->Arg(128)->Unit(benchmark::kMicrosecond);

World& full_world() {
  static World world;
  while (world.size < kEvents) {
    world.apply(16'384);
  }
  return world;
}

void find(benchmark::State& state, const query::PageRequest& request) {
  World& world = full_world();
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.store->find(test_log(1), request));
  }
}
void find_newest(benchmark::State& state) {
  find(state, {.filter = query::all(), .limit = 50});
}
BENCHMARK(find_newest)->Unit(benchmark::kMicrosecond);

void find_two_terms(benchmark::State& state) {
  find(state, {.filter = query::all_of({query::equal({event::Field::Status, ""}, "failure"),
                                        query::equal({event::Field::Category, ""}, "iam")}),
               .limit = 50});
}
BENCHMARK(find_two_terms)->Unit(benchmark::kMicrosecond);

void find_request(benchmark::State& state) {
  find(state, {.filter = query::equal({event::Field::RequestId, ""},
                                      "00000000-0000-0000-0000-000000000000"),
               .limit = 50});
}
BENCHMARK(find_request)->Unit(benchmark::kMicrosecond);

void count_two_terms(benchmark::State& state) {
  World& world = full_world();
  const query::Filter filter = query::all_of({query::equal({event::Field::Status, ""}, "failure"),
                                              query::equal({event::Field::Category, ""}, "iam")});
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.store->count(test_log(1), filter, std::nullopt));
  }
}
BENCHMARK(count_two_terms)->Unit(benchmark::kMicrosecond);

// Blocks of sixteen records with ids and seeds as a server makes them, and a dictionary of some.
struct Rows {
  struct Block {
    std::vector<std::uint32_t> sizes;
    base::Bytes records;
  };
  std::vector<Block> blocks;
  store::rocks::RowDictionaries dictionaries;
  const store::FeistelIdCipher ids = store::rocks::testing::test_ids();

  Rows() : blocks(4096) {
    std::mt19937_64 random(1);
    event::SeedSource key{.is_key = true};
    base::Bytes joined;
    std::vector<std::size_t> sizes;
    for (std::uint64_t seq = 0; seq < blocks.size() * 16; ++seq) {
      const base::Timestamp time{1'767'225'600'000'000};
      event::RecordHead head{.seq = seq, .recorded_at = time, .made_id = ids.make({}, seq, time)};
      if (seq % event::kSeedRunRecords == 0) {
        std::generate(key.bytes.begin(), key.bytes.end(), std::ref(random));
      }
      head.seed = key;
      Block& block = blocks[seq / 16];
      const std::size_t begin = block.records.size();
      event::append_record(block.records, head, encoded_events()[seq]);
      block.sizes.push_back(static_cast<std::uint32_t>(block.records.size() - begin));
    }
    for (std::size_t i = 0; i < blocks.size(); i += 16) {
      const store::rocks::RowRests rests =
          store::rocks::rests_of(blocks[i].sizes, blocks[i].records);
      joined += rests.bytes;
      sizes.insert(sizes.end(), rests.sizes.begin(), rests.sizes.end());
    }
    dictionaries.add(
        base::ZstdDictionary::make(
            base::ZstdDictionary::train(joined, sizes, store::rocks::kRowDictionaryBytesMax)
                .value(),
            store::rocks::kRowBlockZstdLevel)
            .value());
  }
  base::Bytes packed(std::size_t i) const {
    const Block& block = blocks[i % blocks.size()];
    return store::rocks::encode_row_block(block.sizes, block.records, dictionaries.newest().get(),
                                          {.cipher = &ids, .log = {}})
        .value;
  }
};
const Rows& rows() {
  static const Rows kRows;
  return kRows;
}

// One block an iteration; items: events.
void pack_rows(benchmark::State& state) {
  std::size_t i = 0, bytes = 0;
  rows();
  for (auto _ : state) {
    bytes += rows().packed(i++).size();
  }
  state.SetItemsProcessed(state.iterations() * 16);
  state.counters["bytes/event"] = static_cast<double>(bytes) / (16 * static_cast<double>(i));
}
BENCHMARK(pack_rows)->Unit(benchmark::kMicrosecond);

void open_rows(benchmark::State& state) {
  std::vector<base::Bytes> packed(rows().blocks.size());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    packed[i] = rows().packed(i);
  }
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(store::rocks::decode_row_block(
        packed[i++ % packed.size()], rows().dictionaries, {.cipher = &rows().ids, .log = {}}));
  }
  state.SetItemsProcessed(state.iterations() * 16);
}
BENCHMARK(open_rows)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace piperoll

BENCHMARK_MAIN();
