#include "service/reads.h"

#include <algorithm>

#include "query/cursor.h"
#include "service/proofs.h"
#include "service/record_streams.h"
#include "service/service_limits.h"
#include "service/views.h"

namespace piperoll::service {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using operation::Outcome;

// One read: where it looks and how it waits.
struct Read {
  ServiceParts& parts;
  const Admitted& admitted;
  const operation::Call& call;
  StreamRead stream_read;

  event::LogId log_of(event::LogKind kind) const { return {admitted.org->id, kind}; }

  std::int64_t wait_micros_max() const {
    return std::min(kReadWaitMicros, call.wait_micros_max.value_or(kReadWaitMicros));
  }
  // What was acknowledged in this log before now is visible after this.
  Result<void> wait(const event::LogId& log, operation::Consistency consistency) const {
    parts.indexer.index_if_wanted();
    return consistency == operation::Consistency::Applied
               ? Result<void>()
               : parts.indexer.wait_readable(parts.committer.durable_lsn(log), wait_micros_max());
  }
  // And it is in the tree.
  Result<void> wait_for_tree(const event::LogId& log) const {
    parts.indexer.index_if_wanted();
    return parts.indexer.wait_applied(parts.committer.durable_lsn(log), wait_micros_max());
  }

  StreamEnded ended(std::uint64_t tree_size) const {
    return [stream_read = stream_read, tree_size](std::uint64_t rows, bool) {
      stream_read(rows, tree_size);
    };
  }

