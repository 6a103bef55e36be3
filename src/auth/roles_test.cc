#include "auth/roles.h"

#include <gtest/gtest.h>

namespace piperoll::auth {
namespace {

constexpr Right kRights[] = {Right::Append, Right::Find,   Right::Export,
                             Right::Prove,  Right::Manage, Right::Administrate};

std::string rights_of(const Roles& roles, bool server) {
  std::string out;
  for (Right right : kRights) {
    if (allows(roles, server, right)) {
      out += std::string(to_string(right)) + " ";
    }
  }
  return out;
}

TEST(Roles, HaveTheRightsOfTheContractsTable) {
  EXPECT_EQ(rights_of({Role::Writer}, false), "append ");
  EXPECT_EQ(rights_of({Role::Reader}, false), "find ");
  EXPECT_EQ(rights_of({Role::Auditor}, false), "find export prove ");
  EXPECT_EQ(rights_of({Role::Admin}, false), "append find export prove manage ");
  EXPECT_EQ(rights_of({}, false), "");
}

TEST(Roles, AddUp) {
  EXPECT_EQ(rights_of({Role::Writer, Role::Auditor}, false), "append find export prove ");
}

TEST(Roles, OnlyAnAdminWithoutOrganisationAdministrates) {
  EXPECT_EQ(rights_of({Role::Admin}, true), "append find export prove manage administrate ");
  EXPECT_EQ(rights_of({Role::Auditor}, true), "find export prove ");
}

TEST(Roles, SurviveTheirBitsAndDropUnknownOnes) {
  Roles roles{Role::Reader, Role::Admin};

  EXPECT_EQ(Roles::from_bits(roles.bits()), roles);
  EXPECT_EQ(Roles::from_bits(0xF0), Roles{});
}

TEST(Roles, AreParsedByTheirNamesOnly) {
  for (Role role : Roles::from_bits(0x0F).list()) {
    EXPECT_EQ(parse_role(to_string(role)), role);
  }
  EXPECT_EQ(parse_role("Admin"), std::nullopt);
  EXPECT_EQ(parse_role(""), std::nullopt);
}

TEST(Roles, ArePrintedAsATable) {
  EXPECT_EQ(
      print_rights(),
      "right         writer   reader   auditor  admin    what it is for\n"
      "append        yes      -        -        yes      store events\n"
      "find          -        yes      yes      yes      list, get, count, facets, histogram, "
      "stream, saved views\n"
      "export        -        -        yes      yes      export all events of a filter\n"
      "prove         -        -        yes      yes      proofs, checkpoints, tiles, the access "
      "log\n"
      "manage        -        -        -        yes      keys and applications of the "
      "organisation\n"
      "administrate  -        -        -        yes      organisations, server credentials "
      "(server credentials alone)\n"
      "identify      yes      yes      yes      yes      be told who one is, change a key for a "
      "token\n");
}

TEST(Roles, AreNotNeededToBeIdentified) {
  EXPECT_TRUE(allows({}, false, Right::Identify));
  EXPECT_TRUE(allows({}, true, Right::Identify));
}

}  // namespace
}  // namespace piperoll::auth
