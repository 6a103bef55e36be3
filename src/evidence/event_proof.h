#pragma once
// The proof of one event: everything between the values a person reads and the signature of the
// log. Values, pure functions; shared by server, command line and tests.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/disclosure.h"
#include "evidence/verdict.h"
#include "tlog/hash.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace piperoll::evidence {

struct EventProof {
  std::string origin;
  std::uint64_t index = 0;
  std::uint64_t tree_size = 0;
  std::string leaf;  // these three as the exact texts that were hashed or signed
  std::string checkpoint;
  std::string manifest;
  tlog::Hash leaf_hash{};
  tlog::Proof inclusion;
  Disclosures disclosures;
  bool operator==(const EventProof&) const = default;
};

// The JSON answer of GET /v1/events/{id}/proof: {"origin","index","tree_size","leaf","leaf_hash",
// "inclusion","checkpoint","manifest","disclosures":{slot name: text}}, hashes in standard base64.
std::string print_event_proof(const EventProof& proof);
// The same as a .tlog-proof file; extra is {"disclosures":{...},"manifest":"..."}, canonical JSON.
// Leaf, its hash, origin and tree size are not in it: they follow from manifest and checkpoint.
std::string print_event_proof_file(const EventProof& proof);

// Either form. InvalidArgument for what is neither; other members are ignored. Nothing is checked
// but the form.
base::Result<EventProof> read_event_proof(std::string_view text);

// Everything: signature of the checkpoint by a key of the log, origin, size, inclusion of the leaf,
// the leaf's commitment to the manifest, the manifest's digests of the disclosures. Valid or
// Invalid; then detail says what does not fit, and in which slot. keys: see open_checkpoint.
Finding check_event_proof(const EventProof& proof, std::span<const tlog::VerifierKey> keys);

}  // namespace piperoll::evidence
