#include "base/bytes.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "event/event_json.h"

namespace piperoll::event {
namespace {

using OptionalText = std::optional<std::string_view>;

// Writes one object member by member. Names are our own and need no escapes.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }

  void text(std::string_view name, std::string_view text) {
    key(name);
    base::append_canonical_string(out_, text);
  }
  void text(std::string_view name, const OptionalText& optional) {
    if (optional) {
      text(name, *optional);
    }
  }
  void number(std::string_view name, std::uint64_t number) {
    key(name);
    out_.append(std::to_string(number));
  }
  // Text that needs no escapes: enumerations, UUIDs, base64.
  void plain(std::string_view name, std::string_view text) {
    key(name);
    out_.append("\"").append(text).append("\"");
  }
  void time(std::string_view name, Timestamp time) {
    key(name);
    out_.push_back('"');
    base::append_rfc3339(out_, time);
    out_.push_back('"');
  }
  // A canonical object, left out when empty.
  void object(std::string_view name, std::string_view json) {
    if (!json.empty()) {
      key(name);
      out_.append(json);
    }
  }
  void key(std::string_view name) {
    if (needs_comma_) {
      out_.push_back(',');
    }
    needs_comma_ = true;
    out_.append("\"").append(name).append("\":");
  }
  void end() { out_.push_back('}'); }

 private:
  std::string& out_;
  bool needs_comma_ = false;
};

bool is_empty(const EventView::Application& application) {
  return application == EventView::Application{};
}

void write_application(std::string& out, const EventView::Application& application) {
  ObjectWriter part(out);
  part.text("id", application.id);
  part.text("key", application.key);
  part.end();
}

void write_actor(std::string& out, const EventView::Actor& actor) {
  ObjectWriter part(out);
  part.text("id", actor.id);
  part.text("type", actor.type);
  part.text("name", actor.name);
  part.text("email", actor.email);
  part.end();
}

void write_target(std::string& out, const EventView::Target& target) {
  ObjectWriter part(out);
  part.text("id", target.id);
  part.text("type", target.type);
  part.text("name", target.name);
  part.end();
}

// Here the order of the contract is the canonical one.
void write_request(std::string& out, const EventView::Request& request) {
  ObjectWriter part(out);
  part.text("id", request.id);
  part.text("ip", request.ip);
  part.text("method", request.method);
  part.text("path", request.path);
  if (request.status_code) {
    part.number("status_code", *request.status_code);
  }
  part.text("user_agent", request.user_agent);
  part.end();
}

void write_canonical_actor(std::string& out, const EventView::Actor& actor) {
  ObjectWriter part(out);
  part.text("email", actor.email);
  part.text("id", actor.id);
  part.text("name", actor.name);
  part.text("type", actor.type);
  part.end();
}

void write_canonical_target(std::string& out, const EventView::Target& target) {
  ObjectWriter part(out);
  part.text("id", target.id);
  part.text("name", target.name);
  part.text("type", target.type);
  part.end();
}

void write_parts(std::string& out, ObjectWriter& object, const EventView& event) {
  if (event.actor != EventView::Actor{}) {
    object.key("actor");
    write_actor(out, event.actor);
  }
  if (event.target != EventView::Target{}) {
    object.key("target");
    write_target(out, event.target);
  }
  if (!is_empty(event.application)) {
    object.key("application");
    write_application(out, event.application);
  }
  object.text("cluster_id", event.cluster_id);
  if (event.request != EventView::Request{}) {
    object.key("request");
    write_request(out, event.request);
  }
}

}  // namespace

void write_record(std::string& out, const RecordView& record, const base::Uuid& org,
                  WriteOptions options) {
  const EventView& event = record.event;
  ObjectWriter object(out);
  object.text("id", event.id);
  object.time("occurred_at", record.occurred_at());
  object.text("action", event.action);
  object.text("source", event.source);
  object.text("category", event.category);
  object.text("summary", event.summary);
  object.plain("severity", to_string(event.severity));
  object.plain("status", to_string(event.status));
  object.text("error", event.error);
  object.text("commit_id", event.commit_id);
  object.text("version", event.version);
  write_parts(out, object, event);
  object.object("context", event.context);
  object.object("params", event.params);
  object.object("metadata", event.metadata);
  object.number("seq", record.seq());
  object.time("recorded_at", record.recorded_at());
  object.plain("org_id", org.to_string());
  if (options.with_seed) {
    const auto& seed = record.head.seed;
    object.plain("seed",
                 base::base64url_encode({reinterpret_cast<const char*>(seed.data()), seed.size()}));
  }
  object.end();
}

std::string canonical_json(const EventView& event) {
  std::string out;
  ObjectWriter object(out);
  object.text("action", event.action);
  if (event.actor != EventView::Actor{}) {
    object.key("actor");
    write_canonical_actor(out, event.actor);
  }
  if (!is_empty(event.application)) {
    object.key("application");
    write_application(out, event.application);
  }
  object.text("category", event.category);
  object.text("cluster_id", event.cluster_id);
  object.text("commit_id", event.commit_id);
  object.object("context", event.context);
  object.text("error", event.error);
  if (!event.id.empty()) {
    object.text("id", event.id);
  }
  object.object("metadata", event.metadata);
  if (event.occurred_at) {
    object.time("occurred_at", *event.occurred_at);
  }
  object.object("params", event.params);
  if (event.request != EventView::Request{}) {
    object.key("request");
    write_request(out, event.request);
  }
  object.plain("severity", to_string(event.severity));
  object.text("source", event.source);
  object.plain("status", to_string(event.status));
  object.text("summary", event.summary);
  if (event.target != EventView::Target{}) {
    object.key("target");
    write_canonical_target(out, event.target);
  }
  object.text("version", event.version);
  object.end();
  return out;
}

}  // namespace piperoll::event
