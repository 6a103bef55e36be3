#include "base/result.h"

namespace piperoll::base {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument:
      return "invalid_argument";
    case ErrorKind::Unauthenticated:
      return "unauthenticated";
    case ErrorKind::Forbidden:
      return "forbidden";
    case ErrorKind::NotFound:
      return "not_found";
    case ErrorKind::Conflict:
      return "conflict";
    case ErrorKind::TooLarge:
      return "too_large";
    case ErrorKind::ResourceExhausted:
      return "resource_exhausted";
    case ErrorKind::Unavailable:
      return "unavailable";
    case ErrorKind::Corruption:
      return "corruption";
    case ErrorKind::Indeterminate:
      return "indeterminate";
    case ErrorKind::Internal:
      return "internal";
  }
  return "internal";
}

Error Error::with_context(const std::string& text) && {
  message = text + ": " + message;
  return std::move(*this);
}

}  // namespace piperoll::base
