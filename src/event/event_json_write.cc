#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "base/json.h"
#include "base/short_bytes.h"
#include "base/timestamp.h"
#include "event/event_json.h"

namespace piperoll::event {
namespace {

using OptionalText = std::optional<std::string_view>;

// `,"name":` of a member, made when the program is built.
class MemberName {
 public:
  template <std::size_t kSize>
  consteval MemberName(const char (&name)[kSize]) : size_(kSize + 3) {
    static_assert(kSize + 3 <= kBytesMax);
    text_[0] = ',';
    text_[1] = '"';
    for (std::size_t i = 0; i + 1 < kSize; ++i) {
      text_[i + 2] = name[i];
    }
    text_[kSize + 1] = '"';
    text_[kSize + 2] = ':';
  }
  // REQUIRES: room for kBytesMax at out. Returns the end of the name there.
  char* write(char* out) const {
    std::memcpy(out, text_, kBytesMax);
    return out + size_;
  }
  static constexpr std::size_t kBytesMax = 16;

 private:
  char text_[kBytesMax] = {};
  std::size_t size_;
};

// Writes one object member by member to memory that bytes_max() has found large enough.
class ObjectWriter {
 public:
  explicit ObjectWriter(char* at) : begin_(at), at_(at) {}

  void text(const MemberName& name, std::string_view text) {
    at_ = base::write_canonical_string(name.write(at_), text);
  }
  void text(const MemberName& name, const OptionalText& optional) {
    if (optional) {
      text(name, *optional);
    }
  }
  void number(const MemberName& name, std::uint64_t number) {
    at_ = name.write(at_);
    at_ = std::to_chars(at_, at_ + kNumberBytesMax, number).ptr;
  }
  // Text that needs no escapes: enumerations, UUIDs, base64.
  void plain(const MemberName& name, std::string_view text) {
    at_ = name.write(at_);
    *at_++ = '"';
    at_ = base::copy_text(at_, text);
    *at_++ = '"';
  }
  void time(const MemberName& name, Timestamp time) {
    at_ = name.write(at_);
    *at_++ = '"';
    at_ = base::write_rfc3339(at_, time);
    *at_++ = '"';
  }
  // A canonical object, left out when empty.
  void object(const MemberName& name, std::string_view json) {
    if (!json.empty()) {
      at_ = base::copy_text(name.write(at_), json);
    }
  }
  // write_value(ObjectWriter&) writes the members of an object of its own.
  template <class WriteMembers>
  void nested(const MemberName& name, WriteMembers write_members) {
    ObjectWriter part(name.write(at_));
    write_members(part);
    at_ = part.end();
  }
  // Each member brought a comma; that of the first becomes the brace.
  char* end() {
    if (at_ == begin_) {
      ++at_;
    }
    *begin_ = '{';
    *at_++ = '}';
    return at_;
  }

  static constexpr std::size_t kNumberBytesMax = 20;

