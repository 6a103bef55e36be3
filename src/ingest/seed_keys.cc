#include "ingest/seed_keys.h"

#include <cstring>

#include "crypto/random.h"

namespace piperoll::ingest {
namespace {

// The generator's cost is per call, so it is asked for many keys at once.
constexpr std::size_t kKeysAtOnce = 64;

}  // namespace

event::SeedSource SeedKeys::of(const event::LogId& log, std::uint64_t seq) {
  const std::uint64_t run = seq / event::kSeedRunRecords;
  if (!has_key_ || run != run_ || log != log_) {
    draw();
    log_ = log;
    run_ = run;
  }
  return current_;
}

void SeedKeys::draw() {
  if (used_ == random_.size()) {
    random_ = crypto::random_bytes(kKeysAtOnce * sizeof(current_.bytes));
    used_ = 0;
  }
  std::memcpy(current_.bytes.data(), random_.data() + used_, sizeof(current_.bytes));
  std::memset(random_.data() + used_, 0, sizeof(current_.bytes));
  used_ += sizeof(current_.bytes);
  has_key_ = true;
}

}  // namespace piperoll::ingest
