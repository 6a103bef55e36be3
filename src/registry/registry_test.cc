#include "registry/registry.h"

#include <thread>

#include <gtest/gtest.h>

namespace piperoll::registry {
namespace {

base::Uuid uuid_of(std::uint8_t byte) {
  base::Uuid id;
  id.bytes.fill(byte);
  return id;
}

struct RegistryTest : testing::Test {
  Registry registry;

  base::Result<void> submit(Control control) {
    auto prepared = registry.prepare(control);
    if (prepared) {
      registry.apply(control);
    }
    return prepared;
  }
  base::Result<void> create_org(std::uint8_t id, std::string name, std::int32_t tenant = 0) {
    return submit(CreateOrganisation{{uuid_of(id), std::move(name), tenant, true, {}}});
  }
  base::Result<void> create_key(std::uint8_t id, std::optional<base::Uuid> org) {
    Key key{.id = uuid_of(id), .org = org, .roles = {auth::Role::Reader}};
    key.digest.fill(id);
    return submit(CreateKey{key});
  }
  base::Result<void> create_user(std::uint8_t id, std::optional<base::Uuid> org,
                                 std::string email) {
    return submit(CreateUser{User{.id = uuid_of(id),
                                  .org = org,
                                  .roles = {auth::Role::Reader},
                                  .email = std::move(email),
                                  .password = "$argon2id$"}});
  }
  base::Result<void> create_application(std::uint8_t id, std::uint8_t org, std::string key) {
    return submit(CreateApplication{
        {uuid_of(id), uuid_of(org), std::move(key), "Name", std::nullopt, std::nullopt, {}, {}}});
  }
};

TEST_F(RegistryTest, FindsAnOrganisationByIdAndByName) {
  ASSERT_TRUE(create_org(1, "acme", 1001));

  EXPECT_EQ(registry.org(uuid_of(1))->name, "acme");
  EXPECT_EQ(registry.org_named("acme")->tenant_id, 1001);
  EXPECT_EQ(registry.org_by("acme")->id, uuid_of(1));
  EXPECT_EQ(registry.org_by(uuid_of(1).to_string())->name, "acme");
  EXPECT_EQ(registry.org_by("nobody"), nullptr);
  EXPECT_EQ(registry.org(uuid_of(9)), nullptr);
}

TEST_F(RegistryTest, GivesTheNextTenantIdWhereNoneIsNamed) {
  ASSERT_TRUE(create_org(1, "first"));
  ASSERT_TRUE(create_org(2, "second", 41));
  ASSERT_TRUE(create_org(3, "third"));

  EXPECT_EQ(registry.org(uuid_of(1))->tenant_id, 1);
  EXPECT_EQ(registry.org(uuid_of(3))->tenant_id, 42);

  ASSERT_TRUE(create_org(4, "fourth", 2'147'483'647));
  ASSERT_TRUE(create_org(5, "fifth"));
  EXPECT_EQ(registry.org(uuid_of(5))->tenant_id, 2) << "the first that is free";
}

TEST_F(RegistryTest, RefusesTakenNamesIdsAndTenantIds) {
  ASSERT_TRUE(create_org(1, "acme", 5));

  EXPECT_EQ(create_org(2, "acme").error().code, "name_taken");
  EXPECT_EQ(create_org(1, "other").error().code, "id_taken");
  EXPECT_EQ(create_org(2, "other", 5).error().code, "tenant_id_taken");
  EXPECT_EQ(registry.orgs().size(), 1U);
}

TEST_F(RegistryTest, RefusesNamesOutsideTheRule) {
  for (const char* name :
       {"", "ab", "Acme", "a b", "a/b", "acm\xC3\xA9", "01234567-89ab-cdef-0123-456789abcdef"}) {
    EXPECT_EQ(create_org(1, name).error().faults.at(0).pointer, "/name") << name;
  }
  EXPECT_TRUE(create_org(1, std::string(64, 'a')));
  EXPECT_FALSE(create_org(2, std::string(65, 'a')));
  EXPECT_TRUE(create_org(3, "a.b-c_9"));
}

TEST_F(RegistryTest, RefusesBadTenantIds) {
  EXPECT_FALSE(create_org(1, "acme", -1));
  EXPECT_TRUE(create_org(1, "acme", 2147483647));
}

TEST_F(RegistryTest, DisablesAndEnables) {
  ASSERT_TRUE(create_org(1, "acme"));

  ASSERT_TRUE(submit(SetOrganisationEnabled{uuid_of(1), false}));
  EXPECT_FALSE(registry.org(uuid_of(1))->enabled);
  ASSERT_TRUE(submit(SetOrganisationEnabled{uuid_of(1), true}));
  EXPECT_TRUE(registry.org(uuid_of(1))->enabled);
  EXPECT_EQ(submit(SetOrganisationEnabled{uuid_of(2), true}).error().code, "org_not_found");
}

TEST_F(RegistryTest, FindsKeysByDigestAndListsThemByOrganisation) {
  ASSERT_TRUE(create_org(1, "acme"));
  ASSERT_TRUE(create_key(10, uuid_of(1)));
  ASSERT_TRUE(create_key(11, std::nullopt));

  auth::KeyDigest digest;
  digest.fill(10);
  EXPECT_EQ(registry.key_of(digest)->id, uuid_of(10));
  digest.fill(99);
  EXPECT_EQ(registry.key_of(digest), nullptr);
  EXPECT_EQ(registry.keys(uuid_of(1)).size(), 1U);
  EXPECT_EQ(registry.keys(std::nullopt).size(), 2U);
  EXPECT_EQ(registry.server_keys().at(0)->id, uuid_of(11));
  EXPECT_TRUE(registry.has_keys());
}

TEST_F(RegistryTest, RefusesKeysWithoutRolesOrOrganisation) {
  EXPECT_EQ(create_key(10, uuid_of(1)).error().code, "org_not_found");
  Key key{.id = uuid_of(1)};
  EXPECT_EQ(submit(CreateKey{key}).error().faults.at(0).pointer, "/roles");
  key.roles.add(auth::Role::Admin);
  key.created_at = {5};
  key.expires_at = base::Timestamp{5};
  EXPECT_EQ(submit(CreateKey{key}).error().faults.at(0).pointer, "/expires");
  key.expires_at.reset();
  key.name = std::string(129, 'x');
  EXPECT_EQ(submit(CreateKey{key}).error().faults.at(0).pointer, "/name");
}

TEST_F(RegistryTest, RevokesEverywhereAndKeepsTheFirstTime) {
  ASSERT_TRUE(create_org(1, "acme"));
  ASSERT_TRUE(create_key(10, uuid_of(1)));

  ASSERT_TRUE(submit(RevokeKey{uuid_of(10), {100}}));
  ASSERT_TRUE(submit(RevokeKey{uuid_of(10), {200}}));

  EXPECT_EQ(registry.key(uuid_of(10))->revoked_at, base::Timestamp{100});
  EXPECT_EQ(registry.keys(uuid_of(1)).at(0)->revoked_at, base::Timestamp{100});
  EXPECT_EQ(submit(RevokeKey{uuid_of(77), {1}}).error().code, "key_not_found");
}

TEST_F(RegistryTest, ApplicationsBelongToOneOrganisation) {
  ASSERT_TRUE(create_org(1, "acme"));
  ASSERT_TRUE(create_org(2, "other"));
  ASSERT_TRUE(create_application(20, 1, "billing"));
  ASSERT_TRUE(create_application(21, 2, "billing"));

  EXPECT_EQ(create_application(22, 1, "billing").error().code, "key_taken");
  EXPECT_EQ(registry.application_keyed(uuid_of(1), "billing")->id, uuid_of(20));
  EXPECT_EQ(registry.application(uuid_of(2), uuid_of(20)), nullptr);
  EXPECT_EQ(registry.applications(uuid_of(2)).size(), 1U);
  EXPECT_EQ(create_application(23, 9, "billing").error().code, "org_not_found");
}

TEST_F(RegistryTest, RefusesApplicationKeysOutsideThePattern) {
  ASSERT_TRUE(create_org(1, "acme"));
  for (const char* key : {"", "Billing", "9lives", "_x", "a-b", "a b"}) {
    EXPECT_EQ(create_application(20, 1, key).error().faults.at(0).pointer, "/key") << key;
  }
  EXPECT_TRUE(create_application(20, 1, std::string(64, 'a')));
  EXPECT_FALSE(create_application(21, 1, std::string(65, 'a')));
}

TEST_F(RegistryTest, IsReadWhileItIsChanged) {
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      for (const auto& org : registry.orgs()) {
        EXPECT_NE(registry.org(org->id), nullptr);
      }
    }
  });
  for (std::uint8_t i = 1; i < 100; ++i) {
    EXPECT_TRUE(create_org(i, "org-" + std::to_string(i)));
  }
  done = true;
  reader.join();
  EXPECT_EQ(registry.orgs().size(), 99U);
}

TEST_F(RegistryTest, KnowsAUserByAddressWithinItsOrganisation) {
  ASSERT_TRUE(create_org(1, "acme"));
  ASSERT_TRUE(create_org(2, "other"));
  ASSERT_TRUE(create_user(30, uuid_of(1), "Ann@Example.com"));
  ASSERT_TRUE(create_user(31, uuid_of(2), "ann@example.com"));
  ASSERT_TRUE(create_user(32, std::nullopt, "root@example.com"));

  EXPECT_EQ(create_user(33, uuid_of(1), "ANN@example.com").error().code, "email_taken");
  EXPECT_EQ(registry.user_with_email("aNN@example.com", uuid_of(2))->id, uuid_of(31));
  EXPECT_EQ(registry.user_with_email("ann@example.com")->id, uuid_of(30)) << "the oldest";
  EXPECT_EQ(registry.user_with_email("bob@example.com"), nullptr);
  EXPECT_EQ(registry.users(uuid_of(1)).size(), 1U);
  EXPECT_EQ(registry.users(std::nullopt).size(), 3U);
  EXPECT_EQ(registry.note_use(uuid_of(30), {10}), Registry::Use::First);
}

TEST_F(RegistryTest, AChangeOfAUsersRightsOrPasswordIsCounted) {
  ASSERT_TRUE(create_org(1, "acme"));
  ASSERT_TRUE(create_user(30, uuid_of(1), "ann@example.com"));
  const auto change = [&](ChangeUser control) {
    control.id = uuid_of(30);
    EXPECT_TRUE(submit(control));
    return registry.user(uuid_of(30))->generation;
  };

  EXPECT_EQ(change({.name = "Ann"}), 1U);
  EXPECT_EQ(change({.roles = auth::Roles{auth::Role::Reader}}), 1U) << "they are the same";
  EXPECT_EQ(change({.roles = auth::Roles{auth::Role::Admin}}), 2U);
  EXPECT_EQ(change({.enabled = false}), 3U);
  EXPECT_EQ(registry.user_with_email("ann@example.com"), nullptr) << "disabled";
  EXPECT_EQ(change({.at = {77}, .password = "$argon2id$new"}), 4U);
  EXPECT_EQ(registry.user(uuid_of(30))->password_changed_at, base::Timestamp{77});
  EXPECT_EQ(registry.users(uuid_of(1)).at(0)->generation, 4U);
  EXPECT_EQ(submit(ChangeUser{.id = uuid_of(99)}).error().code, "user_not_found");
}

TEST_F(RegistryTest, RefusesAddressesThatAreNone) {
  ASSERT_TRUE(create_org(1, "acme"));
  for (const std::string& email : {std::string(), std::string("ann"), std::string("@b"),
                                   std::string("a@"), std::string("a@b@c"), std::string("a b@c"),
                                   std::string("a@b\n"), std::string(320, 'a') + "@b"}) {
    EXPECT_EQ(create_user(30, uuid_of(1), email).error().faults.at(0).pointer, "/email") << email;
  }
  EXPECT_EQ(create_user(30, uuid_of(7), "ann@example.com").error().code, "org_not_found");
}

TEST(KeyUse, IsKeptTheFirstTimeAndOnceADay) {
  constexpr std::int64_t kDay = std::int64_t{86'400} * base::kMicrosPerSecond;
  Registry registry;
  Key key;
  key.id = uuid_of(1);
  key.roles = {auth::Role::Reader};
  registry.apply(CreateKey{key});
  EXPECT_EQ(registry.last_used(key.id), std::nullopt);

  EXPECT_EQ(registry.note_use(key.id, {10}), Registry::Use::First);
  EXPECT_EQ(registry.note_use(key.id, {11}), Registry::Use::Known);
  EXPECT_EQ(registry.last_used(key.id), base::Timestamp{11});
  EXPECT_EQ(registry.note_use(key.id, {10 + kDay - 1}), Registry::Use::Known);
  EXPECT_EQ(registry.note_use(key.id, {10 + kDay}), Registry::Use::Daily);
  EXPECT_EQ(registry.note_use(uuid_of(9), {10}), Registry::Use::Known) << "no such key";
}

TEST(KeyUse, IsKnownFromItsRecordAndNeverGoesBack) {
  Registry registry;
  Key key;
  key.id = uuid_of(1);
  key.roles = {auth::Role::Reader};
  registry.apply(CreateKey{key});

  registry.apply(UseKey{key.id, {50}});
  registry.apply(UseKey{key.id, {40}});

  EXPECT_EQ(registry.last_used(key.id), base::Timestamp{50});
  EXPECT_EQ(registry.note_use(key.id, {60}), Registry::Use::Known)
      << "what is kept is young enough";
}

struct ViewsTest : RegistryTest {
  ViewsTest() { EXPECT_TRUE(create_org(1, "acme")); }

  static View view(std::uint8_t id, std::string owner, std::string name) {
    return {.id = uuid_of(id),
            .org = uuid_of(1),
            .owner = std::move(owner),
            .name = std::move(name),
            .query = "q=a",
            .created_at = {5},
            .updated_at = {5}};
  }
  std::string refused(View view) {
    auto prepared = submit(CreateView{std::move(view)});
    return prepared ? "" : prepared.error().faults.at(0).pointer;
  }
};

TEST_F(ViewsTest, AreListedOldestFirstAndGoneOnceDeleted) {
  ASSERT_TRUE(submit(CreateView{view(1, "ann", "first")}));
  ASSERT_TRUE(submit(CreateView{view(2, "bob", "second")}));
  ASSERT_TRUE(submit(DeleteView{uuid_of(1)}));

  ASSERT_EQ(registry.views(uuid_of(1)).size(), 1U);
  EXPECT_EQ(registry.views(uuid_of(1))[0]->name, "second");
  EXPECT_EQ(registry.view(uuid_of(1)), nullptr);
  EXPECT_EQ(submit(DeleteView{uuid_of(1)}).error().code, "view_not_found");
  EXPECT_EQ(submit(ReplaceView{view(1, "ann", "x")}).error().code, "view_not_found");
  EXPECT_TRUE(registry.views(uuid_of(9)).empty());
}

TEST_F(ViewsTest, WhoMadeOneAndWhenStaysWhenItIsReplaced) {
  ASSERT_TRUE(submit(CreateView{view(1, "ann", "first")}));
  View next = view(1, "mallory", "renamed");
  next.org = uuid_of(7);
  next.created_at = next.updated_at = {9};

  ASSERT_TRUE(submit(ReplaceView{next}));

  const auto kept = registry.view(uuid_of(1));
  EXPECT_EQ(kept->name, "renamed");
  EXPECT_TRUE(kept->is_of("ann", ""));
  EXPECT_EQ(kept->org, uuid_of(1));
  EXPECT_EQ(kept->created_at.micros, 5);
  EXPECT_EQ(kept->updated_at.micros, 9);
  EXPECT_EQ(registry.views(uuid_of(1)), std::vector{kept});
}

TEST_F(ViewsTest, ANameIsTakenByOnesOwnOrByWhatIsShared) {
  View shared = view(1, "ann", "same");
  shared.shared = true;
  ASSERT_TRUE(submit(CreateView{shared}));
  ASSERT_TRUE(submit(CreateView{view(2, "ann", "same")}));
  ASSERT_TRUE(submit(CreateView{view(3, "bob", "same")}));
  View of_another_issuer = view(4, "bob", "same");
  of_another_issuer.owner_issuer = "https://issuer.example";
  ASSERT_TRUE(submit(CreateView{of_another_issuer}));

  EXPECT_EQ(submit(CreateView{view(5, "bob", "same")}).error().code, "view_name_taken");
  shared.id = uuid_of(6);
  EXPECT_EQ(submit(CreateView{shared}).error().code, "view_name_taken");
  EXPECT_TRUE(submit(ReplaceView{view(2, "ann", "same")}));
  EXPECT_EQ(submit(CreateView{view(3, "eve", "other")}).error().code, "id_taken");
}

TEST_F(ViewsTest, EveryMemberHasItsLimit) {
  View bad = view(1, "ann", "");
  EXPECT_EQ(refused(bad), "/name");
  bad.name = std::string(129, 'n');
  EXPECT_EQ(refused(bad), "/name");
  bad.name = "two\nlines";
  EXPECT_EQ(refused(bad), "/name");
  bad = view(1, "ann", "ok");
  bad.query = std::string(4097, 'q');
  EXPECT_EQ(refused(bad), "/query");
  bad.query = "\xff";
  EXPECT_EQ(refused(bad), "/query");
  bad = view(1, "ann", "ok");
  bad.columns.assign(65, "action");
  EXPECT_EQ(refused(bad), "/columns");
  bad.columns = {"action", ""};
  EXPECT_EQ(refused(bad), "/columns/1");
  bad.columns = {std::string(3000, 'c'), std::string(73, 'c')};
  EXPECT_EQ(refused(bad), "/columns");
  bad = view(1, "ann", "ok");
  bad.density = "huge";
  EXPECT_EQ(refused(bad), "/density");
  bad = view(1, "ann", std::string(128, 'n'));
  bad.query = std::string(4096, 'q');
  bad.columns = {std::string(3000, 'c'), std::string(72, 'c')};
  bad.density = "compact";
  EXPECT_EQ(refused(bad), "");
  bad.org = uuid_of(9);
  bad.id = uuid_of(2);
  EXPECT_EQ(submit(CreateView{bad}).error().code, "org_not_found");
}

TEST_F(ViewsTest, OnePersonKeepsFiftyAndAnOrganisationTwoHundred) {
  std::uint8_t id = 1;
  for (const char* owner : {"a", "b", "c", "d"}) {
    for (int n = 0; n < 50; ++n) {
      ASSERT_TRUE(submit(CreateView{view(id++, owner, "view " + std::to_string(n))}));
    }
    if (std::string_view(owner) == "a") {
      EXPECT_EQ(submit(CreateView{view(id, "a", "more")}).error().code, "too_many_views");
    }
  }

  EXPECT_EQ(submit(CreateView{view(id, "e", "more")}).error().code, "too_many_views");
  ASSERT_TRUE(submit(DeleteView{uuid_of(7)}));
  EXPECT_TRUE(submit(CreateView{view(id, "e", "more")}));
}

}  // namespace
}  // namespace piperoll::registry
