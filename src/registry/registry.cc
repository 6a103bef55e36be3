#include "registry/registry.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <unordered_map>

#include "base/address_range.h"
#include "base/digest_hash.h"
#include "base/unicode.h"

namespace piperoll::registry {

namespace {

using base::Error;
using base::ErrorKind;
using base::Fault;
using base::Result;
using base::Uuid;
using base::UuidHash;

constexpr std::size_t kNameMin = 3;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kKeyNameMax = 128;
constexpr std::size_t kKeyNetworksMax = 32;
constexpr std::int64_t kUseKeptMicros = std::int64_t{24} * 3600 * base::kMicrosPerSecond;
constexpr std::size_t kEmailMax = 320;
constexpr std::size_t kPasswordHashMax = 512;
constexpr std::size_t kApplicationKeyMax = 64;
constexpr std::size_t kApplicationNameMax = 128;
constexpr std::size_t kDescriptionMax = 1024;
constexpr std::size_t kAccentColorMax = 32;
constexpr std::size_t kViewNameMax = 128;
// With a name of at most 512 bytes a view stays below 8 KiB: 4096 + 3072 + 512 = 7680.
constexpr std::size_t kViewQueryBytesMax = 4096;
constexpr std::size_t kViewColumnsBytesMax = 3072;
constexpr std::size_t kViewColumnsMax = 64;
// All of an organisation stay below 200 * 8 KiB = 1.6 MB of memory, and nobody fills it alone.
constexpr std::size_t kViewsMax = 200;
constexpr std::size_t kViewsOfOneMax = 50;

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_organisation_name(std::string_view name) {
  return name.size() >= kNameMin && name.size() <= kNameMax &&
         std::all_of(
             name.begin(), name.end(),
             [](char c) { return is_lower_or_digit(c) || c == '-' || c == '_' || c == '.'; }) &&
         !base::parse_uuid(name);
}

bool is_application_key(std::string_view key) {
  return !key.empty() && key.size() <= kApplicationKeyMax && key[0] >= 'a' && key[0] <= 'z' &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '_'; });
}

bool is_text(std::string_view text, std::size_t least, std::size_t most) {
  if (!base::is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return false;
  }
  std::size_t length = base::code_point_count(text);
  return length >= least && length <= most;
}

// ASCII letters only: of others case is the business of whoever runs the mail server.
std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

// What tells one person from another; that mail arrives there is not our business.
bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return is_text(text, 3, kEmailMax) && at != std::string_view::npos && at > 0 &&
         at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c <= ' ' || c == 127; });
}

Error invalid(const std::string& pointer, const std::string& detail) {
  return Error{.kind = ErrorKind::InvalidArgument,
               .message = pointer + ": " + detail,
               .code = "invalid_member",
               .faults = {Fault{"/" + pointer, detail}}};
}

Error conflict(const char* code, std::string message) {
  return Error{.kind = ErrorKind::Conflict, .message = std::move(message), .code = code};
}

Error not_found(const char* code, std::string message) {
  return Error{.kind = ErrorKind::NotFound, .message = std::move(message), .code = code};
}

Error view_not_found() {
  return not_found("view_not_found", "no such view");
}

// What is shown of it is shown as text; a control character there would be somebody's trick.
bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; });
}

Result<void> check_view_members(const View& view) {
  if (!is_text(view.name, 1, kViewNameMax) || has_control_character(view.name)) {
    return invalid("name", "must be 1 to 128 characters");
  }
  if (view.query.size() > kViewQueryBytesMax || !is_text(view.query, 0, kViewQueryBytesMax) ||
      has_control_character(view.query)) {
    return invalid("query", "must be at most 4096 bytes");
  }
  if (view.columns.size() > kViewColumnsMax) {
    return invalid("columns", "must be at most 64");
  }
  std::size_t bytes = 0;
  for (std::size_t index = 0; index < view.columns.size(); ++index) {
    const std::string& column = view.columns[index];
    bytes += column.size();
    if (!is_text(column, 1, kViewColumnsBytesMax) || has_control_character(column)) {
      return invalid("columns/" + std::to_string(index), "must be the name of a field");
    }
  }
  if (bytes > kViewColumnsBytesMax) {
    return invalid("columns", "must be at most 3072 bytes together");
  }
  if (!view.density.empty() && view.density != "comfortable" && view.density != "compact") {
    return invalid("density", "must be comfortable or compact");
  }
  return {};
}

