#include "store/rocksdb/merge_operators.h"

#include <string>

#include "base/diagnostics.h"
#include "store/rocksdb/counts_codec.h"

namespace piperoll::store::rocks {
namespace {

base::ByteView view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// RocksDB turns a false into a Corruption for who reads the key; the reason is told here.
bool refuse(const rocksdb::Slice& key, const base::Error& error) {
  base::error("a stored value cannot be merged",
              {{"key", base::hex_encode(view(key))}, {"reason", error.message}});
  return false;
}

class AppendParts : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "piperoll.AppendParts"; }
  bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing,
             const rocksdb::Slice& operand, std::string* result,
             rocksdb::Logger* /*logger*/) const override {
    result->clear();
    if (existing != nullptr) {
      result->append(existing->data(), existing->size());
    }
    result->append(operand.data(), operand.size());
    return true;
  }
};

class AddCounts : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "piperoll.AddCounts"; }
  bool Merge(const rocksdb::Slice& key, const rocksdb::Slice* existing,
             const rocksdb::Slice& operand, std::string* result,
             rocksdb::Logger* /*logger*/) const override {
    if (existing == nullptr) {
      result->assign(operand.data(), operand.size());
      return true;
    }
    const base::Result<Counts> before = decode_counts(view(*existing));
    const base::Result<Counts> added = decode_counts(view(operand));
    if (!before || !added) {
      return refuse(key, !before ? before.error() : added.error());
    }
    result->clear();
    append_counts(*result, add_counts(*before, *added));
    return true;
  }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> merge_operator(Family family) {
  switch (family) {
    case Family::Ids:
    case Family::Time:
    case Family::Codes:
    case Family::Tree:
      return std::make_shared<AppendParts>();
    case Family::Roll:
      return std::make_shared<AddCounts>();
    default:
      return nullptr;
  }
}

}  // namespace piperoll::store::rocks
