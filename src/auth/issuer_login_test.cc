#include "auth/issuer_login.h"

#include <gtest/gtest.h>

#include "auth/claims_test_support.h"
#include "auth/web_token.h"
#include "base/json.h"
#include "crypto/sha256.h"

namespace piperoll::auth {
namespace {

constexpr std::int64_t kNowSeconds = 1'767'323'045;  // 2026-01-02T03:04:05Z
constexpr base::Timestamp kNow{kNowSeconds * base::kMicrosPerSecond};
const std::string kSecret(32, 'k');
constexpr char kIssuer[] = "https://issuer.example";

std::string value_of(const FormParameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) {
      return value;
    }
  }
  return "";
}

// An issuer that gives one ID token for every code.
struct FakeServer : LoginServer {
  base::Result<std::string> authorization_address(const FormParameters& parameters) override {
    asked = parameters;
    return down ? base::Result<std::string>(unavailable())
                : base::Result<std::string>("https://issuer.example/auth");
  }
  base::Result<std::string> redeem(const FormParameters& parameters) override {
    redeemed = parameters;
    ++redemptions;
    if (down) {
      return unavailable();
    }
    if (refuses) {
      return base::Error{.kind = base::ErrorKind::InvalidArgument, .message = "invalid_grant"};
    }
    return token;
  }
  base::Result<bool> says_issuer() override { return says; }

  static base::Error unavailable() {
    return {.kind = base::ErrorKind::Unavailable, .message = "cannot connect"};
  }
  FormParameters asked, redeemed;
  std::string token;
  int redemptions = 0;
  bool down = false, refuses = false, says = false;
};

// A key set, and the one that a fetch would bring.
struct FakeKeys : KeySource {
  std::shared_ptr<const KeySet> keys() const override { return set; }
  bool refresh(std::function<void()> done) override {
    ++refreshed;
    if (!newer) {
      return false;
    }
    set = std::move(newer);
    done();
    return true;
  }
  std::shared_ptr<const KeySet> set = std::make_shared<const KeySet>(*KeySet::from_secret(kSecret));
  std::shared_ptr<const KeySet> newer;
  int refreshed = 0;
};

struct World {
  FakeServer* server = nullptr;
  FakeKeys* keys = nullptr;
  TokenVerifier::Trusted trusted = make_trusted();
  IssuerLogins logins = make_logins();

  TokenVerifier::Trusted make_trusted() {
    TokenVerifier::Trusted made;
    made.issuer.issuer = made.issuer.name = kIssuer;
    made.issuer.audiences = {"https://audit.example"};
    made.issuer.algorithms = {TokenAlgorithm::Hs256};
    made.issuer.organisation_claim = "org";
    made.issuer.roles_claim = "roles";
    auto source = std::make_unique<FakeKeys>();
    keys = source.get();
    made.keys = std::move(source);
    return made;
  }
  IssuerLogins make_logins() {
    auto fake = std::make_unique<FakeServer>();
    server = fake.get();
    std::vector<IssuerLogins::Login> all;
    all.push_back({{.name = "Example",
                    .client_id = "audit",
                    .scopes = {"openid", "profile"},
                    .redirect_address = "https://audit.example/v1/session/oidc/callback"},
                   &trusted,
                   std::move(fake)});
    return IssuerLogins(std::move(all));
  }

