#pragma once
// Realistic events from a seed: the same seed gives the same lines on every machine. For trying
// piperoll out, and for load. One thread at a time.

#include <cstdint>
#include <string>
#include <vector>

#include "event/event.h"

namespace piperoll::cli {

struct GenerateOptions {
  std::uint64_t events = 1'000;
  std::uint64_t seed = 1;
  std::uint64_t orgs = 1;  // how many companies' worth of people and things
  // Where the stream ends; it begins some seconds per event earlier.
  base::Timestamp end{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z
};

// People act on things: few actors and actions make most of the events (Zipf), most events are in
// order of time and some are late, by day there are more than by night, a few per cent fail,
// changes come as an intent and its outcome.
class Generator {
 public:
  explicit Generator(const GenerateOptions& options);

  // REQUIRES: called at most options.events times.
  event::Event next();

 private:
  std::uint64_t random();                    // SplitMix64
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound)
  std::uint64_t zipf(std::uint64_t bound);   // small numbers are likelier
  bool chance(std::uint64_t per_thousand);
  std::string uuid(std::uint64_t kind, std::uint64_t number) const;  // stable names of things
  void fill_actor(event::Event& event, std::uint64_t org);
  void fill_target(event::Event& event, std::uint64_t org, std::size_t action);
  void fill_request(event::Event& event, std::size_t action);
  void fill_details(event::Event& event);

  const GenerateOptions options_;
  std::uint64_t state_;
  std::uint64_t made_ = 0;
  std::int64_t time_micros_;
  std::vector<event::Event> pending_;  // outcomes of intents
};

}  // namespace piperoll::cli