// When a key was used: microseconds since 1970, 0 for never. Changed under a shared lock.
struct KeyUse {
  std::atomic<std::int64_t> last{0};  // in memory
  std::atomic<std::int64_t> kept{0};  // in a control record, or on the way into one
};

void raise_to(std::atomic<std::int64_t>& value, std::int64_t at) {
  std::int64_t before = value.load(std::memory_order_relaxed);
  while (before < at && !value.compare_exchange_weak(before, at, std::memory_order_relaxed)) {
  }
}

}  // namespace

struct Registry::State {
  struct Tenant {
    std::vector<KeyPointer> keys;
    std::vector<UserPointer> users;
    std::vector<ApplicationPointer> applications;
    std::vector<ViewPointer> views;
  };

  mutable std::shared_mutex mutex;  // over everything below
  std::vector<Uuid> order;          // of organisations, oldest first
  std::unordered_map<Uuid, OrgPointer, UuidHash> orgs;
  std::unordered_map<std::string, Uuid> names;
  std::unordered_map<std::int32_t, Uuid> tenant_ids;
  std::int32_t tenant_id_max = 0;
  std::unordered_map<Uuid, KeyPointer, UuidHash> keys;
  std::unordered_map<Uuid, std::unique_ptr<KeyUse>, UuidHash> uses;  // of every key and user
  // Where a key stands in keys, from which none is ever taken.
  std::unordered_map<auth::KeyDigest, const KeyPointer*, base::DigestHash> digests;
  std::unordered_map<Uuid, Tenant, UuidHash> tenants;
  std::vector<KeyPointer> server_keys;
  std::unordered_map<Uuid, UserPointer, UuidHash> users;
  std::vector<UserPointer> server_users;
  std::unordered_map<std::string, std::vector<Uuid>> emails;  // oldest first
  std::unordered_map<Uuid, ApplicationPointer, UuidHash> applications;
  std::unordered_map<Uuid, ViewPointer, UuidHash> views;

  // The list a key stands in.
  std::vector<KeyPointer>& list_of(const Key& key) {
    return key.org ? tenants[*key.org].keys : server_keys;
  }
  std::vector<UserPointer>& list_of(const User& user) {
    return user.org ? tenants[*user.org].users : server_users;
  }
  // The first that fits of those with an address.
  template <class Fits>
  UserPointer user_where(std::string_view email, Fits fits) const {
    auto found = emails.find(lower_case(email));
    if (found == emails.end()) {
      return nullptr;
    }
    for (const Uuid& id : found->second) {
      const UserPointer& user = users.at(id);
      if (fits(*user)) {
        return user;
      }
    }
    return nullptr;
  }
  ApplicationPointer application_keyed(const Uuid& org, std::string_view key) const {
    auto tenant = tenants.find(org);
    if (tenant == tenants.end()) {
      return nullptr;
    }
    for (const ApplicationPointer& application : tenant->second.applications) {
      if (application->key == key) {
        return application;
      }
    }
    return nullptr;
  }

  Result<void> check_view(const View& view) const;

  Result<void> prepare(CreateOrganisation& control) const;
  Result<void> prepare(SetOrganisationEnabled& control) const;
  Result<void> prepare(CreateKey& control) const;
  Result<void> prepare(RevokeKey& control) const;
  Result<void> prepare(CreateApplication& control) const;
  Result<void> prepare(UseKey& control) const;
  Result<void> prepare(CreateUser& control) const;
  Result<void> prepare(ChangeUser& control) const;
  Result<void> prepare(CreateView& control) const;
  Result<void> prepare(ReplaceView& control) const;
  Result<void> prepare(DeleteView& control) const;

  void apply(const CreateOrganisation& control);
  void apply(const SetOrganisationEnabled& control);
  void apply(const CreateKey& control);
  void apply(const RevokeKey& control);
  void apply(const CreateApplication& control);
  void apply(const UseKey& control);
  void apply(const CreateUser& control);
  void apply(const ChangeUser& control);
  void apply(const CreateView& control);
  void apply(const ReplaceView& control);
  void apply(const DeleteView& control);
};

