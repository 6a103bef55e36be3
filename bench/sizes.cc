// piperoll_sizes: how many bytes an event a store takes, by column family.
//
//   piperoll_sizes --store DATA_DIR/store [--compact]
//
// Sums the table files as they are; --compact joins them first, which is what RocksDB comes to
// piece by piece, and changes the store's files. No server may run on it.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "store/event_store.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store_ids.h"

namespace piperoll::bench {
namespace {

using store::rocks::Database;
using store::rocks::Family;
using store::rocks::kFamilyCount;
using store::rocks::kFamilyNames;
using store::rocks::RocksOptions;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "piperoll_sizes: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    fail(result.error().message + " " + result.error().detail);
  }
  return *std::move(result);
}

// Of all logs.
std::uint64_t count_events(const RocksOptions& options) {
  const std::unique_ptr<store::IdCipher> ids = must(ids_of_store(options.directory));
  return must(store::rocks::open_rocksdb_store(options, *ids))->stats().records;
}

std::array<std::uint64_t, kFamilyCount> bytes_by_family(const RocksOptions& options) {
  const std::unique_ptr<Database> database = must(Database::open(options));
  if (!options.read_only) {
    if (const base::Result<void> compacted = database->compact(); !compacted) {
      fail(compacted.error().message);
    }
  }
  std::array<std::uint64_t, kFamilyCount> bytes{};
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    database->db().GetIntProperty(database->handle(static_cast<Family>(i)),
                                  rocksdb::DB::Properties::kTotalSstFilesSize, &bytes[i]);
  }
  return bytes;
}

int run(const RocksOptions& options) {
  const auto events = static_cast<double>(count_events(options));
  const std::array<std::uint64_t, kFamilyCount> bytes = bytes_by_family(options);
  std::uint64_t sum = 0;
  const auto print = [&](const char* name, std::uint64_t of) {
    std::printf("%-12s %12llu %8.1f\n", name, static_cast<unsigned long long>(of),
                static_cast<double>(of) / events);
  };
  std::printf("%.0f events; family, bytes, bytes an event\n", events);
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    print(kFamilyNames[i], bytes[i]);
    sum += bytes[i];
  }
  print("all", sum);
  print("without tree", sum - bytes[static_cast<std::size_t>(Family::Tree)]);
  return 0;
}

}  // namespace
}  // namespace piperoll::bench

int main(int argc, char** argv) {
  piperoll::store::rocks::RocksOptions options{.directory = "", .read_only = true};
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--compact") {
      options.read_only = false;
    } else if (name == "--store" && i + 1 < argc) {
      options.directory = argv[++i];
    } else {
      piperoll::bench::fail("unknown argument " + name);
    }
  }
  if (options.directory.empty()) {
    piperoll::bench::fail("--store names the store of a data directory");
  }
  return piperoll::bench::run(options);
}
