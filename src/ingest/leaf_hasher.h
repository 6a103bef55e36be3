#pragma once
// From records of the journal to the hashes of their leaves. One for each thread that needs it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/leaf_maker.h"
#include "store/event_store.h"
#include "tlog/hash.h"

namespace piperoll::ingest {

class LeafHasher {
 public:
  // server_name: first part of every origin (evidence/origin.h).
  explicit LeafHasher(std::string_view server_name) : server_name_(server_name) {}

  // leaves[i] becomes the hash of records[i]; of control records nothing. Corruption when a record
  // cannot be read. REQUIRES: as many leaves as records
  base::Result<void> hash(std::span<const store::AppliedRecord> records,
                          std::span<tlog::Hash> leaves);

 private:
  void hash_log(const event::LogId& log);

  const std::string server_name_;
  evidence::LeafMaker maker_;
  // Of the records of one log, in their order:
  std::vector<event::RecordView> views_;
  std::vector<tlog::Hash*> places_;
  std::vector<tlog::Hash> hashes_;
};

}  // namespace piperoll::ingest
