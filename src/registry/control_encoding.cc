#include <algorithm>

#include "base/coding.h"
#include "registry/registry.h"

// Bytes of control records; table in docs/formats/control.md.

namespace piperoll::registry {

namespace {

using base::Bytes;
using base::ByteView;
using base::Decoder;
using base::Error;
using base::ErrorKind;
using base::Uuid;

constexpr std::uint8_t kVersion = 4;  // the newest that is read; each tag says its own
enum class Tag : std::uint8_t {
  CreateOrganisation = 1,
  SetOrganisationEnabled = 2,
  CreateKey = 3,
  RevokeKey = 4,
  CreateApplication = 5,
  CreateKeyWithMore = 6,  // since version 2
  UseKey = 7,
  CreateUser = 8,  // since version 3
  ChangeUser = 9,
  CreateView = 10,  // since version 4
  ReplaceView = 11,
  DeleteView = 12,
};

void put_uuid(Bytes& out, const Uuid& id) {
  out.append(id.as_bytes());
}
void put_time(Bytes& out, base::Timestamp time) {
  base::put_be64(out, static_cast<std::uint64_t>(time.micros));
}
template <class T, class Put>
void put_optional(Bytes& out, const std::optional<T>& value, Put put) {
  base::put_u8(out, value ? 1 : 0);
  if (value) {
    put(out, *value);
  }
}
void put_text(Bytes& out, const std::string& text) {
  base::put_string(out, text);
}

Uuid get_uuid(Decoder& in) {
  ByteView bytes = in.bytes(16);
  return in.ok() ? Uuid::from_bytes(bytes) : Uuid{};
}
base::Timestamp get_time(Decoder& in) {
  return {static_cast<std::int64_t>(in.be64())};
}
bool get_flag(Decoder& in) {
  std::uint8_t flag = in.u8();
  if (flag > 1) {
    in.fail();
  }
  return flag == 1;
}
template <class Get>
auto get_optional(Decoder& in, Get get) -> std::optional<decltype(get(in))> {
  if (get_flag(in)) {
    return get(in);
  }
  return std::nullopt;
}
std::string get_text(Decoder& in) {
  return std::string(in.string());
}

struct Encoder {
  Bytes out;

  // version: the first that knows the tag.
  void begin(Tag tag, std::uint8_t version = 1) {
    base::put_u8(out, version);
    base::put_u8(out, static_cast<std::uint8_t>(tag));
  }

  void put_view(const View& view) {
    put_uuid(out, view.id);
    put_uuid(out, view.org);
    put_text(out, view.owner);
    put_text(out, view.owner_issuer);
    put_text(out, view.owner_name);
    base::put_u8(out, view.shared ? 1 : 0);
    put_text(out, view.name);
    put_text(out, view.query);
    base::put_u8(out, static_cast<std::uint8_t>(view.columns.size()));
    for (const std::string& column : view.columns) {
      put_text(out, column);
    }
    put_text(out, view.density);
    put_time(out, view.created_at);
    put_time(out, view.updated_at);
  }

