#include "tlog/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"

namespace piperoll::tlog {
namespace {

base::Error malformed(std::string why) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(why)};
}

// The next line without its LF; nothing when there is no LF left.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

bool is_line(std::string_view text) {
  return !text.empty() && text.find('\n') == std::string_view::npos;
}

}  // namespace

base::Result<std::uint64_t> parse_tree_size(std::string_view digits) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || error != std::errc{} || stop != end || value > kTreeSizeMax ||
      (digits.size() > 1 && digits.front() == '0')) {
    return malformed("not a decimal number of leaves");
  }
  return value;
}

base::Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = take_line(text);
  const auto root_line = take_line(text);
  if (!origin || !size_line || !root_line) {
    return malformed("a checkpoint must have three lines");
  }
  if (origin->empty()) {
    return malformed("a checkpoint must name its log");
  }
  ASSIGN_OR_RETURN(const std::uint64_t size, parse_tree_size(*size_line));
  const auto root = parse_hash(*root_line);
  if (!root) {
    return malformed("the root of a checkpoint must be base64 of 32 bytes");
  }
  Checkpoint checkpoint{
      .origin = std::string(*origin), .size = size, .root = *root, .extensions = {}};
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line || line->empty()) {
      return malformed("an extension line of a checkpoint must not be empty");
    }
    checkpoint.extensions.emplace_back(*line);
  }
  return checkpoint;
}

std::string print_checkpoint(const Checkpoint& checkpoint) {
  CHECK(is_line(checkpoint.origin));
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                     print_hash(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extensions) {
    CHECK(is_line(line));
    text.append(line).append("\n");
  }
  return text;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  Note note{.text = print_checkpoint(checkpoint), .signatures = {}};
  note.signatures.push_back(signer.sign(note.text));
  return print_note(note);
}

base::Result<SignedCheckpoint> open_checkpoint(std::string_view note,
                                               std::span<const VerifierKey> keys) {
  SignedCheckpoint opened;
  ASSIGN_OR_RETURN(opened.note, parse_note(note));
  ASSIGN_OR_RETURN(opened.checkpoint, parse_checkpoint(opened.note.text));
  ASSIGN_OR_RETURN(opened.verified, verify_note(opened.note, keys));
  const bool by_log = std::any_of(
      opened.verified.begin(), opened.verified.end(), [&](const VerifiedSignature& signature) {
        const VerifierKey& key = keys[signature.key];
        return key.type == KeyType::Ed25519 && key.name == opened.checkpoint.origin;
      });
  if (!by_log) {
    return base::Error{.kind = base::ErrorKind::InvalidArgument,
                       .message = "the checkpoint of " + opened.checkpoint.origin +
                                  " is not signed by a key of that log",
                       .code = "signature_missing"};
  }
  return opened;
}

}  // namespace piperoll::tlog
