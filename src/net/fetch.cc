#include "net/fetch.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <curl/curl.h>

#include "base/ip_address.h"
#include "wire/message.h"

namespace piperoll::net {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int kRedirectsMax = 3;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// What matters of an address; nothing where it is none.
struct UrlParts {
  std::string scheme, host, port;
  bool plain = true;  // no user, no fragment
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) {
    return {};
  }
  std::string out(text);
  curl_free(text);
  return out;
}

std::optional<UrlParts> parts_of(const std::string& text) {
  std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
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

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && base::canonical_ip(host).has_value());
}

bool same_origin(const std::string& one, const std::string& other) {
  const auto a = parts_of(one);
  const auto b = parts_of(other);
  return a && b && a->scheme == b->scheme && a->port == b->port &&
         wire::header_name_equal(a->host, b->host);
}

// What the library hands over while a transfer runs.
struct Transfer {
  std::size_t bytes_max = 0;
  std::string body;
  bool too_large = false;
  std::optional<std::int64_t> max_age_seconds;
};

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.body.size() + size * count > transfer.bytes_max) {
    transfer.too_large = true;
    return 0;  // ends the transfer
  }
  transfer.body.append(bytes, size * count);
  return size * count;
}

std::size_t take_header(const char* bytes, std::size_t size, std::size_t count, void* user) {
  constexpr std::string_view kName = "cache-control:";
  const std::string_view line(bytes, size * count);
  if (line.size() > kName.size() && wire::header_name_equal(line.substr(0, kName.size()), kName)) {
    static_cast<Transfer*>(user)->max_age_seconds = max_age_of(line.substr(kName.size()));
  }
  return size * count;
}

void set_options(CURL* easy, const FetchOptions& options, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "piperoll");
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, nullptr);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
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
  transfer.body.clear();
  transfer.max_age_seconds.reset();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, is_loopback(parts_of(url)->host) ? "*" : nullptr);
  const CURLcode code = curl_easy_perform(easy);
  if (transfer.too_large) {
    return Error{.kind = ErrorKind::TooLarge,
                 .message = "cannot fetch " + url + ": longer than " +
                            std::to_string(transfer.bytes_max) + " bytes",
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

Result<Easy> make_easy(const std::string& url) {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!is_fetchable(url)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "\"" + url + "\" must be https, or http on this machine",
                 .code = "invalid_url"};
  }
  Easy easy(kReady ? curl_easy_init() : nullptr);
  if (!easy) {
    return unavailable(url, "the library does not start");
  }
  return easy;
}

}  // namespace

bool is_fetchable(std::string_view url) {
  const auto parts = parts_of(std::string(url));
  return parts && parts->plain &&
         (parts->scheme == "https" || (parts->scheme == "http" && is_loopback(parts->host)));
}

Result<FetchedDocument> fetch_document(const std::string& url, const FetchOptions& options) {
  ASSIGN_OR_RETURN(Easy easy, make_easy(url));
  Transfer transfer{.bytes_max = options.bytes_max};
  set_options(easy.get(), options, transfer);
  std::string at = url;
  for (int redirects = 0; redirects <= kRedirectsMax; ++redirects) {
    ASSIGN_OR_RETURN(Exchanged exchanged, exchange(easy.get(), at, transfer));
    if (exchanged.status == 200) {
      return FetchedDocument{std::move(transfer.body), transfer.max_age_seconds};
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
  ASSIGN_OR_RETURN(Easy easy, make_easy(url));
  Transfer transfer{.bytes_max = options.bytes_max};
  set_options(easy.get(), options, transfer);
  std::unique_ptr<curl_slist, ListDeleter> headers(
      curl_slist_append(nullptr, "Accept: application/json"));
  for (const std::string& line :
       {std::string("Expect:"),
        form.authorization.empty() ? std::string() : "Authorization: " + form.authorization}) {
    curl_slist* longer =
        headers && !line.empty() ? curl_slist_append(headers.get(), line.c_str()) : headers.get();
    if (longer == nullptr) {
      return unavailable(url, "no memory");
    }
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(form.body.size()));
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, form.body.c_str());
  ASSIGN_OR_RETURN(Exchanged exchanged, exchange(easy.get(), url, transfer));
  return PostedAnswer{static_cast<int>(exchanged.status), std::move(transfer.body)};
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
