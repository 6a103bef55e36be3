#pragma once
// People who log in with an issuer: OpenID Connect's authorization code flow with PKCE (RFC 6749,
// 7636, 9207, 9700; OpenID Connect Core 3.1). What is asked of the issuer over the network is
// behind LoginServer; everything that is decided is here. Thread-safe.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/login_attempts.h"
#include "auth/principal.h"
#include "auth/token_verifier.h"
#include "base/result.h"
#include "base/timestamp.h"

namespace piperoll::auth {

using FormParameters = std::vector<std::pair<std::string, std::string>>;

// The issuer's end points. Thread-safe; blocks, so never on a network thread.
class LoginServer {
 public:
  virtual ~LoginServer() = default;
  // Where a browser goes to log in, with these parameters. Unavailable.
  virtual base::Result<std::string> authorization_address(const FormParameters& parameters) = 0;
  // Changes a code for tokens, showing that we are the client; the "id_token" of the answer.
  // InvalidArgument where the issuer refuses, or answers without one; Unavailable.
  virtual base::Result<std::string> redeem(const FormParameters& parameters) = 0;
  // Whether every browser that it sends back brings "iss" (RFC 9207); Unavailable.
  virtual base::Result<bool> says_issuer() = 0;
};

struct LoginClient {
  std::string name;       // what people are shown, and what names the login in addresses
  std::string client_id;  // what we are to the issuer
  std::vector<std::string> scopes;
  std::string redirect_address;  // of ours, exactly as the issuer knows it
};

class IssuerLogins {
 public:
  struct Login {
    LoginClient client;
    // Claims and keys are the issuer's, as for its tokens. Outlives this.
    const TokenVerifier::Trusted* trusted = nullptr;
    std::unique_ptr<LoginServer> server;
  };
  explicit IssuerLogins(std::vector<Login> logins) : logins_(std::move(logins)) {}

  struct Begun {
    std::string address;  // where the browser goes
    std::string browser;  // for a cookie
  };
  // Blocks. NotFound "login_not_found"; InvalidArgument "foreign_return" where return_to is no
  // is_local_address(); Unavailable "login_unavailable".
  base::Result<Begun> begin(std::string_view name, const std::string& return_to,
                            base::Timestamp now);

  struct Finished {
    std::shared_ptr<const TokenIdentity> identity;
    std::string return_to;
  };
  // Blocks. Unauthenticated "login_expired" (no such attempt of this browser, or not any more),
  // "login_denied" (the issuer says no), "login_refused" (what the issuer says is not believed);
  // Unavailable "login_unavailable". The message is for our own diagnostics; no secret is in it.
  base::Result<Finished> finish(const IssuerReturn& answer, base::Timestamp now);

 private:
  base::Result<Finished> finish(const Login& login, const LoginAttempt& attempt,
                                const IssuerReturn& answer, base::Timestamp now) const;
  const std::vector<Login> logins_;
  LoginAttempts attempts_;
};

}  // namespace piperoll::auth