Result<void> Registry::State::prepare(CreateOrganisation& control) const {
  Organisation& org = control.organisation;
  if (!is_organisation_name(org.name)) {
    return invalid("name", "must be 3 to 64 characters of a-z 0-9 - _ . and not a UUID");
  }
  if (org.id.is_nil()) {
    return invalid("id", "must not be the nil UUID");
  }
  if (org.tenant_id < 0) {
    return invalid("tenant_id", "must be 1 to 2147483647");
  }
  if (names.contains(org.name)) {
    return conflict("name_taken", "an organisation named \"" + org.name + "\" exists already");
  }
  if (orgs.contains(org.id)) {
    return conflict("id_taken",
                    "an organisation with id " + org.id.to_string() + " exists already");
  }
  if (org.tenant_id == 0) {
    // The one after the largest; where there is none, the first that is free.
    org.tenant_id =
        tenant_id_max == std::numeric_limits<std::int32_t>::max() ? 1 : tenant_id_max + 1;
    while (tenant_ids.contains(org.tenant_id)) {
      ++org.tenant_id;
    }
  } else if (tenant_ids.contains(org.tenant_id)) {
    return conflict("tenant_id_taken", "an organisation with tenant_id " +
                                           std::to_string(org.tenant_id) + " exists already");
  }
  return {};
}

Result<void> Registry::State::prepare(SetOrganisationEnabled& control) const {
  if (!orgs.contains(control.id)) {
    return not_found("org_not_found", "no such organisation");
  }
  return {};
}

Result<void> Registry::State::prepare(CreateKey& control) const {
  const Key& key = control.key;
  if (key.roles.empty()) {
    return invalid("roles", "must name at least one of writer, reader, auditor, admin");
  }
  if (!is_text(key.name, 0, kKeyNameMax)) {
    return invalid("name", "must be at most 128 characters");
  }
  if (key.expires_at && *key.expires_at <= key.created_at) {
    return invalid("expires", "must be in the future");
  }
  if (key.networks.size() > kKeyNetworksMax) {
    return invalid("networks", "must be at most 32 ranges");
  }
  for (const std::string& network : key.networks) {
    if (!base::AddressRange::parse(network)) {
      return invalid("networks", "\"" + network + "\" must be a range like 10.0.0.0/8");
    }
  }
  if (key.org && !orgs.contains(*key.org)) {
    return not_found("org_not_found", "no such organisation");
  }
  if (keys.contains(key.id) || digests.contains(key.digest)) {
    return conflict("id_taken", "a key with this id exists already");
  }
  return {};
}

Result<void> Registry::State::prepare(RevokeKey& control) const {
  if (!keys.contains(control.id)) {
    return not_found("key_not_found", "no such key");
  }
  return {};
}

Result<void> Registry::State::prepare(UseKey& control) const {
  if (!uses.contains(control.id)) {
    return not_found("key_not_found", "no such key");
  }
  return {};
}

Result<void> Registry::State::prepare(CreateUser& control) const {
  User& user = control.user;
  user.email = lower_case(user.email);
  if (!is_email(user.email)) {
    return invalid("email", "must be an address like ann@example.com, at most 320 characters");
  }
  if (user.roles.empty()) {
    return invalid("roles", "must name at least one of writer, reader, auditor, admin");
  }
  if (!is_text(user.name, 0, kKeyNameMax)) {
    return invalid("name", "must be at most 128 characters");
  }
  if (!is_text(user.password, 1, kPasswordHashMax)) {
    return invalid("password", "is required");
  }
  if (user.org && !orgs.contains(*user.org)) {
    return not_found("org_not_found", "no such organisation");
  }
  if (user_where(user.email, [&](const User& other) { return other.org == user.org; })) {
    return conflict("email_taken", "a user with the address " + user.email + " exists already");
  }
  if (uses.contains(user.id)) {
    return conflict("id_taken", "a user with this id exists already");
  }
  return {};
}

Result<void> Registry::State::prepare(ChangeUser& control) const {
  if (!users.contains(control.id)) {
    return not_found("user_not_found", "no such user");
  }
  if (control.name && !is_text(*control.name, 0, kKeyNameMax)) {
    return invalid("name", "must be at most 128 characters");
  }
  if (control.roles && control.roles->empty()) {
    return invalid("roles", "must name at least one of writer, reader, auditor, admin");
  }
  if (control.password && !is_text(*control.password, 1, kPasswordHashMax)) {
    return invalid("password", "must not be empty");
  }
  return {};
}

