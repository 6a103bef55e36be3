#include "evidence/sd_jwt.h"

#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/coding.h"
#include "base/json.h"
#include "crypto/ed25519.h"
#include "evidence/manifest.h"

namespace piperoll::evidence {
namespace {

base::Error malformed(std::string why) {
  return {.kind = base::ErrorKind::InvalidArgument, .message = std::move(why)};
}

std::string header_of(const tlog::VerifierKey& key) {
  base::Bytes id;
  base::put_be32(id, key.key_id());
  std::string header;
  base::JsonWriter json(header);
  json.begin_object().member("alg", "EdDSA").member("kid", key.name + "+" + base::hex_encode(id));
  json.member("typ", "piperoll-event+sd-jwt").end_object();
  return header;
}

// The text before the next end character, which is taken off too; everything when there is none.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

base::Result<std::string> signed_manifest(std::string_view jwt, const tlog::VerifierKey& key) {
  const std::string_view message = jwt.substr(0, jwt.rfind('.'));
  std::string_view rest = jwt;
  const std::string_view header = take_until(rest, '.');
  const std::string_view payload = take_until(rest, '.');
  if (header != base::base64url_encode(header_of(key))) {
    return malformed("the header is not that of this key");
  }
  const auto signature = base::base64url_decode(rest);
  const base::ByteView public_key(reinterpret_cast<const char*>(key.public_key.data()),
                                  key.public_key.size());
  if (!signature || !crypto::ed25519_verify(public_key, message, *signature)) {
    return malformed("the signature is not good");
  }
  return base::base64url_decode(payload);
}

}  // namespace

std::string print_sd_jwt(std::string_view manifest, const Disclosures& disclosures,
                         const tlog::NoteSigner& signer) {
  CHECK(signer.verifier_key().type == tlog::KeyType::Ed25519);
  std::string text = base::base64url_encode(header_of(signer.verifier_key()));
  text.push_back('.');
  base::append_base64url(text, manifest);
  const crypto::Ed25519Signature signature = signer.key().sign(text);
  text.push_back('.');
  base::append_base64url(text, crypto::as_bytes(signature));
  text.push_back('~');
  for (const std::string& disclosure : disclosures) {
    if (!disclosure.empty()) {
      text.append(disclosure).push_back('~');
    }
  }
  return text;
}

base::Result<SdJwt> open_sd_jwt(std::string_view text, const tlog::VerifierKey& key) {
  if (!text.ends_with('~')) {
    return malformed("an SD-JWT must end in a tilde");
  }
  SdJwt opened;
  ASSIGN_OR_RETURN(opened.manifest, signed_manifest(take_until(text, '~'), key));
  ASSIGN_OR_RETURN(const Manifest manifest, parse_manifest(opened.manifest));
  while (!text.empty()) {
    const std::string_view part = take_until(text, '~');
    ASSIGN_OR_RETURN(const Disclosure disclosure, parse_disclosure(part));
    std::string& place = opened.disclosures[index_of(disclosure.slot)];
    if (!place.empty()) {
      return malformed(std::string(name_of(disclosure.slot)) + " is disclosed twice");
    }
    place = std::string(part);
  }
  RETURN_IF_ERROR(check_disclosures(manifest, opened.disclosures));
  return opened;
}

}  // namespace piperoll::evidence
