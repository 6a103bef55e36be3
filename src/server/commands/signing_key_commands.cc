#include <cstdio>
#include <future>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "base/json.h"
#include "event/event_encoding.h"
#include "evidence/origin.h"
#include "server/commands/commands.h"
#include "server/config.h"
#include "server/engine.h"
#include "server/log_keys.h"
#include "server/small_files.h"

namespace piperoll::server {
namespace {

using base::Result;

std::string key_text(const LogKey& key) {
  return base::base64_encode(
      {reinterpret_cast<const char*>(key.public_key.data()), key.public_key.size()});
}

void print_key(const LogKey& key) {
  std::string line;
  base::JsonWriter json(line);
  json.begin_object();
  json.member("since", base::format_rfc3339(key.since));
  json.member("public_key", key_text(key));
  json.end_object();
  std::printf("%s\n", line.c_str());
}

// In the access log of an organisation: from here on another key signs.
ingest::AppendRequest record_of(const event::LogId& log, const LogKey& key) {
  event::Event event = event::make_event("signing_key.rotate");
  event.category = "access";
  event.source = "piperoll";
  event.actor.type = "command";
  event.actor.name = "command line";
  event.params = "{\"public_key\":\"" + key_text(key) + "\"}";
  ingest::AppendRequest request;
  request.log = log;
  request.hurry = true;
  event::append_encoded_event(request.arena, event::view_of(event));
  request.events.push_back({.offset = 0, .length = request.arena.size()});
  return request;
}

Result<void> record_rotation(Engine& engine, const LogKey& key) {
  for (const auto& org : engine.registry().orgs()) {
    std::promise<Result<void>> recorded;
    ingest::AppendRequest request = record_of({org->id, event::LogKind::Access}, key);
    request.done = [&recorded](const Result<std::vector<ingest::Placed>>& placed) {
      recorded.set_value(placed ? Result<void>() : Result<void>(placed.error()));
    };
    RETURN_IF_ERROR(engine.committer().append(std::move(request)));
    RETURN_IF_ERROR(recorded.get_future().get());
  }
  return {};
}

}  // namespace

Result<void> signing_key_rotate(const std::string& directory) {
  base::configure_diagnostics(base::DiagnosticsLevel::Warning, base::DiagnosticsFormat::Text);
  const base::SystemClock clock;
  const std::string path = process_environment()("PIPEROLL_SIGNING_KEY").value_or("");
  LogKey newest;
  {
    ASSIGN_OR_RETURN(const auto held, DataDirectory::open(directory));  // no server has it
    ASSIGN_OR_RETURN(const LogKeys keys, rotate_log_key(directory, path, clock.now()));
    newest = keys.known.front();
  }
  ASSIGN_OR_RETURN(const auto engine,
                   Engine::open({.directory = directory, .signing_key = path}, clock));
  RETURN_IF_ERROR(record_rotation(*engine, newest));
  print_key(newest);
  return {};
}

Result<void> signing_key_list(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<LogKey> keys, read_known_keys(directory));
  for (const LogKey& key : keys) {
    print_key(key);
  }
  return {};
}

Result<void> signing_key_vkey(const std::string& directory, const std::string& org, bool access) {
  ASSIGN_OR_RETURN(const base::Uuid id, base::parse_uuid(org));
  ASSIGN_OR_RETURN(const std::string name, read_server_name(directory));
  ASSIGN_OR_RETURN(const std::vector<LogKey> keys, read_known_keys(directory));
  const std::string origin =
      evidence::origin_of(name, {id, access ? event::LogKind::Access : event::LogKind::Events});
  for (const tlog::VerifierKey& key : tlog::verifier_keys(origin, public_keys(keys))) {
    std::printf("%s\n", key.print().c_str());
  }
  return {};
}

}  // namespace piperoll::server