Result<void> Registry::State::prepare(CreateApplication& control) const {
  const Application& application = control.application;
  if (!is_application_key(application.key)) {
    return invalid("key", "must be 1 to 64 characters: a lower-case letter, then a-z 0-9 _");
  }
  if (!is_text(application.name, 1, kApplicationNameMax)) {
    return invalid("name", "must be 1 to 128 characters");
  }
  if (application.description && !is_text(*application.description, 0, kDescriptionMax)) {
    return invalid("description", "must be at most 1024 characters");
  }
  if (application.accent_color && !is_text(*application.accent_color, 0, kAccentColorMax)) {
    return invalid("accent_color", "must be at most 32 characters");
  }
  if (!orgs.contains(application.org)) {
    return not_found("org_not_found", "no such organisation");
  }
  if (application_keyed(application.org, application.key)) {
    return conflict("key_taken",
                    "an application with key \"" + application.key + "\" exists already");
  }
  if (applications.contains(application.id)) {
    return conflict("id_taken", "an application with this id exists already");
  }
  return {};
}

Result<void> Registry::State::check_view(const View& view) const {
  RETURN_IF_ERROR(check_view_members(view));
  auto tenant = tenants.find(view.org);
  if (tenant == tenants.end()) {
    return {};
  }
  for (const ViewPointer& other : tenant->second.views) {
    const bool rivals =
        view.shared ? other->shared : !other->shared && other->is_of(view.owner, view.owner_issuer);
    if (other->id != view.id && rivals && other->name == view.name) {
      return conflict("view_name_taken", "a view named \"" + view.name + "\" exists already");
    }
  }
  return {};
}

Result<void> Registry::State::prepare(CreateView& control) const {
  const View& view = control.view;
  if (!orgs.contains(view.org)) {
    return not_found("org_not_found", "no such organisation");
  }
  if (views.contains(view.id)) {
    return conflict("id_taken", "a view with this id exists already");
  }
  RETURN_IF_ERROR(check_view(view));
  auto tenant = tenants.find(view.org);
  if (tenant == tenants.end()) {
    return {};
  }
  const std::vector<ViewPointer>& all = tenant->second.views;
  if (all.size() >= kViewsMax) {
    return conflict("too_many_views", "the organisation has 200 views; delete one first");
  }
  const auto own = std::count_if(all.begin(), all.end(), [&](const ViewPointer& other) {
    return other->is_of(view.owner, view.owner_issuer);
  });
  if (static_cast<std::size_t>(own) >= kViewsOfOneMax) {
    return conflict("too_many_views", "you have 50 views; delete one first");
  }
  return {};
}

Result<void> Registry::State::prepare(ReplaceView& control) const {
  auto found = views.find(control.view.id);
  if (found == views.end()) {
    return view_not_found();
  }
  View& view = control.view;
  view.org = found->second->org;
  view.owner = found->second->owner;
  view.owner_issuer = found->second->owner_issuer;
  view.owner_name = found->second->owner_name;
  view.created_at = found->second->created_at;
  return check_view(view);
}

Result<void> Registry::State::prepare(DeleteView& control) const {
  return views.contains(control.id) ? Result<void>() : Result<void>(view_not_found());
}

void Registry::State::apply(const CreateOrganisation& control) {
  const Organisation& org = control.organisation;
  orgs[org.id] = std::make_shared<const Organisation>(org);
  order.push_back(org.id);
  names[org.name] = org.id;
  tenant_ids[org.tenant_id] = org.id;
  tenant_id_max = std::max(tenant_id_max, org.tenant_id);
}

void Registry::State::apply(const SetOrganisationEnabled& control) {
  OrgPointer& pointer = orgs.at(control.id);
  Organisation changed = *pointer;
  changed.enabled = control.enabled;
  pointer = std::make_shared<const Organisation>(std::move(changed));
}

void Registry::State::apply(const CreateKey& control) {
  auto pointer = std::make_shared<const Key>(control.key);
  digests[pointer->digest] = &(keys[pointer->id] = pointer);
  uses[pointer->id] = std::make_unique<KeyUse>();
  list_of(*pointer).push_back(pointer);
}

