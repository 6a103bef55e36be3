// People: they change their own passwords, and log in with an issuer.
#include <gtest/gtest.h>

#include "auth/password.h"
#include "auth/web_token.h"
#include "service/testing/service_world.h"

namespace piperoll::service {
namespace {

using testing::ServiceWorld;
using testing::ThreadExecutor;

constexpr char kOld[] = "correct horse battery";
constexpr char kNew[] = "staple in the haystack";

// An issuer whose word is taken as it is: what is checked of it has tests of its own (auth).
struct FakeServer : auth::LoginServer {
  base::Result<std::string> authorization_address(const auth::FormParameters& parameters) override {
    asked = parameters;
    return std::string("https://issuer.example/auth");
  }
  base::Result<std::string> redeem(const auth::FormParameters&) override {
    if (down) {
      return base::Error{.kind = base::ErrorKind::Unavailable, .message = "secret reason"};
    }
    std::string nonce, state;
    for (const auto& [name, value] : asked) {
      nonce = name == "nonce" ? value : nonce;
    }
    const std::string claims =
        R"({"iss":"https://issuer.example","aud":"audit","sub":"ann","exp":2000,"iat":1000,)"
        R"("nonce":")" +
        nonce + R"(","org":")" + org + R"(","roles":[")" + role + R"("]})";
    return auth::sign_token(R"({"alg":"HS256"})", claims, crypto::HmacKey(std::string(32, 'k')));
  }
  base::Result<bool> says_issuer() override { return false; }
  auth::FormParameters asked;
  std::string org = "acme", role = "reader";
  bool down = false;
};

// Has no room when it is told so.
struct Gate : base::Executor {
  bool post(std::function<void()> task) override { return !full && inner.post(std::move(task)); }
  std::atomic<bool> full = false;
  ThreadExecutor inner;
};

struct PeopleWorld {
  ServiceWorld world;
  auth::SessionStore sessions;
  auth::TokenVerifier tokens{trusted()};
  FakeServer* issuer = nullptr;
  auth::IssuerLogins logins{make_logins()};
  ThreadExecutor passwords;
  Gate login_threads;
  const base::Uuid ann = ServiceWorld::uuid_of(7);
  Service service{parts(), {.access_log = AccessLogMode::Sync}};

  PeopleWorld() {
    const crypto::Argon2Cost cheap{.memory_kib = 64, .passes = 1, .lanes = 1};
    world.registry.apply(registry::CreateUser{{.id = ann,
                                               .org = world.acme,
                                               .roles = {auth::Role::Reader},
                                               .email = "ann@example.com",
                                               .password = *auth::hash_password(kOld, cheap)}});
  }

  std::vector<auth::TokenVerifier::Trusted> trusted() {
    auth::Issuer by;
    by.issuer = by.name = "https://issuer.example";
    by.algorithms = {auth::TokenAlgorithm::Hs256};
    by.organisation_claim = "org";
    by.roles_claim = "roles";
    std::vector<auth::TokenVerifier::Trusted> all;
    all.push_back({by, auth::fixed_keys(*auth::KeySet::from_secret(std::string(32, 'k')))});
    return all;
  }
  std::vector<auth::IssuerLogins::Login> make_logins() {
    auto server = std::make_unique<FakeServer>();
    issuer = server.get();
    std::vector<auth::IssuerLogins::Login> all;
    all.push_back({{.name = "Example", .client_id = "audit", .scopes = {"openid"}},
                   &tokens.trusted().front(),
                   std::move(server)});
    return all;
  }
  ServiceParts parts() {
    ServiceParts parts = world.parts();
    parts.tokens = &tokens;
    parts.sessions = &sessions;
    parts.passwords = &passwords;
    parts.logins = &logins;
    parts.login_threads = &login_threads;
    return parts;
  }

  operation::Reply execute(operation::Operation operation, auth::Credential credential) {
    operation::Call call;
    call.surface = "native";
    call.credential = std::move(credential);
    call.right = operation::right_of(operation);
    call.operation = std::move(operation);
    call.remote_address = "192.0.2.7";
    std::promise<operation::Reply> reply;
    service.execute(std::move(call),
                    [&](operation::Reply got) { reply.set_value(std::move(got)); });
    return reply.get_future().get();
  }
  static std::string code_of(const operation::Reply& reply) {
    return reply.outcome ? "good" : reply.outcome.error().code;
  }

