#pragma once
// What is wrong with a request, in the words of the framework that Antidote is built on: a 422 with
// its `detail` array, and an `error` object beside it (contract section 5). One thread at a time.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::dialect::antidote {

// base::Error::code of an operation that is refused with a 422; its message holds the body.
inline constexpr std::string_view kValidationCode = "antidote_validation";

class Validation {
 public:
  // loc: JSON array text, e.g. ["body","summary"]; input: JSON text of what was sent; ctx: JSON
  // object text, or empty.
  void add(std::string_view type, const std::string& loc, const std::string& message,
           std::string_view input, std::string_view ctx = "");
  bool empty() const { return details_.empty(); }
  // REQUIRES: !empty()
  base::Error error() const;

 private:
  std::string details_;  // JSON objects, separated by commas
  std::string first_;    // "summary: Field required"
};

std::string body_loc(std::string_view member);  // ["body","summary"]
std::string query_loc(std::string_view parameter);
std::string json_text(std::string_view text);  // a JSON string

}  // namespace piperoll::dialect::antidote
