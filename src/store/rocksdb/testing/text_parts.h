#pragma once
// Texts on their way into segments, for the tests of what reads them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "store/rocksdb/hashed_values.h"
#include "store/rocksdb/text_column.h"

namespace piperoll::store::rocks::testing {

using Texts = std::vector<std::optional<std::string>>;  // by record

// first: index of the first record in its segment.
inline base::Bytes part_of(std::uint32_t first, const Texts& texts) {
  TextsPart part;
  for (const std::optional<std::string>& text : texts) {
    if (text.has_value()) {
      part.add(*text, hash_of(*text));
    } else {
      part.add_absent();
    }
  }
  base::Bytes out;
  part.append_to(out, first);
  return out;
}

}  // namespace piperoll::store::rocks::testing
