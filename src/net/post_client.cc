#include "net/post_client.h"

#include <atomic>

#include <curl/curl.h>

#include "base/ip_address.h"

namespace piperoll::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool has_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

bool is_postable(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  return (text.starts_with("http://") || text.starts_with("https://")) && url &&
         curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK &&
         !has_part(url.get(), CURLUPART_USER) && !has_part(url.get(), CURLUPART_QUERY) &&
         !has_part(url.get(), CURLUPART_FRAGMENT);
}

// Then no proxy of the environment is asked.
bool is_loopback(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  char* part = nullptr;
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) {
    return false;
  }
  const std::string host(part);
  curl_free(part);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && base::canonical_ip(host).has_value());
}

// What the library hands over while an exchange runs.
struct Receiving {
  std::size_t bytes_max = 0;
  std::string body;
  bool too_large = false;
};

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& receiving = *static_cast<Receiving*>(user);
  if (receiving.body.size() + size * count > receiving.bytes_max) {
    receiving.too_large = true;
    return 0;  // ends the transfer
  }
  receiving.body.append(bytes, size * count);
  return size * count;
}

int is_stopped(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

class CurlPostClient : public PostClient {
 public:
  CurlPostClient(std::string url, PostOptions options, CURL* easy)
      : url_(std::move(url)), options_(std::move(options)), easy_(easy) {
    headers_.reset(curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"));
    headers_.reset(curl_slist_append(headers_.release(), "Expect:"));
    set_options();
  }

  Result<PostAnswer> post(const std::string& body) override {
    Receiving receiving{.bytes_max = options_.answer_bytes_max};
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiving);
    const CURLcode code = curl_easy_perform(easy);
    if (receiving.too_large) {
      return Error{.kind = ErrorKind::TooLarge,
                   .message = url_ + " answers with more than " +
                              std::to_string(options_.answer_bytes_max) + " bytes",
                   .code = "post_failed"};
    }
    if (code != CURLE_OK) {
      return Error{.kind = ErrorKind::Unavailable,
                   .message = "cannot post to " + url_ + ": " + curl_easy_strerror(code),
                   .code = stopped_ ? "stopped" : "post_failed"};
    }
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    return PostAnswer{.status = static_cast<int>(status),
                      .content_type = type == nullptr ? "" : type,
                      .body = std::move(receiving.body)};
  }

  void stop() override { stopped_ = true; }

 private:
  void set_options() {
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (is_loopback(url_)) {
      curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    }
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "piperoll");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_ms));
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stopped_);
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
      curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    }
  }

  const std::string url_;
  const PostOptions options_;
  std::atomic<bool> stopped_ = false;
  std::unique_ptr<curl_slist, ListDeleter> headers_;
  const std::unique_ptr<CURL, EasyDeleter> easy_;
};

}  // namespace

Result<std::unique_ptr<PostClient>> PostClient::make(const std::string& url, PostOptions options) {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!kReady || !is_postable(url)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "\"" + url +
                            "\" must be an http or https address without user name, "
                            "query and fragment",
                 .code = "invalid_url"};
  }
  CURL* easy = curl_easy_init();
  if (easy == nullptr) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "the library for requests does not start",
                 .code = "post_failed"};
  }
  return std::unique_ptr<PostClient>(
      std::make_unique<CurlPostClient>(url, std::move(options), easy));
}

}  // namespace piperoll::net
