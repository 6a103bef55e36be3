#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "cli/progress.h"
#include "cli/verify_files.h"
#include "cli/verify_remote.h"
#include "server/commands/commands.h"
#include "server/config.h"
#include "server/small_files.h"
#include "server/verify_data.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using evidence::Finding;

constexpr std::size_t kCheckpointBytesMax = 1U << 20;

Error usage(std::string message) {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(message), .code = "usage"};
}

Result<void> check_arguments(const VerifyArguments& arguments) {
  const int named =
      static_cast<int>(!arguments.data.empty()) + static_cast<int>(!arguments.export_file.empty()) +
      static_cast<int>(!arguments.proof_file.empty()) + static_cast<int>(!arguments.server.empty());
  if (named != 1) {
    return usage("name one of --data DIR, --export FILE, --proof FILE and --server URL");
  }
  const bool takes_policy = !arguments.proof_file.empty() || !arguments.server.empty();
  if (!arguments.policy.empty() && !takes_policy) {
    return usage("--policy goes with --proof and --server");
  }
  if (arguments.data.empty() && arguments.vkey.empty() && arguments.policy.empty()) {
    return usage("--vkey FILE is needed: the key of the log, from GET /v1/logs/{org}/vkey");
  }
  if (!arguments.server.empty() && arguments.org.empty()) {
    return usage("--server needs --org UUID");
  }
  return {};
}

// A progress line that is begun with the first step, when the whole is known.
class Bar {
 public:
  void update(std::uint64_t done, std::uint64_t total, std::uint64_t events) {
    if (!progress_) {
      progress_.emplace("verifying", total, clock_, ::isatty(STDERR_FILENO) == 1);
    }
    progress_->update(done, events);
  }

 private:
  const base::SystemClock clock_{};
  std::optional<cli::Progress> progress_;
};

Result<Finding> of_data(const VerifyArguments& arguments) {
  Bar bar;
  VerifyDataOptions options{.directory = arguments.data};
  options.threads = arguments.threads > 0
                        ? arguments.threads
                        : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (!arguments.checkpoint.empty()) {
    ASSIGN_OR_RETURN(options.checkpoint,
                     cli::read_text_file(arguments.checkpoint, kCheckpointBytesMax));
  }
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    bar.update(done, total, done);
  };
  return verify_data(options);
}

Result<Finding> of_export(const VerifyArguments& arguments) {
  ASSIGN_OR_RETURN(auto keys, cli::read_verifier_keys(arguments.vkey));
  Bar bar;
  return cli::verify_export(arguments.export_file, std::move(keys),
                            [&](std::uint64_t bytes, std::uint64_t total, std::uint64_t leaves) {
                              bar.update(bytes, total, leaves);
                            });
}

// Without a file of keys those of the policy's logs count, of which the origin ends in suffix.
Result<std::vector<tlog::VerifierKey>> read_keys(const VerifyArguments& arguments,
                                                 const tlog::Policy& policy,
                                                 std::string_view suffix) {
  if (!arguments.vkey.empty()) {
    return cli::read_verifier_keys(arguments.vkey);
  }
  std::vector<tlog::VerifierKey> keys = tlog::log_keys(policy);
  std::erase_if(keys, [&](const tlog::VerifierKey& key) { return !key.name.ends_with(suffix); });
  if (keys.empty()) {
    return Error{
        .kind = ErrorKind::InvalidArgument,
        .message = arguments.policy + " has no line for the log; name its keys with --vkey"};
  }
  return keys;
}

Result<tlog::Policy> read_policy(const VerifyArguments& arguments) {
  return arguments.policy.empty() ? tlog::Policy() : cli::read_policy(arguments.policy);
}

Result<Finding> of_proof(const VerifyArguments& arguments) {
  ASSIGN_OR_RETURN(const tlog::Policy policy, read_policy(arguments));
  ASSIGN_OR_RETURN(const auto keys, read_keys(arguments, policy, ""));
  return cli::verify_proof(arguments.proof_file, keys, policy);
}

// The checkpoint is kept only after everything was found good.
Result<Finding> of_server(const VerifyArguments& arguments) {
  const std::string name = "/" + arguments.org + (arguments.access ? "/access" : "");
  cli::RemoteLog log{.server = arguments.server,
                     .key = process_environment()("PIPEROLL_KEY").value_or(""),
                     .path = "/v1/logs" + name,
                     .keys = {},
                     .known = std::nullopt};
  ASSIGN_OR_RETURN(log.policy, read_policy(arguments));
  ASSIGN_OR_RETURN(log.keys, read_keys(arguments, log.policy, name));
  if (!arguments.state.empty() && std::filesystem::exists(arguments.state)) {
    ASSIGN_OR_RETURN(log.known, cli::read_text_file(arguments.state, kCheckpointBytesMax));
  }
  Bar bar;
  ASSIGN_OR_RETURN(cli::RemoteFinding found,
                   cli::verify_remote(log, [&](std::uint64_t done, std::uint64_t total) {
                     bar.update(done, total, done);
                   }));
  if (!arguments.state.empty() && !found.checkpoint.empty()) {
    RETURN_IF_ERROR(write_small_file(arguments.state, found.checkpoint, 0644));
  }
  return std::move(found.finding);
}

}  // namespace

Result<void> verify(const VerifyArguments& arguments) {
  base::configure_diagnostics(base::DiagnosticsLevel::Off, base::DiagnosticsFormat::Text);
  RETURN_IF_ERROR(check_arguments(arguments));
  Result<Finding> found = !arguments.data.empty()          ? of_data(arguments)
                          : !arguments.export_file.empty() ? of_export(arguments)
                          : !arguments.proof_file.empty()  ? of_proof(arguments)
                                                           : of_server(arguments);
  RETURN_IF_ERROR(found);
  std::printf("%s\n", evidence::print_finding(*found).c_str());
  if (found->verdict != evidence::Verdict::Valid) {
    std::string reason(evidence::to_string(found->verdict));
    if (found->first_bad) {
      reason += ", first at leaf " + std::to_string(*found->first_bad);
    }
    return Error{.kind = ErrorKind::Corruption,
                 .message = reason + ": " + found->detail,
                 .code = "not_valid"};
  }
  return {};
}

}  // namespace piperoll::server
