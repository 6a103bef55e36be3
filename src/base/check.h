#pragma once
// CHECK(condition): a broken invariant ends the process, in every build, with file and line.
// Never on outside input: that is what Result is for. DCHECK is compiled out with NDEBUG.

namespace piperoll::base {

// Writes "file:line: check failed: expression" to standard error and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* expression);

}  // namespace piperoll::base

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) [[unlikely]] {                                  \
      ::piperoll::base::check_failed(__FILE__, __LINE__, #condition); \
    }                                                                 \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) \
  do {                    \
  } while (false)
#else
#define DCHECK(condition) CHECK(condition)
#endif