  static auth::Credential password(const std::string& text) {
    auth::Credential credential{.kind = auth::Credential::Kind::Password};
    credential.login = std::make_shared<const auth::PasswordLogin>(
        auth::PasswordLogin{.email = "ann@example.com", .password = text});
    return credential;
  }
  static auth::Credential session(const operation::SessionStarted& started) {
    auth::Credential credential{.kind = auth::Credential::Kind::Session};
    credential.session = std::make_shared<const auth::SessionProof>(
        auth::SessionProof{.id = started.id,
                           .csrf_cookie = started.csrf_token,
                           .csrf_header = started.csrf_token,
                           .changes = true,
                           .same_origin = true});
    return credential;
  }
  operation::SessionStarted log_in(const std::string& text = kOld) {
    auto reply = execute(operation::StartSession{}, password(text));
    EXPECT_EQ(code_of(reply), "good");
    return std::get<operation::SessionStarted>(*reply.outcome);
  }
  std::string code_of_change(const operation::SessionStarted& started, const std::string& from,
                             const std::string& to) {
    return code_of(execute(operation::ChangePassword{from, to}, session(started)));
  }

  auth::Credential come_back() {
    auto begun = execute(operation::BeginLogin{"Example", "/?q=1"}, {});
    EXPECT_EQ(code_of(begun), "good");
    auth::IssuerReturn answer{.code = "code"};
    for (const auto& [name, value] : issuer->asked) {
      answer.state = name == "state" ? value : answer.state;
    }
    answer.browser = std::get<operation::LoginBegun>(*begun.outcome).browser;
    auth::Credential credential{.kind = auth::Credential::Kind::IssuerReturn};
    credential.issuer_return = std::make_shared<const auth::IssuerReturn>(answer);
    return credential;
  }
  std::uint64_t refused(std::string_view by) const {
    for (const auto& [name, count] : service.stats().refused_logins) {
      if (name == by) {
        return count;
      }
    }
    return 0;
  }
};

TEST(OwnPassword, IsChangedWithTheOldOneAndEndsEverySession) {
  PeopleWorld world;
  auto here = world.log_in();
  auto elsewhere = world.log_in();

  auto reply = world.execute(operation::ChangePassword{kOld, kNew}, PeopleWorld::session(here));

  ASSERT_EQ(PeopleWorld::code_of(reply), "good");
  const auto& fresh = std::get<operation::SessionStarted>(*reply.outcome);
  EXPECT_NE(fresh.id, here.id);
  EXPECT_EQ(fresh.principal.subject, world.ann.to_string());
  const auto find = [&](const operation::SessionStarted& started) {
    return PeopleWorld::code_of(
        world.execute(operation::FindEvents{}, PeopleWorld::session(started)));
  };
  EXPECT_EQ(find(fresh), "good");
  EXPECT_EQ(find(here), "session_ended");
  EXPECT_EQ(find(elsewhere), "session_ended");
  world.log_in(kNew);
  EXPECT_EQ(
      PeopleWorld::code_of(world.execute(operation::StartSession{}, PeopleWorld::password(kOld))),
      "bad_login");
}

TEST(OwnPassword, IsNotChangedWithAWrongOneAndThatIsRecorded) {
  PeopleWorld world;
  auto started = world.log_in();
  const std::uint64_t before = world.world.access_records();

  EXPECT_EQ(world.code_of_change(started, "wrong wrong wrong", kNew), "wrong_password");

  EXPECT_EQ(world.world.access_records(), before + 1);
  world.log_in(kOld);
}

TEST(OwnPassword, MustBeAGoodOneAndAnotherThanTheOld) {
  PeopleWorld world;
  auto started = world.log_in();
  for (const std::string& bad : {std::string("short"), std::string(kOld), std::string(300, 'x')}) {
    auto reply = world.execute(operation::ChangePassword{kOld, bad}, PeopleWorld::session(started));
    ASSERT_EQ(PeopleWorld::code_of(reply), "invalid_member");
    EXPECT_EQ(reply.outcome.error().faults.at(0).pointer, "/new_password");
  }
}

TEST(OwnPassword, IsAUsersWithinASession) {
  PeopleWorld world;
  auto with_key = world.world.call("acme-admin", operation::ChangePassword{kOld, kNew});
  EXPECT_EQ(PeopleWorld::code_of(world.execute(*with_key.operation, with_key.credential)),
            "no_session");
  auto opened = world.execute(operation::StartSession{}, with_key.credential);
  const auto& session = std::get<operation::SessionStarted>(*opened.outcome);
  EXPECT_EQ(world.code_of_change(session, kOld, kNew), "no_password");
  EXPECT_EQ(PeopleWorld::code_of(
                world.execute(operation::ChangePassword{kOld, kNew}, PeopleWorld::password(kOld))),
            "no_session");
}