  IssuerLogins::Begun begin(const std::string& return_to = "/?q=1") {
    auto begun = logins.begin("Example", return_to, kNow);
    EXPECT_TRUE(begun.has_value());
    return begun ? *begun : IssuerLogins::Begun{};
  }
  // The claims of a good ID token for the login that has begun, some replaced or left out ("").
  std::string claims(const testing::ClaimList& changes = {}) const {
    testing::ClaimList members = {{"iss", "\"https://issuer.example\""},
                                  {"aud", "\"audit\""},
                                  {"sub", "\"ann\""},
                                  {"exp", std::to_string(kNowSeconds + 300)},
                                  {"iat", std::to_string(kNowSeconds)},
                                  {"nonce", "\"" + value_of(server->asked, "nonce") + "\""},
                                  {"at_hash", "\"77QmUPtjPfzWtF2AnpK9RQ\""},
                                  {"org", "\"demo\""},
                                  {"roles", R"(["reader"])"}};
    return testing::claims_json(std::move(members), changes);
  }
  static std::string signed_token(std::string_view payload,
                                  std::string_view header = R"({"alg":"HS256","typ":"JWT"})",
                                  const std::string& secret = kSecret) {
    return sign_token(header, payload, crypto::HmacKey(secret));
  }
  IssuerReturn answer(const IssuerLogins::Begun& begun) const {
    return {.state = value_of(server->asked, "state"),
            .code = "the-code",
            .error = "",
            .issuer = kIssuer,
            .browser = begun.browser};
  }
  std::string outcome(const IssuerReturn& returned, base::Timestamp now = kNow) {
    auto finished = logins.finish(returned, now);
    return finished ? "in as " + finished->identity->subject
                    : finished.error().code + ": " + finished.error().message;
  }
  // A whole login with this token of the issuer.
  std::string with_token(const std::function<std::string()>& make) {
    auto begun = begin();
    server->token = make();
    return outcome(answer(begun));
  }
  std::string with_claims(std::vector<std::pair<std::string, std::string>> changes) {
    return with_token([&] { return signed_token(claims(std::move(changes))); });
  }
};

TEST(IssuerLogins, AskWhatTheStandardsAsk) {
  World world;
  world.begin();
  const FormParameters& asked = world.server->asked;

  EXPECT_EQ(value_of(asked, "response_type"), "code");
  EXPECT_EQ(value_of(asked, "client_id"), "audit");
  EXPECT_EQ(value_of(asked, "redirect_uri"), "https://audit.example/v1/session/oidc/callback");
  EXPECT_EQ(value_of(asked, "scope"), "openid profile");
  EXPECT_EQ(value_of(asked, "code_challenge_method"), "S256");
  for (const char* secret : {"state", "nonce", "code_challenge"}) {
    EXPECT_EQ(value_of(asked, secret).size(), 43U) << secret;
  }
}

TEST(IssuerLogins, LetSomebodyInWhoComesBackWithAGoodToken) {
  World world;
  auto begun = world.begin("/?q=1#x");
  world.server->token = World::signed_token(world.claims());

  auto finished = world.logins.finish(world.answer(begun), kNow);

  ASSERT_TRUE(finished.has_value()) << finished.error().message;
  EXPECT_EQ(finished->return_to, "/?q=1#x");
  EXPECT_EQ(finished->identity->subject, "ann");
  EXPECT_EQ(finished->identity->organisation, "demo");
  EXPECT_EQ(finished->identity->roles, Roles{Role::Reader});
  const FormParameters& redeemed = world.server->redeemed;
  EXPECT_EQ(value_of(redeemed, "grant_type"), "authorization_code");
  EXPECT_EQ(value_of(redeemed, "code"), "the-code");
  EXPECT_EQ(value_of(redeemed, "redirect_uri"), value_of(world.server->asked, "redirect_uri"));
  EXPECT_EQ(pkce_challenge(value_of(redeemed, "code_verifier")),
            value_of(world.server->asked, "code_challenge"));
}

TEST(IssuerLogins, TakeAStateOnce) {
  World world;
  auto begun = world.begin();
  world.server->token = World::signed_token(world.claims());
  const IssuerReturn answer = world.answer(begun);

  EXPECT_EQ(world.outcome(answer), "in as ann");
  EXPECT_EQ(world.outcome(answer),
            "login_expired: no such attempt of this browser, or not any more");
  EXPECT_EQ(world.server->redemptions, 1) << "no code is shown to the issuer twice";
}

TEST(IssuerLogins, TakeNoStateOfAnotherBrowserAndNoneThatIsWrong) {
  World world;
  auto begun = world.begin();
  world.server->token = World::signed_token(world.claims());
  const IssuerReturn good = world.answer(begun);
  for (auto change : {+[](IssuerReturn& answer) { answer.browser.clear(); },
                      +[](IssuerReturn& answer) { answer.browser[0] ^= 1; },
                      +[](IssuerReturn& answer) { answer.state.clear(); },
                      +[](IssuerReturn& answer) { answer.state[0] ^= 1; },
                      +[](IssuerReturn& answer) { answer.state += "x"; }}) {
    IssuerReturn changed = good;
    change(changed);
    EXPECT_TRUE(world.outcome(changed).starts_with("login_expired")) << changed.state;
  }
  EXPECT_EQ(world.server->redemptions, 0);
  EXPECT_EQ(world.outcome(good), "in as ann") << "strangers take nobody's attempt away";
}

