#include "auth/token_verifier.h"

#include <algorithm>
#include <utility>

namespace piperoll::auth {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error bad_token(std::string reason, const char* code = "bad_token") {
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(reason), .code = code};
}

}  // namespace

TokenVerifier::IdentityPointer TokenVerifier::recall(std::string_view token,
                                                     base::Timestamp now) const {
  if (trusted_.empty() || token.size() > kTokenBytesMax) {
    return nullptr;
  }
  const crypto::KeyedHash hash = crypto::keyed_hash(hash_key_, token);
  Remembered found;
  {
    base::MutexLock lock(mutex_);
    for (const Generation* generation : {&younger_, &older_}) {
      if (auto at = generation->find(hash); at != generation->end()) {
        found = at->second;
        break;
      }
    }
  }
  const bool good =
      found.identity && now < found.identity->valid_until && found.by->keys->keys() == found.keys;
  return good ? found.identity : nullptr;
}

const TokenVerifier::Trusted* TokenVerifier::trusted_for(const SignedToken& token) const {
  const auto claimed = claimed_issuer(token);
  auto found = std::find_if(trusted_.begin(), trusted_.end(), [&](const Trusted& trusted) {
    return claimed == trusted.issuer.issuer;
  });
  return found == trusted_.end() ? nullptr : &*found;
}

Result<TokenVerifier::IdentityPointer> TokenVerifier::verify(std::string_view token,
                                                             base::Timestamp now) {
  ASSIGN_OR_RETURN(SignedToken parsed, parse_token(token));
  const Trusted* trusted = trusted_for(parsed);
  if (trusted == nullptr) {
    return bad_token("iss is not a configured issuer");
  }
  const auto keys = trusted->keys->keys();
  if (!keys) {
    return bad_token("the issuer's keys could not be fetched yet", "unknown_key");
  }
  ASSIGN_OR_RETURN(TokenIdentity identity, verify_token(parsed, trusted->issuer, *keys, now));
  auto pointer = std::make_shared<const TokenIdentity>(std::move(identity));
  remember(token, {pointer, trusted, keys});
  return pointer;
}

void TokenVerifier::remember(std::string_view token, Remembered remembered) {
  const crypto::KeyedHash hash = crypto::keyed_hash(hash_key_, token);
  base::MutexLock lock(mutex_);
  if (younger_.size() >= kRememberedMax / 2) {
    older_ = std::exchange(younger_, {});
  }
  younger_.insert_or_assign(hash, std::move(remembered));
}

void TokenVerifier::stop() {
  for (const Trusted& trusted : trusted_) {
    trusted.keys->stop();
  }
}

bool TokenVerifier::refresh(std::string_view token, std::function<void()> done) {
  auto parsed = parse_token(token);
  const Trusted* trusted = parsed ? trusted_for(*parsed) : nullptr;
  return trusted != nullptr && trusted->keys->refresh(std::move(done));
}

}  // namespace piperoll::auth
