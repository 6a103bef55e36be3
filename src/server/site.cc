#include "server/site.h"

#include <algorithm>

#include "base/check.h"
#include "base/compression.h"

namespace piperoll::server {
namespace {

// Scripts, styles and requests from here alone, nothing inline, nobody may frame it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
// The style sheet of Swagger UI holds its drawings, as data.
constexpr std::string_view kDocsPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

std::string_view packed(const SiteFile& file) {
  // A file's bytes as text: the two may alias.
  return {reinterpret_cast<const char*>(file.gzip), file.gzip_bytes};
}

std::size_t index_of(std::string_view path) {
  const auto files = site_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const SiteFile& file) { return file.path == path; });
  return static_cast<std::size_t>(found - files.begin());
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Calls visit for each element of a list (RFC 9110 5.6.1) until it says true.
template <class Visit>
bool any_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (visit(trimmed(list.substr(0, comma)))) {
      return true;
    }
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

// RFC 9110 12.5.3; a weight of 0 is a refusal.
bool takes_gzip(const wire::Request& request) {
  return any_element(request.header("Accept-Encoding").value_or(""), [](std::string_view element) {
    const std::size_t semicolon = element.find(';');
    const std::string_view coding = trimmed(element.substr(0, semicolon));
    if (!wire::header_name_equal(coding, "gzip") && coding != "*") {
      return false;
    }
    const std::string_view weight =
        semicolon == std::string_view::npos ? "" : trimmed(element.substr(semicolon + 1));
    return !weight.starts_with("q=0") || weight.find_first_of("123456789", 3) != weight.npos;
  });
}

bool is_known(const wire::Request& request, std::string_view tag) {
  return any_element(request.header("If-None-Match").value_or(""), [&](std::string_view element) {
    return element == "*" || element == tag || element == tag.substr(2);
  });
}

}  // namespace

Site::Site() {
  for (const SiteFile& file : site_files()) {
    auto plain = base::decompress(base::Compression::Gzip, packed(file), file.plain_bytes);
    CHECK(plain.has_value());
    plain_.push_back(*std::move(plain));
  }
}

bool Site::has(std::string_view path) const {
  return index_of(path) < site_files().size();
}

wire::Response Site::answer(const wire::Request& request) const {
  const std::size_t index = index_of(request.path());
  CHECK(index < plain_.size());
  const SiteFile& file = site_files()[index];
  const bool known = is_known(request, file.tag);
  const bool gzip = takes_gzip(request);
  wire::Response response = wire::make_response(
      known ? 304 : 200, std::string(file.type),
      known ? "" : std::string(gzip ? packed(file) : std::string_view(plain_[index])));
  if (gzip && !known) {
    response.set("Content-Encoding", "gzip");
  }
  response.set("Vary", "Accept-Encoding");
  response.set("ETag", std::string(file.tag));
  response.set("Cache-Control",
               file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.set("Content-Security-Policy",
               std::string(file.path == "/docs" ? kDocsPolicy : kPolicy));
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Referrer-Policy", "no-referrer");
  response.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace piperoll::server
