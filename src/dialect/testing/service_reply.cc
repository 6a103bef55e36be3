#include "dialect/testing/service_reply.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/json.h"
#include "event/event_encoding.h"
#include "event/event_json.h"

namespace piperoll::dialect::testing {
namespace {

using base::JsonKind;
using base::JsonValue;

[[noreturn]] void refuse(std::string_view what) {
  std::fprintf(stderr, "reply: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    refuse(result.error().message);
  }
  return *std::move(result);
}

JsonValue member(const JsonValue& object, std::string_view name) {
  JsonValue found;
  if (!object.find(name, found)) {
    refuse("no member " + std::string(name));
  }
  return found;
}

std::string text(const JsonValue& object, std::string_view name) {
  JsonValue found;
  return object.find(name, found) ? std::string(found.as_string()) : std::string();
}

std::optional<std::string> maybe_text(const JsonValue& object, std::string_view name) {
  JsonValue found;
  return object.find(name, found) ? std::optional(std::string(found.as_string())) : std::nullopt;
}

base::Error error_from(const JsonValue& value) {
  base::Error error{.kind = base::ErrorKind::Internal,
                    .message = text(value, "message"),
                    .code = text(value, "code")};
  std::string kind = text(value, "kind");
  for (int i = 0; i <= static_cast<int>(base::ErrorKind::Internal); ++i) {
    if (kind == base::to_string(static_cast<base::ErrorKind>(i))) {
      error.kind = static_cast<base::ErrorKind>(i);
      return error;
    }
  }
  refuse("unknown kind " + kind);
}

event::Record record_from(const JsonValue& value) {
  event::Event event = must(event::read_event(value, event::ServerMembers::Ignore));
  return record_of(event, static_cast<std::uint64_t>(member(value, "seq").as_integer()),
                   must(base::parse_rfc3339(member(value, "recorded_at").as_string())));
}

std::vector<event::Record> records_from(const JsonValue& value) {
  std::vector<event::Record> records;
  for (const JsonValue& each : value.elements()) {
    records.push_back(record_from(each));
  }
  return records;
}

std::optional<std::uint64_t> count_from(const JsonValue& value) {
  JsonValue count;
  return value.find("count", count) ? std::optional(static_cast<std::uint64_t>(count.as_integer()))
                                    : std::nullopt;
}

operation::AppendResult append_result_from(const JsonValue& value) {
  using Kind = operation::AppendResult::Kind;
  operation::AppendResult result;
  std::string kind = text(value, "kind");
  result.kind = kind == "stored"      ? Kind::Stored
                : kind == "duplicate" ? Kind::Duplicate
                : kind == "rejected"  ? Kind::Rejected
                                      : Kind::Aborted;
  result.id = text(value, "id");
  JsonValue part;
  if (value.find("error", part)) {
    result.error = error_from(part);
  }
  if (value.find("record", part)) {
    result.record = std::make_shared<const event::Record>(record_from(part));
  }
  return result;
}

operation::Appended appended_from(const JsonValue& value) {
  operation::Appended appended;
  for (const JsonValue& each : value.elements()) {
    appended.results.push_back(append_result_from(each));
    appended.any_rejected |=
        appended.results.back().kind == operation::AppendResult::Kind::Rejected;
  }
  return appended;
}

class RecordsInPieces : public operation::RecordStream {
 public:
  explicit RecordsInPieces(std::vector<event::Record> records) : records_(std::move(records)) {}

  base::Result<Piece> next(const Visit& visit) override {
    constexpr std::size_t kPieceRecords = 2;
    const std::size_t begin = at_;
    while (at_ < records_.size() && at_ < begin + kPieceRecords &&
           visit(event::view_of(records_[at_]))) {
      ++at_;
    }
    return Piece{.last = begin == records_.size()};
  }

 private:
  std::vector<event::Record> records_;
  std::size_t at_ = 0;
};

auth::Principal demo_principal() {
  const base::Uuid id = must(base::parse_uuid("0a0a0a0a-1b1b-4c1c-9d1d-0e0e0e0e0e0e"));
  return {.id = id,
          .subject = id.to_string(),
          .name = "ci",
          .org = must(base::parse_uuid(kDemoOrgId)),
          .roles = {auth::Role::Reader}};
}

operation::Outcome outcome_from(const JsonValue& root) {
  JsonValue part;
  if (root.find("appended", part)) {
    return appended_from(part);
  }
  if (root.find("found", part)) {
    operation::Found found;
    found.records = records_from(part);
    found.count = count_from(root);
    found.next_cursor = maybe_text(root, "next_cursor");
    found.previous_cursor = maybe_text(root, "previous_cursor");
    return found;
  }
  if (root.find("streamed", part)) {
    operation::Streamed streamed;
    streamed.stream = std::make_unique<RecordsInPieces>(records_from(part));
    streamed.count = count_from(root);
    return streamed;
  }
  if (root.find("issued", part)) {
    return operation::TokenIssued{text(root, "issued"), 3600, demo_principal()};
  }
  if (root.find("identified", part)) {
    return operation::Identified{demo_principal()};
  }
  return operation::Got{record_from(member(root, "got"))};
}

void add_application(registry::Registry& registry, const JsonValue& value) {
  registry::Application application;
  application.id = must(base::parse_uuid(text(value, "id")));
  application.org = must(base::parse_uuid(kDemoOrgId));
  application.key = text(value, "key");
  application.name = text(value, "name");
  application.description = maybe_text(value, "description");
  application.accent_color = maybe_text(value, "accent_color");
  application.created_at = application.updated_at =
      must(base::parse_rfc3339("2025-06-01T12:00:00Z"));
  registry.apply(registry::CreateApplication{application});
}

ServiceReply empty_reply() {
  ServiceReply made;
  made.registry = std::make_unique<registry::Registry>();
  registry::Organisation org;
  org.id = must(base::parse_uuid(kDemoOrgId));
  org.name = "demo";
  org.tenant_id = 1001;
  made.registry->apply(registry::CreateOrganisation{org});
  made.reply.org = made.registry->org_named("demo");
  made.reply.applications = made.registry.get();
  return made;
}

}  // namespace

ServiceReply parse_reply(std::string_view json) {
  base::JsonParser parser;
  JsonValue root = must(parser.parse(json));
  ServiceReply made = empty_reply();
  JsonValue part;
  if (root.find("applications", part)) {
    for (const JsonValue& each : part.elements()) {
      add_application(*made.registry, each);
    }
  }
  if (root.find("error", part)) {
    made.reply.outcome = error_from(part);
  } else {
    made.reply.outcome = outcome_from(root);
  }
  return made;
}

ServiceReply failed_reply(const base::Error& error) {
  ServiceReply made = empty_reply();
  made.reply.outcome = error;
  return made;
}

event::Record record_of(const event::Event& event, std::uint64_t seq, base::Timestamp recorded_at) {
  event::RecordHead head;
  head.seq = seq;
  head.recorded_at = recorded_at;
  if (event.id.empty()) {
    head.made_id = must(base::parse_uuid("0195b2a4-6c00-7000-8000-000000000001"));
  }
  base::Bytes bytes;
  event::append_record(bytes, head, event::encode_event(event::view_of(event)));
  return must(event::Record::decode(bytes));
}

event::Record record_of(std::string_view json) {
  base::JsonParser parser;
  return record_from(must(parser.parse(json)));
}

}  // namespace piperoll::dialect::testing
