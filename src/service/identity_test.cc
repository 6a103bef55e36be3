#include "service/identity.h"

#include <gtest/gtest.h>

#include "service/testing/service_world.h"

namespace piperoll::service {
namespace {

using testing::ServiceWorld;

// A service with a vault, a mint and nobody else's tokens.
struct IdentityWorld {
  ServiceWorld world;
  auth::SigningVault vault{std::string(32, 'v')};
  auth::TokenMint mint{"audit.example", std::string(32, 'm')};
  auth::TokenVerifier tokens{own_tokens()};
  Service service{parts(), {.access_log = AccessLogMode::Sync}};

  ServiceParts parts() {
    ServiceParts parts = world.parts();
    parts.tokens = &tokens;
    parts.mint = &mint;
    parts.vault = &vault;
    return parts;
  }

  std::vector<auth::TokenVerifier::Trusted> own_tokens() {
    std::vector<auth::TokenVerifier::Trusted> trusted;
    trusted.push_back(mint.trusted());
    return trusted;
  }

  operation::Reply execute(operation::Call call) {
    std::promise<operation::Reply> reply;
    service.execute(std::move(call),
                    [&](operation::Reply got) { reply.set_value(std::move(got)); });
    return reply.get_future().get();
  }

  // A new key of acme.
  operation::KeyCreated make_key(auth::Role role, std::vector<std::string> networks = {}) {
    auto reply = execute(world.call(
        "acme-admin", operation::CreateKey{.roles = {role}, .networks = std::move(networks)}));
    return std::get<operation::KeyCreated>(*reply.outcome);
  }

  static operation::Call call_of(operation::Operation operation, const std::string& secret,
                                 const std::string& client_id = "") {
    operation::Call call;
    call.surface = "native";
    call.credential = {
        .kind = auth::Credential::Kind::Secret, .secret = secret, .client_id = client_id};
    call.right = operation::right_of(operation);
    call.operation = std::move(operation);
    call.remote_address = "192.0.2.7";
    return call;
  }
  std::string code_of(operation::Call call) {
    auto reply = execute(std::move(call));
    return reply.outcome ? "good" : reply.outcome.error().code;
  }
  std::string token_for(const std::string& secret) {
    auto reply = execute(call_of(operation::IssueToken{}, secret));
    return reply.outcome ? std::get<operation::TokenIssued>(*reply.outcome).token : "";
  }
};

TEST(Identity, OfAKeyIsItsNameItsOrganisationAndItsRoles) {
  IdentityWorld world;
  auto made = world.make_key(auth::Role::Writer);

  auto reply = world.execute(IdentityWorld::call_of(operation::Identify{}, made.secret));

  ASSERT_TRUE(reply.outcome.has_value()) << reply.outcome.error().message;
  const auto& principal = std::get<operation::Identified>(*reply.outcome).principal;
  EXPECT_EQ(principal.id, made.key->id);
  EXPECT_EQ(principal.roles, auth::Roles{auth::Role::Writer});
  EXPECT_EQ(reply.org->name, "acme");
}

TEST(Identity, AKeyIsChangedForATokenThatIsWorthTheSame) {
  IdentityWorld world;
  auto reader = world.make_key(auth::Role::Reader);
  const std::string token = world.token_for(reader.secret);
  ASSERT_NE(token, "");

  EXPECT_EQ(world.code_of(IdentityWorld::call_of(operation::FindEvents{}, token)), "good");
  EXPECT_EQ(world.code_of(IdentityWorld::call_of(operation::ListKeys{}, token)), "no_right");
  EXPECT_EQ(world.code_of(IdentityWorld::call_of(operation::IssueToken{}, token)), "bad_credential")
      << "a token makes no tokens";
}

TEST(Identity, ATokenEndsWithItsKey) {
  IdentityWorld world;
  auto reader = world.make_key(auth::Role::Reader);
  const std::string token = world.token_for(reader.secret);
  ASSERT_EQ(world.code_of(IdentityWorld::call_of(operation::FindEvents{}, token)), "good");

  ASSERT_TRUE(world
                  .execute(world.world.call("acme-admin",
                                            operation::RevokeKey{.id = reader.key->id.to_string()}))
                  .outcome);

  EXPECT_EQ(world.code_of(IdentityWorld::call_of(operation::FindEvents{}, token)),
            "bad_credential");
  EXPECT_EQ(world.token_for(reader.secret), "");
}

TEST(Identity, AnIdThatCameWithTheKeyMustBeIts) {
  IdentityWorld world;
  auto reader = world.make_key(auth::Role::Reader);
  const auto with_id = [&](const std::string& id) {
    return world.code_of(IdentityWorld::call_of(operation::FindEvents{}, reader.secret, id));
  };
  EXPECT_EQ(with_id(reader.key->id.to_string()), "good");
  EXPECT_EQ(with_id("anybody"), "good") << "names are not looked at";
  EXPECT_EQ(with_id(ServiceWorld::uuid_of(9).to_string()), "bad_credential");
}

TEST(Identity, AKeyIsGoodFromItsNetworksAlone) {
  IdentityWorld world;
  auto here = world.make_key(auth::Role::Reader, {"198.51.100.0/24", "192.0.2.0/24"});
  auto elsewhere = world.make_key(auth::Role::Reader, {"2001:db8::/32"});

  EXPECT_EQ(world.code_of(IdentityWorld::call_of(operation::FindEvents{}, here.secret)), "good");
  EXPECT_EQ(world.code_of(IdentityWorld::call_of(operation::FindEvents{}, elsewhere.secret)),
            "bad_credential");
  auto reply = world.execute(world.world.call(
      "acme-admin",
      operation::CreateKey{.roles = {auth::Role::Reader}, .networks = {"not a network"}}));
  EXPECT_EQ(reply.outcome.error().faults.at(0).pointer, "/networks");
}

TEST(Identity, LastUseOfAKeyIsKnown) {
  IdentityWorld world;
  auto reader = world.make_key(auth::Role::Reader);
  EXPECT_EQ(world.world.registry.last_used(reader.key->id), std::nullopt);

  world.code_of(IdentityWorld::call_of(operation::FindEvents{}, reader.secret));
  EXPECT_EQ(world.world.registry.last_used(reader.key->id), world.world.clock.now());
}

struct SignedWorld : IdentityWorld {
  operation::KeyCreated key = make_key(auth::Role::Reader);

