#pragma once
// What a verification found (contract: "piperoll verify"). Values, pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace piperoll::evidence {

enum class Verdict : std::uint8_t {
  Valid,
  Invalid,    // something is not what was written: changed, added, out of order, not signed
  Gap,        // a hole among the events
  Missing,    // what is needed to tell is not there
  Truncated,  // the end is not there
  Forked,     // two signed states of one log contradict each other
};

std::string_view to_string(Verdict verdict);  // "valid" ...

struct Finding {
  Verdict verdict = Verdict::Valid;
  std::string log;                         // origin; empty while unknown
  std::uint64_t checked = 0;               // leaves that were found good
  std::optional<std::uint64_t> first_bad;  // leaf index; nothing when no one leaf is to blame
  std::string detail;                      // for people: what, and in which field
  bool operator==(const Finding&) const = default;
};

// {"verdict","log","checked","first_bad","detail"}: one JSON object, no line feed.
std::string print_finding(const Finding& finding);

}  // namespace piperoll::evidence
