#pragma once
// The version of the whole; CMakeLists.txt says it.

namespace piperoll::server {

inline constexpr const char* kVersion = PIPEROLL_VERSION;

}  // namespace piperoll::server
