#pragma once
// The end points of an issuer that people log in with, over HTTP: found through discovery, or as
// configured. Thread-safe.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/issuer_login.h"
#include "auth/token_verifier.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "server/issuer_config.h"

namespace piperoll::server {

inline constexpr char kLoginReturnPath[] = "/v1/session/oidc/callback";

struct LoginEndPoints {
  std::string authorization, token;
  bool says_issuer = false;     // RFC 9207
  bool secret_in_form = false;  // client_secret_post; else client_secret_basic
};
// What a discovery document says of them. Unavailable where it is not the issuer's, or names none
// that may be asked.
base::Result<LoginEndPoints> read_login_end_points(const std::string& issuer,
                                                   std::string_view discovery);

// "token?x=1" and name=value pairs.
std::string with_parameters(std::string address, const auth::FormParameters& parameters);

class HttpLoginServer : public auth::LoginServer {
 public:
  // clock outlives this.
  HttpLoginServer(const IssuerConfig& config, const base::Clock& clock);
  base::Result<std::string> authorization_address(const auth::FormParameters& parameters) override;
  base::Result<std::string> redeem(const auth::FormParameters& parameters) override;
  base::Result<bool> says_issuer() override;

 private:
  base::Result<LoginEndPoints> end_points();
  base::Result<LoginEndPoints> discover() const;
  base::Result<std::string> client_secret() const;

  const std::string issuer_, ca_file_;
  const LoginConfig login_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::optional<LoginEndPoints> known_ GUARDED_BY(mutex_);
  std::optional<base::Error> failure_ GUARDED_BY(mutex_);  // of the last discovery
  std::int64_t asked_at_ GUARDED_BY(mutex_) = 0;
};

// Null where no issuer has a login. Secrets in files are read once, to see that they can be:
// Unavailable naming the file. tokens and clock outlive it.
base::Result<std::unique_ptr<auth::IssuerLogins>> make_logins(
    const std::vector<IssuerConfig>& issuers, const std::string& public_url,
    const auth::TokenVerifier& tokens, const base::Clock& clock);
// The same checks: for --check-config.
base::Result<void> check_login_secrets(const std::vector<IssuerConfig>& issuers);

}  // namespace piperoll::server
