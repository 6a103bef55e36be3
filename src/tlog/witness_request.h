#pragma once
// What a log asks of a witness (c2sp.org/tlog-witness, "add-checkpoint"), and the checks that a
// witness makes before it cosigns. Values, pure functions.
//
//   old <size> LF
//   ( <hash, base64> LF )*        consistency proof from the old size, at most 63
//   LF
//   <signed checkpoint, verbatim>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace piperoll::tlog {

// 63 hashes of 45 bytes, and a checkpoint with a dozen ML-DSA-44 signatures of 3.3 KB.
inline constexpr std::size_t kWitnessRequestBytesMax = 64U << 10;
inline constexpr std::size_t kWitnessProofHashesMax = 63;
inline constexpr std::string_view kTreeSizeType = "text/x.tlog.size";  // of the body of a 409

struct WitnessRequest {
  std::uint64_t old_size = 0;
  Proof consistency;
  std::string note;  // the signed checkpoint
  bool operator==(const WitnessRequest&) const = default;
};

std::string print_witness_request(const WitnessRequest& request);
// InvalidArgument (code "malformed_request") for anything that print_witness_request would not give
// with a note that parse_note takes and whose text parse_checkpoint takes; TooLarge above
// kWitnessRequestBytesMax.
base::Result<WitnessRequest> parse_witness_request(std::string_view body);

// What a witness knows of a log: nothing yet is the empty tree.
struct WitnessedTree {
  std::uint64_t size = 0;
  Hash root = empty_root();
  bool operator==(const WitnessedTree&) const = default;
};

// A checkpoint that may be cosigned, once it is kept. log_keys: the keys trusted for its origin;
// their names need not be the origin.
//   Forbidden         "signature_missing" | "signature_invalid": not by a trusted key
//   InvalidArgument   "old_size": larger than the checkpoint's
//   Conflict          "stale": known has another size than the request says
//   InvalidArgument   "proof_invalid": the tree does not contain the known one, or is no tree
base::Result<SignedCheckpoint> check_witness_request(const WitnessRequest& request,
                                                     std::span<const VerifierKey> log_keys,
                                                     const WitnessedTree& known);

// The body of a 409: "<size>" LF. InvalidArgument for anything else.
base::Result<std::uint64_t> parse_size_line(std::string_view body);

}  // namespace piperoll::tlog
