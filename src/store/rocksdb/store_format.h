#pragma once
// The format version of a store's data. Opening thread only.

#include "base/result.h"
#include "store/rocksdb/database.h"

namespace piperoll::store::rocks {

// Writes the version into new data, and into older data before what only this version knows is
// written there. Corruption for data of a newer one (code "newer_format"), of one that is not read
// any more ("older_format"), and where the version is damaged. Finds Database::has_older_ids() and
// Database::id_secret(), which new and older data gets with the version.
base::Result<void> check_format(Database& database, bool read_only);

}  // namespace piperoll::store::rocks
