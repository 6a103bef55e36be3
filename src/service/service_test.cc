#include "service/service.h"

#include <set>

#include <gtest/gtest.h>

#include "service/record_streams.h"
#include "service/testing/service_world.h"

namespace piperoll::service {
namespace {

using operation::Appended;
using operation::AppendResult;
using operation::Found;
using testing::ServiceWorld;

event::Event event_of(std::string action, std::string id = "") {
  event::Event event = event::make_event(std::move(action));
  event.id = std::move(id);
  return event;
}

const Appended& appended(const operation::Reply& reply) {
  return std::get<Appended>(*reply.outcome);
}

operation::FindEvents find_all() {
  return {.count = query::all()};
}

TEST(Service, TellsWhyItRefuses) {
  ServiceWorld world;
  struct Case {
    std::string key, org, code;
  };
  const Case cases[] = {
      {"", "", "no_credential"},
      {"prl_nonsense", "", "bad_credential"},
      {auth::generate_api_key(), "", "bad_credential"},
      {"acme-writer", "", "no_right"},
      {"acme-reader", "acme", ""},
      {"acme-reader", "other", "org_not_found"},
      {"acme-reader", "nobody", "org_not_found"},
      {"acme-reader", ServiceWorld::uuid_of(2).to_string(), "org_forbidden"},
      {"acme-reader", ServiceWorld::uuid_of(9).to_string(), "org_forbidden"},
      {"server-reader", "", "org_required"},
      {"server-reader", "other", ""},
      {"server-reader", "nobody", "org_not_found"},
      {"server-writer", "other", "no_right"},
  };
  for (const Case& c : cases) {
    auto reply = world.execute(world.call(c.key, find_all(), c.org));
    EXPECT_EQ(reply.outcome ? "" : reply.outcome.error().code, c.code) << c.key << " " << c.org;
  }
}

TEST(Service, RefusesADisabledOrganisationToAllButAdministration) {
  ServiceWorld world;
  auto disable = world.execute(world.call(
      "server-admin", operation::SetOrganisationEnabled{.id = "acme", .enabled = false}));
  ASSERT_TRUE(disable.outcome);

  EXPECT_EQ(world.execute(world.call("acme-reader", find_all())).outcome.error().code,
            "org_disabled");
  EXPECT_EQ(world.append("acme-writer", {event_of("a")}).outcome.error().code, "org_disabled");
  EXPECT_TRUE(world.execute(world.call("other-reader", find_all())).outcome);
  // Somebody else learns nothing of it.
  EXPECT_EQ(world.execute(world.call("other-reader", find_all(), "acme")).outcome.error().code,
            "org_not_found");
}

TEST(Service, RefusesRevokedAndExpiredKeys) {
  ServiceWorld world;
  auto made = world.execute(
      world.call("acme-admin", operation::CreateKey{.roles = {auth::Role::Reader},
                                                    .expires_at = base::Timestamp{2'000'000'000}}));
  const auto& created = std::get<operation::KeyCreated>(*made.outcome);
  EXPECT_TRUE(world.execute(world.call(created.secret, find_all())).outcome);

  world.clock.advance(1'000'000'000);
  EXPECT_EQ(world.execute(world.call(created.secret, find_all())).outcome.error().code,
            "bad_credential");

  const std::string id = world.registry.keys(world.acme)[1]->id.to_string();  // acme-reader
  EXPECT_TRUE(world.execute(world.call("acme-admin", operation::RevokeKey{.id = id})).outcome);
  EXPECT_EQ(world.execute(world.call("acme-reader", find_all())).outcome.error().code,
            "bad_credential");
}

TEST(Service, CannotRevokeAKeyOfAnotherOrganisation) {
  ServiceWorld world;
  const std::string foreign = world.registry.keys(world.other)[0]->id.to_string();

  auto reply = world.execute(world.call("acme-admin", operation::RevokeKey{.id = foreign}));

  EXPECT_EQ(reply.outcome.error().code, "key_not_found");
}

TEST(Service, AKeyIsNamedByItsDigestToo) {
  ServiceWorld world;
  auth::KeyDigest digest = auth::digest_of(world.keys["acme-reader"]);
  const std::string hex =
      base::hex_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});

  EXPECT_TRUE(world.execute(world.call("acme-admin", operation::RevokeKey{.id = hex})).outcome);
  EXPECT_EQ(world.execute(world.call("acme-reader", find_all())).outcome.error().code,
            "bad_credential");
}

TEST(Service, OnlyServerAdminsMakeOrganisationsAndServerKeys) {
  ServiceWorld world;
  operation::CreateOrganisation create{.name = "third"};
  EXPECT_EQ(world.execute(world.call("acme-admin", create)).outcome.error().code, "no_right");
  EXPECT_EQ(world.execute(world.call("server-auditor", create)).outcome.error().code, "no_right");
  EXPECT_TRUE(world.execute(world.call("server-admin", create)).outcome);

  operation::CreateKey key{.roles = {auth::Role::Admin}};
  EXPECT_EQ(world.execute(world.call("acme-admin", key, "*")).outcome.error().code, "no_right");
  auto made = world.execute(world.call("server-admin", key, "*"));
  EXPECT_EQ(std::get<operation::KeyCreated>(*made.outcome).key->org, std::nullopt);
}

TEST(Service, AnErrorInTheOperationComesAfterWhoAsks) {
  ServiceWorld world;
  operation::Call call = world.call("acme-writer", find_all());
  call.operation =
      base::Error{.kind = base::ErrorKind::InvalidArgument, .message = "m", .code = "mine"};
  EXPECT_EQ(world.execute(call).outcome.error().code, "no_right");
  call = world.call("acme-reader", find_all());
  call.operation =
      base::Error{.kind = base::ErrorKind::InvalidArgument, .message = "m", .code = "mine"};
  EXPECT_EQ(world.execute(call).outcome.error().code, "mine");
}

TEST(Service, StoresAndTellsDuplicatesWithTheirFirstPlace) {
  ServiceWorld world;
  auto first = world.append("acme-writer", {event_of("a", "x")});
  world.clock.advance(1'000'000);
  auto again = world.append("acme-writer", {event_of("a", "x")});
  auto other = world.append("acme-writer", {event_of("b", "x")});

  EXPECT_EQ(appended(first).results[0].kind, AppendResult::Kind::Stored);
  EXPECT_EQ(appended(again).results[0].kind, AppendResult::Kind::Duplicate);
  EXPECT_EQ(appended(again).results[0].seq, 0U);
  EXPECT_EQ(appended(again).results[0].recorded_at, appended(first).results[0].recorded_at);
  EXPECT_EQ(appended(other).results[0].error->code, "id_conflict");
  EXPECT_TRUE(appended(other).any_rejected);
}

TEST(Service, RecognisesAnIdItMade) {
  ServiceWorld world;
  auto first = world.append("acme-writer", {event_of("a")});
  const std::string id = appended(first).results[0].id;

  EXPECT_EQ(appended(world.append("acme-writer", {event_of("a", id)})).results[0].kind,
            AppendResult::Kind::Duplicate);
  EXPECT_EQ(appended(world.append("acme-writer", {event_of("b", id)})).results[0].error->code,
            "id_conflict");
  // In another organisation it is just an id.
  EXPECT_EQ(appended(world.append("other-writer", {event_of("b", id)})).results[0].kind,
            AppendResult::Kind::Stored);
}

TEST(Service, ARejectedEventAbortsAnAtomicBatchAndNotAnother) {
  ServiceWorld world;
  for (bool atomic : {true, false}) {
    operation::AppendEvents append{.atomic = atomic};
    append.batch.add(event_of("a"));
    append.batch.refuse({.kind = base::ErrorKind::InvalidArgument, .message = "bad"});
    auto reply = world.execute(world.call("acme-writer", std::move(append)));
    EXPECT_EQ(appended(reply).results[0].kind,
              atomic ? AppendResult::Kind::Aborted : AppendResult::Kind::Stored);
    EXPECT_EQ(appended(reply).results[1].kind, AppendResult::Kind::Rejected);
  }
  auto found = world.execute(world.call("acme-reader", find_all()));
  EXPECT_EQ(std::get<Found>(*found.outcome).count, 1U);
}

TEST(Service, ResolvesApplications) {
  ServiceWorld world;
  auto made = world.execute(
      world.call("acme-admin", operation::CreateApplication{.key = "shop", .name = "Shop"}));
  const auto application = std::get<operation::ApplicationCreated>(*made.outcome).application;
  auto with = [](std::optional<std::string> id, std::optional<std::string> key) {
    event::Event event = event_of("a");
    event.application = {std::move(id), std::move(key)};
    return event;
  };
  operation::AppendEvents append{.want_records = true};
  append.batch.add(with(std::nullopt, "shop"));
  append.batch.add(with(application->id.to_string(), std::nullopt));
  auto good = world.execute(world.call("acme-writer", std::move(append)));
  for (const AppendResult& result : appended(good).results) {
    EXPECT_EQ(result.record->event().application.key, "shop");
    EXPECT_EQ(result.record->event().application.id, application->id.to_string());
  }
  auto bad = world.append("acme-writer", {with(std::nullopt, "none"),
                                          with(ServiceWorld::uuid_of(9).to_string(), std::nullopt),
                                          with(application->id.to_string(), "none")});
  EXPECT_EQ(appended(bad).results[0].error->code, "application_not_found");
  EXPECT_EQ(appended(bad).results[1].error->code, "application_not_found");
  EXPECT_EQ(appended(bad).results[2].error->code, "application_mismatch");
  // Registered elsewhere is not registered.
  EXPECT_EQ(
      appended(world.append("other-writer", {with(std::nullopt, "shop")})).results[0].error->code,
      "application_not_found");
}

TEST(Service, StampsTheCaller) {
  ServiceWorld world;
  operation::AppendEvents append{.stamp_caller = true, .want_records = true};
  event::Event event = event_of("a");
  event.actor.name = "somebody else";
  append.batch.add(event);

  auto reply = world.execute(world.call("acme-writer", std::move(append)));

  const event::Record& record = *appended(reply).results[0].record;
  EXPECT_EQ(record.event().actor.name, "acme-writer");
  EXPECT_EQ(record.event().request.ip, "192.0.2.1");
  EXPECT_EQ(record.event().request.user_agent, "test/1");
}

TEST(Service, AReadSeesWhatWasAcknowledgedBeforeIt) {
  ServiceWorld world;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(world.append("acme-writer", {event_of("a")}).outcome);
    auto found = world.execute(world.call("acme-reader", find_all()));
    ASSERT_EQ(std::get<Found>(*found.outcome).count, i);
  }
}

TEST(Service, PagesByCursorShowEachEventOnceThoughMoreArrive) {
  ServiceWorld world;
  for (int i = 0; i < 25; ++i) {
    world.append("acme-writer", {event_of("a", "e" + std::to_string(i))});
  }
  std::vector<std::string> seen;
  std::optional<std::string> cursor;
  do {
    operation::FindEvents find = find_all();
    find.page.limit = 4;
    find.page.offset = seen.empty() ? 0 : 3;  // counts from the start only
    find.cursor = cursor;
    find.want_cursors = true;
    auto reply = world.execute(world.call("acme-reader", std::move(find)));
    ASSERT_TRUE(reply.outcome) << reply.outcome.error().message;
    auto& found = std::get<Found>(*reply.outcome);
    EXPECT_EQ(found.count, 25U);
    for (const event::Record& record : found.records) {
      seen.emplace_back(record.event().id);
    }
    cursor = found.next_cursor;
    world.append("acme-writer", {event_of("late")});
  } while (cursor);
  EXPECT_EQ(seen.size(), 25U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 25U);
}

TEST(Service, ACursorIsGoodForItsQueryOnly) {
  ServiceWorld world;
  world.append("acme-writer", {event_of("a"), event_of("a")});
  operation::FindEvents find{.want_cursors = true};
  find.page.limit = 1;
  auto reply = world.execute(world.call("acme-reader", find));
  find.cursor = std::get<Found>(*reply.outcome).next_cursor;
  ASSERT_TRUE(find.cursor);
  EXPECT_TRUE(world.execute(world.call("acme-reader", find)).outcome);

  EXPECT_EQ(world.execute(world.call("other-reader", find)).outcome.error().code, "invalid_cursor");
  operation::FindEvents filtered = find;
  filtered.page.filter = query::equal({event::Field::Action, ""}, "a");
  EXPECT_EQ(world.execute(world.call("acme-reader", filtered)).outcome.error().code,
            "invalid_cursor");
  operation::FindEvents access = find;
  access.log = event::LogKind::Access;
  EXPECT_EQ(world.execute(world.call("acme-auditor", access)).outcome.error().code,
            "invalid_cursor");
}

TEST(Service, EveryReadIsInTheAccessLogBeforeItsAnswerWhereThatIsWanted) {
  ServiceWorld world(AccessLogMode::Sync);
  world.append("acme-writer", {event_of("a", "x")});
  std::uint64_t expected = 0;
  for (const operation::Operation& read :
       {operation::Operation(find_all()),
        operation::Operation(operation::GetEvent{.id_or_seq = std::string("x")}),
        operation::Operation(operation::GetEvent{.id_or_seq = std::string("not there")}),
        operation::Operation(operation::FacetEvents{.field = {event::Field::Action, ""}}),
        operation::Operation(operation::HistogramEvents{})}) {
    world.execute(world.call("acme-reader", read));
    EXPECT_EQ(world.access_records(), ++expected);
  }
  auto found = world.execute(
      world.call("acme-auditor", operation::FindEvents{.log = event::LogKind::Access}));
  const auto& records = std::get<Found>(*found.outcome).records;
  EXPECT_EQ(records.size(), expected);
  EXPECT_EQ(records.back().event().action, "events.find");
  EXPECT_EQ(records.back().event().actor.name, "acme-reader");
  for (const auto& record : records) {
    const bool answered = record.event().params.find("\"rows\":1,") != std::string::npos;
    EXPECT_EQ(record.event().params.find("\"tree_size\":1}") != std::string::npos, answered)
        << record.event().params;
  }
  EXPECT_EQ(world.access_records(), expected + 1);  // reading the access log is reading
}

// A piece of a stream, and the actions of the records that it showed.
struct Shown {
  operation::RecordStream::Piece piece;
  std::vector<std::string> actions;
};

Shown next_of(operation::RecordStream& stream) {
  Shown shown;
  shown.piece = stream
                    .next([&](const event::RecordView& record) {
                      shown.actions.emplace_back(record.event.action);
                      return true;
                    })
                    .value();
  return shown;
}

TEST(Service, AStreamIsRecordedWhenItEnds) {
  ServiceWorld world;
  world.append("acme-writer", {event_of("a"), event_of("b")});
  {
    auto reply = world.execute(world.call("acme-auditor", operation::ExportEvents{}));
    auto& streamed = std::get<operation::Streamed>(*reply.outcome);
    const Shown shown = next_of(*streamed.stream);
    EXPECT_EQ(shown.actions.size(), 2U);
    EXPECT_TRUE(shown.piece.last);
    EXPECT_EQ(world.access_records(), 0U);
  }
  world.execute(world.call("acme-reader", find_all()));  // its record comes after the stream's
  EXPECT_EQ(world.access_records(), 2U);
}

TEST(Streams, ARecordThatIsNotTakenIsShownAgain) {
  ServiceWorld world;
  const event::LogId log{world.acme, event::LogKind::Events};
  world.append("acme-writer", {event_of("a"), event_of("b"), event_of("c")});
  world.execute(world.call("acme-reader", find_all()));  // all of them are applied now
  std::uint64_t rows = 0;
  const StreamEnded ended = [&](std::uint64_t count, bool) { rows = count; };
  const query::PageRequest page{.filter = query::all(),
                                .sort = {{.field = event::Field::Seq, .descending = false}},
                                .limit = 9,
                                .tree_size = 3};
  std::unique_ptr<operation::RecordStream> streams[] = {
      stream_export(*world.store, log, query::all(), 3, ended),
      stream_page(*world.store, log, page, ended),
      stream_tail(*world.store, log, query::all(), {}, ended)};
  for (auto& stream : streams) {
    std::string taken;
    const auto take_one = [&](const event::RecordView& record) {
      const bool first = taken.empty();
      taken += first ? record.event.action : "";
      return first;
    };

    EXPECT_FALSE(stream->next(take_one)->last);

    EXPECT_EQ(taken, "a");
    EXPECT_EQ(next_of(*stream).actions, (std::vector<std::string>{"b", "c"}));
    stream.reset();
    EXPECT_EQ(rows, 3U);
  }
}

TEST(Service, NobodyReadsUnseen) {
  ServiceWorld world;
  world.journal.fail_with(ingest::testing::FakeJournal::Failure::Broken);
  world.append("acme-writer", {event_of("a")});

  auto reply = world.execute(world.call("acme-reader", find_all()));

  EXPECT_EQ(reply.outcome.error().kind, base::ErrorKind::Unavailable);
}

TEST(Service, ATailShowsWhatComes) {
  ServiceWorld world;
  world.append("acme-writer", {event_of("before")});
  auto reply =
      world.execute(world.call("acme-reader", operation::TailEvents{.filter = query::all()}));
  auto& stream = *std::get<operation::Streamed>(*reply.outcome).stream;
  EXPECT_TRUE(next_of(stream).piece.idle);

  world.append("acme-writer", {event_of("after")});
  ASSERT_TRUE(world.indexer.wait_applied(world.committer.durable_lsn(), 10'000'000));

  EXPECT_EQ(next_of(stream).actions, std::vector<std::string>{"after"});
  EXPECT_TRUE(next_of(stream).piece.idle);
}

TEST(Tail, AReaderThatFallsBehindTheEndIsToldWhereToGoOn) {
  ServiceWorld world;
  const event::LogId log{world.acme, event::LogKind::Events};
  auto append = [&](int count) {
    for (int n = 0; n < count; ++n) {
      ASSERT_TRUE(world.append("acme-writer", {event_of("a")}).outcome);
    }
    world.execute(world.call("acme-reader", find_all()));  // all of them are applied now
  };
  append(2);
  auto tail =
      stream_tail(*world.store, log, query::all(), {.from_seq = 0, .behind_max = 3}, nullptr);
  EXPECT_EQ(next_of(*tail).actions.size(), 2U);
  EXPECT_TRUE(next_of(*tail).piece.idle);
  append(3);
  EXPECT_EQ(next_of(*tail).actions.size(), 3U) << "three behind is not too far";
  append(4);

  const Shown shown = next_of(*tail);

  EXPECT_TRUE(shown.piece.overrun && shown.piece.last && shown.actions.empty());
  EXPECT_EQ(shown.piece.last_seq, 4U);
}

TEST(Tail, AReaderThatBeginsFarBehindMayTakeItsTime) {
  ServiceWorld world;
  const event::LogId log{world.acme, event::LogKind::Events};
  for (int n = 0; n < 6; ++n) {
    ASSERT_TRUE(world.append("acme-writer", {event_of("a")}).outcome);
  }
  world.execute(world.call("acme-reader", find_all()));

  auto tail =
      stream_tail(*world.store, log, query::all(), {.from_seq = 1, .behind_max = 3}, nullptr);

  EXPECT_EQ(next_of(*tail).actions.size(), 5U);
}

TEST(Tail, AnOverrunBeforeTheFirstEventNamesNone) {
  ServiceWorld world;
  const event::LogId log{world.acme, event::LogKind::Events};
  auto tail =
      stream_tail(*world.store, log, query::all(), {.from_seq = 0, .behind_max = 0}, nullptr);
  EXPECT_TRUE(next_of(*tail).piece.idle);
  ASSERT_TRUE(world.append("acme-writer", {event_of("a")}).outcome);
  world.execute(world.call("acme-reader", find_all()));

  const Shown shown = next_of(*tail);

  EXPECT_TRUE(shown.piece.overrun);
  EXPECT_EQ(shown.piece.last_seq, std::nullopt);
}

std::set<std::string> names_of(const operation::Reply& reply) {
  std::set<std::string> names;
  for (const operation::ViewShown& shown : std::get<operation::ViewsListed>(*reply.outcome).views) {
    names.insert(shown.view->name + (shown.own ? " own" : "") + (shown.may_change ? " may" : ""));
  }
  return names;
}

TEST(Views, AreSeenByWhoMadeThemAndWhereSharedByAllWhoMayFind) {
  ServiceWorld world;
  auto save = [&](const std::string& key, std::string name, bool shared) {
    return world.execute(
        world.call(key, operation::SaveView{.name = std::move(name), .shared = shared}));
  };
  ASSERT_TRUE(save("acme-reader", "mine", false).outcome);
  ASSERT_TRUE(save("acme-reader", "ours", true).outcome);
  ASSERT_TRUE(save("other-reader", "foreign", true).outcome);

  auto list = [&](const std::string& key) {
    return names_of(world.execute(world.call(key, operation::ListViews{})));
  };
  EXPECT_EQ(list("acme-reader"), (std::set<std::string>{"mine own may", "ours own may"}));
  EXPECT_EQ(list("acme-auditor"), (std::set<std::string>{"ours"}));
  EXPECT_EQ(list("acme-admin"), (std::set<std::string>{"ours may"}));
  EXPECT_EQ(list("other-reader"), (std::set<std::string>{"foreign own may"}));
  EXPECT_EQ(save("acme-writer", "x", false).outcome.error().code, "no_right");
}

TEST(Views, AreChangedByWhoMadeThemAndTheSharedOnesByAdmins) {
  ServiceWorld world;
  auto made = [&](std::string name, bool shared) {
    auto reply = world.execute(
        world.call("acme-reader", operation::SaveView{.name = std::move(name), .shared = shared}));
    return std::get<operation::ViewSaved>(*reply.outcome).view.view->id.to_string();
  };
  const std::string mine = made("mine", false);
  const std::string ours = made("ours", true);
  auto code = [&](const std::string& key, operation::Operation change) {
    auto reply = world.execute(world.call(key, std::move(change)));
    return reply.outcome ? "" : reply.outcome.error().code;
  };

  for (const char* key : {"acme-auditor", "acme-admin", "other-reader"}) {
    EXPECT_EQ(code(key, operation::DeleteView{mine}), "view_not_found") << key;
    EXPECT_EQ(code(key, operation::SaveView{.id = mine, .name = "x"}), "view_not_found") << key;
  }
  EXPECT_EQ(code("acme-auditor", operation::DeleteView{ours}), "no_right");
  EXPECT_EQ(code("other-reader", operation::DeleteView{ours}), "view_not_found");
  EXPECT_EQ(code("acme-reader", operation::DeleteView{"nonsense"}), "view_not_found");
  EXPECT_EQ(code("acme-admin", operation::SaveView{.id = ours, .name = "new", .shared = true}), "");
  EXPECT_EQ(code("acme-reader", operation::SaveView{.id = mine, .name = ""}), "invalid_member");
  EXPECT_EQ(code("acme-admin", operation::DeleteView{ours}), "");
  EXPECT_EQ(code("acme-reader", operation::DeleteView{mine}), "");
  EXPECT_TRUE(world.registry.views(world.acme).empty());
}

}  // namespace
}  // namespace piperoll::service