void Registry::State::apply(const RevokeKey& control) {
  KeyPointer& pointer = keys.at(control.id);
  if (pointer->revoked_at) {
    return;  // revoking twice keeps the first time
  }
  Key changed = *pointer;
  changed.revoked_at = control.at;
  auto revoked = std::make_shared<const Key>(std::move(changed));
  for (KeyPointer& listed : list_of(*revoked)) {
    if (listed->id == revoked->id) {
      listed = revoked;
    }
  }
  pointer = std::move(revoked);
}

void Registry::State::apply(const CreateApplication& control) {
  auto pointer = std::make_shared<const Application>(control.application);
  applications[pointer->id] = pointer;
  tenants[pointer->org].applications.push_back(pointer);
}

void Registry::State::apply(const UseKey& control) {
  KeyUse& use = *uses.at(control.id);
  raise_to(use.last, control.at.micros);
  raise_to(use.kept, control.at.micros);
}

void Registry::State::apply(const CreateUser& control) {
  auto pointer = std::make_shared<const User>(control.user);
  users[pointer->id] = pointer;
  uses[pointer->id] = std::make_unique<KeyUse>();
  emails[pointer->email].push_back(pointer->id);
  list_of(*pointer).push_back(pointer);
}

void Registry::State::apply(const ChangeUser& control) {
  UserPointer& pointer = users.at(control.id);
  User changed = *pointer;
  changed.name = control.name.value_or(changed.name);
  changed.roles = control.roles.value_or(changed.roles);
  changed.enabled = control.enabled.value_or(changed.enabled);
  if (control.password) {
    changed.password = *control.password;
    changed.password_changed_at = control.at;
  }
  if (control.password || changed.roles != pointer->roles || changed.enabled != pointer->enabled) {
    ++changed.generation;
  }
  auto next = std::make_shared<const User>(std::move(changed));
  for (UserPointer& listed : list_of(*next)) {
    if (listed->id == next->id) {
      listed = next;
    }
  }
  pointer = std::move(next);
}

void Registry::State::apply(const CreateView& control) {
  auto pointer = std::make_shared<const View>(control.view);
  views[pointer->id] = pointer;
  tenants[pointer->org].views.push_back(pointer);
}

void Registry::State::apply(const ReplaceView& control) {
  auto pointer = std::make_shared<const View>(control.view);
  for (ViewPointer& listed : tenants[pointer->org].views) {
    if (listed->id == pointer->id) {
      listed = pointer;
    }
  }
  views[pointer->id] = std::move(pointer);
}

void Registry::State::apply(const DeleteView& control) {
  auto found = views.find(control.id);
  if (found == views.end()) {
    return;
  }
  std::erase(tenants[found->second->org].views, found->second);
  views.erase(found);
}

std::shared_ptr<Registry::State> Registry::make_state() {
  return std::make_shared<State>();
}

Result<void> Registry::prepare(Control& control) const {
  std::shared_lock lock(state_->mutex);
  return std::visit([this](auto& one) { return state_->prepare(one); }, control);
}

void Registry::apply(const Control& control) {
  std::unique_lock lock(state_->mutex);
  std::visit([this](const auto& one) { state_->apply(one); }, control);
}

Registry::OrgPointer Registry::org(const Uuid& id) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->orgs.find(id);
  return found == state_->orgs.end() ? nullptr : found->second;
}

Registry::OrgPointer Registry::org_named(std::string_view name) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->names.find(std::string(name));
  return found == state_->names.end() ? nullptr : state_->orgs.at(found->second);
}

Registry::OrgPointer Registry::org_by(std::string_view name_or_id) const {
  if (auto id = base::parse_uuid(name_or_id)) {
    return org(*id);
  }
  return org_named(name_or_id);
}

std::vector<Registry::OrgPointer> Registry::orgs() const {
  std::shared_lock lock(state_->mutex);
  std::vector<OrgPointer> out;
  out.reserve(state_->order.size());
  for (const Uuid& id : state_->order) {
    out.push_back(state_->orgs.at(id));
  }
  return out;
}

Registry::KeyPointer Registry::key_of(const auth::KeyDigest& digest) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->digests.find(digest);
  return found == state_->digests.end() ? nullptr : *found->second;
}

Registry::KeyPointer Registry::key(const Uuid& id) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->keys.find(id);
  return found == state_->keys.end() ? nullptr : found->second;
}

