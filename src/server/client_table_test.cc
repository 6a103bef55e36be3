#include "server/client_table.h"

#include <gtest/gtest.h>

namespace piperoll::server {
namespace {

base::Result<void> read(std::string_view text, CertificateClients& into) {
  return read_client(toml::parse(text), "piperoll.toml", into);
}

TEST(ClientTable, SaysWhoACertificateIs) {
  CertificateClients clients;

  ASSERT_TRUE(read(R"(subject = "CN=ci"
organisation = "acme"
roles = ["writer", "reader"])",
                   clients)
                  .has_value());
  ASSERT_TRUE(read(R"(subject = "CN=root"
organisation = "*"
roles = ["admin"]
name = "operations")",
                   clients)
                  .has_value());

  EXPECT_EQ(clients.at("CN=ci")->organisation, "acme");
  EXPECT_EQ(clients.at("CN=ci")->name, "CN=ci");
  EXPECT_EQ(clients.at("CN=ci")->roles, (auth::Roles{auth::Role::Writer, auth::Role::Reader}));
  EXPECT_FALSE(clients.at("CN=ci")->server);
  EXPECT_TRUE(clients.at("CN=root")->server);
  EXPECT_EQ(clients.at("CN=root")->name, "operations");
}

TEST(ClientTable, NamesWhatIsWrong) {
  CertificateClients clients;
  const auto message = [&](std::string_view text) {
    auto done = read(text, clients);
    return done ? std::string("good") : done.error().message;
  };
  constexpr std::string_view kGood =
      "subject = \"CN=a\"\norganisation = \"acme\"\nroles = [\"reader\"]";

  EXPECT_EQ(message(kGood), "good");
  EXPECT_NE(message(kGood).find("there are two clients \"CN=a\""), std::string::npos);
  EXPECT_NE(message("subject = \"CN=b\"").find("needs subject, organisation and roles"),
            std::string::npos);
  EXPECT_NE(message("subject = 5").find("client.subject must be a text"), std::string::npos);
  EXPECT_NE(message("roles = [\"king\"]").find("client.roles"), std::string::npos);
  EXPECT_NE(message("subjct = \"x\"").find("did you mean \"client.subject\""), std::string::npos);
}

}  // namespace
}  // namespace piperoll::server
