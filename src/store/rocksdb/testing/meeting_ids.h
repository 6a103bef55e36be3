#pragma once
// Ids that share the bytes of their hash which the index keeps. Found among sixteen million under a
// known secret: numbers n of id_at(n), which are texts where n is even and UUIDs where it is odd.

#include <array>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "base/uuid.h"
#include "crypto/keyed_hash.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/rocksdb/store_format.h"
#include "store/rocksdb/testing/store_fixture.h"

namespace piperoll::store::rocks::testing {

inline std::string id_at(std::uint64_t number) {
  if (number % 2 == 0) {
    return "id-" + std::to_string(number);
  }
  base::Bytes bytes(8, '\x5a');
  base::put_be64(bytes, number);
  return base::Uuid::from_bytes(bytes).to_string();
}

// Bytes 0, 1, 2 and so on.
inline base::Bytes known_secret() {
  base::Bytes secret;
  for (std::size_t i = 0; i < crypto::kKeyedHashKeyBytes; ++i) {
    secret.push_back(static_cast<char>(i));
  }
  return secret;
}

inline constexpr std::array<std::pair<std::uint64_t, std::uint64_t>, 12> kMeetingIds = {{
    {352518, 13318774},
    {512554, 8846944},
    {629220, 6888078},
    {333781, 15265869},
    {531453, 3651647},
    {566733, 5797194},
    {210681, 5304890},
    {635005, 6248218},
    {1038045, 12961352},
    {1312610, 8837749},
    {1438852, 14319807},
    {1651144, 2723907},
}};

// A new store whose ids are hashed with known_secret().
inline void make_store_with_known_secret(const RocksOptions& options) {
  const FeistelIdCipher cipher = test_ids();
  const auto database = Database::open(options).value();
  CHECK(check_format(*database, cipher, false).has_value());
  const base::Bytes key = id_secret_key();
  rocksdb::WriteBatch batch;
  batch.Put(database->handle(Family::Meta), rocksdb::Slice(key), known_secret());
  CHECK(database->write(batch).has_value());
  CHECK(database->flush().has_value());
}

}  // namespace piperoll::store::rocks::testing