  operation::Call signed_call(const std::function<void(auth::SignedRequest&)>& change) {
    auth::SignedRequest request{.key_id = key.key->id,
                                .method = "GET",
                                .target = "/api/v2/audit?limit=1",
                                .date_hour = "1970-01-01T00",
                                .date = world.clock.now(),
                                .body = "{}"};
    const crypto::Sha256Digest signature =
        auth::request_signature(crypto::HmacKey(key.secret), request);
    request.signature = base::Bytes(crypto::as_bytes(signature));
    change(request);
    operation::Call call = call_of(operation::FindEvents{}, "");
    call.credential = {.kind = auth::Credential::Kind::SignedRequest};
    call.credential.signed_request = std::make_shared<const auth::SignedRequest>(request);
    return call;
  }
  std::string code(const std::function<void(auth::SignedRequest&)>& change) {
    return code_of(signed_call(change));
  }
};

TEST(SignedRequests, AreWorthTheKeyThatSignedThem) {
  SignedWorld world;
  using Request = auth::SignedRequest;

  EXPECT_EQ(world.code([](Request&) {}), "good");
  EXPECT_EQ(world.code([](Request& r) { r.key_id = ServiceWorld::uuid_of(9); }),
            "signature_key_unknown");
  EXPECT_EQ(world.code([](Request& r) { r.target += "0"; }), "signature_mismatch");
  EXPECT_EQ(world.code([](Request& r) { r.method = "PUT"; }), "signature_mismatch");
  EXPECT_EQ(world.code([](Request& r) { r.body = ""; }), "signature_mismatch");
  EXPECT_EQ(world.code([](Request& r) { r.date_hour = "1970-01-01T01"; }), "signature_mismatch");
  EXPECT_EQ(world.code([](Request& r) { r.signature.pop_back(); }), "signature_mismatch");
  EXPECT_EQ(world.code([](Request& r) { r.signature.clear(); }), "signature_mismatch");
  auto find_keys = world.signed_call([](Request&) {});
  find_keys.operation = operation::Operation(operation::ListKeys{});
  find_keys.right = auth::Right::Manage;
  EXPECT_EQ(world.code_of(find_keys), "no_right");
}

TEST(SignedRequests, AreGoodForAnHourEitherWay) {
  SignedWorld world;
  constexpr std::int64_t kHour = auth::kSignatureSkewMicros;
  const auto at = [&](std::int64_t offset) {
    return world.code([&](auth::SignedRequest& r) { r.date.micros += offset; });
  };
  EXPECT_EQ(at(kHour), "good");
  EXPECT_EQ(at(-kHour), "good");
  EXPECT_EQ(at(kHour + 1), "signature_date");
  EXPECT_EQ(at(-kHour - 1), "signature_date");
}

TEST(SignedRequests, EndWithTheirKey) {
  SignedWorld world;
  ASSERT_TRUE(world
                  .execute(world.world.call(
                      "acme-admin", operation::RevokeKey{.id = world.key.key->id.to_string()}))
                  .outcome);
  EXPECT_EQ(world.code([](auth::SignedRequest&) {}), "signature_key_unknown");
}

TEST(SignedRequests, NeedAKeyThatCanSign) {
  SignedWorld world;
  // The world's own keys were made without a vault.
  const auto old = world.world.registry.key_of(auth::digest_of(world.world.keys.at("acme-reader")));
  ASSERT_NE(old, nullptr);
  EXPECT_EQ(world.code([&](auth::SignedRequest& r) { r.key_id = old->id; }),
            "signature_unavailable");
}

}  // namespace
}  // namespace piperoll::service
