#pragma once
// Records as SD-JWT (RFC 9901), for libraries that know nothing of ours: the manifest is the
// payload of a JWT that the log's key signs, the disclosures follow. Pure functions.
//
//   base64url(header) "." base64url(manifest) "." base64url(signature) "~" ( <disclosure> "~" )*
//   header  {"alg":"EdDSA","kid":"<key name>+<key id, 8 hex digits>","typ":"piperoll-event+sd-jwt"}

#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/disclosure.h"
#include "tlog/note.h"

namespace piperoll::evidence {

// REQUIRES: signer of type Ed25519
std::string print_sd_jwt(std::string_view manifest, const Disclosures& disclosures,
                         const tlog::NoteSigner& signer);

struct SdJwt {
  std::string manifest;
  Disclosures disclosures;
  bool operator==(const SdJwt&) const = default;
};
// One of ours, signed with this key. InvalidArgument for another form, header or signature, and, as
// the RFC demands, for a disclosure that the manifest does not list or that is there twice.
base::Result<SdJwt> open_sd_jwt(std::string_view text, const tlog::VerifierKey& key);

}  // namespace piperoll::evidence
