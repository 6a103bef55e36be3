#pragma once
// What came of an operation. Plain values, but for RecordStream.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "event/fields.h"
#include "event/record.h"
#include "evidence/event_proof.h"
#include "query/aggregate.h"
#include "registry/registry.h"
#include "tlog/hash_reader.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace piperoll::operation {

struct AppendResult {
  enum class Kind : std::uint8_t {
    Stored,     // durable, seq and recorded_at are final
    Duplicate,  // the same id and content were stored before, as seq
    Rejected,   // error says why (code "id_conflict": same id, other content)
    Aborted     // good, but another event of the atomic batch was rejected; nothing was stored
  };
  Kind kind = Kind::Stored;
  std::string id;  // empty if rejected before it had one
  std::uint64_t seq = 0;
  base::Timestamp recorded_at;
  std::optional<base::Error> error;
  std::shared_ptr<const event::Record> record;  // Stored and Duplicate, where records were wanted
};

// In the order of the events. Durable when this exists.
struct Appended {
  std::vector<AppendResult> results;
  bool any_rejected = false;
};

struct Found {
  std::vector<event::Record> records;
  std::optional<std::uint64_t> count;
  std::optional<std::string> next_cursor, previous_cursor;
  std::uint64_t tree_size = 0;
  std::optional<std::string> explanation = {};  // lines for people
};

struct Got {
  event::Record record;
};

// Records piece by piece, at one snapshot (tails: as they come). One thread at a time.
class RecordStream {
 public:
  virtual ~RecordStream() = default;
  // False: it does not take the record, which ends the piece and is shown again first by the next.
  // The view is valid until visit returns.
  using Visit = std::function<bool(const event::RecordView&)>;
  struct Piece {
    bool last = false;     // nothing comes after this piece
    bool idle = false;     // tails: nothing new; ask again later
    bool overrun = false;  // tails: the reader was too slow and is dropped; last is true then
    // overrun: the last seq that it was shown, or that its filter was held against; nothing: none.
    std::optional<std::uint64_t> last_seq;
  };
  // Shows the records of the next piece, as they lie in the store: nothing is copied.
  virtual base::Result<Piece> next(const Visit& visit) = 0;
};

struct Streamed {
  std::unique_ptr<RecordStream> stream;
  std::optional<std::uint64_t> count;  // FindEvents with stream and count
  std::uint64_t tree_size = 0;
  bool filtered = false;
  // ExportEvents: which log, and its checkpoint of tree_size. Empty where no evidence is kept.
  std::string origin, checkpoint;
  // ExportEvents with_tree: of the tree that the checkpoint is for. As the stream.
  std::unique_ptr<tlog::HashReader> tree = nullptr;
};

// tree_size: of the log when the answer was begun; what is acknowledged meanwhile may be in it,
// too.
struct Faceted {
  event::FieldRef field;
  query::Facets facets;
  std::uint64_t tree_size = 0;
  std::optional<std::string> explanation = {};  // as of Found
};

struct Histogrammed {
  query::Interval interval = query::Interval::Day;
  std::vector<query::Bucket> buckets;
  std::uint64_t tree_size = 0;
  std::optional<std::string> explanation = {};
};

struct EventProven {
  evidence::EventProof proof;
  std::string sd_jwt;  // where it was asked for (evidence/sd_jwt.h)
};
struct CheckpointRead {
  std::string note;
};
// A tile that is full, and so stays as it is, or a part of one.
struct TileRead {
  base::Bytes bytes;
  bool full = false;
};
struct LogKeysRead {
  std::vector<tlog::VerifierKey> keys;  // newest first
};
struct ConsistencyProven {
  std::uint64_t from = 0, to = 0;
  tlog::Proof proof;
  std::string checkpoint;
};

