#pragma once
// One store going through one random journal, compared with the reference at any point. Failures
// are reported through GoogleTest. One thread at a time.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "query/testing/query_arbitrary.h"
#include "store/event_store_contract.h"
#include "store/id_cipher.h"
#include "store/testing/contract_reference.h"
#include "store/testing/contract_world.h"

namespace piperoll::store::testing {

// The rounds of a property: count, multiplied by PIPEROLL_PROPERTY_SCALE, at least one.
int scaled(int count);
// PIPEROLL_PROPERTY_SEED or a new one; printed, so that a failure can be repeated.
std::uint64_t announced_seed();

class ContractRun {
 public:
  ContractRun(const StoreKind& kind, std::uint64_t seed, const WorldOptions& options);

  EventStore& store() { return subject_->store(); }
  const Reference& reference() const { return reference_; }
  const IdCipher& ids() const { return ids_; }
  const event::LogId& first_log() const { return world_.logs().front(); }
  const event::LogId& some_log();
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  // Applies at least this many records more, in whole frames, in batches of random width.
  void grow(std::uint64_t records);
  // One more frame, applied by itself.
  void grow_by_frame();
  void flush();
  void index_newest();  // if the store wants it
  void restart();
  void compact() { subject_->compact(); }

  // Random questions of every sort about every log or, with few, about one.
  void check(int questions);
  // What is said of the store as a whole: sizes, logs, controls, lsns.
  void check_whole();
  // A listing read page by page, forward and back, while the log grows.
  void check_walk(const event::LogId& log, query::PageRequest request);
  void check_find(const event::LogId& log);
  void check_find(const event::LogId& log, const query::PageRequest& request);
  void check_count(const event::LogId& log);
  void check_count(const event::LogId& log, const query::Filter& filter);
  void check_facets(const event::LogId& log);
  void check_facets(const event::LogId& log, const query::Filter& filter,
                    const event::FieldRef& field, std::uint64_t limit);
  void check_histogram(const event::LogId& log);
  void check_histogram(const event::LogId& log, const query::Filter& filter, Interval interval);
  void check_scan(const event::LogId& log);
  void check_scan(const event::LogId& log, const query::Filter& filter, std::uint64_t from,
                  std::uint64_t to);
  void check_record(const event::LogId& log);
  void check_ids(const event::LogId& log);
  // Head, tiles and what is beyond them.
  void check_tree(const event::LogId& log);
  // Gives the log some of the leaves it lacks.
  void grow_tree(const event::LogId& log);

  // Made anew when the log has grown by a half.
  query::VocabularyPointer vocabulary(const event::LogId& log);
  template <class T>
  T draw(const rc::Gen<T>& generator) {
    return generator(rc::Random(random_()), rc::kNominalSize).value();
  }

 private:
  void apply_frames(std::size_t begin, std::size_t end);  // of frames_, in random batches
  void apply_batch(std::size_t begin, std::size_t end);
  // The seqs of all pages from request on, forward or (with before_seq) back.
  std::vector<std::uint64_t> walk(const event::LogId& log, query::PageRequest request,
                                  bool forward);
  void check_id(const event::LogId& log, const std::string& id,
                const std::optional<std::uint64_t>& seq);

  const StoreKind& kind_;
  std::mt19937_64 random_;
  FeistelIdCipher ids_;
  World world_;
  Reference reference_;
  std::vector<Frame> frames_;  // all that were applied, and no more
  std::set<Lsn> batch_ends_;
  std::unique_ptr<StoreUnderTest> subject_;
  std::map<event::LogId, query::VocabularyPointer> vocabularies_;
};

}  // namespace piperoll::store::testing