std::vector<Registry::KeyPointer> Registry::keys(std::optional<Uuid> org) const {
  std::shared_lock lock(state_->mutex);
  if (!org) {
    std::vector<KeyPointer> out;
    for (const auto& [id, key] : state_->keys) {
      out.push_back(key);
    }
    std::sort(out.begin(), out.end(), [](const KeyPointer& a, const KeyPointer& b) {
      return std::tie(a->created_at, a->id) < std::tie(b->created_at, b->id);
    });
    return out;
  }
  auto tenant = state_->tenants.find(*org);
  return tenant == state_->tenants.end() ? std::vector<KeyPointer>{} : tenant->second.keys;
}

std::vector<Registry::KeyPointer> Registry::server_keys() const {
  std::shared_lock lock(state_->mutex);
  return state_->server_keys;
}

bool Registry::has_keys() const {
  std::shared_lock lock(state_->mutex);
  return !state_->uses.empty();
}

Registry::UserPointer Registry::user(const Uuid& id) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->users.find(id);
  return found == state_->users.end() ? nullptr : found->second;
}

Registry::UserPointer Registry::user_with_email(std::string_view email,
                                                std::optional<Uuid> org) const {
  std::shared_lock lock(state_->mutex);
  return state_->user_where(email, [&](const User& user) { return user.org == org; });
}

Registry::UserPointer Registry::user_with_email(std::string_view email) const {
  std::shared_lock lock(state_->mutex);
  return state_->user_where(email, [](const User& user) { return user.enabled; });
}

std::vector<Registry::UserPointer> Registry::users(std::optional<Uuid> org) const {
  std::shared_lock lock(state_->mutex);
  if (!org) {
    std::vector<UserPointer> out;
    for (const auto& [id, user] : state_->users) {
      out.push_back(user);
    }
    std::sort(out.begin(), out.end(), [](const UserPointer& a, const UserPointer& b) {
      return std::tie(a->created_at, a->id) < std::tie(b->created_at, b->id);
    });
    return out;
  }
  auto tenant = state_->tenants.find(*org);
  return tenant == state_->tenants.end() ? std::vector<UserPointer>{} : tenant->second.users;
}

Registry::Use Registry::note_use(const Uuid& id, base::Timestamp at) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->uses.find(id);
  if (found == state_->uses.end()) {
    return Use::Known;
  }
  KeyUse& use = *found->second;
  raise_to(use.last, at.micros);
  std::int64_t kept = use.kept.load(std::memory_order_relaxed);
  const Use due = kept == 0 ? Use::First : Use::Daily;
  // Of several at once only one keeps it.
  return (kept == 0 || at.micros - kept >= kUseKeptMicros) &&
                 use.kept.compare_exchange_strong(kept, at.micros)
             ? due
             : Use::Known;
}

std::optional<base::Timestamp> Registry::last_used(const Uuid& id) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->uses.find(id);
  const std::int64_t last = found == state_->uses.end() ? 0 : found->second->last.load();
  return last == 0 ? std::nullopt : std::optional(base::Timestamp{last});
}

Registry::ApplicationPointer Registry::application(const Uuid& org, const Uuid& id) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->applications.find(id);
  return found == state_->applications.end() || found->second->org != org ? nullptr : found->second;
}

Registry::ApplicationPointer Registry::application_keyed(const Uuid& org,
                                                         std::string_view key) const {
  std::shared_lock lock(state_->mutex);
  return state_->application_keyed(org, key);
}

std::vector<Registry::ApplicationPointer> Registry::applications(const Uuid& org) const {
  std::shared_lock lock(state_->mutex);
  auto tenant = state_->tenants.find(org);
  return tenant == state_->tenants.end() ? std::vector<ApplicationPointer>{}
                                         : tenant->second.applications;
}

Registry::ViewPointer Registry::view(const Uuid& id) const {
  std::shared_lock lock(state_->mutex);
  auto found = state_->views.find(id);
  return found == state_->views.end() ? nullptr : found->second;
}

std::vector<Registry::ViewPointer> Registry::views(const Uuid& org) const {
  std::shared_lock lock(state_->mutex);
  auto tenant = state_->tenants.find(org);
  return tenant == state_->tenants.end() ? std::vector<ViewPointer>{} : tenant->second.views;
}

}  // namespace piperoll::registry
