#include "server/issuer_table.h"

#include <gtest/gtest.h>

#include "server/config.h"

namespace piperoll::server {
namespace {

const std::string kBase = R"(
issuer = "https://issuer.example"
audiences = ["piperoll"]
algorithms = ["RS256", "EdDSA"]
)";
const std::string kKeys = "keys_file = \"/etc/keys.json\"\n";
const std::string kMapping = "organisation = \"acme\"\nroles = [\"reader\"]\n";

base::Result<IssuerConfig> read(const std::string& text) {
  return read_issuer(toml::parse(text), "p.toml");
}
std::string error_of(const std::string& text) {
  auto issuer = read(text);
  return issuer ? "good" : issuer.error().message;
}

TEST(IssuerTable, IsReadWhole) {
  auto read_one = read(kBase + R"(
name = "login"
jwks_url = "https://issuer.example/keys"
ca_file = "/etc/ca.pem"
types = ["JWT", ""]
leeway = "30s"
lifetime_max = "12h"
require_jti = true
organisation_claim = "/tenant/id"
roles_claim = "groups"
name_claim = "email"
role_values = { "audit-readers" = "reader", "audit-admins" = "admin" }
)");

  ASSERT_TRUE(read_one.has_value()) << read_one.error().message;
  const auth::Issuer& issuer = read_one->issuer;
  EXPECT_EQ(read_one->keys, IssuerConfig::Keys::Address);
  EXPECT_EQ(read_one->source, "https://issuer.example/keys");
  EXPECT_EQ(read_one->ca_file, "/etc/ca.pem");
  EXPECT_EQ(issuer.name, "login");
  EXPECT_EQ(issuer.issuer, "https://issuer.example");
  EXPECT_EQ(issuer.algorithms, (std::vector<auth::TokenAlgorithm>{auth::TokenAlgorithm::Rs256,
                                                                  auth::TokenAlgorithm::EdDsa}));
  EXPECT_EQ(issuer.types, (std::vector<std::string>{"JWT", ""}));
  EXPECT_EQ(issuer.leeway_micros, 30'000'000);
  EXPECT_EQ(issuer.lifetime_micros_max, 12 * 3600 * base::kMicrosPerSecond);
  EXPECT_TRUE(issuer.id_required);
  EXPECT_EQ(issuer.organisation_claim, "/tenant/id");
  EXPECT_EQ(issuer.roles_claim, "groups");
  EXPECT_EQ(issuer.name_claim, "email");
  EXPECT_EQ(issuer.role_values.size(), 2U);
}

TEST(IssuerTable, TakesItsNameAndAddressFromTheIssuerWhereItHasNone) {
  auto issuer = read(kBase + kMapping + "discovery = true\n");

  ASSERT_TRUE(issuer.has_value()) << issuer.error().message;
  EXPECT_EQ(issuer->keys, IssuerConfig::Keys::Discovery);
  EXPECT_EQ(issuer->source, "https://issuer.example");
  EXPECT_EQ(issuer->issuer.name, "https://issuer.example");
  EXPECT_EQ(issuer->issuer.types, (std::vector<std::string>{"at+jwt"}));
}

TEST(IssuerTable, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string text, error;
  };
  const Case cases[] = {
      {kBase + kKeys + kMapping, "good"},
      {kBase + kKeys + kMapping + "audience = [\"x\"]\n",
       "p.toml:8: unknown key \"audience\" of [[issuer]]; did you mean \"audiences\"?"},
      {kBase + kKeys + kMapping + "leeway = \"61s\"\n", "at most 60s"},
      {kBase + kKeys + kMapping + "leeway = 30\n", "must be a duration"},
      {kBase + kKeys + kMapping + "lifetime_max = \"400d\"\n", "must be a duration"},
      {kBase + kKeys + kMapping + "types = []\n", "types must be a list of texts"},
      {kBase + kKeys + kMapping + "require_jti = 1\n", "true or false"},
      {kBase + kKeys + kMapping + "name = \"\"\n", "not empty"},
      {kBase + kKeys + kMapping + "jwks_url = \"https://x.example\"\n", "one too many"},
      {kBase + kKeys + kMapping + "discovery = true\n", "one too many"},
      {kBase + kKeys + kMapping + "organisation_claim = \"org\"\n", "either organisation or"},
      {kBase + kKeys + "roles = [\"reader\"]\n", "either organisation or"},
      {kBase + kKeys + "organisation = \"acme\"\n", "have no rights"},
      {kBase + kKeys + "organisation = \"acme\"\nroles = [\"owner\"]\n", "not \"owner\""},
      {kBase + kKeys + "organisation = \"acme\"\nrole_values = { a = \"owner\" }\n", "\"owner\""},
      {kBase + kMapping, "its keys are missing"},
      {kBase + kMapping + "discovery = false\n", "its keys are missing"},
      {kBase + kMapping + "jwks_url = \"http://issuer.example/\"\n", "must be https"},
      {kBase + kMapping + "secret_file = \"/s\"\n", "HS256 goes with a secret_file"},
      {"issuer = \"i\"\naudiences = [\"a\"]\nalgorithms = [\"HS256\"]\njwks_url = "
       "\"https://x.example\"\n" +
           kMapping,
       "HS256 goes with a secret_file"},
      {"issuer = \"i\"\naudiences = [\"a\"]\nalgorithms = [\"HS256\", \"RS256\"]\n" + kKeys +
           kMapping,
       "HS256 stands alone"},
      {"issuer = \"i\"\naudiences = [\"a\"]\nalgorithms = [\"none\"]\n" + kKeys + kMapping,
       "not \"none\""},
      {"issuer = \"i\"\naudiences = [\"a\"]\nalgorithms = [\"RS256\"]\ndiscovery = true\n" +
           kMapping,
       "discovery needs an https address"},
      {"audiences = [\"a\"]\nalgorithms = [\"RS256\"]\n" + kKeys + kMapping, "issuer is missing"},
      {"issuer = \"i\"\nalgorithms = [\"RS256\"]\n" + kKeys + kMapping, "audiences is missing"},
      {"issuer = \"i\"\naudiences = [\"a\"]\n" + kKeys + kMapping, "algorithms is missing"},
  };
  for (const Case& c : cases) {
    EXPECT_NE(error_of(c.text).find(c.error), std::string::npos) << c.text << "\n"
                                                                 << error_of(c.text);
  }
}

}  // namespace
}  // namespace piperoll::server
