// Costs of finding out who asks (Google Benchmark): keys, tokens, passwords, sessions.

#include <benchmark/benchmark.h>

#include "auth/password.h"
#include "auth/session_store.h"
#include "auth/token_buckets.h"
#include "auth/token_mint.h"
#include "auth/token_verifier.h"
#include "auth/web_token.h"
#include "crypto/random.h"
#include "registry/registry.h"

namespace piperoll {
namespace {

constexpr base::Timestamp kNow{1'700'000'000 * base::kMicrosPerSecond};
constexpr std::size_t kKeys = 10'000;

base::Uuid uuid_of(std::size_t number) {
  base::Uuid id;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    id.bytes[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

// As service::authenticate() does for a key: its form, its digest, its place in the registry.
void authenticate_key(benchmark::State& state) {
  registry::Registry registry;
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < kKeys; ++i) {
    secrets.push_back(auth::generate_api_key());
    registry.apply(registry::CreateKey{{.id = uuid_of(i),
                                        .roles = {auth::Role::Writer},
                                        .digest = auth::digest_of(secrets.back())}});
  }
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& secret = secrets[next++ % kKeys];
    auto key =
        auth::is_well_formed_api_key(secret) ? registry.key_of(auth::digest_of(secret)) : nullptr;
    if (key == nullptr) {
      state.SkipWithError("the key is not there");
      break;
    }
    benchmark::DoNotOptimize(registry.note_use(key->id, kNow));
  }
}
BENCHMARK(authenticate_key);

struct Tokens {
  auth::TokenMint mint{"bench", crypto::random_bytes(32)};
  auth::TokenVerifier verifier{trusted()};
  std::string token = mint.mint(uuid_of(1).to_string(), kNow, std::nullopt).token;

  std::vector<auth::TokenVerifier::Trusted> trusted() {
    std::vector<auth::TokenVerifier::Trusted> all;
    all.push_back(mint.trusted());
    return all;
  }
};

// Verified before: what a network thread does with a token.
void recall_token(benchmark::State& state) {
  Tokens tokens;
  benchmark::DoNotOptimize(tokens.verifier.verify(tokens.token, kNow).has_value());
  for (auto _ : state) {
    benchmark::DoNotOptimize(tokens.verifier.recall(tokens.token, kNow));
  }
}
BENCHMARK(recall_token);

// The same of an issuer: with the claims that those have, and as long as one with an RSA signature.
void recall_long_token(benchmark::State& state) {
  const std::string secret(32, 'k');
  auth::Issuer issuer{.issuer = "https://issuer.example",
                      .audiences = {"https://audit.example.com"},
                      .algorithms = {auth::TokenAlgorithm::Hs256},
                      .organisation = "acme",
                      .roles = {auth::Role::Reader}};
  std::vector<auth::TokenVerifier::Trusted> trusted;
  trusted.push_back({issuer, auth::fixed_keys(*auth::KeySet::from_secret(secret))});
  auth::TokenVerifier verifier(std::move(trusted));
  constexpr std::size_t kBytes = 1'000;
  std::string claims =
      R"({"iss":"https://issuer.example","aud":"https://audit.example.com","sub":"ann",)"
      R"("exp":1700000600,"scope":")";
  claims += std::string(kBytes * 3 / 4 - claims.size() - 60, 'x') + "\"}";
  const std::string token =
      auth::sign_token(R"({"alg":"HS256","typ":"at+jwt"})", claims, crypto::HmacKey(secret));
  if (!verifier.verify(token, kNow)) {
    state.SkipWithError("the token is not good");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(verifier.recall(token, kNow));
  }
  state.counters["bytes"] = static_cast<double>(token.size());
}
BENCHMARK(recall_long_token);

// Not seen before, of our own: on a worker.
void verify_hs256(benchmark::State& state) {
  Tokens tokens;
  const auth::Issuer issuer = tokens.mint.trusted().issuer;
  const auto keys = tokens.mint.trusted().keys->keys();
  for (auto _ : state) {
    auto parsed = auth::parse_token(tokens.token);
    benchmark::DoNotOptimize(auth::verify_token(*parsed, issuer, *keys, kNow).has_value());
  }
}
BENCHMARK(verify_hs256);

// The token and key of RFC 7515 A.2: what a worker does once for each token of an issuer with RSA.
void verify_rs256(benchmark::State& state) {
  const auto keys = auth::KeySet::from_jwks(
      R"({"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]})");
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
      "NvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAu"
      "HIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vR"
      "K5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7n"
      "oOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  for (auto _ : state) {
    auto parsed = auth::parse_token(token);
    if (auth::check_signature(*parsed, auth::TokenAlgorithm::Rs256, *keys) !=
        auth::SignatureCheck::Good) {
      state.SkipWithError("the signature is not good");
    }
  }
}
BENCHMARK(verify_rs256);

void use_session(benchmark::State& state) {
  auth::SessionStore sessions;
  std::string id;
  for (int i = 0; i < 1'000; ++i) {
    id = sessions.open(auth::KeySubject{uuid_of(1)}, kNow).id;
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(sessions.use(id, kNow));
  }
}
BENCHMARK(use_session);

void take_from_bucket(benchmark::State& state) {
  auth::TokenBuckets buckets({.quota = 1'000'000'000, .window_micros = 60'000'000});
  std::int64_t now = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(buckets.take("5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f", ++now));
  }
}
BENCHMARK(take_from_bucket);

void check_password(benchmark::State& state) {
  const std::string hash = *auth::hash_password("correct horse battery");
  for (auto _ : state) {
    benchmark::DoNotOptimize(auth::password_matches("correct horse battery", hash));
  }
}
BENCHMARK(check_password)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace piperoll

BENCHMARK_MAIN();
