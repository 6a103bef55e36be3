#include "net/post_client.h"

#include <atomic>

#include "net/curl_internal.h"

namespace piperoll::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// An empty one, too: "http://example.com?" has a query.
bool has_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

bool is_postable(const std::string& text) {
  const CurlUrl url = parse_curl_url(text);
  return (text.starts_with("http://") || text.starts_with("https://")) && url &&
         !has_part(url.get(), CURLUPART_USER) && !has_part(url.get(), CURLUPART_QUERY) &&
         !has_part(url.get(), CURLUPART_FRAGMENT);
}

int is_stopped(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

class CurlPostClient : public PostClient {
 public:
  CurlPostClient(std::string url, PostOptions options, CurlEasy easy, CurlList headers)
      : url_(std::move(url)),
        options_(std::move(options)),
        headers_(std::move(headers)),
        easy_(std::move(easy)) {
    set_options();
  }

  Result<PostAnswer> post(const std::string& body) override {
    CurlBody received{.bytes_max = options_.answer_bytes_max};
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    set_curl_body(easy, received);
    const CURLcode code = curl_easy_perform(easy);
    if (received.too_large) {
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
                      .body = std::move(received.text)};
  }

  void stop() override { stopped_ = true; }

 private:
  void set_options() {
    CURL* easy = easy_.get();
    set_curl_options(easy, options_.timeout_ms, options_.ca_file);
    set_curl_url(easy, url_);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stopped_);
  }

  const std::string url_;
  const PostOptions options_;
  std::atomic<bool> stopped_ = false;
  const CurlList headers_;
  const CurlEasy easy_;
};

}  // namespace

Result<std::unique_ptr<PostClient>> PostClient::make(const std::string& url, PostOptions options) {
  if (!is_postable(url)) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "\"" + url +
                            "\" must be an http or https address without user name, "
                            "query and fragment",
                 .code = "invalid_url"};
  }
  CurlEasy easy = make_curl_easy();
  CurlList headers;
  if (!easy || !append_header(headers, "Content-Type: text/plain; charset=utf-8") ||
      !append_header(headers, "Expect:")) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "the library for requests does not start",
                 .code = "post_failed"};
  }
  return std::unique_ptr<PostClient>(std::make_unique<CurlPostClient>(
      url, std::move(options), std::move(easy), std::move(headers)));
}

}  // namespace piperoll::net
