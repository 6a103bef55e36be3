#include "base/diagnostics.h"

#include <memory>

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include "base/json.h"
#include "base/timestamp.h"
#include "base/unicode.h"

namespace piperoll::base {
namespace {

// The only state: made on first use, never destroyed, so that threads may write while others leave.
struct Diagnostics {
  Diagnostics()
      : sink(std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>()),
        logger("piperoll", sink) {}

  std::shared_ptr<spdlog::sinks::ansicolor_stderr_sink_mt> sink;
  spdlog::logger logger;
  DiagnosticsFormat format = DiagnosticsFormat::Text;
};

spdlog::level::level_enum to_spdlog(DiagnosticsLevel level) {
  switch (level) {
    case DiagnosticsLevel::Debug:
      return spdlog::level::debug;
    case DiagnosticsLevel::Info:
      return spdlog::level::info;
    case DiagnosticsLevel::Warning:
      return spdlog::level::warn;
    case DiagnosticsLevel::Error:
      return spdlog::level::err;
    case DiagnosticsLevel::Off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

void configure(Diagnostics& diagnostics, DiagnosticsLevel level, DiagnosticsFormat format) {
  diagnostics.format = format;
  diagnostics.logger.set_level(to_spdlog(level));
  // The colour (on a terminal only) is that of the part between %^ and %$.
  diagnostics.logger.set_pattern(
      format == DiagnosticsFormat::Json ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v",
      spdlog::pattern_time_type::utc);
}

Diagnostics& instance() {
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the process has one
  static Diagnostics& diagnostics = *[] {
    auto made = std::make_unique<Diagnostics>();
    configure(*made, DiagnosticsLevel::Info, DiagnosticsFormat::Text);
    return made.release();
  }();
  return diagnostics;
}

// Fields may hold bytes of any origin; a line is always valid UTF-8.
std::string printable(std::string_view text) {
  if (is_valid_utf8(text)) {
    return std::string(text);
  }
  std::string replaced;
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      replaced.push_back(c);
    } else {
      append_utf8(replaced, 0xfffd);
    }
  }
  return replaced;
}

// A value is quoted where it could be taken for something else, a line break above all.
bool needs_quotes(std::string_view value) {
  if (value.empty()) {
    return true;
  }
  for (char c : value) {
    if (c == ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ||
        c == 0x7f) {
      return true;
    }
  }
  return false;
}

std::string text_line(std::string_view message, const DiagnosticsFields& fields) {
  std::string line = printable(message);
  for (const auto& [name, value] : fields) {
    line.append(" ").append(name).append("=");
    if (needs_quotes(value)) {
      append_canonical_string(line, printable(value));
    } else {
      line.append(printable(value));
    }
  }
  return line;
}

std::string json_line(spdlog::level::level_enum level, std::string_view message,
                      const DiagnosticsFields& fields, Timestamp time) {
  auto level_name = spdlog::level::to_string_view(level);
  std::string line;
  JsonWriter writer(line);
  writer.begin_object()
      .member("time", format_rfc3339(time))
      .member("level", {level_name.data(), level_name.size()})
      .member("message", printable(message))
      .key("fields")
      .begin_object();
  for (const auto& [name, value] : fields) {
    writer.member(name, printable(value));
  }
  writer.end_object().end_object();
  return line;
}

void write(spdlog::level::level_enum level, std::string_view message,
           const DiagnosticsFields& fields) {
  Diagnostics& diagnostics = instance();
  if (!diagnostics.logger.should_log(level)) {
    return;
  }
  auto now = spdlog::log_clock::now();
  auto since = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  std::string line = diagnostics.format == DiagnosticsFormat::Json
                         ? json_line(level, message, fields, Timestamp{since.count()})
                         : text_line(message, fields);
  diagnostics.logger.log(now, spdlog::source_loc{}, level, spdlog::string_view_t(line));
}

}  // namespace

void configure_diagnostics(DiagnosticsLevel level, DiagnosticsFormat format) {
  configure(instance(), level, format);
}

void debug(std::string_view message, DiagnosticsFields fields) {
  write(spdlog::level::debug, message, fields);
}
void info(std::string_view message, DiagnosticsFields fields) {
  write(spdlog::level::info, message, fields);
}
void warning(std::string_view message, DiagnosticsFields fields) {
  write(spdlog::level::warn, message, fields);
}
void error(std::string_view message, DiagnosticsFields fields) {
  write(spdlog::level::err, message, fields);
}

}  // namespace piperoll::base
