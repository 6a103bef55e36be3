#include "tlog/proof_file.h"

#include <utility>

#include "tlog/checkpoint.h"

namespace piperoll::tlog {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

base::Error malformed(std::string why) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(why)};
}

// The next line without its LF. The last piece of a text without LF counts as a line too: what is
// missing then shows as a missing checkpoint.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::string print_proof_file(const ProofFile& proof) {
  std::string text(kFirstLine);
  text.append("\n");
  if (proof.extra) {
    text.append(kExtra).append(base::base64_encode(*proof.extra)).append("\n");
  }
  text.append(kIndex).append(std::to_string(proof.index)).append("\n");
  for (const Hash& hash : proof.inclusion) {
    text.append(print_hash(hash)).append("\n");
  }
  return text.append("\n").append(proof.checkpoint);
}

base::Result<ProofFile> parse_proof_file(std::string_view text) {
  if (take_line(text) != kFirstLine) {
    return malformed("not a tlog-proof of version 1");
  }
  ProofFile proof;
  std::string_view line = take_line(text);
  if (line.starts_with(kExtra)) {
    ASSIGN_OR_RETURN(proof.extra, base::base64_decode(line.substr(kExtra.size())));
    line = take_line(text);
  }
  if (!line.starts_with(kIndex)) {
    return malformed("a tlog-proof must name the index of its leaf");
  }
  ASSIGN_OR_RETURN(proof.index, parse_tree_size(line.substr(kIndex.size())));
  for (line = take_line(text); !line.empty(); line = take_line(text)) {
    const auto hash = parse_hash(line);
    if (!hash || proof.inclusion.size() == kProofHashesMax) {
      return malformed("a tlog-proof must have at most 63 hashes, each base64 of 32 bytes");
    }
    proof.inclusion.push_back(*hash);
  }
  if (text.empty()) {
    return malformed("a tlog-proof must end in a checkpoint");
  }
  proof.checkpoint = std::string(text);
  return proof;
}

}  // namespace piperoll::tlog
