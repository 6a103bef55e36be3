#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_io.h"
#include "cli/generate.h"
#include "cli/import_formats.h"
#include "cli/line_source.h"
#include "cli/progress.h"
#include "event/event_json.h"
#include "server/commands/commands.h"
#include "wire/url.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kBatchEvents = 2'000;
// Bad lines that are named one by one; the rest is only counted.
constexpr std::uint64_t kNamedFailures = 100;

// One import: what was done so far, over all files.
class Import {
 public:
  Import(Backend& backend, const ImportArguments& arguments, cli::ImportFormat format)
      : backend_(backend), arguments_(arguments), format_(format) {}

  Result<void> read(const std::string& file) {
    std::error_code none;
    place_ = file == "-" ? file : std::filesystem::weakly_canonical(file, none).string();
    ASSIGN_OR_RETURN(auto source, cli::LineSource::open(file));
    cli::Progress progress("importing", source->bytes_total(), clock_,
                           ::isatty(STDERR_FILENO) == 1);
    Result<void> outcome;
    while (outcome && !stopped()) {
      auto line = source->next();
      if (!line) {
        const bool line_only = line.error().code == "line_too_long";
        fail(file, source->line_number() + (line_only ? 0 : 1), line.error().message);
        if (!line_only) {
          outcome = Error{.kind = ErrorKind::InvalidArgument,
                          .message = file + ": " + line.error().message};
        }
        continue;
      }
      if (!*line) {
        break;
      }
      add(file, source->line_number(), **line);
      progress.update(source->bytes_read(), stored_ + duplicate_ + batch_.size());
    }
    flush(file);
    backend_.collect();
    return outcome;
  }

  Result<void> finish() const {
    if (unanswered_) {
      return *unanswered_;
    }
    if (failed_ > 0) {
      return Error{.kind = ErrorKind::InvalidArgument,
                   .message = cli::with_thousands(failed_) + " lines were not imported"};
    }
    return {};
  }

  void print_summary() const {
    std::printf("{\"stored\":%llu,\"duplicate\":%llu,\"rejected\":%llu}\n",
                static_cast<unsigned long long>(stored_),
                static_cast<unsigned long long>(duplicate_),
                static_cast<unsigned long long>(failed_));
  }

 private:
  bool stopped() const { return unanswered_ || (arguments_.strict && failed_ > 0); }

  void fail(const std::string& file, std::uint64_t line, const std::string& reason) {
    if (++failed_ <= kNamedFailures) {
      std::fprintf(stderr, "%s:%llu: %s\n", file.c_str(), static_cast<unsigned long long>(line),
                   reason.c_str());
    } else if (failed_ == kNamedFailures + 1) {
      std::fprintf(stderr, "more bad lines follow; they are only counted\n");
    }
  }

  void add(const std::string& file, std::uint64_t line_number, std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      return;
    }
    auto events = cli::read_import_line(format_, parser_, line, {place_, line_number});
    if (!events) {
      fail(file, line_number, events.error().message);
      return;
    }
    for (event::Event& event : *events) {
      batch_.push_back(std::move(event));
      lines_.push_back(line_number);
    }
    if (batch_.size() >= kBatchEvents) {
      flush(file);
    }
  }

  void flush(const std::string& file) {
    if (batch_.empty()) {
      return;
    }
    std::vector<event::Event> batch = std::exchange(batch_, {});
    batch_.reserve(kBatchEvents);
    backend_.send(arguments_.org, std::move(batch),
                  [this, file, lines = std::exchange(lines_, {})](Result<BatchResult> result) {
                    if (!result) {
                      unanswered_ = std::move(result).error();
                      return;
                    }
                    stored_ += result->stored;
                    duplicate_ += result->duplicate;
                    for (const BatchResult::Rejection& rejection : result->rejections) {
                      fail(file, lines.at(rejection.index), rejection.reason);
                    }
                  });
  }

  Backend& backend_;
  const ImportArguments& arguments_;
  const cli::ImportFormat format_;
  std::string place_;  // of the file being read: cli::LinePlace
  const base::SystemClock clock_;
  base::JsonParser parser_;
  std::vector<event::Event> batch_;
  std::vector<std::uint64_t> lines_;  // of batch_
  std::uint64_t stored_ = 0, duplicate_ = 0, failed_ = 0;
  std::optional<Error> unanswered_;
};

