#include "cli/verify_files.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/line_source.h"
#include "evidence/event_proof.h"
#include "evidence/export_check.h"

namespace piperoll::cli {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using evidence::Finding;
using evidence::Verdict;

constexpr std::size_t kKeyFileBytesMax = 1U << 20;
constexpr std::size_t kProofFileBytesMax = 4U << 20;

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t most) {
  const bool standard = path == "-";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      standard ? stdin : std::fopen(path.c_str(), "rbe"),
      standard ? [](std::FILE*) { return 0; } : std::fclose);
  if (file == nullptr) {
    return Error{.kind = ErrorKind::NotFound,
                 .message = "cannot read " + path + ": " + std::strerror(errno)};
  }
  std::string text;
  std::array<char, 64 * 1024> piece;
  std::size_t count = 0;
  while ((count = std::fread(piece.data(), 1, piece.size(), file.get())) > 0) {
    text.append(piece.data(), count);
    if (text.size() > most) {
      return Error{.kind = ErrorKind::TooLarge,
                   .message = path + " has more than " + std::to_string(most) + " bytes"};
    }
  }
  if (std::ferror(file.get()) != 0) {
    return Error{.kind = ErrorKind::Unavailable, .message = "cannot read " + path};
  }
  return text;
}

Result<std::vector<tlog::VerifierKey>> read_verifier_keys(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, read_text_file(path, kKeyFileBytesMax));
  std::vector<tlog::VerifierKey> keys;
  std::string_view rest = text;
  for (int number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    while (line.ends_with('\r') || line.ends_with(' ')) {
      line.remove_suffix(1);
    }
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    auto key = tlog::parse_verifier_key(line);
    if (!key) {
      return Error{
          .kind = ErrorKind::InvalidArgument,
          .message = path + ", line " + std::to_string(number) + ": " + key.error().message};
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) {
    return Error{.kind = ErrorKind::InvalidArgument, .message = path + " holds no verifier key"};
  }
  return keys;
}

namespace {

Finding missing(const Error& error) {
  return {.verdict = Verdict::Missing,
          .log = "",
          .checked = 0,
          .first_bad = std::nullopt,
          .detail = error.message};
}

}  // namespace

Result<tlog::Policy> read_policy(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, read_text_file(path, tlog::kPolicyBytesMax));
  auto policy = tlog::parse_policy(text);
  if (!policy) {
    return std::move(policy).error().with_context(path);
  }
  return policy;
}

Result<Finding> verify_export(const std::string& path, std::vector<tlog::VerifierKey> keys,
                              const VerifyProgress& progress) {
  ASSIGN_OR_RETURN(evidence::ExportCheck check, evidence::ExportCheck::make(std::move(keys)));
  auto opened = LineSource::open(path);
  if (!opened) {
    return missing(opened.error());
  }
  const auto source = *std::move(opened);
  for (;;) {
    auto line = source->next();
    if (!line && line.error().code == "line_too_long") {
      check.add_line("{");  // no event is so long
      continue;
    }
    if (!line) {
      // Compressed bytes that break off, or are damaged.
      Finding finding = check.finish();
      if (finding.verdict == Verdict::Valid || finding.verdict == Verdict::Truncated) {
        finding.verdict = Verdict::Truncated;
        finding.detail = path + ": " + line.error().message;
      }
      return finding;
    }
    if (!line->has_value()) {
      return check.finish();
    }
    check.add_line(**line);
    if (progress) {
      progress(source->bytes_read(), source->bytes_total(), check.checked());
    }
  }
}

Result<Finding> verify_proof(const std::string& path, const std::vector<tlog::VerifierKey>& keys,
                             const tlog::Policy& policy) {
  const auto text = read_text_file(path, kProofFileBytesMax);
  if (!text) {
    return missing(text.error());
  }
  auto proof = evidence::read_event_proof(*text);
  if (!proof) {
    return Finding{.verdict = Verdict::Invalid,
                   .log = "",
                   .checked = 0,
                   .first_bad = std::nullopt,
                   .detail = "no proof: " + proof.error().message};
  }
  Finding found = evidence::check_event_proof(*proof, keys);
  if (found.verdict != Verdict::Valid) {
    return found;
  }
  // Last, so that Missing says that nothing else is wrong.
  const auto opened = tlog::open_checkpoint(proof->checkpoint, keys, policy);
  if (!opened) {
    found.verdict = opened.error().code == "quorum_missing" ? Verdict::Missing : Verdict::Invalid;
    found.checked = 0;
    found.detail = opened.error().message;
  }
  return found;
}

}  // namespace piperoll::cli
