#include "evidence/event_proof.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/json.h"
#include "evidence/manifest.h"
#include "tlog/checkpoint.h"
#include "tlog/proof_file.h"
#include "tlog/verify.h"

namespace piperoll::evidence {
namespace {

using base::JsonKind;
using base::JsonValue;

base::Error malformed(std::string why) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(why)};
}

// By name, as canonical JSON has them.
void write_disclosures(base::JsonWriter& json, const Disclosures& disclosures) {
  std::vector<Slot> slots(std::begin(kSlots), std::end(kSlots));
  std::sort(slots.begin(), slots.end(), [](Slot a, Slot b) { return name_of(a) < name_of(b); });
  json.key("disclosures").begin_object();
  for (const Slot slot : slots) {
    if (const std::string& text = disclosures[index_of(slot)]; !text.empty()) {
      json.member(name_of(slot), text);
    }
  }
  json.end_object();
}

base::Result<JsonValue> member(const JsonValue& object, std::string_view name, JsonKind kind) {
  JsonValue value;
  if (!object.is(JsonKind::Object) || !object.find(name, value) || !value.is(kind)) {
    return malformed("a proof must have the member " + std::string(name));
  }
  return value;
}

base::Result<std::string> text_member(const JsonValue& object, std::string_view name) {
  ASSIGN_OR_RETURN(const JsonValue value, member(object, name, JsonKind::String));
  return std::string(value.as_string());
}

base::Result<std::uint64_t> number_member(const JsonValue& object, std::string_view name) {
  ASSIGN_OR_RETURN(const JsonValue value, member(object, name, JsonKind::Integer));
  if (value.as_integer() < 0) {
    return malformed(std::string(name) + " must not be negative");
  }
  return static_cast<std::uint64_t>(value.as_integer());
}

base::Result<Disclosures> read_disclosures(const JsonValue& object) {
  ASSIGN_OR_RETURN(const JsonValue value, member(object, "disclosures", JsonKind::Object));
  Disclosures disclosures;
  for (const base::JsonMember& one : value.members()) {
    const auto slot = slot_named(one.name);
    if (!slot || !one.value.is(JsonKind::String) || one.value.as_string().empty()) {
      return malformed("disclosures must be texts by the names of slots");
    }
    disclosures[index_of(*slot)] = std::string(one.value.as_string());
  }
  return disclosures;
}

base::Result<tlog::Proof> read_inclusion(const JsonValue& object) {
  ASSIGN_OR_RETURN(const JsonValue value, member(object, "inclusion", JsonKind::Array));
  tlog::Proof inclusion;
  for (const JsonValue& element : value.elements()) {
    const auto hash =
        element.is(JsonKind::String) ? tlog::parse_hash(element.as_string()) : std::nullopt;
    if (!hash || inclusion.size() == tlog::kProofHashesMax) {
      return malformed("inclusion must be at most 63 hashes in base64");
    }
    inclusion.push_back(*hash);
  }
  return inclusion;
}

base::Result<EventProof> read_json(std::string_view text) {
  base::JsonParser parser;
  ASSIGN_OR_RETURN(const JsonValue value, parser.parse(text));
  EventProof proof;
  ASSIGN_OR_RETURN(proof.origin, text_member(value, "origin"));
  ASSIGN_OR_RETURN(proof.index, number_member(value, "index"));
  ASSIGN_OR_RETURN(proof.tree_size, number_member(value, "tree_size"));
  ASSIGN_OR_RETURN(proof.leaf, text_member(value, "leaf"));
  ASSIGN_OR_RETURN(proof.checkpoint, text_member(value, "checkpoint"));
  ASSIGN_OR_RETURN(proof.manifest, text_member(value, "manifest"));
  ASSIGN_OR_RETURN(const std::string leaf_hash, text_member(value, "leaf_hash"));
  const auto hash = tlog::parse_hash(leaf_hash);
  if (!hash) {
    return malformed("leaf_hash must be base64 of 32 bytes");
  }
  proof.leaf_hash = *hash;
  ASSIGN_OR_RETURN(proof.inclusion, read_inclusion(value));
  ASSIGN_OR_RETURN(proof.disclosures, read_disclosures(value));
  return proof;
}

base::Result<EventProof> read_file(std::string_view text) {
  ASSIGN_OR_RETURN(tlog::ProofFile file, tlog::parse_proof_file(text));
  if (!file.extra) {
    return malformed("the proof must carry manifest and disclosures in its extra line");
  }
  base::JsonParser parser;
  ASSIGN_OR_RETURN(const JsonValue extra, parser.parse(*file.extra));
  EventProof proof;
  ASSIGN_OR_RETURN(proof.manifest, text_member(extra, "manifest"));
  ASSIGN_OR_RETURN(proof.disclosures, read_disclosures(extra));
  ASSIGN_OR_RETURN(const Manifest manifest, parse_manifest(proof.manifest));
  append_leaf(proof.leaf, leaf_of(proof.manifest, manifest.recorded_at));
  proof.leaf_hash = tlog::leaf_hash(proof.leaf);
  ASSIGN_OR_RETURN(const tlog::Note note, tlog::parse_note(file.checkpoint));
  ASSIGN_OR_RETURN(const tlog::Checkpoint checkpoint, tlog::parse_checkpoint(note.text));
  proof.origin = checkpoint.origin;
  proof.tree_size = checkpoint.size;
  proof.index = file.index;
  proof.inclusion = std::move(file.inclusion);
  proof.checkpoint = std::move(file.checkpoint);
  return proof;
}

