#include "dialect/native/logs.h"

#include <limits>

#include "base/crc32c.h"
#include "base/json.h"
#include "evidence/event_proof.h"

namespace piperoll::dialect::native {
namespace {

using base::Result;
using operation::Operation;
using operation::ProveEvent;

constexpr std::string_view kSdJwtType = "application/sd-jwt";
constexpr std::string_view kProofFileType = "text/x.tlog.proof";
constexpr std::uint64_t kSizeMax = std::numeric_limits<std::int64_t>::max();

std::string etag_of(std::string_view text) {
  return "\"" + std::to_string(base::crc32c(text)) + "-" + std::to_string(text.size()) + "\"";
}

bool lists(std::string_view tags, std::string_view etag) {
  return tags == "*" || tags.find(etag) != std::string_view::npos;
}

}  // namespace

ProveEvent::Form proof_form(const wire::Request& request) {
  const std::string_view accept = request.header("Accept").value_or("");
  if (accept.find(kSdJwtType) != std::string_view::npos) {
    return ProveEvent::Form::SdJwt;
  }
  return accept.find(kProofFileType) != std::string_view::npos ? ProveEvent::Form::ProofFile
                                                               : ProveEvent::Form::Json;
}

Result<Operation> read_prove_event(ParameterReader& parameters, ProveEvent::Form form,
                                   std::string_view id) {
  ProveEvent prove{.id = std::string(id), .form = form};
  // Absent is another answer than any number.
  const std::uint64_t size = parameters.take_number("size", 0, 1, kSizeMax);
  if (size > 0) {
    prove.tree_size = size;
  }
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(prove));
}

Result<Operation> read_prove_consistency(ParameterReader& parameters, event::LogKind log) {
  constexpr std::uint64_t kAbsent = std::numeric_limits<std::uint64_t>::max();
  operation::ProveConsistency prove{.log = log};
  prove.from = parameters.take_number("from", kAbsent, 0, kSizeMax);
  prove.to = parameters.take_number("to", kAbsent, 0, kSizeMax);
  for (const auto& [name, value] : {std::pair{"from", prove.from}, std::pair{"to", prove.to}}) {
    if (value == kAbsent) {
      parameters.fault(name, "is required: a number of leaves, from <= to");
    }
  }
  RETURN_IF_ERROR(parameters.finish());
  return Operation(prove);
}

wire::Response encode_event_proven(ProveEvent::Form form, const operation::EventProven& proven) {
  wire::Response response;
  switch (form) {
    case ProveEvent::Form::Json:
      response =
          wire::make_response(200, "application/json", evidence::print_event_proof(proven.proof));
      break;
    case ProveEvent::Form::ProofFile:
      response = wire::make_response(200, std::string(kProofFileType),
                                     evidence::print_event_proof_file(proven.proof));
      response.set("Content-Disposition", "attachment; filename=event.tlog-proof");
      break;
    case ProveEvent::Form::SdJwt:
      response = wire::make_response(200, std::string(kSdJwtType), proven.sd_jwt);
      break;
  }
  response.set("Cache-Control", "no-store");
  response.set("Vary", "Accept");
  return response;
}

wire::Response encode_checkpoint(const operation::CheckpointRead& read, std::string_view known) {
  const std::string etag = etag_of(read.note);
  wire::Response response = lists(known, etag)
                                ? wire::make_response(304, "", "")
                                : wire::make_response(200, "text/plain; charset=utf-8", read.note);
  response.set("Cache-Control", "no-cache");
  response.set("ETag", etag);
  return response;
}

wire::Response encode_tile_read(operation::TileRead&& read) {
  wire::Response response =
      wire::make_response(200, "application/octet-stream", std::move(read.bytes));
  // For the one who asked: shared caches know nothing of credentials.
  response.set("Cache-Control", "private, max-age=31536000, immutable");
  return response;
}

wire::Response encode_log_keys(const operation::LogKeysRead& read) {
  std::string body;
  for (const tlog::VerifierKey& key : read.keys) {
    body += key.print() + "\n";
  }
  wire::Response response = wire::make_response(200, "text/plain; charset=utf-8", std::move(body));
  response.set("Cache-Control", "no-cache");
  return response;
}

wire::Response encode_consistency(const operation::ConsistencyProven& proven) {
  std::string body;
  base::JsonWriter json(body);
  json.begin_object();
  json.key("from").unsigned_integer(proven.from);
  json.key("to").unsigned_integer(proven.to);
  json.key("proof").begin_array();
  for (const tlog::Hash& hash : proven.proof) {
    json.string(tlog::print_hash(hash));
  }
  json.end_array();
  json.member("checkpoint", proven.checkpoint);
  json.end_object();
  return wire::make_response(200, "application/json", std::move(body));
}

}  // namespace piperoll::dialect::native