TEST(IssuerLogins, EndAfterTenMinutes) {
  for (auto [late, expected] : {std::pair{LoginAttempts::kLifetimeMicros - 1, "in as ann"},
                                std::pair{LoginAttempts::kLifetimeMicros, "login_expired"}}) {
    World world;
    auto begun = world.begin();
    world.server->token =
        World::signed_token(world.claims({{"exp", std::to_string(kNowSeconds + 900)}}));
    EXPECT_TRUE(world.outcome(world.answer(begun), {kNow.micros + late}).starts_with(expected));
  }
}

TEST(IssuerLogins, BelieveTheIssuerAloneThatTheyBeganWith) {
  World world;
  auto begun = world.begin();
  IssuerReturn answer = world.answer(begun);
  answer.issuer = "https://evil.example";
  EXPECT_EQ(world.outcome(answer), "login_refused: the answer is of another issuer");

  answer = world.answer(world.begin());
  answer.issuer.clear();
  world.server->says = true;
  begun = world.begin();
  answer = world.answer(begun);
  answer.issuer.clear();
  EXPECT_EQ(world.outcome(answer), "login_refused: the answer does not say which issuer it is of");

  world.server->says = false;
  begun = world.begin();
  world.server->token = World::signed_token(world.claims());
  answer = world.answer(begun);
  answer.issuer.clear();
  EXPECT_EQ(world.outcome(answer), "in as ann") << "older issuers do not say it";
  EXPECT_EQ(world.server->redemptions, 1);
}

TEST(IssuerLogins, TellWhatTheIssuerSays) {
  World world;
  auto begun = world.begin();
  IssuerReturn answer = world.answer(begun);
  answer.error = "access_denied\n<script>";
  answer.code.clear();
  EXPECT_EQ(world.outcome(answer), "login_denied: the issuer says access_denied?<script>");

  begun = world.begin();
  answer = world.answer(begun);
  answer.code.clear();
  EXPECT_EQ(world.outcome(answer), "login_refused: the answer has no code");

  begun = world.begin();
  world.server->refuses = true;
  EXPECT_EQ(world.outcome(world.answer(begun)), "login_refused: invalid_grant");

  begun = world.begin();
  world.server->down = true;
  EXPECT_EQ(world.outcome(world.answer(begun)), "login_unavailable: cannot connect");
  EXPECT_EQ(world.logins.begin("Example", "/", kNow).error().code, "login_unavailable");
}

TEST(IssuerLogins, RefuseEveryIdTokenThatIsNotTheAnswerToThisLogin) {
  const std::pair<std::pair<std::string, std::string>, std::string> kWrong[] = {
      {{"iss", "\"https://evil.example\""}, "iss is another issuer"},
      {{"iss", ""}, "iss is another issuer"},
      {{"aud", "\"another client\""}, "aud is not ours"},
      {{"aud", "\"https://audit.example\""}, "aud is not ours"},
      {{"aud", ""}, "aud is not ours"},
      {{"aud", R"(["audit","other"])"}, "azp is another client"},
      {{"azp", "\"other\""}, "azp is another client"},
      {{"azp", "7"}, "azp is another client"},
      {{"nonce", "\"AAAA\""}, "nonce is not that of the login"},
      {{"nonce", ""}, "nonce is not that of the login"},
      {{"exp", std::to_string(kNowSeconds - 61)}, "expired"},
      {{"exp", ""}, "exp is missing"},
      {{"exp", "\"soon\""}, "exp must be a number"},
      {{"iat", ""}, "iat is missing"},
      {{"iat", std::to_string(kNowSeconds + 61)}, "issued in the future (iat)"},
      {{"nbf", std::to_string(kNowSeconds + 61)}, "not valid yet (nbf)"},
      {{"sub", ""}, "sub must be a text of 1 to 255 characters"},
      {{"org", ""}, "names no organisation"},
      {{"org", "\"*\""}, "names no organisation"},
  };
  for (const auto& [change, reason] : kWrong) {
    World world;
    EXPECT_EQ(world.with_claims({change}), "login_refused: the ID token: " + reason)
        << change.first << " = " << change.second;
  }
  World world;
  EXPECT_EQ(world.with_claims({{"aud", R"(["audit","other"])"}, {"azp", "\"audit\""}}),
            "in as ann");
}

