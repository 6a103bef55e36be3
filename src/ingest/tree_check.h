#pragma once
// What is looked at before a store is written to again. Thread of EventStore::apply.

#include <string_view>

#include "base/result.h"
#include "ingest/published_file.h"
#include "store/event_store.h"

namespace piperoll::ingest {

// Gives each log the leaves that it lacks, from its rows: after an interruption, or where records
// were written without. Errors of the store come through.
base::Result<void> complete_trees(store::EventStore& store, std::string_view server_name);

// For each log: the stored hashes give the root of its tree, and the newest rows give the leaves
// that were hashed of them. Corruption (code "tree_mismatch") naming the log and what does not fit:
// then something was changed outside, or the server's name is another than before.
base::Result<void> check_trees(store::EventStore& store, std::string_view server_name);

// That each log still holds what was published of it. Corruption: the log ends before (code
// "log_truncated"), or is another (code "log_forked"). Call it after the others.
base::Result<void> check_published(store::EventStore& store, std::string_view server_name,
                                   const PublishedFile::Newest& published);

}  // namespace piperoll::ingest
