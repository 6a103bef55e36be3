#include "base/ip_address.h"
#include "net/curl_internal.h"

namespace piperoll::net {
namespace {

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<CurlBody*>(user);
  if (body.text.size() + size * count > body.bytes_max) {
    body.too_large = true;
    return 0;  // ends the transfer
  }
  body.text.append(bytes, size * count);
  return size * count;
}

}  // namespace

CurlEasy make_curl_easy() {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return CurlEasy(kReady ? curl_easy_init() : nullptr);
}

CurlUrl parse_curl_url(const std::string& text) {
  CurlUrl url(curl_url());
  if (url && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    url.reset();
  }
  return url;
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) {
    return {};
  }
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_loopback_host(const std::string& host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && base::canonical_ip(host).has_value());
}

bool append_header(CurlList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) {
    return false;
  }
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

void set_curl_options(CURL* easy, int timeout_ms, const std::string& ca_file) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "piperoll");
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  if (!ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
}

void set_curl_body(CURL* easy, CurlBody& body) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
}

void set_curl_url(CURL* easy, const std::string& url) {
  const CurlUrl parsed = parse_curl_url(url);
  const bool is_here = parsed && is_loopback_host(part_of(parsed.get(), CURLUPART_HOST));
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, is_here ? "*" : nullptr);
}

}  // namespace piperoll::net