  Result<Outcome> operator()(const operation::FindEvents& find) const;
  Result<Outcome> operator()(const operation::GetEvent& get) const;
  Result<Outcome> operator()(const operation::FacetEvents& facets) const;
  Result<Outcome> operator()(const operation::HistogramEvents& histogram) const;
  Result<Outcome> operator()(const operation::ExportEvents& exported) const;
  Result<Outcome> operator()(const operation::TailEvents& tail) const;
  Result<Outcome> operator()(const operation::ProveEvent& prove) const;
  Result<Outcome> operator()(const operation::ReadCheckpoint& read) const;
  Result<Outcome> operator()(const operation::ReadTile& read) const;
  Result<Outcome> operator()(const operation::ReadLogKeys& read) const;
  Result<Outcome> operator()(const operation::ProveConsistency& prove) const;
  Result<Outcome> operator()(const operation::ListKeys&) const;
  Result<Outcome> operator()(const operation::ListUsers&) const;
  Result<Outcome> operator()(const operation::ListApplications&) const;
  Result<Outcome> operator()(const operation::ListOrganisations&) const;
  Result<Outcome> operator()(const operation::ListViews&) const;
  template <class NoRead>
  Result<Outcome> operator()(const NoRead&) const {
    return Error{.kind = ErrorKind::Internal, .message = "internal error", .detail = "not a read"};
  }
};

// The page that a cursor continues; offset counts from the start only.
Result<void> open_page(const query::CursorKey& key, std::string_view binding,
                       std::string_view token, query::PageRequest& page) {
  ASSIGN_OR_RETURN(query::Cursor cursor, query::open_cursor(key, binding, token));
  page.tree_size = cursor.tree_size;
  (cursor.forward ? page.after_seq : page.before_seq) = cursor.seq;
  page.offset = 0;
  return {};
}

void seal_cursors(const query::CursorKey& key, std::string_view binding, const store::Page& page,
                  operation::Found& found) {
  if (page.records.empty()) {
    return;
  }
  if (page.more_after) {
    found.next_cursor = query::seal_cursor(
        key, binding,
        {.seq = page.records.back().seq(), .tree_size = page.tree_size, .forward = true});
  }
  if (page.more_before) {
    found.previous_cursor = query::seal_cursor(
        key, binding,
        {.seq = page.records.front().seq(), .tree_size = page.tree_size, .forward = false});
  }
}

// The end of an explanation, for people.
std::string took_since(const base::Clock& clock, std::int64_t began) {
  return std::to_string(clock.monotonic_micros() - began) + " \u00b5s without this explanation\n";
}

// Of counting that began then and is over.
std::string explain_counting(const ServiceParts& parts, const event::LogId& log,
                             const query::CountRequest& counted, std::int64_t began) {
  const std::string took = took_since(parts.clock, began);
  return parts.store.explain(log, counted) + "the counting took " + took;
}

Result<Outcome> Read::operator()(const operation::FindEvents& find) const {
  const event::LogId log = log_of(find.log);
  RETURN_IF_ERROR(wait(log, find.consistency));
  query::PageRequest page = find.page;
  const std::string binding = query::cursor_binding(call.surface, log, page.filter, page.sort);
  if (find.cursor) {
    RETURN_IF_ERROR(open_page(parts.cursor_key, binding, *find.cursor, page));
  }
  if (!page.tree_size && (find.count || find.stream)) {
    page.tree_size = parts.store.size(log);  // one size for both
  }
  std::optional<std::uint64_t> count;
  if (find.count) {
    ASSIGN_OR_RETURN(count, parts.store.count(log, *find.count, page.tree_size));
  }
  if (find.stream) {
    const std::uint64_t tree_size = *page.tree_size;
    return Outcome(operation::Streamed{
        .stream = stream_page(parts.store, log, std::move(page), ended(tree_size)),
        .count = count,
        .tree_size = tree_size,
        .filtered = find.page.filter.kind != query::Filter::Kind::All});
  }
  const std::int64_t began = parts.clock.monotonic_micros();
  ASSIGN_OR_RETURN(store::Page got, parts.store.find(log, page));
  operation::Found found{.count = count, .tree_size = got.tree_size};
  if (find.explain) {
    const std::string took = took_since(parts.clock, began);
    page.tree_size = got.tree_size;
    found.explanation = parts.store.explain(log, page) + "the page took " + took;
  }
  if (find.want_cursors) {
    seal_cursors(parts.cursor_key, binding, got, found);
  }
  found.records = std::move(got.records);
  return Outcome(std::move(found));
}

Error event_not_found() {
  return {.kind = ErrorKind::NotFound, .message = "no such event", .code = "event_not_found"};
}

Result<Outcome> Read::operator()(const operation::GetEvent& get) const {
  const event::LogId log = log_of(get.log);
  RETURN_IF_ERROR(wait(log, get.consistency));
  if (const auto* seq = std::get_if<std::uint64_t>(&get.id_or_seq)) {
    if (*seq >= parts.store.size(log)) {
      return event_not_found();
    }
    ASSIGN_OR_RETURN(event::Record record, parts.store.get(log, *seq));
    return Outcome(operation::Got{std::move(record)});
  }
  ASSIGN_OR_RETURN(auto record, parts.store.get_by_id(log, std::get<std::string>(get.id_or_seq)));
  if (!record) {
    return event_not_found();
  }
  return Outcome(operation::Got{*std::move(record)});
}

Result<Outcome> Read::operator()(const operation::FacetEvents& facets) const {
  const event::LogId log = log_of(event::LogKind::Events);
  RETURN_IF_ERROR(wait(log, facets.consistency));
  const std::uint64_t size = parts.store.size(log);
  const std::int64_t began = parts.clock.monotonic_micros();
  ASSIGN_OR_RETURN(store::Facets counted,
                   parts.store.facets(log, facets.filter, facets.field, facets.limit));
  operation::Faceted faceted{facets.field, std::move(counted), size};
  if (facets.explain) {
    faceted.explanation = explain_counting(parts, log, {facets.filter, facets.field}, began);
  }
  return Outcome(std::move(faceted));
}

Result<Outcome> Read::operator()(const operation::HistogramEvents& histogram) const {
  const event::LogId log = log_of(event::LogKind::Events);
  RETURN_IF_ERROR(wait(log, histogram.consistency));
  const std::uint64_t size = parts.store.size(log);
  const std::int64_t began = parts.clock.monotonic_micros();
  ASSIGN_OR_RETURN(auto buckets, parts.store.histogram(log, histogram.filter, histogram.interval));
  operation::Histogrammed histogrammed{histogram.interval, std::move(buckets), size};
  if (histogram.explain) {
    histogrammed.explanation =
        explain_counting(parts, log, {histogram.filter, histogram.interval}, began);
  }
  return Outcome(std::move(histogrammed));
}

Result<Outcome> Read::operator()(const operation::ExportEvents& exported) const {
  const event::LogId log = log_of(event::LogKind::Events);
  RETURN_IF_ERROR(wait_for_tree(log));
  operation::Streamed streamed{.tree_size = parts.store.size(log),
                               .filtered = exported.filter.kind != query::Filter::Kind::All};
  if (parts.publisher != nullptr) {
    // What is exported is what the checkpoint covers, neither more nor less.
    ASSIGN_OR_RETURN(const ingest::PublishedPointer published, parts.publisher->sign_now(log));
    streamed.tree_size = published->size;
    streamed.origin = parts.publisher->origin(log);
    streamed.checkpoint = published->note;
  }
  if (exported.with_tree) {
    ASSIGN_OR_RETURN(streamed.tree, tree_of(parts, log, streamed.tree_size));
  }
  streamed.stream = stream_export(parts.store, log, exported.filter, streamed.tree_size,
                                  ended(streamed.tree_size));
  return Outcome(std::move(streamed));
}

Result<Outcome> Read::operator()(const operation::TailEvents& tail) const {
  const event::LogId log = log_of(event::LogKind::Events);
  RETURN_IF_ERROR(wait(log, operation::Consistency::Latest));
  const std::uint64_t size = parts.store.size(log);
  const TailOptions options{.from_seq = tail.from_seq.value_or(size)};
  return Outcome(operation::Streamed{
      .stream = stream_tail(parts.store, log, tail.filter, options, ended(size)),
      .tree_size = size});
}

Result<Outcome> Read::operator()(const operation::ProveEvent& prove) const {
  const event::LogId log = log_of(event::LogKind::Events);
  RETURN_IF_ERROR(wait_for_tree(log));
  return prove_event(parts, log, prove);
}

// A checkpoint is what was published, and published is soon: nothing is waited for.
Result<Outcome> Read::operator()(const operation::ReadCheckpoint& read) const {
  return read_checkpoint(parts, log_of(read.log));
}

Result<Outcome> Read::operator()(const operation::ReadTile& read) const {
  return read_tile(parts, log_of(read.log), read.resource);
}

Result<Outcome> Read::operator()(const operation::ReadLogKeys& read) const {
  return read_log_keys(parts, log_of(read.log));
}

Result<Outcome> Read::operator()(const operation::ProveConsistency& prove) const {
  const event::LogId log = log_of(prove.log);
  RETURN_IF_ERROR(wait_for_tree(log));
  return prove_consistency(parts, log, prove);
}

Result<Outcome> Read::operator()(const operation::ListKeys&) const {
  return Outcome(operation::KeysListed{admitted.org ? parts.registry.keys(admitted.org->id)
                                                    : parts.registry.keys(std::nullopt)});
}

Result<Outcome> Read::operator()(const operation::ListUsers&) const {
  return Outcome(operation::UsersListed{
      parts.registry.users(admitted.org ? std::optional(admitted.org->id) : std::nullopt)});
}

Result<Outcome> Read::operator()(const operation::ListApplications&) const {
  if (!admitted.org) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "applications belong to an organisation: name it with ?org=",
                 .code = "org_required"};
  }
  return Outcome(operation::ApplicationsListed{parts.registry.applications(admitted.org->id)});
}