  void operator()(const CreateOrganisation& control) {
    const Organisation& org = control.organisation;
    begin(Tag::CreateOrganisation);
    put_uuid(out, org.id);
    put_text(out, org.name);
    base::put_be32(out, static_cast<std::uint32_t>(org.tenant_id));
    base::put_u8(out, org.enabled ? 1 : 0);
    put_time(out, org.created_at);
  }
  void operator()(const SetOrganisationEnabled& control) {
    begin(Tag::SetOrganisationEnabled);
    put_uuid(out, control.id);
    base::put_u8(out, control.enabled ? 1 : 0);
  }
  void operator()(const CreateKey& control) {
    const Key& key = control.key;
    const bool more = !key.networks.empty() || !key.signing.empty();
    begin(more ? Tag::CreateKeyWithMore : Tag::CreateKey, more ? 2 : 1);
    put_uuid(out, key.id);
    put_optional(out, key.org, put_uuid);
    base::put_u8(out, key.roles.bits());
    put_text(out, key.name);
    put_text(out, key.prefix);
    out.append(reinterpret_cast<const char*>(key.digest.data()), key.digest.size());
    put_time(out, key.created_at);
    put_optional(out, key.expires_at, put_time);
    if (more) {
      base::put_u8(out, static_cast<std::uint8_t>(key.networks.size()));
      for (const std::string& network : key.networks) {
        put_text(out, network);
      }
      put_text(out, key.signing);
    }
  }
  void operator()(const UseKey& control) {
    begin(Tag::UseKey, 2);
    put_uuid(out, control.id);
    put_time(out, control.at);
  }
  void operator()(const CreateUser& control) {
    const User& user = control.user;
    begin(Tag::CreateUser, 3);
    put_uuid(out, user.id);
    put_optional(out, user.org, put_uuid);
    base::put_u8(out, user.roles.bits());
    put_text(out, user.email);
    put_text(out, user.name);
    put_text(out, user.password);
    base::put_u8(out, user.enabled ? 1 : 0);
    put_time(out, user.created_at);
  }
  void operator()(const ChangeUser& control) {
    begin(Tag::ChangeUser, 3);
    put_uuid(out, control.id);
    put_time(out, control.at);
    put_optional(out, control.name, put_text);
    put_optional(out, control.roles,
                 [](Bytes& to, const auth::Roles& roles) { base::put_u8(to, roles.bits()); });
    put_optional(out, control.enabled,
                 [](Bytes& to, bool enabled) { base::put_u8(to, enabled ? 1 : 0); });
    put_optional(out, control.password, put_text);
  }
  void operator()(const CreateView& control) {
    begin(Tag::CreateView, 4);
    put_view(control.view);
  }
  void operator()(const ReplaceView& control) {
    begin(Tag::ReplaceView, 4);
    put_view(control.view);
  }
  void operator()(const DeleteView& control) {
    begin(Tag::DeleteView, 4);
    put_uuid(out, control.id);
  }
  void operator()(const RevokeKey& control) {
    begin(Tag::RevokeKey);
    put_uuid(out, control.id);
    put_time(out, control.at);
  }
  void operator()(const CreateApplication& control) {
    const Application& application = control.application;
    begin(Tag::CreateApplication);
    put_uuid(out, application.id);
    put_uuid(out, application.org);
    put_text(out, application.key);
    put_text(out, application.name);
    put_optional(out, application.description, put_text);
    put_optional(out, application.accent_color, put_text);
    put_time(out, application.created_at);
    put_time(out, application.updated_at);
  }
};

CreateOrganisation get_organisation(Decoder& in) {
  Organisation org;
  org.id = get_uuid(in);
  org.name = get_text(in);
  org.tenant_id = static_cast<std::int32_t>(in.be32());
  org.enabled = get_flag(in);
  org.created_at = get_time(in);
  return {std::move(org)};
}

CreateKey get_key(Decoder& in, bool more) {
  Key key;
  key.id = get_uuid(in);
  key.org = get_optional(in, get_uuid);
  key.roles = auth::Roles::from_bits(in.u8());
  key.name = get_text(in);
  key.prefix = get_text(in);
  ByteView digest = in.bytes(key.digest.size());
  if (in.ok()) {
    std::copy(digest.begin(), digest.end(), reinterpret_cast<char*>(key.digest.data()));
  }
  key.created_at = get_time(in);
  key.expires_at = get_optional(in, get_time);
  if (more) {
    for (int left = in.u8(); left > 0 && in.ok(); --left) {
      key.networks.push_back(get_text(in));
    }
    key.signing = get_text(in);
  }
  return {std::move(key)};
}

CreateUser get_user(Decoder& in) {
  User user;
  user.id = get_uuid(in);
  user.org = get_optional(in, get_uuid);
  user.roles = auth::Roles::from_bits(in.u8());
  user.email = get_text(in);
  user.name = get_text(in);
  user.password = get_text(in);
  user.enabled = get_flag(in);
  user.created_at = user.password_changed_at = get_time(in);
  return {std::move(user)};
}

ChangeUser get_user_change(Decoder& in) {
  ChangeUser change;
  change.id = get_uuid(in);
  change.at = get_time(in);
  change.name = get_optional(in, get_text);
  change.roles = get_optional(in, [](Decoder& from) { return auth::Roles::from_bits(from.u8()); });
  change.enabled = get_optional(in, get_flag);
  change.password = get_optional(in, get_text);
  return change;
}

CreateApplication get_application(Decoder& in) {
  Application application;
  application.id = get_uuid(in);
  application.org = get_uuid(in);
  application.key = get_text(in);
  application.name = get_text(in);
  application.description = get_optional(in, get_text);
  application.accent_color = get_optional(in, get_text);
  application.created_at = get_time(in);
  application.updated_at = get_time(in);
  return {std::move(application)};
}

View get_view(Decoder& in) {
  View view;
  view.id = get_uuid(in);
  view.org = get_uuid(in);
  view.owner = get_text(in);
  view.owner_issuer = get_text(in);
  view.owner_name = get_text(in);
  view.shared = get_flag(in);
  view.name = get_text(in);
  view.query = get_text(in);
  for (int left = in.u8(); left > 0 && in.ok(); --left) {
    view.columns.push_back(get_text(in));
  }
  view.density = get_text(in);
  view.created_at = get_time(in);
  view.updated_at = get_time(in);
  return view;
}

std::optional<Control> get_control(Tag tag, Decoder& in) {
  switch (tag) {
    case Tag::CreateOrganisation:
      return get_organisation(in);
    case Tag::SetOrganisationEnabled: {
      Uuid id = get_uuid(in);
      return SetOrganisationEnabled{id, get_flag(in)};
    }
    case Tag::CreateKey:
      return get_key(in, false);
    case Tag::CreateKeyWithMore:
      return get_key(in, true);
    case Tag::UseKey: {
      Uuid id = get_uuid(in);
      return UseKey{id, get_time(in)};
    }
    case Tag::CreateUser:
      return get_user(in);
    case Tag::ChangeUser:
      return get_user_change(in);
    case Tag::CreateView:
      return CreateView{get_view(in)};
    case Tag::ReplaceView:
      return ReplaceView{get_view(in)};
    case Tag::DeleteView:
      return DeleteView{get_uuid(in)};
    case Tag::RevokeKey: {
      Uuid id = get_uuid(in);
      return RevokeKey{id, get_time(in)};
    }
    case Tag::CreateApplication:
      return get_application(in);
  }
  return std::nullopt;
}

}  // namespace

Bytes encode_control(const Control& control) {
  Encoder encoder;
  std::visit(encoder, control);
  return std::move(encoder.out);
}

base::Result<Control> decode_control(ByteView bytes) {
  Decoder in(bytes);
  std::uint8_t version = in.u8();
  if (in.ok() && version > kVersion) {
    return Error{.kind = ErrorKind::Corruption,
                 .message = "a control record of version " + std::to_string(version) +
                            ", written by a newer piperoll; this one reads up to " +
                            std::to_string(kVersion),
                 .code = "newer_format"};
  }
  auto control = get_control(static_cast<Tag>(in.u8()), in);
  if (!control || !in.ok() || !in.at_end()) {
    return Error{.kind = ErrorKind::Corruption, .message = "a control record is damaged"};
  }
  return *std::move(control);
}

}  // namespace piperoll::registry
