#include "server/login_server.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "server/config.h"

namespace piperoll::server {
namespace {

constexpr char kIssuer[] = "https://login.example";

TEST(LoginEndPoints, AreReadFromDiscovery) {
  auto points = read_login_end_points(kIssuer, R"({"issuer":"https://login.example",
      "authorization_endpoint":"https://login.example/auth?tenant=1",
      "token_endpoint":"https://tokens.example/token",
      "authorization_response_iss_parameter_supported":true,
      "token_endpoint_auth_methods_supported":["private_key_jwt","client_secret_post"]})");

  ASSERT_TRUE(points.has_value()) << points.error().message;
  EXPECT_EQ(points->authorization, "https://login.example/auth?tenant=1");
  EXPECT_EQ(points->token, "https://tokens.example/token");
  EXPECT_TRUE(points->says_issuer);
  EXPECT_TRUE(points->secret_in_form);
}

TEST(LoginEndPoints, AreTakenFromTheIssuersOwnDocumentAlone) {
  const auto read = [](std::string_view document) {
    auto points = read_login_end_points(kIssuer, document);
    return points ? "read" : points.error().message;
  };
  EXPECT_EQ(read("{}"), "the discovery document is not that of https://login.example");
  EXPECT_EQ(read("[]"), "the discovery document is not that of https://login.example");
  EXPECT_EQ(read(R"({"issuer":"https://login.example/"})"),
            "the discovery document is not that of https://login.example");
  EXPECT_EQ(read(R"({"issuer":"https://login.example"})"),
            "the discovery document of https://login.example has no good end points");
  EXPECT_EQ(read(R"({"issuer":"https://login.example","token_endpoint":"https://login.example/t",
                     "authorization_endpoint":"http://login.example/a"})"),
            "the discovery document of https://login.example has no good end points");
  EXPECT_EQ(read(R"({"issuer":"https://login.example","token_endpoint":"https://login.example/t",
                     "authorization_endpoint":"https://login.example/a"})"),
            "read");
}

TEST(WithParameters, EncodesAndAddsToWhatIsThere) {
  EXPECT_EQ(with_parameters("https://a.example/auth", {{"scope", "openid a/b"}, {"state", "x&y"}}),
            "https://a.example/auth?scope=openid%20a%2Fb&state=x%26y");
  EXPECT_EQ(with_parameters("https://a.example/auth?t=1", {{"a", "b"}}),
            "https://a.example/auth?t=1&a=b");
}

struct File {
  explicit File(const std::string& text)
      : path(::testing::TempDir() + "login_server_" + std::to_string(::getpid()) + ".toml") {
    std::ofstream(path) << text;
  }
  ~File() { ::unlink(path.c_str()); }
  const std::string path;
};

constexpr char kTable[] = R"([[issuer]]
issuer = "https://login.example"
algorithms = ["RS256"]
organisation = "demo"
roles = ["reader"]
)";

base::Result<Config> load(const std::string& more, const std::string& before = "") {
  File file("data = \"d\"\n" + before + kTable + more);
  return load_config(file.path, [](const std::string&) { return std::nullopt; }, {});
}

TEST(LoginConfig, IsATableOfItsIssuer) {
  auto config = load(
      "discovery = true\n[issuer.login]\nname = \"Example\"\nclient_id = \"audit\"\n"
      "client_secret_file = \"/run/secret\"\nscopes = [\"openid\", \"groups\"]\n",
      "public_url = \"https://audit.example\"\n");

  ASSERT_TRUE(config.has_value()) << config.error().message;
  const LoginConfig& login = *config->issuers.at(0).login;
  EXPECT_EQ(login.client_id, "audit");
  EXPECT_EQ(login.client_secret_file, "/run/secret");
  EXPECT_EQ(login.scopes, (std::vector<std::string>{"openid", "groups"}));
  EXPECT_EQ(config->native.logins, std::vector<std::string>{"Example"});
  EXPECT_EQ(config->public_url, "https://audit.example");
}

TEST(LoginConfig, SaysWhatIsMissingOrTooMuch) {
  const std::string url = "public_url = \"https://audit.example\"\n";
  const auto fault = [](const std::string& more, const std::string& before) {
    auto config = load(more, before);
    return config ? std::string("good") : config.error().message;
  };
  const auto expect = [&](const std::string& more, const std::string& before,
                          const std::string& part) {
    const std::string said = fault(more, before);
    EXPECT_NE(said.find(part), std::string::npos) << more << before << said;
  };
  const std::string discovery = "discovery = true\n[issuer.login]\n";
  expect(discovery, url, "client_id is missing");
  expect(discovery + "client_id = \"a\"\n", "", "needs public_url");
  expect(discovery + "client_id = \"a\"\nscopes = [\"email\"]\n", url, "scopes must hold");
  expect(discovery + "client_id = \"a\"\nclient_secret = \"x\"\n", url,
         "did you mean \"client_secret_file\"?");
  expect(discovery + "client_id = \"a\"\ntoken_url = \"https://a.example/t\"\n", url,
         "name authorization_url and token_url");
  expect("keys_file = \"k\"\n[issuer.login]\nclient_id = \"a\"\n", url,
         "name authorization_url and token_url");
  expect(
      "keys_file = \"k\"\n[issuer.login]\nclient_id = \"a\"\ntoken_url = \"http://a.example/t\"\n"
      "authorization_url = \"https://a.example/a\"\n",
      url, "must be https");
  expect("keys_file = \"k\"\nlogin = true\n", url, "must be a table");
  for (const char* bad :
       {"audit.example", "http://audit.example", "https://audit.example/",
        "https://audit.example/x", "https://u@audit.example", "https://audit.example?x"}) {
    expect(discovery + "client_id = \"a\"\n", "public_url = \"" + std::string(bad) + "\"\n",
           "must be like https://");
  }
  EXPECT_EQ(fault(discovery + "client_id = \"a\"\n", "public_url = \"http://127.0.0.1:8080\"\n"),
            "good");
  expect("keys_file = \"k\"\n", "", "audiences is missing");
}

TEST(LoginConfig, ASecretThatCannotBeReadIsToldAtTheStart) {
  IssuerConfig config;
  config.issuer.name = "example";
  config.login = LoginConfig{.client_id = "a", .client_secret_file = "/nonexistent/secret"};
  auto checked = check_login_secrets({config});
  ASSERT_FALSE(checked.has_value());
  EXPECT_NE(checked.error().message.find("/nonexistent/secret"), std::string::npos);

  File file("s3cret\n");
  config.login->client_secret_file = file.path;
  EXPECT_TRUE(check_login_secrets({config}).has_value());
}

}  // namespace
}  // namespace piperoll::server