TEST(OwnPassword, GuessingTheOldOneIsLimitedAsLoginsAre) {
  PeopleWorld world;
  auto started = world.log_in();
  int guesses = 0;
  while (world.code_of_change(started, "wrong wrong wrong", kNew) == "wrong_password") {
    ASSERT_LT(++guesses, 30);
  }
  EXPECT_EQ(world.code_of_change(started, kOld, kNew), "rate_limited");
  EXPECT_EQ(guesses, 19) << "20 a minute, and one was the login";
}

TEST(IssuerLogin, OpensASessionThatGoesOnWhereItBegan) {
  PeopleWorld world;
  const std::uint64_t before = world.world.access_records();

  auto reply = world.execute(operation::StartSession{}, world.come_back());

  ASSERT_EQ(PeopleWorld::code_of(reply), "good") << reply.outcome.error().message;
  const auto& started = std::get<operation::SessionStarted>(*reply.outcome);
  EXPECT_EQ(started.return_to, "/?q=1");
  EXPECT_EQ(started.principal.subject, "ann");
  EXPECT_EQ(started.session.ends_at.micros - started.session.opened_at.micros,
            world.sessions.limits().absolute_micros)
      << "the ID token's own end is not the session's";
  EXPECT_EQ(world.world.access_records(), before + 1);
  EXPECT_EQ(
      PeopleWorld::code_of(world.execute(operation::FindEvents{}, PeopleWorld::session(started))),
      "good");
  EXPECT_EQ(world.sessions.stats(world.world.clock.now()).opened, 1U);
}

TEST(IssuerLogin, NeedsAnOrganisationHereAndARole) {
  PeopleWorld world;
  const std::uint64_t before = world.world.access_records();

  world.issuer->org = "nowhere";
  EXPECT_EQ(PeopleWorld::code_of(world.execute(operation::StartSession{}, world.come_back())),
            "login_no_organisation");
  EXPECT_EQ(world.world.access_records(), before) << "nobody's log";
  world.issuer->org = "acme";
  world.issuer->role = "none of ours";
  EXPECT_EQ(PeopleWorld::code_of(world.execute(operation::StartSession{}, world.come_back())),
            "login_no_role");
  EXPECT_EQ(world.world.access_records(), before + 1) << "the organisation is told";
  EXPECT_EQ(world.refused("issuer"), 2U);
  EXPECT_EQ(world.sessions.count(), 0U);
}

TEST(IssuerLogin, TellsPeopleNothingOfWhy) {
  PeopleWorld world;
  auto stale = world.come_back();
  auto changed = std::make_shared<auth::IssuerReturn>(*stale.issuer_return);
  changed->browser = "another";
  stale.issuer_return = changed;
  EXPECT_EQ(PeopleWorld::code_of(world.execute(operation::StartSession{}, stale)), "login_expired");
  EXPECT_EQ(world.refused("issuer"), 1U);

  world.issuer->down = true;
  auto reply = world.execute(operation::StartSession{}, world.come_back());
  EXPECT_EQ(PeopleWorld::code_of(reply), "login_unavailable");
  EXPECT_EQ(reply.outcome.error().message.find("secret reason"), std::string::npos);
}

TEST(IssuerLogin, IsLimitedByAddressAndByTheRoomThatIsThere) {
  PeopleWorld world;
  const auto begin = [&] {
    return PeopleWorld::code_of(world.execute(operation::BeginLogin{"Example", "/"}, {}));
  };
  EXPECT_EQ(PeopleWorld::code_of(world.execute(operation::BeginLogin{"Other", "/"}, {})),
            "login_not_found");
  EXPECT_EQ(PeopleWorld::code_of(world.execute(operation::BeginLogin{"Example", "//x"}, {})),
            "foreign_return");
  world.login_threads.full = true;
  EXPECT_EQ(begin(), "busy");
  world.login_threads.full = false;
  int begun = 0;
  while (begin() == "good") {
    ASSERT_LT(++begun, 100);
  }
  EXPECT_EQ(begun, 57);
  EXPECT_EQ(begin(), "rate_limited");
}

TEST(IssuerLogin, IsNotThereWhereNoneIsConfigured) {
  ServiceWorld world;
  auto call = world.call("acme-reader", operation::BeginLogin{"Example", "/"});
  EXPECT_EQ(world.execute(std::move(call)).outcome.error().code, "login_not_found");
}

}  // namespace
}  // namespace piperoll::service
