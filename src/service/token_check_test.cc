#include "service/token_check.h"

#include <gtest/gtest.h>

#include "service/testing/service_world.h"

namespace piperoll::service {
namespace {

using testing::ServiceWorld;

const std::string kSecret(32, 't');
constexpr std::int64_t kNowSeconds = 1'000;  // of the world's clock

// Keys that come when a test says so.
class LateKeys : public auth::KeySource {
 public:
  std::shared_ptr<const auth::KeySet> keys() const override { return set; }
  bool refresh(std::function<void()> done) override {
    ++asked;
    if (may_refresh) {
      set = std::make_shared<const auth::KeySet>(*auth::KeySet::from_secret(kSecret));
      done();
    }
    return may_refresh;
  }
  std::shared_ptr<const auth::KeySet> set;
  bool may_refresh = true;
  int asked = 0;
};

// A service that believes one issuer, and a second service beside the world's for it.
struct TokenWorld {
  ServiceWorld world;
  LateKeys* keys = nullptr;
  auth::TokenVerifier tokens{trusted()};
  Service service{parts(), {.access_log = AccessLogMode::Sync}};

  ServiceParts parts() {
    ServiceParts parts = world.parts();
    parts.tokens = &tokens;
    return parts;
  }

  std::vector<auth::TokenVerifier::Trusted> trusted() {
    auth::Issuer issuer;
    issuer.issuer = "https://issuer.example";
    issuer.audiences = {"piperoll"};
    issuer.algorithms = {auth::TokenAlgorithm::Hs256};
    issuer.organisation_claim = "org";
    issuer.roles_claim = "roles";
    auto source = std::make_unique<LateKeys>();
    keys = source.get();
    std::vector<auth::TokenVerifier::Trusted> all;
    all.push_back({std::move(issuer), std::move(source)});
    return all;
  }

  static std::string token(const std::string& org, const std::string& roles) {
    return auth::sign_token(R"({"alg":"HS256","typ":"at+jwt"})",
                            R"({"iss":"https://issuer.example","aud":"piperoll","sub":"u-1",)"
                            R"("name":"Ada","exp":)" +
                                std::to_string(kNowSeconds + 600) + R"(,"org":")" + org +
                                R"(","roles":")" + roles + "\"}",
                            crypto::HmacKey(kSecret));
  }

  operation::Reply find(const std::string& token, event::LogKind log = event::LogKind::Events) {
    operation::Call call;
    call.surface = "native";
    call.credential = {.kind = auth::Credential::Kind::Secret, .secret = token};
    operation::FindEvents find;
    find.log = log;
    call.operation = operation::Operation(std::move(find));
    call.right = operation::right_of(*call.operation);
    std::promise<operation::Reply> reply;
    service.execute(std::move(call),
                    [&](operation::Reply got) { reply.set_value(std::move(got)); });
    return reply.get_future().get();
  }

  std::string refusal(const std::string& token) {
    auto reply = find(token);
    return reply.outcome ? "found" : reply.outcome.error().code;
  }
};

TEST(TokenCheck, LetsInWhomTheIssuerNames) {
  TokenWorld world;

  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "reader")), "found");
  EXPECT_EQ(world.refusal(TokenWorld::token(world.world.acme.to_string(), "reader")), "found");
  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "writer")), "no_right");
  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "")), "no_right");
  EXPECT_EQ(world.refusal(TokenWorld::token("nobody", "admin")), "bad_credential");
  EXPECT_EQ(world.refusal(TokenWorld::token("*", "admin")), "bad_credential");
}

TEST(TokenCheck, RefusesForgedTokensLikeUnknownKeys) {
  TokenWorld world;
  std::string forged = TokenWorld::token("acme", "reader");
  forged[forged.size() - 3] = forged[forged.size() - 3] == 'A' ? 'B' : 'A';

  EXPECT_EQ(world.refusal(forged), "bad_credential");
  EXPECT_EQ(world.refusal("a.b.c"), "bad_credential");
}

TEST(TokenCheck, FetchesNewerKeysOnceAndThenDecides) {
  TokenWorld world;
  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "reader")), "found");
  EXPECT_EQ(world.keys->asked, 1);

  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "reader")), "found");
  EXPECT_EQ(world.keys->asked, 1);
}

TEST(TokenCheck, RefusesWhereNoKeysAreToBeHad) {
  TokenWorld world;
  world.keys->may_refresh = false;

  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "reader")), "bad_credential");
  EXPECT_EQ(world.keys->asked, 1);
}

TEST(TokenCheck, IsRecordedWithWhoIssuedTheToken) {
  TokenWorld world;
  ASSERT_EQ(world.refusal(TokenWorld::token("acme", "auditor")), "found");

  auto reply = world.find(TokenWorld::token("acme", "auditor"), event::LogKind::Access);

  ASSERT_TRUE(reply.outcome.has_value()) << reply.outcome.error().message;
  const auto& found = std::get<operation::Found>(*reply.outcome);
  ASSERT_FALSE(found.records.empty());
  const event::EventView& event = found.records.front().event();
  EXPECT_EQ(event.actor.id, "u-1");
  EXPECT_EQ(event.actor.type, "token");
  EXPECT_EQ(event.actor.name, "Ada");
  EXPECT_NE(std::string(event.params).find(R"("issuer":"https://issuer.example")"),
            std::string::npos);
}

TEST(TokenCheck, AnswersBusyWhenThereIsNoRoom) {
  TokenWorld world;
  world.world.workers.refuse = true;

  EXPECT_EQ(world.refusal(TokenWorld::token("acme", "reader")), "busy");
}

}  // namespace
}  // namespace piperoll::service
