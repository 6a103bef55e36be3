#pragma once
// The members of a small JSON object, and the faults found in them. One thread at a time.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace piperoll::dialect::native {

// Every member that is taken must be of its kind; what is not taken is a fault.
class BodyReader {
 public:
  // body outlives the reader.
  explicit BodyReader(std::string_view body);

  void fault(std::string pointer, std::string detail);
  // Nothing if absent, null or of another kind (a fault).
  std::optional<base::JsonValue> take(std::string_view name, base::JsonKind kind,
                                      const char* allowed);
  std::optional<std::string> take_text(std::string_view name);
  std::string take_required_text(std::string_view name);
  std::optional<bool> take_flag(std::string_view name);
  // InvalidArgument with every fault.
  base::Result<void> finish();

 private:
  base::JsonParser parser_;
  std::vector<base::JsonMember> members_;
  std::vector<base::Fault> faults_;
  std::optional<base::Error> error_;
};

}  // namespace piperoll::dialect::native
