#pragma once
// Documents of other servers, small and seldom: key sets, discovery documents, what a code is
// changed for. Thread-safe; blocks, so never on a network thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace piperoll::net {

struct FetchOptions {
  std::size_t bytes_max = std::size_t{512} << 10;
  int timeout_ms = 10'000;  // of the whole, with redirects
  std::string ca_file;      // certificates to trust; empty: the system's
};

struct FetchedDocument {
  std::string body;
  std::optional<std::int64_t> max_age_seconds;  // Cache-Control; 0 for no-store and no-cache
};

// https, or http to this machine: "localhost", 127.0.0.0/8, [::1]. No user name, no fragment.
bool is_fetchable(std::string_view url);

// GET, answered with 200. Up to three redirects are followed, within the same scheme, host and port
// alone: a key set comes from where the configuration says. InvalidArgument when url is not
// fetchable; TooLarge over bytes_max; Unavailable for every other failure.
base::Result<FetchedDocument> fetch_document(const std::string& url,
                                             const FetchOptions& options = {});

struct FormPost {
  std::string body;           // application/x-www-form-urlencoded
  std::string authorization;  // of the header; empty: none
};
struct PostedAnswer {
  int status = 0;
  std::string body;
};
// POST, whatever it is answered with; no redirect is followed: what is posted may be a secret.
// Errors as fetch_document(), none of which has anything of the form in it.
base::Result<PostedAnswer> post_form(const std::string& url, const FormPost& form,
                                     const FetchOptions& options = {});

// The max-age of a Cache-Control value (RFC 9111 5.2.2).
std::optional<std::int64_t> max_age_of(std::string_view cache_control);

}  // namespace piperoll::net
