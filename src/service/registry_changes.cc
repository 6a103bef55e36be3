#include "service/registry_changes.h"

#include <algorithm>

#include "auth/api_key.h"
#include "base/bytes.h"
#include "crypto/random.h"
#include "service/password_check.h"
#include "service/views.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Outcome;
using Done = std::function<void(Result<Outcome>)>;

// UUIDv4 (RFC 9562): registry ids carry no time.
base::Uuid random_uuid() {
  base::Uuid id = base::Uuid::from_bytes(crypto::random_bytes(16));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

Error key_not_found() {
  return {.kind = ErrorKind::NotFound, .message = "no such key", .code = "key_not_found"};
}

struct Change {
  ServiceParts& parts;
  const Admitted& admitted;
  const Done& done;

  // Hands the control to the committer; answer makes the outcome of what was stored.
  void submit(registry::Control control,
              std::function<Outcome(const registry::Control&)> answer) const {
    ingest::ControlRequest request;
    request.control = std::move(control);
    request.done = [done = done, answer = std::move(answer)](Result<registry::Control> stored) {
      if (stored) {
        done(answer(*stored));
      } else {
        done(std::move(stored).error());
      }
    };
    if (auto accepted = parts.committer.submit(std::move(request)); !accepted) {
      done(std::move(accepted).error());
    }
  }

  void operator()(const operation::CreateKey& create) const;
  void operator()(const operation::RevokeKey& revoke) const;
  void operator()(const operation::CreateUser& create) const;
  void operator()(const operation::ChangeUser& change) const;
  void operator()(const operation::SaveView& save) const;
  void operator()(const operation::DeleteView& remove) const;
  void operator()(const operation::CreateApplication& create) const;
  void operator()(const operation::CreateOrganisation& create) const;
  void operator()(const operation::SetOrganisationEnabled& set) const;
  template <class NoChange>
  void operator()(const NoChange&) const {
    done(Error{.kind = ErrorKind::Internal, .message = "internal error", .detail = "not a change"});
  }
};

void Change::operator()(const operation::CreateKey& create) const {
  const std::string secret = auth::generate_api_key();
  registry::Key key;
  key.id = random_uuid();
  if (admitted.org) {
    key.org = admitted.org->id;
  }
  key.roles = create.roles;
  key.name = create.name;
  key.prefix = auth::display_prefix(secret);
  key.digest = auth::digest_of(secret);
  key.created_at = parts.clock.now();
  key.expires_at = create.expires_at;
  key.networks = create.networks;
  if (parts.vault != nullptr) {
    key.signing = parts.vault->seal(key.id, secret);
  }
  submit(registry::CreateKey{std::move(key)}, [secret](const registry::Control& stored) {
    return operation::KeyCreated{
        secret, std::make_shared<const registry::Key>(std::get<registry::CreateKey>(stored).key)};
  });
}

void Change::operator()(const operation::RevokeKey& revoke) const {
  registry::Registry::KeyPointer key;
  if (auto id = base::parse_uuid(revoke.id)) {
    key = parts.registry.key(*id);
  } else if (auto digest = base::hex_decode(revoke.id); digest && digest->size() == 32) {
    // SHA-256 of the key: names it without showing it, not even in an address.
    auth::KeyDigest bytes;
    std::copy(digest->begin(), digest->end(), reinterpret_cast<char*>(bytes.data()));
    key = parts.registry.key_of(bytes);
  }
  // A key of another organisation answers like one that does not exist.
  if (!key || (admitted.org && key->org != admitted.org->id)) {
    done(key_not_found());
    return;
  }
  submit(registry::RevokeKey{key->id, parts.clock.now()},
         [key](const registry::Control&) { return operation::KeyRevoked{key}; });
}

// What goes on after a password was hashed outlives this call: it has copies of its own.
void Change::operator()(const operation::CreateUser& create) const {
  registry::User user;
  user.id = random_uuid();
  if (admitted.org) {
    user.org = admitted.org->id;
  }
  user.email = create.email;
  user.name = create.name;
  user.roles = create.roles;
  user.created_at = user.password_changed_at = parts.clock.now();
  hash_new_password(parts, create.password,
                    [&parts = parts, admitted = admitted, done = done,
                     user = std::move(user)](Result<std::string> hash) mutable {
                      if (!hash) {
                        done(std::move(hash).error());
                        return;
                      }
                      user.password = *std::move(hash);
                      Change{parts, admitted, done}.submit(
                          registry::CreateUser{std::move(user)},
                          [](const registry::Control& stored) {
                            return operation::UserCreated{std::make_shared<const registry::User>(
                                std::get<registry::CreateUser>(stored).user)};
                          });
                    });
}

void Change::operator()(const operation::ChangeUser& change) const {
  auto id = base::parse_uuid(change.id);
  auto user = id ? parts.registry.user(*id) : nullptr;
  // A user of another organisation answers like one that does not exist.
  if (!user || (admitted.org && user->org != admitted.org->id)) {
    done(Error{.kind = ErrorKind::NotFound, .message = "no such user", .code = "user_not_found"});
    return;
  }
  registry::ChangeUser control{.id = *id,
                               .at = parts.clock.now(),
                               .name = change.name,
                               .roles = change.roles,
                               .enabled = change.enabled};
  auto answer = [&registry = parts.registry, id = *id](const registry::Control&) {
    return operation::UserChanged{registry.user(id)};
  };
  if (!change.password) {
    submit(std::move(control), std::move(answer));
    return;
  }
  hash_new_password(parts, *change.password,
                    [&parts = parts, admitted = admitted, done = done, answer = std::move(answer),
                     control = std::move(control)](Result<std::string> hash) mutable {
                      if (!hash) {
                        done(std::move(hash).error());
                        return;
                      }
                      control.password = *std::move(hash);
                      Change{parts, admitted, done}.submit(std::move(control), std::move(answer));
                    });
}

void Change::operator()(const operation::CreateApplication& create) const {
  if (!admitted.org) {
    done(Error{.kind = ErrorKind::InvalidArgument,
               .message = "applications belong to an organisation: name it with ?org=",
               .code = "org_required"});
    return;
  }
  registry::Application application;
  application.id = random_uuid();
  application.org = admitted.org->id;
  application.key = create.key;
  application.name = create.name;
  application.description = create.description;
  application.accent_color = create.accent_color;
  application.created_at = application.updated_at = parts.clock.now();
  submit(registry::CreateApplication{std::move(application)}, [](const registry::Control& stored) {
    return operation::ApplicationCreated{std::make_shared<const registry::Application>(
        std::get<registry::CreateApplication>(stored).application)};
  });
}

void Change::operator()(const operation::SaveView& save) const {
  registry::View view{.org = admitted.org->id,
                      .owner = admitted.principal.subject,
                      .owner_issuer = admitted.principal.issuer,
                      .owner_name = admitted.principal.name,
                      .shared = save.shared,
                      .name = save.name,
                      .query = save.query,
                      .columns = save.columns,
                      .density = save.density};
  view.created_at = view.updated_at = parts.clock.now();
  const bool created = save.id.empty();
  if (created) {
    view.id = random_uuid();
  } else {
    auto old = view_to_change(parts.registry, admitted, save.id);
    if (!old) {
      done(std::move(old).error());
      return;
    }
    view.id = (*old)->id;
  }
  registry::Control control = registry::CreateView{view};
  if (!created) {
    control = registry::ReplaceView{std::move(view)};
  }
  submit(std::move(control), [admitted = admitted, created](const registry::Control& stored) {
    const registry::View& kept = created ? std::get<registry::CreateView>(stored).view
                                         : std::get<registry::ReplaceView>(stored).view;
    return operation::ViewSaved{
        view_shown_to(admitted, std::make_shared<const registry::View>(kept)), created};
  });
}

void Change::operator()(const operation::DeleteView& remove) const {
  auto view = view_to_change(parts.registry, admitted, remove.id);
  if (!view) {
    done(std::move(view).error());
    return;
  }
  submit(registry::DeleteView{(*view)->id},
         [view = *view](const registry::Control&) { return operation::ViewDeleted{view}; });
}

void Change::operator()(const operation::CreateOrganisation& create) const {
  registry::Organisation organisation;
  organisation.id = create.id.value_or(random_uuid());
  organisation.name = create.name;
  organisation.created_at = parts.clock.now();
  if (create.tenant_id) {
    if (*create.tenant_id < 1) {
      done(Error{.kind = ErrorKind::InvalidArgument,
                 .message = "tenant_id: must be 1 to 2147483647",
                 .code = "invalid_member",
                 .faults = {{"/tenant_id", "must be 1 to 2147483647"}}});
      return;
    }
    organisation.tenant_id = *create.tenant_id;
  }
  submit(registry::CreateOrganisation{std::move(organisation)},
         [](const registry::Control& stored) {
           return operation::OrganisationCreated{std::make_shared<const registry::Organisation>(
               std::get<registry::CreateOrganisation>(stored).organisation)};
         });
}

void Change::operator()(const operation::SetOrganisationEnabled& set) const {
  auto organisation = parts.registry.org_by(set.id);
  if (!organisation) {
    done(Error{
        .kind = ErrorKind::NotFound, .message = "no such organisation", .code = "org_not_found"});
    return;
  }
  const base::Uuid id = organisation->id;
  const registry::Registry& registry = parts.registry;
  submit(registry::SetOrganisationEnabled{id, set.enabled},
         [&registry, id](const registry::Control&) {
           return operation::OrganisationChanged{registry.org(id)};
         });
}

}  // namespace

bool is_registry_change(const operation::Operation& operation) {
  return std::holds_alternative<operation::CreateKey>(operation) ||
         std::holds_alternative<operation::RevokeKey>(operation) ||
         std::holds_alternative<operation::CreateUser>(operation) ||
         std::holds_alternative<operation::ChangeUser>(operation) ||
         std::holds_alternative<operation::SaveView>(operation) ||
         std::holds_alternative<operation::DeleteView>(operation) ||
         std::holds_alternative<operation::CreateApplication>(operation) ||
         std::holds_alternative<operation::CreateOrganisation>(operation) ||
         std::holds_alternative<operation::SetOrganisationEnabled>(operation);
}

void change_registry(ServiceParts& parts, const Admitted& admitted,
                     const operation::Operation& change,
                     const std::function<void(Result<Outcome>)>& done) {
  std::visit(Change{parts, admitted, done}, change);
}

}  // namespace piperoll::service
