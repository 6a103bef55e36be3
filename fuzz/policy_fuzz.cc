// Any bytes as a policy. What is read prints as a policy that is read as the same; all witnesses
// together are a quorum, and nobody is one only where none is asked for.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "tlog/policy.h"

using namespace piperoll::tlog;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = parse_policy(text);
  if (!policy) {
    CHECK(!policy.error().message.empty());
    return 0;
  }
  const std::string printed = print_policy(*policy);
  const auto again = parse_policy(printed);
  CHECK(again && *again == *policy && print_policy(*again) == printed);
  const std::size_t witnesses = policy->witnesses.size();
  CHECK(is_quorum(*policy, std::vector<bool>(witnesses, true)));
  CHECK(is_quorum(*policy, std::vector<bool>(witnesses, false)) == (policy->quorum == kNoQuorum));
  return 0;
}
