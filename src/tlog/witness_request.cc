#include "tlog/witness_request.h"

#include <utility>

#include "tlog/verify.h"

namespace piperoll::tlog {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kOld = "old ";

Error malformed(std::string why) {
  return {
      .kind = ErrorKind::InvalidArgument, .message = std::move(why), .code = "malformed_request"};
}

// The next line without its LF; the error names what was expected.
Result<std::string_view> take_line(std::string_view& text, const char* expected) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return malformed(std::string("the request must have ") + expected);
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Error as_malformed(const Error& error) {
  return malformed(error.message);
}

}  // namespace

std::string print_witness_request(const WitnessRequest& request) {
  std::string body = std::string(kOld) + std::to_string(request.old_size) + "\n";
  for (const Hash& hash : request.consistency) {
    body += print_hash(hash) + "\n";
  }
  return body + "\n" + request.note;
}

Result<WitnessRequest> parse_witness_request(std::string_view body) {
  if (body.size() > kWitnessRequestBytesMax) {
    return Error{
        .kind = ErrorKind::TooLarge,
        .message = "the request may have " + std::to_string(kWitnessRequestBytesMax) + " bytes",
        .code = "body_too_large"};
  }
  WitnessRequest request;
  ASSIGN_OR_RETURN(std::string_view line, take_line(body, "a first line \"old <size>\""));
  const auto old_size = line.starts_with(kOld) ? parse_tree_size(line.substr(kOld.size()))
                                               : Result<std::uint64_t>(malformed(""));
  if (!old_size) {
    return malformed("the first line must be \"old <size>\"");
  }
  request.old_size = *old_size;
  for (;;) {
    ASSIGN_OR_RETURN(line, take_line(body, "an empty line before the checkpoint"));
    if (line.empty()) {
      break;
    }
    const auto hash = parse_hash(line);
    if (!hash || request.consistency.size() == kWitnessProofHashesMax) {
      return malformed("the proof must be at most 63 lines of base64 of 32 bytes");
    }
    request.consistency.push_back(*hash);
  }
  const auto note = parse_note(body);
  if (!note) {
    return as_malformed(note.error());
  }
  if (const auto checkpoint = parse_checkpoint(note->text); !checkpoint) {
    return as_malformed(checkpoint.error());
  }
  request.note = std::string(body);
  return request;
}

Result<SignedCheckpoint> check_witness_request(const WitnessRequest& request,
                                               std::span<const VerifierKey> log_keys,
                                               const WitnessedTree& known) {
  SignedCheckpoint opened;
  ASSIGN_OR_RETURN(opened.note, parse_note(request.note));
  ASSIGN_OR_RETURN(opened.checkpoint, parse_checkpoint(opened.note.text));
  auto verified = verify_note(opened.note, log_keys);
  if (!verified) {
    Error refused = std::move(verified).error();
    refused.kind = ErrorKind::Forbidden;
    return refused;
  }
  opened.verified = *std::move(verified);
  if (request.old_size > opened.checkpoint.size) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "the old size is larger than that of the checkpoint",
                 .code = "old_size"};
  }
  if (request.old_size != known.size) {
    return Error{
        .kind = ErrorKind::Conflict,
        .message = "the newest cosigned checkpoint has " + std::to_string(known.size) + " leaves",
        .code = "stale"};
  }
  RETURN_IF_ERROR(check_consistency({.from = known.size,
                                     .to = opened.checkpoint.size,
                                     .from_root = known.root,
                                     .to_root = opened.checkpoint.root,
                                     .proof = request.consistency}));
  return opened;
}

Result<std::uint64_t> parse_size_line(std::string_view body) {
  if (!body.ends_with('\n')) {
    return malformed("a tree size must end in a line feed");
  }
  return parse_tree_size(body.substr(0, body.size() - 1));
}

}  // namespace piperoll::tlog