struct KeyCreated {
  std::string secret;  // shown this once
  registry::Registry::KeyPointer key;
};
struct KeysListed {
  std::vector<registry::Registry::KeyPointer> keys;
};
struct KeyRevoked {
  registry::Registry::KeyPointer key;  // as it was
};
struct ApplicationCreated {
  registry::Registry::ApplicationPointer application;
};
struct ApplicationsListed {
  std::vector<registry::Registry::ApplicationPointer> applications;
};
struct OrganisationCreated {
  registry::Registry::OrgPointer organisation;
};
struct OrganisationsListed {
  std::vector<registry::Registry::OrgPointer> organisations;
};
struct OrganisationChanged {
  registry::Registry::OrgPointer organisation;
};
struct TokenIssued {
  std::string token;
  std::int64_t seconds = 0;  // it is good for
  auth::Principal principal;
};
// A browser's session as it is shown: never its id.
struct SessionState {
  base::Timestamp opened_at, ends_at;
  std::int64_t idle_seconds = 0;  // it ends after so long without a request
};
struct Identified {
  auth::Principal principal;
  std::optional<SessionState> session = std::nullopt;  // of credentials that are one
};
struct SessionStarted {
  auth::Principal principal;
  SessionState session;
  std::string id, csrf_token;  // for cookies
  std::string return_to = {};  // where a login with an issuer goes on
};
struct SessionEnded {};
struct LoginBegun {
  std::string address;  // of the issuer, where the browser goes
  std::string browser;  // for a cookie: only the browser that has it may come back
};
struct UserCreated {
  registry::Registry::UserPointer user;
};
struct UsersListed {
  std::vector<registry::Registry::UserPointer> users;
};
struct UserChanged {
  registry::Registry::UserPointer user;
};
// A view as one caller sees it.
struct ViewShown {
  registry::Registry::ViewPointer view;
  bool own = false;
  bool may_change = false;  // replace and delete
};
struct ViewsListed {
  std::vector<ViewShown> views;
};
struct ViewSaved {
  ViewShown view;
  bool created = false;
};
struct ViewDeleted {
  registry::Registry::ViewPointer view;  // as it was
};

using Outcome =
    std::variant<Appended, Found, Got, Streamed, Faceted, Histogrammed, EventProven, CheckpointRead,
                 TileRead, LogKeysRead, ConsistencyProven, KeyCreated, KeysListed, KeyRevoked,
                 ApplicationCreated, ApplicationsListed, OrganisationCreated, OrganisationsListed,
                 OrganisationChanged, UserCreated, UsersListed, UserChanged, ViewsListed, ViewSaved,
                 ViewDeleted, TokenIssued, Identified, SessionStarted, SessionEnded, LoginBegun>;

// One of the limits that a request counted against, for the headers that say so.
struct LimitState {
  const char* name = "";
  std::uint64_t quota = 0;
  std::int64_t window_seconds = 0;
  std::uint64_t remaining = 0;
  std::int64_t reset_seconds = 0;  // until all of it is there again
  std::int64_t retry_seconds = 0;  // above 0: this one refused the request
};

// The answer to a Call. org is null only when the call failed before it was known, or for
// operations about no organisation. applications: how a record's application is shown.
struct Reply {
  base::Result<Outcome> outcome = base::Error{};
  registry::Registry::OrgPointer org;
  const registry::Registry* applications = nullptr;  // outlives the reply
  std::vector<LimitState> limits = {};

  // Error codes that the service gives, beside those of the stores and the registry:
  //   Unauthenticated "no_credential" | "bad_credential"
  //                   of signed requests: "signature_key_unknown" | "signature_unavailable" (the
  //                   key cannot sign) | "signature_date" | "signature_mismatch"
  //                   of sessions: "session_ended"; of passwords: "bad_login"
  //                   of logins with an issuer: "login_expired" | "login_denied" |
  //                   "login_refused" | "login_no_organisation"
  //   Forbidden "no_right" (the credential lacks the right)
  //             "csrf" (a session's request that may be another page's)
  //             "login_no_role" | "wrong_password" (the old one, where it is changed)
  //             "org_forbidden" (organisation by UUID: unknown or foreign, alike)
  //             "org_disabled" (the credential's own)
  //   NotFound "org_not_found" (organisation by name: unknown or foreign, alike)
  //            "evidence_off" (none is kept) | "tile_not_found"
  //            "event_not_found" | "key_not_found" | "application_not_found" | "login_not_found"
  //            "view_not_found" (or somebody's own)
  //   InvalidArgument "org_required" (server credential without an organisation)
  //                   "application_mismatch" (id and key name different ones) | "invalid_cursor"
  //                   "no_session" | "no_password" (the credential is none that has one)
  //   Conflict "id_conflict" | "key_taken" | "name_taken" | ...
  //   Unavailable "no_space" | "journal_failed" | "shutting_down" | "access_log_full" |
  //               "login_unavailable" (the issuer does not answer)
  //   ResourceExhausted "busy" (queue full) | "rate_limited" | "timeout" (a wait reached its
  //   deadline)
};

}  // namespace piperoll::operation
