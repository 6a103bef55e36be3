#pragma once
// What fetch and PostClient share of libcurl. Only net includes this.

#include <cstddef>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "base/freed_by.h"

namespace piperoll::net {

using CurlEasy = std::unique_ptr<CURL, base::FreedBy<curl_easy_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, base::FreedBy<curl_slist_free_all>>;
using CurlUrl = std::unique_ptr<CURLU, base::FreedBy<curl_url_cleanup>>;

// Nothing where the library does not start.
CurlEasy make_curl_easy();

// text as an address; nothing where it is none.
CurlUrl parse_curl_url(const std::string& text);
// "" where the address has no such part.
std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0);
bool is_loopback_host(const std::string& host);

// The next line of headers; false without memory, and then the list is as it was.
bool append_header(CurlList& list, const std::string& line);

// An answer as it comes in; longer ones than bytes_max end the transfer.
struct CurlBody {
  std::size_t bytes_max = 0;
  std::string text;
  bool too_large = false;
};

// What holds for every exchange: http and https alone, TLS 1.2 or newer, no redirect, no cookie, no
// netrc, one time limit for the whole; what is answered goes to body, which must outlive it.
// ca_file: certificates to trust; empty: the system's.
void set_curl_options(CURL* easy, int timeout_ms, const std::string& ca_file);
void set_curl_body(CURL* easy, CurlBody& body);
// Where the exchange goes: no proxy of the environment is asked on the way to this machine.
void set_curl_url(CURL* easy, const std::string& url);

}  // namespace piperoll::net
