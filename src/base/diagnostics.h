#pragma once
// The server's own log lines ("log" means the audit log here). Thread-safe. Never pass a secret, a
// key, a token or an event's content. Text or JSON on standard error, chosen once at start.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace piperoll::base {

enum class DiagnosticsLevel { Debug, Info, Warning, Error, Off };
enum class DiagnosticsFormat { Text, Json };

// Call once, before other threads start. Default: Info, Text.
void configure_diagnostics(DiagnosticsLevel level, DiagnosticsFormat format);

using DiagnosticsFields = std::initializer_list<std::pair<std::string_view, std::string>>;

// message: constant text, lower case; what varies goes into fields.
void debug(std::string_view message, DiagnosticsFields fields = {});
void info(std::string_view message, DiagnosticsFields fields = {});
void warning(std::string_view message, DiagnosticsFields fields = {});
void error(std::string_view message, DiagnosticsFields fields = {});

}  // namespace piperoll::base
