#pragma once
// Query parameters of the native surface (contract section 3). Pure functions. All errors are
// InvalidArgument with one fault for each bad parameter, whose pointer is the parameter's name.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/query.h"
#include "wire/url.h"

namespace piperoll::dialect::native {

inline constexpr std::uint64_t kPageLimitMax = 1000;
inline constexpr std::uint64_t kPageLimitDefault = 50;
inline constexpr std::uint64_t kFacetLimitMax = 1000;
inline constexpr std::uint64_t kFacetLimitDefault = 10;
inline constexpr std::size_t kSortTermsMax = 8;
inline constexpr std::size_t kFilterParametersMax = 100;

// What is left of the parameters of a request, and the faults found in it. Each take_ removes the
// parameter; what nobody took is unknown.
class ParameterReader {
 public:
  explicit ParameterReader(wire::Parameters parameters) : parameters_(std::move(parameters)) {}

  // Nothing if absent; a second one of the same name is a fault.
  std::optional<std::string> take(std::string_view name);
  // Decimal within [min, max].
  std::uint64_t take_number(std::string_view name, std::uint64_t fallback, std::uint64_t min,
                            std::uint64_t max);
  bool take_flag(std::string_view name);  // true | false, default false
  // One of words; the index, default 0.
  std::size_t take_word(std::string_view name, const std::vector<std::string_view>& words);
  query::Sort take_sort();
  // Every filter parameter, q and the four time bounds; all of them must hold.
  query::Filter take_filter();

  void fault(std::string_view parameter, std::string detail);
  // Faults for everything nobody took, then all faults as one error, or nothing.
  base::Result<void> finish();

 private:
  bool take_filter_parameter(const std::string& name, const std::string& value,
                             std::vector<query::Filter>& terms);
  void take_time_bounds(event::Field field, std::string_view after, std::string_view before,
                        std::vector<query::Filter>& terms);

  wire::Parameters parameters_;
  std::vector<base::Fault> faults_;
};

}  // namespace piperoll::dialect::native
