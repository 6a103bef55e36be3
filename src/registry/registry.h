#pragma once
// The registry: organisations, keys, users, applications and saved views, the sum of all control
// records. In memory; rebuilt at start by replay. Thread-safe: look-ups run at the same time as the
// one thread (the committer) that prepares and applies.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/api_key.h"
#include "auth/principal.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "base/uuid.h"

namespace piperoll::registry {

struct Organisation {
  base::Uuid id;
  std::string name;  // unique; 3-64 characters of a-z 0-9 - _ . and not in the form of a UUID
  std::int32_t tenant_id = 0;  // unique, > 0
  bool enabled = true;
  base::Timestamp created_at;
  bool operator==(const Organisation&) const = default;
};

struct Key {
  base::Uuid id;
  std::optional<base::Uuid> org;  // nothing: a server credential
  auth::Roles roles;
  std::string name;  // may be empty; at most 128 code points
  std::string prefix;
  auth::KeyDigest digest{};
  base::Timestamp created_at;
  std::optional<base::Timestamp> expires_at;
  std::optional<base::Timestamp> revoked_at;
  std::vector<std::string> networks;  // CIDR ranges it may be used from; empty: from anywhere
  base::Bytes signing;                // auth::SigningVault; empty: it cannot sign requests
  bool operator==(const Key&) const = default;
};

// A person who logs in with a password.
struct User {
  base::Uuid id;
  std::optional<base::Uuid> org;  // nothing: of the server, as a server credential
  auth::Roles roles;
  std::string email;     // in lower case; unique among the users of its organisation
  std::string name;      // may be empty; at most 128 code points
  std::string password;  // auth/password.h: its hash
  bool enabled = true;
  base::Timestamp created_at, password_changed_at;
  // Counts the changes that end what was opened before them (roles, enabled, password): sessions
  // and tokens hold the number that they were opened with.
  std::uint32_t generation = 1;
  bool operator==(const User&) const = default;
};

struct Application {
  base::Uuid id;
  base::Uuid org;
  std::string key;                          // ^[a-z][a-z0-9_]{0,63}$, unique in its organisation
  std::string name;                         // 1-128 code points
  std::optional<std::string> description;   // at most 1024 code points
  std::optional<std::string> accent_color;  // at most 32 code points
  base::Timestamp created_at, updated_at;
  bool operator==(const Application&) const = default;
};

// What a person keeps of the viewer: a search and how its rows are shown. The server looks into
// nothing of it.
struct View {
  base::Uuid id;
  base::Uuid org;
  // Whose it is, as auth::Principal has it: the id of a key or user, or the subject of a token with
  // its issuer.
  std::string owner, owner_issuer;
  std::string owner_name;  // as it was when the view was made
  bool shared = false;     // seen by all who may find events in the organisation
  std::string name;        // 1-128 code points; unique among what is shared, or the owner's own
  std::string query;       // the viewer's address after "?", at most 4096 bytes
  std::vector<std::string> columns;  // at most 64, together at most 3072 bytes; empty: the usual
  std::string density;               // "", "comfortable" or "compact"
  base::Timestamp created_at, updated_at;
  bool is_of(std::string_view subject, std::string_view issuer) const {
    return owner == subject && owner_issuer == issuer;
  }
  bool operator==(const View&) const = default;
};

// Control records: what the journal keeps of a change.
struct CreateOrganisation {
  Organisation organisation;
};  // tenant_id 0: the next free one
struct SetOrganisationEnabled {
  base::Uuid id;
  bool enabled = true;
};
struct CreateKey {
  Key key;
};
struct RevokeKey {
  base::Uuid id;
  base::Timestamp at;
};
struct CreateApplication {
  Application application;
};
struct UseKey {
  base::Uuid id;  // of a key or a user
  base::Timestamp at;
};  // kept seldom: the first time, and once a day (note_use)
struct CreateUser {
  User user;
};
struct ChangeUser {
  base::Uuid id;
  base::Timestamp at;
  std::optional<std::string> name;
  std::optional<auth::Roles> roles;
  std::optional<bool> enabled;
  std::optional<std::string> password;  // its hash
};
struct CreateView {
  View view;
};
struct ReplaceView {
  View view;
};  // of the view with its id; organisation, owner and created_at stay
struct DeleteView {
  base::Uuid id;
};
using Control = std::variant<CreateOrganisation, SetOrganisationEnabled, CreateKey, RevokeKey,
                             CreateApplication, UseKey, CreateUser, ChangeUser, CreateView,
                             ReplaceView, DeleteView>;

// Versioned bytes; docs/formats/control.md.
base::Bytes encode_control(const Control& control);
base::Result<Control> decode_control(base::ByteView bytes);  // Corruption; code "newer_format"

class Registry {
 public:
  // Fills in what is left open and checks the control against the present state and the rules
  // above: InvalidArgument with faults (pointers are member names of the native API), Conflict
  // (code "name_taken", "id_taken", "tenant_id_taken", "key_taken", "email_taken",
  // "view_name_taken", "too_many_views"), NotFound (code "org_not_found", "key_not_found",
  // "user_not_found", "view_not_found").
  base::Result<void> prepare(Control& control) const;
  // REQUIRES: prepared, with nothing applied in between.
  void apply(const Control& control);

