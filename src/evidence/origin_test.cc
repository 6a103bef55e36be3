#include "evidence/origin.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace piperoll::evidence {
namespace {

constexpr std::string_view kOrg = "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";

TEST(Origin, NamesServerOrganisationAndKindOfLog) {
  const base::Uuid org = base::parse_uuid(kOrg).value();

  EXPECT_EQ(origin_of("audit.example", {org, event::LogKind::Events}),
            "audit.example/" + std::string(kOrg));
  EXPECT_EQ(origin_of("audit.example", {org, event::LogKind::Access}),
            "audit.example/" + std::string(kOrg) + "/access");
}

TEST(Origin, IsReadBack) {
  const base::Uuid org = base::parse_uuid(kOrg).value();
  for (const event::LogKind kind : {event::LogKind::Events, event::LogKind::Access}) {
    for (const char* server : {"audit.example", "a/b", "x"}) {
      const Origin origin{server, {org, kind}};
      EXPECT_EQ(parse_origin(origin_of(server, origin.log)), origin);
    }
  }
}

TEST(Origin, NothingElseIsOne) {
  const std::string good = "audit.example/" + std::string(kOrg);
  const std::vector<std::string> others = {"",
                                           "audit.example",
                                           std::string(kOrg),
                                           "/" + std::string(kOrg),
                                           good + "/",
                                           good + "/events",
                                           good + "/access/access",
                                           good.substr(0, good.size() - 1),
                                           "audit.example/5B8A1F0E-2D4C-4C59-9E5E-0A1B2C3D4E5F"};
  for (const std::string& text : others) {
    EXPECT_EQ(parse_origin(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace piperoll::evidence
