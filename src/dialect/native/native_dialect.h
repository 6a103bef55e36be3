#pragma once
// The native surface: everything piperoll has (contract section 3). Errors are problem documents
// (RFC 9457). It also words the errors of paths that no surface owns.

#include <memory>
#include <string>
#include <vector>

#include "dialect/dialect.h"

namespace piperoll::dialect::native {

struct NativeOptions {
  std::string session_cookie = "piperoll_session";  // over TLS with "__Host-" before it
  // Sessions also for browsers on other machines without TLS: cookies can be read on the way.
  bool sessions_over_http = false;
  std::vector<std::string> origins;  // of pages that are ours, beside the one of the Host header
  std::vector<std::string> logins = {};  // names of issuers that people may log in with
};

std::unique_ptr<Dialect> make_native_dialect(NativeOptions options = {});

}  // namespace piperoll::dialect::native