  using OrgPointer = std::shared_ptr<const Organisation>;
  using KeyPointer = std::shared_ptr<const Key>;
  using UserPointer = std::shared_ptr<const User>;
  using ApplicationPointer = std::shared_ptr<const Application>;
  using ViewPointer = std::shared_ptr<const View>;

  // Null when there is none.
  OrgPointer org(const base::Uuid& id) const;
  OrgPointer org_named(std::string_view name) const;
  // By name, or by UUID where the text has that form.
  OrgPointer org_by(std::string_view name_or_id) const;
  std::vector<OrgPointer> orgs() const;  // oldest first

  // Constant time in the secret: looked up by digest. Revoked and expired keys are returned too.
  KeyPointer key_of(const auth::KeyDigest& digest) const;
  KeyPointer key(const base::Uuid& id) const;
  // Of one organisation, or of the whole server with its own.
  std::vector<KeyPointer> keys(std::optional<base::Uuid> org) const;  // oldest first
  std::vector<KeyPointer> server_keys() const;
  bool has_keys() const;  // or users: any credential at all

  UserPointer user(const base::Uuid& id) const;
  // Whose password a login is compared with: the user of that organisation with that address (in
  // any case). Without an organisation the oldest that is enabled, so that every login costs one
  // comparison, however many organisations know the address. Null when there is none.
  UserPointer user_with_email(std::string_view email, std::optional<base::Uuid> org) const;
  UserPointer user_with_email(std::string_view email) const;
  // Of one organisation, or of the whole server with its own; oldest first.
  std::vector<UserPointer> users(std::optional<base::Uuid> org) const;

  // Remembers that the key, or user, was used. First and Daily, when what is kept is a day old, are
  // to be kept, too: the caller submits a UseKey then. Known for one that is not here.
  enum class Use { Known, First, Daily };
  Use note_use(const base::Uuid& id, base::Timestamp at) const;
  std::optional<base::Timestamp> last_used(const base::Uuid& id) const;

  ApplicationPointer application(const base::Uuid& org, const base::Uuid& id) const;
  ApplicationPointer application_keyed(const base::Uuid& org, std::string_view key) const;
  std::vector<ApplicationPointer> applications(const base::Uuid& org) const;  // oldest first

  ViewPointer view(const base::Uuid& id) const;                 // null when there is none
  std::vector<ViewPointer> views(const base::Uuid& org) const;  // everybody's, oldest first

 private:
  struct State;
  std::shared_ptr<State> state_ = make_state();
  static std::shared_ptr<State> make_state();
};

}  // namespace piperoll::registry
