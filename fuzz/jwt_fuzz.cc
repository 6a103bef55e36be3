// Any bytes as a token, as the claims of a token whose signature is right, as its header, and as a
// key set. A token that nobody signed is never believed; what is believed keeps the rules of its
// issuer.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/issuer.h"
#include "auth/key_set.h"
#include "auth/web_token.h"
#include "base/check.h"

namespace {

using namespace piperoll;

constexpr base::Timestamp kNow{1'767'323'045'000'000};
const std::string kSecret(32, 'k');

auth::Issuer issuer() {
  auth::Issuer issuer;
  issuer.issuer = "https://issuer.example";
  issuer.audiences = {"piperoll"};
  issuer.algorithms = {auth::TokenAlgorithm::Hs256, auth::TokenAlgorithm::EdDsa};
  issuer.organisation_claim = "org";
  issuer.roles_claim = "/a/b";
  return issuer;
}

void check_believed(const auth::TokenIdentity& identity) {
  CHECK(identity.issuer == "https://issuer.example");
  CHECK(!identity.subject.empty() && !identity.name.empty());
  CHECK(!identity.server && !identity.organisation.empty() && identity.organisation != "*");
  CHECK(identity.valid_until > kNow);
}

void check_token(std::string_view text, const auth::KeySet& keys) {
  auto token = auth::parse_token(text);
  if (!token) {
    return;
  }
  CHECK(auth::has_form_of_token(text));
  CHECK(text.starts_with(token->signing_input));
  auth::claimed_issuer(*token);
  // The input cannot know the key of this set, so its signature cannot be right.
  CHECK(!auth::verify_token(*token, issuer(), keys, kNow).has_value());
}

void check_signed(std::string_view header, std::string_view claims, const auth::KeySet& keys) {
  const std::string text = auth::sign_token(header, claims, crypto::HmacKey(kSecret));
  auto token = auth::parse_token(text);
  if (!token) {
    return;
  }
  CHECK(token->payload == claims);
  if (auto identity = auth::verify_token(*token, issuer(), keys, kNow)) {
    check_believed(*identity);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auth::KeySet kOurs = *auth::KeySet::from_secret(kSecret);
  static const auth::KeySet kOthers = *auth::KeySet::from_secret(std::string(40, 'o'));
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_token(text, kOthers);
  check_signed(R"({"alg":"HS256","typ":"at+jwt"})", text, kOurs);
  check_signed(text, R"({"iss":"https://issuer.example"})", kOurs);
  if (auto keys = auth::KeySet::from_text(text)) {
    CHECK(!keys->keys().empty());
    CHECK(keys->candidates(auth::TokenAlgorithm::EdDsa, std::nullopt).size() <=
          auth::KeySet::kCandidatesMax);
  }
  return 0;
}
