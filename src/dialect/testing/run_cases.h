#pragma once
// Runs recorded cases (case_file.h) through decode and encode.

#include <string>

#include "dialect/dialect.h"

namespace piperoll::dialect::testing {

// When every case arrives.
inline constexpr base::Timestamp kCaseTime{1'767'323'045'678'901};  // 2026-01-02T03:04:05.678901Z

// Expects (EXPECT_*) every case of every *.case file in the folder to come out as recorded: the
// call as text, status and headers as text, bodies as JSON values. With PIPEROLL_UPDATE_CASES=1 in
// the environment the files are rewritten instead, for review.
void expect_cases(const Dialect& dialect, const std::string& folder);

}  // namespace piperoll::dialect::testing
