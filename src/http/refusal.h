#pragma once
// The refusals of the front itself, as errors (handler.h). Pure functions.

#include <string>

#include "base/result.h"

namespace piperoll::http {

base::Error malformed_request(std::string why);
base::Error request_ended_early();
base::Error broken_compression(const base::Error& why);
base::Error request_timeout(std::string what);
base::Error body_too_large(std::size_t bytes_max);
base::Error unknown_content_coding();
base::Error expectation_failed();
base::Error header_too_large(std::string what);
base::Error transfer_coding_unsupported();
base::Error overloaded();
base::Error too_many_connections();
base::Error http_version_unsupported(std::string why);
base::Error handler_timeout();
base::Error no_answer();
base::Error internal_failure();

}  // namespace piperoll::http