TEST(IssuerLogins, RefuseTokensThatAreForgedOrOfAnotherKind) {
  World world;
  EXPECT_EQ(world.with_token([&] {
    return World::signed_token(world.claims(), R"({"alg":"HS256"})", std::string(32, 'x'));
  }),
            "login_refused: the ID token: the signature is wrong");
  EXPECT_EQ(world.with_token([&] {
    return World::signed_token(world.claims(), R"({"alg":"HS256","typ":"at+jwt"})");
  }),
            "login_refused: the ID token: typ is not one of the issuer's");
  EXPECT_EQ(world.with_token([&] {
    return World::signed_token(world.claims(), R"({"alg":"none","typ":"JWT"})");
  }),
            "login_refused: the ID token: alg is not one of the issuer's");
  EXPECT_EQ(world.with_token([&] {
    std::string token = World::signed_token(world.claims());
    token[token.find('.') + 9] ^= 1;
    return token;
  }),
            "login_refused: the ID token: the signature is wrong");
  EXPECT_EQ(world.with_token([] { return std::string("no token"); }),
            "login_refused: the ID token: not three parts of base64url");
}

TEST(IssuerLogins, FetchNewerKeysWhereTheTokenNamesOneThatIsNotHere) {
  World world;
  world.keys->newer = world.keys->set;
  world.keys->set = nullptr;

  EXPECT_EQ(world.with_claims({}), "in as ann");
  EXPECT_EQ(world.keys->refreshed, 1);

  world.keys->set = nullptr;
  EXPECT_EQ(world.with_claims({}),
            "login_refused: the ID token: the issuer's keys could not be fetched yet");
}

TEST(IssuerLogins, AnIdTokenIsNeverAnAccessToken) {
  World world;
  world.begin();
  Issuer by = world.trusted.issuer;
  by.types = {"JWT", ""};
  by.audiences = {"audit"};
  const std::string token = World::signed_token(world.claims());

  EXPECT_FALSE(verify_token(*parse_token(token), by, *world.keys->set, kNow).has_value());
}

TEST(IssuerLogins, KnowTheirNamesAndStayOnThisServer) {
  World world;
  EXPECT_EQ(world.logins.begin("example", "/", kNow).error().code, "login_not_found");
  EXPECT_EQ(world.logins.begin("", "/", kNow).error().code, "login_not_found");
  for (const char* foreign :
       {"", "//evil.example", "https://evil.example", "evil", "/\\evil.example", "\\\\evil",
        "/a\\b", "/\tx", "/ x", "/\n", "javascript:alert(1)", "///x", "/\x7f", "/\xc3\xa4"}) {
    EXPECT_FALSE(is_local_address(foreign)) << foreign;
    EXPECT_EQ(world.logins.begin("Example", foreign, kNow).error().code, "foreign_return");
  }
  for (const char* local : {"/", "/?q=a%20b#x", "/events/1", "/.//x", "/@evil.example"}) {
    EXPECT_TRUE(is_local_address(local)) << local;
  }
  EXPECT_TRUE(is_local_address("/" + std::string(2'047, 'a')));
  EXPECT_FALSE(is_local_address("/" + std::string(2'048, 'a')));
}

TEST(LoginAttempts, AreBoundedAndTheOldestEndsFirst) {
  LoginAttempts attempts;
  auto first = attempts.begin(0, "/", kNow);
  auto second = attempts.begin(0, "/", {kNow.micros + 1});
  for (std::size_t i = 2; i <= LoginAttempts::kCountMax; ++i) {
    attempts.begin(0, "/", {kNow.micros + 2});
  }
  EXPECT_EQ(attempts.count(), LoginAttempts::kCountMax);
  EXPECT_FALSE(attempts.take(first.state, first.browser, {kNow.micros + 3}).has_value());
  EXPECT_TRUE(attempts.take(second.state, second.browser, {kNow.micros + 3}).has_value());

  const base::Timestamp late{kNow.micros + LoginAttempts::kLifetimeMicros + 3};
  attempts.begin(0, "/", late);
  attempts.begin(0, "/", late);
  EXPECT_EQ(attempts.count(), 1U + 1U) << "what is too old makes room first";
}

// RFC 7636, appendix B.
TEST(LoginAttempts, ChallengeAsTheStandardsExample) {
  EXPECT_EQ(pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

}  // namespace
}  // namespace piperoll::auth
