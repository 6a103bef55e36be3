#include "service/testing/service_world.h"

#include <gtest/gtest.h>

namespace piperoll::service::testing {

base::Uuid ServiceWorld::uuid_of(std::uint8_t byte) {
  base::Uuid id;
  id.bytes.fill(byte);
  return id;
}

namespace {

std::unique_ptr<ingest::Publisher> publisher_over(store::EventStore& store,
                                                  const crypto::Ed25519PrivateKey& key) {
  return std::make_unique<ingest::Publisher>(
      store, key,
      ingest::PublisherOptions{.server_name = kServerName, .known_keys = {key.public_key()}});
}

ingest::IndexerOptions indexing(ingest::Publisher* publisher) {
  ingest::IndexerOptions options{.batch_age_micros = 0};
  if (publisher != nullptr) {
    options.server_name = kServerName;
    options.applied = [publisher](std::span<const event::LogId> logs) { publisher->changed(logs); };
  }
  return options;
}

}  // namespace

ServiceWorld::ServiceWorld(AccessLogMode access_log, bool with_evidence)
    : publisher(with_evidence ? publisher_over(*store, signing_key) : nullptr),
      indexer(*store, indexing(publisher.get())),
      service(parts(), {.access_log = access_log}) {
  registry.apply(registry::CreateOrganisation{{acme, "acme", 1, true, {}}});
  registry.apply(registry::CreateOrganisation{{other, "other", 2, true, {}}});
  for (auth::Role role :
       {auth::Role::Writer, auth::Role::Reader, auth::Role::Auditor, auth::Role::Admin}) {
    const std::string name(auth::to_string(role));
    add_key("acme-" + name, acme, role);
    add_key("other-" + name, other, role);
    add_key("server-" + name, std::nullopt, role);
  }
}

ServiceParts ServiceWorld::parts_over(store::EventStore& other_store) {
  return {.registry = registry,
          .store = other_store,
          .committer = committer,
          .indexer = indexer,
          .workers = workers,
          .ids = ids,
          .clock = clock,
          .cursor_key = {std::string(32, 'c')},
          .content_key = crypto::HmacKey("content"),
          .publisher = publisher.get()};
}

void ServiceWorld::add_key(const std::string& name, std::optional<base::Uuid> org,
                           auth::Role role) {
  const std::string secret = auth::generate_api_key();
  const base::Uuid id = uuid_of(static_cast<std::uint8_t>(100 + keys.size()));
  registry.apply(registry::CreateKey{{.id = id,
                                      .org = org,
                                      .roles = {role},
                                      .name = name,
                                      .prefix = auth::display_prefix(secret),
                                      .digest = auth::digest_of(secret)}});
  registry.apply(registry::UseKey{id, clock.now()});  // a first use would be in the access log
  keys[name] = secret;
}

operation::Call ServiceWorld::call(const std::string& key, operation::Operation operation,
                                   const std::string& org) {
  operation::Call call;
  call.surface = "native";
  if (!key.empty()) {
    call.credential = {.kind = auth::Credential::Kind::Secret,
                       .secret = keys.contains(key) ? keys[key] : key};
  }
  if (!org.empty()) {
    call.org = {operation::OrgReference::Place::Query, org};
  }
  call.right = operation::right_of(operation);
  call.operation = std::move(operation);
  call.remote_address = "192.0.2.1";
  call.user_agent = "test/1";
  call.request_id = "request-1";
  call.method = "GET";
  call.path = "/v1/events";
  return call;
}

operation::Reply ServiceWorld::execute(operation::Call call) {
  std::promise<operation::Reply> promise;
  service.execute(std::move(call),
                  [&](operation::Reply reply) { promise.set_value(std::move(reply)); });
  return promise.get_future().get();
}

operation::Reply ServiceWorld::append(const std::string& key,
                                      const std::vector<event::Event>& events, bool atomic) {
  operation::AppendEvents append{.atomic = atomic};
  for (const event::Event& event : events) {
    append.batch.add(event);
  }
  return execute(call(key, std::move(append)));
}

std::uint64_t ServiceWorld::access_records() {
  const event::LogId log{acme, event::LogKind::Access};
  EXPECT_TRUE(indexer.wait_applied(committer.durable_lsn(log), 10'000'000));
  return store->size(log);
}

}  // namespace piperoll::service::testing
