#include "net/fetch.h"

#include <algorithm>
#include <charconv>

#include "net/curl_internal.h"
#include "wire/message.h"

namespace piperoll::net {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int kRedirectsMax = 3;

// What matters of an address; nothing where it is none.
struct UrlParts {
  std::string scheme, host, port;
  bool plain = true;  // no user, no fragment
};

std::optional<UrlParts> parts_of(const std::string& text) {
  const CurlUrl url = parse_curl_url(text);
  if (!url) {
    return std::nullopt;
  }
  UrlParts parts;
  parts.scheme = part_of(url.get(), CURLUPART_SCHEME);
  parts.host = part_of(url.get(), CURLUPART_HOST);
  parts.port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  parts.plain = part_of(url.get(), CURLUPART_USER).empty() &&
                part_of(url.get(), CURLUPART_FRAGMENT).empty() &&
                text.find_first_of("#@") == std::string::npos;
  return parts;
}

bool same_origin(const std::string& one, const std::string& other) {
  const auto a = parts_of(one);
  const auto b = parts_of(other);
  return a && b && a->scheme == b->scheme && a->port == b->port &&
         wire::header_name_equal(a->host, b->host);
}

// What the library hands over while a transfer runs.
struct Transfer {
  CurlBody body;
  std::optional<std::int64_t> max_age_seconds;
};

std::size_t take_header(const char* bytes, std::size_t size, std::size_t count, void* user) {
  constexpr std::string_view kName = "cache-control:";
  const std::string_view line(bytes, size * count);
  if (line.size() > kName.size() && wire::header_name_equal(line.substr(0, kName.size()), kName)) {
    *static_cast<std::optional<std::int64_t>*>(user) = max_age_of(line.substr(kName.size()));
  }
  return size * count;
}

void set_options(CURL* easy, const FetchOptions& options, Transfer& transfer) {
  set_curl_options(easy, options.timeout_ms, options.ca_file);
  set_curl_body(easy, transfer.body);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, nullptr);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer.max_age_seconds);
}

Error unavailable(const std::string& url, const std::string& reason) {
  return {.kind = ErrorKind::Unavailable,
          .message = "cannot fetch " + url + ": " + reason,
          .code = "fetch_failed"};
}

// One exchange. The status, and where a redirect points to.
struct Exchanged {
  long status = 0;
  std::string location;
};

Result<Exchanged> exchange(CURL* easy, const std::string& url, Transfer& transfer) {
  transfer.body.text.clear();
  transfer.max_age_seconds.reset();
  set_curl_url(easy, url);
  const CURLcode code = curl_easy_perform(easy);
  if (transfer.body.too_large) {
    return Error{.kind = ErrorKind::TooLarge,
                 .message = "cannot fetch " + url + ": longer than " +
                            std::to_string(transfer.body.bytes_max) + " bytes",
                 .code = "fetch_failed"};
  }
  if (code != CURLE_OK) {
    return unavailable(url, curl_easy_strerror(code));
  }
  Exchanged exchanged;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &exchanged.status);
  char* location = nullptr;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
  exchanged.location = location == nullptr ? "" : location;
  return exchanged;
}

Result<CurlEasy> make_easy(const std::string& url) {
  if (!is_fetchable(url)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "\"" + url + "\" must be https, or http on this machine",
                 .code = "invalid_url"};
  }
  CurlEasy easy = make_curl_easy();
  if (!easy) {
    return unavailable(url, "the library does not start");
  }
  return easy;
}

}  // namespace

bool is_fetchable(std::string_view url) {
  const auto parts = parts_of(std::string(url));
  return parts && parts->plain &&
         (parts->scheme == "https" || (parts->scheme == "http" && is_loopback_host(parts->host)));
}

Result<FetchedDocument> fetch_document(const std::string& url, const FetchOptions& options) {
  ASSIGN_OR_RETURN(CurlEasy easy, make_easy(url));
  Transfer transfer{.body = {.bytes_max = options.bytes_max}};
  set_options(easy.get(), options, transfer);
  std::string at = url;
  for (int redirects = 0; redirects <= kRedirectsMax; ++redirects) {
    ASSIGN_OR_RETURN(Exchanged exchanged, exchange(easy.get(), at, transfer));
    if (exchanged.status == 200) {
      return FetchedDocument{std::move(transfer.body.text), transfer.max_age_seconds};
    }
    if (exchanged.location.empty()) {
      return unavailable(at, "status " + std::to_string(exchanged.status));
    }
    if (!same_origin(at, exchanged.location)) {
      return unavailable(at, "it redirects to another server");
    }
    at = exchanged.location;
  }
  return unavailable(url, "too many redirects");
}

Result<PostedAnswer> post_form(const std::string& url, const FormPost& form,
                               const FetchOptions& options) {
  ASSIGN_OR_RETURN(CurlEasy easy, make_easy(url));
  Transfer transfer{.body = {.bytes_max = options.bytes_max}};
  set_options(easy.get(), options, transfer);
  CurlList headers;
  const bool complete = append_header(headers, "Accept: application/json") &&
                        append_header(headers, "Expect:") &&
                        (form.authorization.empty() ||
                         append_header(headers, "Authorization: " + form.authorization));
  if (!complete) {
    return unavailable(url, "no memory");
  }
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(form.body.size()));
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, form.body.c_str());
  ASSIGN_OR_RETURN(Exchanged exchanged, exchange(easy.get(), url, transfer));
  return PostedAnswer{static_cast<int>(exchanged.status), std::move(transfer.body.text)};
}

std::optional<std::int64_t> max_age_of(std::string_view cache_control) {
  constexpr std::string_view kMaxAge = "max-age=";
  std::optional<std::int64_t> age;
  while (!cache_control.empty()) {
    std::string_view directive = cache_control.substr(0, cache_control.find(','));
    cache_control.remove_prefix(std::min(directive.size() + 1, cache_control.size()));
    directive.remove_prefix(std::min(directive.find_first_not_of(" \t"), directive.size()));
    directive = directive.substr(0, directive.find_first_of(" \t\r\n;"));
    if (wire::header_name_equal(directive, "no-store") ||
        wire::header_name_equal(directive, "no-cache")) {
      return 0;
    }
    if (directive.size() > kMaxAge.size() &&
        wire::header_name_equal(directive.substr(0, kMaxAge.size()), kMaxAge)) {
      std::int64_t seconds = 0;
      const char* end = directive.data() + directive.size();
      const auto [at, error] = std::from_chars(directive.data() + kMaxAge.size(), end, seconds);
      if (error == std::errc() && at == end && seconds >= 0) {
        age = seconds;
      }
    }
  }
  return age;
}

}  // namespace piperoll::net
