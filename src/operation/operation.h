#pragma once
// The seam between dialects and the service: what a request asks for, free of any surface's words.
// Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "auth/principal.h"
#include "auth/roles.h"
#include "base/result.h"
#include "event/event_batch.h"
#include "event/record.h"
#include "query/aggregate.h"
#include "query/query.h"
#include "registry/registry.h"
#include "tlog/tile.h"

namespace piperoll::operation {

// Append. An input that the dialect refused holds its error; the others are valid.
struct AppendEvents {
  event::EventBatch batch;
  bool atomic = true;  // all or nothing
  // Antidote: actor is the credential, request.ip the caller's address.
  bool stamp_caller = false;
  bool want_records = false;  // the outcome holds the stored records
};

enum class Consistency : std::uint8_t {
  Latest,  // waits until everything acknowledged in this log before the read is visible
  Applied  // what is visible now
};

struct FindEvents {
  event::LogKind log = event::LogKind::Events;
  query::PageRequest page;
  std::optional<std::string> cursor;  // as the client sent it; the service opens it
  bool want_cursors = false;          // next and previous are wanted in the outcome
  // Count of the records matching this filter at the page's snapshot.
  std::optional<query::Filter> count;
  bool stream = false;   // the outcome is a RecordStream: for pages without an upper bound
  bool explain = false;  // how it was found is wanted in the outcome; not for a stream
  Consistency consistency = Consistency::Latest;
};

struct GetEvent {
  event::LogKind log = event::LogKind::Events;
  std::variant<std::string, std::uint64_t> id_or_seq;
  Consistency consistency = Consistency::Latest;
};

struct FacetEvents {
  query::Filter filter;
  event::FieldRef field;
  std::uint64_t limit = 10;
  bool explain = false;  // as of FindEvents
  Consistency consistency = Consistency::Latest;
};

struct HistogramEvents {
  query::Filter filter;
  query::Interval interval = query::Interval::Day;
  bool explain = false;
  Consistency consistency = Consistency::Latest;
};

// All matching records in seq order, as a RecordStream.
struct ExportEvents {
  query::Filter filter;
  // The answer has the hashes of the log's tree too, for those that do not match.
  bool with_tree = false;
};

// A RecordStream that stays open: matching records from seq on as they are applied.
struct TailEvents {
  query::Filter filter;
  std::optional<std::uint64_t> from_seq;  // nothing: from the end of the log
};

// The proof of one event of the event log.
struct ProveEvent {
  enum class Form : std::uint8_t { Json, ProofFile, SdJwt };
  std::string id;
  std::optional<std::uint64_t> tree_size;  // nothing: that of the newest checkpoint
  Form form = Form::Json;
};

// What anyone may hold who wants to check a log: nothing of it is personal.
struct ReadCheckpoint {
  event::LogKind log = event::LogKind::Events;
};
struct ReadTile {
  event::LogKind log = event::LogKind::Events;
  tlog::TileResource resource;
};
struct ReadLogKeys {
  event::LogKind log = event::LogKind::Events;
};
struct ProveConsistency {
  event::LogKind log = event::LogKind::Events;
  std::uint64_t from = 0, to = 0;
};

struct CreateKey {
  auth::Roles roles;
  std::string name;
  std::optional<base::Timestamp> expires_at;
  std::vector<std::string> networks = {};
};
struct ListKeys {};
struct RevokeKey {
  std::string id;  // UUID, or SHA-256 of the key in hex
};
struct CreateApplication {
  std::string key, name;
  std::optional<std::string> description, accent_color;
};
struct ListApplications {};
struct CreateOrganisation {
  std::string name;
  std::optional<base::Uuid> id;
  std::optional<std::int32_t> tenant_id;
};
struct ListOrganisations {};
struct SetOrganisationEnabled {
  std::string id;  // name or UUID
  bool enabled = true;
};

struct CreateUser {
  std::string email, name;
  auth::Roles roles;
  std::string password;  // as typed; kept as a hash alone
};
struct ListUsers {};
struct ChangeUser {
  std::string id;  // UUID
  std::optional<std::string> name;
  std::optional<auth::Roles> roles;
  std::optional<bool> enabled;
  std::optional<std::string> password;  // as typed
};

// Views are seen by whoever made them and, where they are shared, by all who may find events.
struct ListViews {};
struct SaveView {
  std::string id;  // UUID of the view that is replaced; empty: a new one
  std::string name, query, density;
  std::vector<std::string> columns;
  bool shared = false;
};
struct DeleteView {
  std::string id;  // UUID
};

struct IssueToken {};  // a short-lived one, for the key or password that the call shows
struct Identify {};    // who the credential is
struct StartSession {
  std::string replaced;        // id of the session that the browser had before; it ends
  std::string return_to = {};  // address of ours that a login with an issuer began at; of the
                               // service alone
};
struct EndSession {};  // that of the credential
// Sends a browser to an issuer. Needs no credential.
struct BeginLogin {
  std::string issuer;     // the name of its login
  std::string return_to;  // address of ours, "/..."
};
// The own one, of the user whose session the credential is.
struct ChangePassword {
  std::string old_password, new_password;  // as typed
};

using Operation =
    std::variant<AppendEvents, FindEvents, GetEvent, FacetEvents, HistogramEvents, ExportEvents,
                 TailEvents, ProveEvent, ReadCheckpoint, ReadTile, ReadLogKeys, ProveConsistency,
                 CreateKey, ListKeys, RevokeKey, CreateApplication, ListApplications,
                 CreateOrganisation, ListOrganisations, SetOrganisationEnabled, CreateUser,
                 ListUsers, ChangeUser, ListViews, SaveView, DeleteView, IssueToken, Identify,
                 StartSession, EndSession, BeginLogin, ChangePassword>;

// The right each operation needs; the only place that says so. (FindEvents and GetEvent on the
// access log: Prove.)
auth::Right right_of(const Operation& operation);
// Whether the operation is about what a log shows to those who check it, which a server may let
// anyone see: checkpoints, tiles, consistency, keys.
bool is_public_evidence(const Operation& operation);
// Stable snake_case name for metrics, diagnostics and the access log: "append", "find", ...
std::string_view name_of(const Operation& operation);

// Which organisation a request means.
struct OrgReference {
  enum class Place { Credential, Query, Path };
  Place place = Place::Credential;  // Credential: the credential's own
  std::string text;                 // Query (?org=) and Path: name or UUID
};

// A request as the service takes it. Order of checks: credential, organisation, right, and only
// then the operation: an error in it is returned when all before it passed.
struct Call {
  std::string_view surface;  // static text: "native", "frontier", ...
  auth::Credential credential;
  OrgReference org;
  auth::Right right =
      auth::Right::Find;  // right_of(operation), known even if operation is an error
  base::Result<Operation> operation = base::Error{};
  // A read that would wait longer than this for what was acknowledged before it fails with code
  // "timeout". Nothing: as long as the service allows, which is never exceeded.
  std::optional<std::int64_t> wait_micros_max;
  // Of the HTTP request, for stamping and the access log.
  std::string remote_address, user_agent, request_id, method, path;
};

}  // namespace piperoll::operation
