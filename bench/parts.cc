// Costs of parts (Google Benchmark): JSON, event encoding, records, filters, ids, digests.

#include <benchmark/benchmark.h>

#include "base/crc32c.h"
#include "base/json.h"
#include "cli/generate.h"
#include "crypto/hmac.h"
#include "event/event_encoding.h"
#include "event/event_json.h"
#include "event/event_reader.h"
#include "event/record.h"
#include "ingest/content_digest.h"
#include "query/match.h"
#include "store/id_cipher.h"

namespace piperoll {
namespace {

constexpr std::size_t kEvents = 1'024;

struct Sample {
  std::vector<event::Event> events;
  std::vector<std::string> texts;
  std::vector<base::Bytes> encoded, records;
};

const Sample& sample() {
  static const Sample kSample = [] {
    Sample sample;
    cli::Generator generator({.events = kEvents, .seed = 1});
    for (std::size_t i = 0; i < kEvents; ++i) {
      sample.events.push_back(generator.next());
      sample.texts.push_back(event::canonical_json(event::view_of(sample.events[i])));
      sample.encoded.push_back(event::encode_event(event::view_of(sample.events[i])));
      sample.records.emplace_back();
      event::append_record(sample.records[i], {.seq = i, .recorded_at = {1}}, sample.encoded[i]);
    }
    return sample;
  }();
  return kSample;
}

void parse_json(benchmark::State& state) {
  base::JsonParser parser;
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parser.parse(sample().texts[i++ % kEvents]));
  }
}
BENCHMARK(parse_json);

void read_event(benchmark::State& state) {
  base::JsonParser parser;
  std::size_t i = 0;
  for (auto _ : state) {
    auto value = parser.parse(sample().texts[i++ % kEvents]);
    benchmark::DoNotOptimize(event::read_event(*value));
  }
}
BENCHMARK(read_event);

void read_encoded(benchmark::State& state) {
  event::EventReader reader;
  base::Bytes arena;
  std::size_t i = 0;
  for (auto _ : state) {
    arena.clear();
    benchmark::DoNotOptimize(reader.read(sample().texts[i++ % kEvents], arena));
  }
}
BENCHMARK(read_encoded);

void encode_event(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(event::encode_event(event::view_of(sample().events[i++ % kEvents])));
  }
}
BENCHMARK(encode_event);

void decode_record(benchmark::State& state) {
  std::array<char, 36> scratch{};
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(event::decode_record(sample().records[i++ % kEvents], scratch));
  }
}
BENCHMARK(decode_record);

void write_record_json(benchmark::State& state) {
  std::array<char, 36> scratch{};
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    out.clear();
    event::write_record(out, *event::decode_record(sample().records[i++ % kEvents], scratch), {});
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(write_record_json);

void content_digest(benchmark::State& state) {
  const crypto::HmacKey key("a key of the benchmark");
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        ingest::content_digest(key, sample().encoded[i++ % kEvents], std::nullopt));
  }
}
BENCHMARK(content_digest);

void make_id(benchmark::State& state) {
  const store::FeistelIdCipher ids(std::string(store::FeistelIdCipher::kKeyBytes, 'k'));
  std::uint64_t seq = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ids.make({}, seq++, {1'767'225'600'000'000}));
  }
}
BENCHMARK(make_id);

void match_two_terms(benchmark::State& state) {
  const query::Filter filter =
      query::all_of({query::equal({event::Field::Status, ""}, "failure"),
                     query::contains({event::Field::ActorName, ""}, "ada")});
  std::array<char, 36> scratch{};
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        query::match(filter, *event::decode_record(sample().records[i++ % kEvents], scratch)));
  }
}
BENCHMARK(match_two_terms);

void checksum(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(base::crc32c(sample().encoded[i++ % kEvents]));
  }
}
BENCHMARK(checksum);

}  // namespace
}  // namespace piperoll

BENCHMARK_MAIN();
