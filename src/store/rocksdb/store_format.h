#pragma once
// The format version of a store's data. Opening thread only.

#include "base/result.h"
#include "store/event_store.h"
#include "store/rocksdb/database.h"

namespace piperoll::store::rocks {

// Writes the version into new data, and into older data before what only this version knows is
// written there. Corruption for data of a newer one (code "newer_format"), of one that is not read
// any more ("older_format"), where the version is damaged, and for data whose rows leave out ids
// that another cipher made ("wrong_id_key"). Finds Database::has_older_ids() and
// Database::id_secret(), which new and older data gets with the version, and sets the cipher, which
// outlives the database.
base::Result<void> check_format(Database& database, const IdCipher& cipher, bool read_only);

}  // namespace piperoll::store::rocks
