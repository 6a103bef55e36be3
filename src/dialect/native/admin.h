#pragma once
// Keys, organisations and applications over HTTP. Pure functions.

#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

// Bodies of POST /v1/keys, POST /v1/applications, POST /v1/orgs and PATCH /v1/orgs/{id}: one JSON
// object; every fault is named by JSON Pointer.
base::Result<operation::Operation> read_create_key(std::string_view body, base::Timestamp now);
base::Result<operation::Operation> read_create_application(std::string_view body);
base::Result<operation::Operation> read_create_org(std::string_view body);
base::Result<operation::Operation> read_change_org(std::string_view body, std::string_view id);

// "30s", "15m", "12h", "90d": a whole number above 0 and a unit, at most 100 years; or an RFC 3339
// time. InvalidArgument otherwise.
base::Result<base::Timestamp> parse_expiry(std::string_view text, base::Timestamp now);

wire::Response encode_key_created(const operation::KeyCreated& created);
wire::Response encode_keys(const operation::KeysListed& listed, const registry::Registry& registry);
wire::Response encode_application_created(const operation::ApplicationCreated& created);
wire::Response encode_applications(const operation::ApplicationsListed& listed);
wire::Response encode_org_created(const operation::OrganisationCreated& created);
wire::Response encode_orgs(const operation::OrganisationsListed& listed);
wire::Response encode_org_changed(const operation::OrganisationChanged& changed);

}  // namespace piperoll::dialect::native
