#pragma once
// Proofs as files, *.tlog-proof (c2sp.org/tlog-proof): one leaf's inclusion proof with the
// checkpoint it leads to, all text. Values, pure functions.
//
//   c2sp.org/tlog-proof@v1 LF
//   [ extra <base64> LF ]
//   index <decimal> LF
//   ( <hash, base64> LF )*        leaf side first
//   LF
//   <signed checkpoint, verbatim>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "tlog/proof.h"

namespace piperoll::tlog {

struct ProofFile {
  // What the verifier needs to make the leaf. Proven by nothing unless it is hashed into the leaf.
  std::optional<base::Bytes> extra;
  std::uint64_t index = 0;
  Proof inclusion;
  std::string checkpoint;  // not checked here: open_checkpoint
  bool operator==(const ProofFile&) const = default;
};

inline constexpr std::size_t kProofHashesMax = 63;

std::string print_proof_file(const ProofFile& proof);
// InvalidArgument for anything that print_proof_file would not give, or more than kProofHashesMax.
base::Result<ProofFile> parse_proof_file(std::string_view text);

}  // namespace piperoll::tlog
