#pragma once
// What browsers fetch without a credential: the viewer and the description of the API, kept
// compressed in the binary. Immutable.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/message.h"

namespace piperoll::server {

struct SiteFile {
  std::string_view path;  // "/" is the viewer's page
  std::string_view type;
  std::string_view tag;  // a weak entity tag (RFC 9110 8.8.3), W/"…": one for both codings
  const unsigned char* gzip;
  std::size_t gzip_bytes;
  std::size_t plain_bytes;
  bool immutable;  // its name changes with its content
};

// Written by tools/embed_site.py when the binary is built.
std::span<const SiteFile> site_files();

class Site {
 public:
  // Unpacks each file once, for clients that do not take gzip.
  Site();

  bool has(std::string_view path) const;
  // REQUIRES: has(request.path()). 200 or, when If-None-Match holds the file's tag, 304.
  wire::Response answer(const wire::Request& request) const;

 private:
  std::vector<std::string> plain_;  // as site_files()
};

}  // namespace piperoll::server