Result<std::string> export_target(const ExportArguments& arguments) {
  ASSIGN_OR_RETURN(std::string filters, filter_query(arguments.filters));
  std::string target = "/v1/export?org=" + wire::percent_encode(arguments.org) +
                       "&format=" + wire::percent_encode(arguments.format) + filters;
  if (!arguments.columns.empty()) {
    target += "&columns=" + wire::percent_encode(arguments.columns);
  }
  return target;
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& name) {
  if (!base::write_all(fd, bytes)) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "cannot write to " + name + ": " + std::strerror(errno)};
  }
  return {};
}

BackendOptions for_events(BackendOptions where) {
  where.writes_events = true;
  return where;
}

}  // namespace

Result<std::string> filter_query(const std::vector<std::string>& filters) {
  std::string query;
  for (const std::string& filter : filters) {
    const std::size_t equals = filter.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{.kind = ErrorKind::InvalidArgument,
                   .message = "\"" + filter +
                              "\" is not a filter: write NAME=VALUE, for example status=failure",
                   .code = "usage"};
    }
    query += "&" + wire::percent_encode(filter.substr(0, equals)) + "=" +
             wire::percent_encode(filter.substr(equals + 1));
  }
  return query;
}

Result<void> import_files(const BackendOptions& where, const ImportArguments& arguments) {
  auto format = cli::parse_import_format(arguments.format);
  if (!format) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "--format must be native, frontier, cloudtrail or k8s",
                 .code = "usage"};
  }
  ASSIGN_OR_RETURN(auto backend, Backend::open(for_events(where)));
  Import import(*backend, arguments, *format);
  Result<void> outcome;
  for (const std::string& file : arguments.files) {
    outcome = import.read(file);
    if (!outcome || !import.finish()) {
      if (!outcome || arguments.strict) {
        break;
      }
    }
  }
  import.print_summary();
  RETURN_IF_ERROR(outcome);
  return import.finish();
}

Result<void> export_events(const BackendOptions& where, const ExportArguments& arguments) {
  ASSIGN_OR_RETURN(std::string target, export_target(arguments));
  ASSIGN_OR_RETURN(auto backend, Backend::open(for_events(where)));
  int fd = STDOUT_FILENO;
  if (!arguments.output.empty()) {
    fd = ::open(arguments.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
      return Error{.kind = ErrorKind::Unavailable,
                   .message = "cannot write to " + arguments.output + ": " + std::strerror(errno)};
    }
  }
  const std::string name = arguments.output.empty() ? "standard output" : arguments.output;
  const base::SystemClock clock;
  cli::Progress progress("exporting", 0, clock,
                         ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 0);
  Result<void> written;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  auto response = backend->request("GET", target, "", [&](std::string_view piece) {
    bytes += piece.size();
    lines += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    progress.update(bytes, lines);
    written = write_all(fd, piece, name);
    return written.has_value();
  });
  if (fd != STDOUT_FILENO && ::close(fd) != 0 && written) {
    written = Error{.kind = ErrorKind::Unavailable, .message = "cannot write to " + name};
  }
  RETURN_IF_ERROR(written);
  return response ? Result<void>() : Result<void>(std::move(response).error());
}

Result<void> generate_events(std::uint64_t events, std::uint64_t seed, std::uint64_t orgs) {
  cli::Generator generator({.events = events, .seed = seed, .orgs = orgs});
  std::string buffer;
  for (std::uint64_t i = 0; i < events; ++i) {
    const event::Event event = generator.next();
    buffer += event::canonical_json(event::view_of(event));
    buffer.push_back('\n');
    if (buffer.size() >= 1U << 16 || i + 1 == events) {
      RETURN_IF_ERROR(write_all(STDOUT_FILENO, buffer, "standard output"));
      buffer.clear();
    }
  }
  return {};
}

}  // namespace piperoll::server