// From the values up to the leaf.
base::Result<void> check_leaf(const EventProof& proof) {
  ASSIGN_OR_RETURN(const Manifest manifest, parse_manifest(proof.manifest));
  if (manifest.log != proof.origin) {
    return malformed("the manifest is of the log " + manifest.log);
  }
  RETURN_IF_ERROR(check_disclosures(manifest, proof.disclosures));
  ASSIGN_OR_RETURN(const Leaf leaf, parse_leaf(proof.leaf));
  if (leaf != leaf_of(proof.manifest, manifest.recorded_at)) {
    return malformed("the leaf does not commit to the manifest");
  }
  if (tlog::leaf_hash(proof.leaf) != proof.leaf_hash) {
    return malformed("leaf_hash is not that of the leaf");
  }
  return {};
}

// From the leaf up to the signature.
base::Result<void> check_tree(const EventProof& proof, std::span<const tlog::VerifierKey> keys) {
  ASSIGN_OR_RETURN(const auto opened, tlog::open_checkpoint(proof.checkpoint, keys));
  const tlog::Checkpoint& checkpoint = opened.checkpoint;
  if (checkpoint.origin != proof.origin) {
    return malformed("the checkpoint is of the log " + checkpoint.origin);
  }
  if (checkpoint.size > proof.tree_size && proof.index < proof.tree_size) {
    return base::Error{
        .kind = base::ErrorKind::NotFound,
        .message = "the proof is for the tree of " + std::to_string(proof.tree_size) +
                   " leaves and comes with the checkpoint of " + std::to_string(checkpoint.size) +
                   ": what joins them is not here (ask without size, or for "
                   "/consistency)",
        .code = "other_tree"};
  }
  if (checkpoint.size != proof.tree_size) {
    return malformed("the proof is for a tree of " + std::to_string(proof.tree_size) +
                     " leaves, the checkpoint for one of " + std::to_string(checkpoint.size));
  }
  return tlog::check_inclusion({.index = proof.index,
                                .tree_size = proof.tree_size,
                                .leaf = proof.leaf_hash,
                                .root = checkpoint.root,
                                .proof = proof.inclusion});
}

}  // namespace

std::string print_event_proof(const EventProof& proof) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().member("origin", proof.origin);
  json.key("index").unsigned_integer(proof.index);
  json.key("tree_size").unsigned_integer(proof.tree_size);
  json.member("leaf", proof.leaf).member("leaf_hash", tlog::print_hash(proof.leaf_hash));
  json.key("inclusion").begin_array();
  for (const tlog::Hash& hash : proof.inclusion) {
    json.string(tlog::print_hash(hash));
  }
  json.end_array();
  json.member("checkpoint", proof.checkpoint).member("manifest", proof.manifest);
  write_disclosures(json, proof.disclosures);
  json.end_object();
  return text;
}

std::string print_event_proof_file(const EventProof& proof) {
  std::string extra;
  base::JsonWriter json(extra);
  json.begin_object();
  write_disclosures(json, proof.disclosures);
  json.member("manifest", proof.manifest).end_object();
  return tlog::print_proof_file({.extra = std::move(extra),
                                 .index = proof.index,
                                 .inclusion = proof.inclusion,
                                 .checkpoint = proof.checkpoint});
}

base::Result<EventProof> read_event_proof(std::string_view text) {
  const bool is_file = text.starts_with("c2sp.org/");
  return is_file ? read_file(text) : read_json(text);
}

Finding check_event_proof(const EventProof& proof, std::span<const tlog::VerifierKey> keys) {
  Finding finding{.verdict = Verdict::Valid,
                  .log = proof.origin,
                  .checked = 1,
                  .first_bad = std::nullopt,
                  .detail = "leaf " + std::to_string(proof.index) + " of " +
                            std::to_string(proof.tree_size) + " is what was recorded"};
  auto checked = check_leaf(proof);
  if (checked) {
    checked = check_tree(proof, keys);
  }
  if (!checked) {
    const bool is_missing = checked.error().code == "other_tree";
    finding.verdict = is_missing ? Verdict::Missing : Verdict::Invalid;
    finding.checked = 0;
    finding.first_bad = is_missing ? std::nullopt : std::optional(proof.index);
    finding.detail = checked.error().message;
  }
  return finding;
}

}  // namespace piperoll::evidence
