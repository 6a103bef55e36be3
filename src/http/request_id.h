#pragma once
// X-Request-ID: the caller's if it is sane, else a new one.

#include <random>
#include <string>
#include <string_view>

namespace piperoll::http {

// 1 to 128 characters of A-Z a-z 0-9 . _ : / + = @ -
bool is_sane_request_id(std::string_view text);

// New ids in the form of a UUID version 4: distinct, but not secret. One thread at a time; each
// thread has its own.
class RequestIdSource {
 public:
  RequestIdSource();  // seeded by the kernel
  std::string next();

 private:
  std::mt19937_64 random_;
};

}  // namespace piperoll::http