 private:
  char* begin_;
  char* at_;
};

// At least the bytes of an event as JSON with everything that write_record() adds.
std::size_t bytes_max(const EventView& event) {
  // 33 members and five objects in them, each with its name, braces, and what has no text of its
  // own: four times of at most 32 bytes, numbers, the words of enumerations, a UUID, a seed.
  constexpr std::size_t kNames = 40 * (MemberName::kBytesMax + 2);
  constexpr std::size_t kPlain = 2 * 32 + 2 * ObjectWriter::kNumberBytesMax + 2 * 16 + 36 + 44;
  std::size_t texts = 0;
  const auto add = [&](const auto&... each) {
    texts += (std::string_view(each.value_or("")).size() + ...);
  };
  add(event.source, event.summary, event.error, event.commit_id, event.cluster_id);
  add(event.actor.id, event.actor.type, event.actor.name, event.actor.email);
  add(event.target.id, event.target.type, event.target.name);
  add(event.application.id, event.application.key);
  add(event.request.id, event.request.ip, event.request.method, event.request.path,
      event.request.user_agent);
  texts += event.id.size() + event.action.size() + event.category.size() + event.version.size();
  const std::size_t objects = event.context.size() + event.params.size() + event.metadata.size();
  return kNames + kPlain + objects + base::canonical_string_bytes_max(texts);
}

// Appends what write_object puts at the place that it is given; it returns the end.
template <class WriteObject>
void append_object(std::string& out, const EventView& event, WriteObject write_object) {
  const std::size_t begin = out.size();
  out.resize(begin + bytes_max(event));
  const char* end = write_object(out.data() + begin);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

bool is_empty(const EventView::Application& application) {
  return application == EventView::Application{};
}

void write_application(ObjectWriter& part, const EventView::Application& application) {
  part.text("id", application.id);
  part.text("key", application.key);
}

void write_actor(ObjectWriter& part, const EventView::Actor& actor) {
  part.text("id", actor.id);
  part.text("type", actor.type);
  part.text("name", actor.name);
  part.text("email", actor.email);
}

void write_target(ObjectWriter& part, const EventView::Target& target) {
  part.text("id", target.id);
  part.text("type", target.type);
  part.text("name", target.name);
}

// Here the order of the contract is the canonical one.
void write_request(ObjectWriter& part, const EventView::Request& request) {
  part.text("id", request.id);
  part.text("ip", request.ip);
  part.text("method", request.method);
  part.text("path", request.path);
  if (request.status_code) {
    part.number("status_code", *request.status_code);
  }
  part.text("user_agent", request.user_agent);
}

void write_canonical_actor(ObjectWriter& part, const EventView::Actor& actor) {
  part.text("email", actor.email);
  part.text("id", actor.id);
  part.text("name", actor.name);
  part.text("type", actor.type);
}

void write_canonical_target(ObjectWriter& part, const EventView::Target& target) {
  part.text("id", target.id);
  part.text("name", target.name);
  part.text("type", target.type);
}

void write_parts(ObjectWriter& object, const EventView& event) {
  if (event.actor != EventView::Actor{}) {
    object.nested("actor", [&](ObjectWriter& part) { write_actor(part, event.actor); });
  }
  if (event.target != EventView::Target{}) {
    object.nested("target", [&](ObjectWriter& part) { write_target(part, event.target); });
  }
  if (!is_empty(event.application)) {
    object.nested("application",
                  [&](ObjectWriter& part) { write_application(part, event.application); });
  }
  object.text("cluster_id", event.cluster_id);
  if (event.request != EventView::Request{}) {
    object.nested("request", [&](ObjectWriter& part) { write_request(part, event.request); });
  }
}

char* write_members(char* at, const RecordView& record, const base::Uuid& org,
                    WriteOptions options) {
  const EventView& event = record.event;
  ObjectWriter object(at);
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
  write_parts(object, event);
  object.object("context", event.context);
  object.object("params", event.params);
  object.object("metadata", event.metadata);
  object.number("seq", record.seq());
  object.time("recorded_at", record.recorded_at());
  object.plain("org_id", org.to_string());
  if (options.seed) {
    object.plain("seed", base::base64url_encode(as_bytes(*options.seed)));
  }
  return object.end();
}

char* write_canonical(char* at, const EventView& event) {
  ObjectWriter object(at);
  object.text("action", event.action);
  if (event.actor != EventView::Actor{}) {
    object.nested("actor", [&](ObjectWriter& part) { write_canonical_actor(part, event.actor); });
  }
  if (!is_empty(event.application)) {
    object.nested("application",
                  [&](ObjectWriter& part) { write_application(part, event.application); });
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
    object.nested("request", [&](ObjectWriter& part) { write_request(part, event.request); });
  }
  object.plain("severity", to_string(event.severity));
  object.text("source", event.source);
  object.plain("status", to_string(event.status));
  object.text("summary", event.summary);
  if (event.target != EventView::Target{}) {
    object.nested("target",
                  [&](ObjectWriter& part) { write_canonical_target(part, event.target); });
  }
  object.text("version", event.version);
  return object.end();
}

}  // namespace

void write_record(std::string& out, const RecordView& record, const base::Uuid& org,
                  WriteOptions options) {
  append_object(out, record.event,
                [&](char* at) { return write_members(at, record, org, options); });
}

std::string canonical_json(const EventView& event) {
  std::string out;
  append_object(out, event, [&](char* at) { return write_canonical(at, event); });
  return out;
}

}  // namespace piperoll::event
