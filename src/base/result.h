#pragma once
// Result<T>: a value or an Error. Immutable error values, no exceptions; members are a subset of
// std::expected. Thread-safe as its contents are.

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"

namespace piperoll::base {

// What a caller does differently; anything finer is Error::code. Closed: no layer adds its own.
enum class ErrorKind {
  InvalidArgument,    // the caller must change the request
  Unauthenticated,    // no credential, or one that is not accepted
  Forbidden,          // a good credential without the right
  NotFound,           // nothing there, or nothing this caller may see
  Conflict,           // the state of things refuses it (same id, other content; taken name)
  TooLarge,           // over a limit on size or number
  ResourceExhausted,  // back-pressure: later may work
  Unavailable,        // refused at present (no space, failed sync, shutting down)
  Corruption,         // stored bytes are not what was written
  Indeterminate,      // the outcome of a commit is unknown
  Internal,
};

// Printable name in snake_case ("invalid_argument").
const char* to_string(ErrorKind kind);

// One fault in an input: where (RFC 6901 JSON Pointer, or a parameter name) and what, with what is
// allowed.
struct Fault {
  std::string pointer;
  std::string detail;
  bool operator==(const Fault&) const = default;
};

struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;    // may be shown to a client
  std::string code = {};  // stable snake_case word for tables, e.g. "id_conflict"; may be empty
  std::vector<Fault> faults = {};
  std::string detail = {};  // for diagnostics only, never shown to a client

  // The same error with "text: " before its message.
  Error with_context(const std::string& text) &&;
  bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {
  }  // NOLINT(google-explicit-constructor): as std::expected
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {
  }  // NOLINT(google-explicit-constructor): as std::expected

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // REQUIRES: has_value()
  T& value() & {
    CHECK(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(has_value());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !has_value()
  const Error& error() const& {
    CHECK(!has_value());
    return std::get<1>(state_);
  }
  Error& error() & {
    CHECK(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    CHECK(!has_value());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error)
      : error_(std::in_place_index<1>, std::move(error)) {
  }  // NOLINT(google-explicit-constructor): as std::expected

  bool has_value() const { return error_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& {
    CHECK(!has_value());
    return std::get<1>(error_);
  }
  Error& error() & {
    CHECK(!has_value());
    return std::get<1>(error_);
  }
  Error&& error() && {
    CHECK(!has_value());
    return std::get<1>(std::move(error_));
  }

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace piperoll::base

#define PIPEROLL_CONCAT_INNER(a, b) a##b
#define PIPEROLL_CONCAT(a, b) PIPEROLL_CONCAT_INNER(a, b)

// RETURN_IF_ERROR(expression);  several statements: braces around it are mandatory.
#define RETURN_IF_ERROR(expression)                              \
  do {                                                           \
    if (auto return_if_error = (expression); !return_if_error) { \
      return std::move(return_if_error).error();                 \
    }                                                            \
  } while (false)

#define PIPEROLL_ASSIGN_OR_RETURN(temporary, declaration, expression) \
  auto temporary = (expression);                                      \
  if (!temporary) {                                                   \
    return std::move(temporary).error();                              \
  }                                                                   \
  declaration = *std::move(temporary)

// ASSIGN_OR_RETURN(auto value, function(x));  several statements, as above.
#define ASSIGN_OR_RETURN(declaration, expression)                                         \
  PIPEROLL_ASSIGN_OR_RETURN(PIPEROLL_CONCAT(assign_or_return_, __COUNTER__), declaration, \
                            expression)