Result<Outcome> Read::operator()(const operation::ListOrganisations&) const {
  return Outcome(operation::OrganisationsListed{parts.registry.orgs()});
}

Result<Outcome> Read::operator()(const operation::ListViews&) const {
  operation::ViewsListed listed;
  for (auto& view : parts.registry.views(admitted.org->id)) {
    auto shown = view_shown_to(admitted, std::move(view));
    if (shown.own || shown.view->shared) {
      listed.views.push_back(std::move(shown));
    }
  }
  return Outcome(std::move(listed));
}

bool reads_a_log(const operation::Operation& operation) {
  return !std::holds_alternative<operation::ListKeys>(operation) &&
         !std::holds_alternative<operation::ListUsers>(operation) &&
         !std::holds_alternative<operation::ListApplications>(operation) &&
         !std::holds_alternative<operation::ListOrganisations>(operation);
}

}  // namespace

Result<Outcome> run_read(ServiceParts& parts, const Admitted& admitted, const operation::Call& call,
                         StreamRead stream_read) {
  if (reads_a_log(*call.operation) && !admitted.org) {
    return Error{.kind = ErrorKind::InvalidArgument,
                 .message = "events belong to an organisation: name one with ?org=",
                 .code = "org_required"};
  }
  return std::visit(Read{parts, admitted, call, std::move(stream_read)}, *call.operation);
}

std::optional<ReadSummary> summary_of(const Outcome& outcome) {
  if (const auto* found = std::get_if<operation::Found>(&outcome)) {
    return ReadSummary{found->records.size(), found->count, found->tree_size};
  }
  if (const auto* got = std::get_if<operation::Got>(&outcome)) {
    return ReadSummary{1, std::nullopt, got->record.seq() + 1};
  }
  if (const auto* proven = std::get_if<operation::EventProven>(&outcome)) {
    return ReadSummary{1, std::nullopt, proven->proof.tree_size};
  }
  if (const auto* proven = std::get_if<operation::ConsistencyProven>(&outcome)) {
    return ReadSummary{0, std::nullopt, proven->to};
  }
  if (const auto* faceted = std::get_if<operation::Faceted>(&outcome)) {
    return ReadSummary{faceted->facets.values.size(), std::nullopt, faceted->tree_size};
  }
  if (const auto* histogrammed = std::get_if<operation::Histogrammed>(&outcome)) {
    return ReadSummary{histogrammed->buckets.size(), std::nullopt, histogrammed->tree_size};
  }
  return std::nullopt;
}

}  // namespace piperoll::service
