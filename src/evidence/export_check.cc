#include "evidence/export_check.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "event/event_json.h"
#include "tlog/checkpoint.h"

namespace piperoll::evidence {
namespace {

using base::JsonKind;
using base::JsonValue;

constexpr std::string_view kEnding = "piperoll_export";
constexpr std::string_view kAccess = "/access";

base::Error malformed(std::string why, std::string code = "") {
  return {
      .kind = base::ErrorKind::InvalidArgument, .message = std::move(why), .code = std::move(code)};
}

std::optional<std::string_view> text_of(const JsonValue& object, std::string_view name) {
  JsonValue value;
  if (!object.find(name, value) || !value.is(JsonKind::String)) {
    return std::nullopt;
  }
  return value.as_string();
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// "<server name>/<org>" or "<server name>/<org>/access".
std::string org_of(std::string_view origin) {
  if (origin.ends_with(kAccess)) {
    origin.remove_suffix(kAccess.size());
  }
  return std::string(origin.substr(origin.rfind('/') + 1));
}

base::Result<ExportedEvent> read_exported(const JsonValue& value) {
  ASSIGN_OR_RETURN(event::Event event, event::read_event(value, event::ServerMembers::Ignore));
  const auto seq = value.unsigned_integer("seq");
  const auto recorded_at = text_of(value, "recorded_at");
  const auto org = text_of(value, "org_id");
  if (!seq || !recorded_at || !org || event.id.empty() || !event.occurred_at) {
    return malformed("an exported event must have id, occurred_at, seq, recorded_at and org_id");
  }
  ExportedEvent exported{.head = {}, .org = {}, .event = std::move(event)};
  exported.head.seq = *seq;
  ASSIGN_OR_RETURN(exported.head.recorded_at, base::parse_rfc3339(*recorded_at));
  ASSIGN_OR_RETURN(exported.org, base::parse_uuid(*org));
  const auto seed_text = text_of(value, "seed");
  if (!seed_text) {
    return malformed("an exported event must have its seed to be proven", "seed_missing");
  }
  const auto seed = base::base64url_decode(*seed_text);
  if (!seed || seed->size() != sizeof(event::RecordSeed)) {
    return malformed("seed must be base64url of 32 bytes");
  }
  std::copy(seed->begin(), seed->end(), exported.head.seed.bytes.begin());
  return exported;
}

}  // namespace

base::Result<ExportedEvent> read_export_line(base::JsonParser& parser, std::string_view line) {
  ASSIGN_OR_RETURN(const JsonValue value, parser.parse(line));
  return read_exported(value);
}

tlog::Hash leaf_of_export(LeafMaker& maker, std::string_view origin,
                          const ExportedEvent& exported) {
  return maker.leaf_hash(origin, {.head = exported.head, .event = event::view_of(exported.event)});
}

ExportCheck::ExportCheck(std::vector<tlog::VerifierKey> keys)
    : keys_(std::move(keys)), origin_(keys_.front().name), org_text_(org_of(origin_)) {}

base::Result<ExportCheck> ExportCheck::make(std::vector<tlog::VerifierKey> keys) {
  if (keys.empty() || std::any_of(keys.begin(), keys.end(), [&](const tlog::VerifierKey& key) {
        return key.name != keys.front().name;
      })) {
    return malformed("the keys must be of one log");
  }
  return ExportCheck(std::move(keys));
}

void ExportCheck::fail(Verdict verdict, std::optional<std::uint64_t> first_bad,
                       std::string detail) {
  if (!failed_) {
    failed_ = Finding{.verdict = verdict,
                      .log = origin_,
                      .checked = checked(),
                      .first_bad = first_bad,
                      .detail = std::move(detail)};
  }
}

void ExportCheck::add_line(std::string_view line) {
  if (is_blank(line)) {
    return;
  }
  if (failed_) {
    if (failed_->verdict == Verdict::Gap) {
      look_for_late(line);
    }
    return;
  }
  if (ending_) {
    return fail(Verdict::Invalid, next(), "there is more behind the export's own line");
  }
  if (unreadable_) {
    return fail(Verdict::Invalid, next(), *unreadable_);
  }
  if (const auto added = add_event(line); !added) {
    if (added.error().code == "seed_missing") {
      return fail(Verdict::Missing, next(), added.error().message);
    }
    // The last line of a file that was cut is no JSON either: what it is shows when no other comes.
    unreadable_ = added.error().message;
    for (const base::Fault& fault : added.error().faults) {
      unreadable_->append("; ").append(fault.pointer).append(": ").append(fault.detail);
    }
  }
}

base::Result<void> ExportCheck::add_event(std::string_view line) {
  ASSIGN_OR_RETURN(const JsonValue value, parser_.parse(line));
  JsonValue ending;
  if (value.is(JsonKind::Object) && value.find(kEnding, ending)) {
    ASSIGN_OR_RETURN(ending_, read_ending(ending));
    return {};
  }
  JsonValue rest;
  if (value.is(JsonKind::Object) && value.find(kWithheldMember, rest)) {
    ASSIGN_OR_RETURN(const Withheld withheld, read_withheld(rest));
    take_withheld(withheld);
    return {};
  }
  ASSIGN_OR_RETURN(const ExportedEvent exported, read_exported(value));
  take_place(exported);
  return {};
}

// An event that is not in its place is missing there at first: which of the two it is shows when it
// comes after all.
void ExportCheck::look_for_late(std::string_view line) {
  const auto value = parser_.parse(line);
  if (!value || !value->is(JsonKind::Object)) {
    return;
  }
  const auto seq = value->unsigned_integer("seq");
  if (seq && *seq <= last_seq_) {
    const std::optional<std::uint64_t> first = failed_->first_bad;
    failed_.reset();
    return fail(Verdict::Invalid, first,
                "out of order: event " + std::to_string(*seq) + " comes after event " +
                    std::to_string(last_seq_));
  }
  last_seq_ = seq.value_or(last_seq_);
}

void ExportCheck::take_place(const ExportedEvent& exported) {
  const std::uint64_t place = next();
  const std::uint64_t seq = exported.head.seq;
  if (seq < place) {
    return fail(Verdict::Invalid, seq, "event " + std::to_string(seq) + " is there twice or late");
  }
  last_seq_ = seq;
  if (seq > place) {
    return fail(
        Verdict::Gap, place,
        "event " + std::to_string(place) + " is not there; the next one is " + std::to_string(seq));
  }
  if (exported.org.to_string() != org_text_) {
    return fail(Verdict::Invalid, seq, "org_id: not the organisation of the log");
  }
  if (events_ > 0 && exported.head.recorded_at < recorded_at_) {
    return fail(Verdict::Invalid, seq, "recorded_at: earlier than that of the event before");
  }
  recorded_at_ = exported.head.recorded_at;
  frontier_.append(leaf_of_export(maker_, origin_, exported));
  first_seq_ = events_ == 0 ? seq : first_seq_;
  ++events_;
}

void ExportCheck::take_withheld(const Withheld& withheld) {
  const std::uint64_t place = next();
  if (withheld.range.begin > place) {
    return fail(Verdict::Gap, place,
                "event " + std::to_string(place) + " is not there; what is named as withheld " +
                    "begins at " + std::to_string(withheld.range.begin));
  }
  if (withheld.range.begin < place) {
    return fail(Verdict::Invalid, withheld.range.begin,
                "what is named as withheld begins at " + std::to_string(withheld.range.begin) +
                    ", and that is there already");
  }
  append_withheld(frontier_, withheld);
}

base::Result<ExportCheck::Ending> ExportCheck::read_ending(const JsonValue& value) const {
  if (!value.is(JsonKind::Object)) {
    return malformed("the export's own line must hold an object");
  }
  const auto log = text_of(value, "log");
  const auto from = value.unsigned_integer("from");
  const auto to = value.unsigned_integer("to");
  const auto tree_size = value.unsigned_integer("tree_size");
  const auto count = value.unsigned_integer("count");
  JsonValue complete;
  if (!log || !from || !to || !tree_size || !count || !value.find("complete", complete) ||
      !complete.is(JsonKind::Boolean)) {
    return malformed("the export's own line must have log, from, to, tree_size, count, complete");
  }
  Ending ending{.log = std::string(*log),
                .from = *from,
                .to = *to,
                .tree_size = *tree_size,
                .count = *count,
                .withheld = value.unsigned_integer("withheld"),
                .complete = complete.as_bool(),
                .checkpoint = std::nullopt};
  if (const auto checkpoint = text_of(value, "checkpoint")) {
    ending.checkpoint = std::string(*checkpoint);
  }
  return ending;
}

void ExportCheck::check_checkpoint() {
  const auto opened = tlog::open_checkpoint(*ending_->checkpoint, keys_);
  if (!opened) {
    return fail(Verdict::Invalid, std::nullopt, opened.error().message);
  }
  const tlog::Checkpoint& checkpoint = opened->checkpoint;
  if (checkpoint.origin != origin_) {
    return fail(Verdict::Invalid, std::nullopt,
                "the checkpoint is of the log " + checkpoint.origin);
  }
  if (checkpoint.size != ending_->tree_size) {
    return fail(Verdict::Invalid, std::nullopt,
                "the checkpoint is for " + std::to_string(checkpoint.size) + " events, not " +
                    std::to_string(ending_->tree_size));
  }
  if (next() < checkpoint.size) {
    return fail(Verdict::Truncated, next(),
                "the checkpoint is for " + std::to_string(checkpoint.size) + " events");
  }
  if (frontier_.root() != checkpoint.root) {
    fail(Verdict::Invalid, std::nullopt, "the events do not have the root that was signed");
  }
}

void ExportCheck::check_ending() {
  if (!ending_) {
    return fail(Verdict::Truncated, next(),
                unreadable_ ? "the last line is cut: " + *unreadable_
                            : "the export's own line is not there");
  }
  if (!ending_->complete) {
    return fail(Verdict::Truncated, next(), "the export says itself that it is not complete");
  }
  if (ending_->log != origin_) {
    return fail(Verdict::Invalid, std::nullopt, "the export is of the log " + ending_->log);
  }
  const bool names_rest = ending_->withheld.has_value() || next() != events_;
  if (!names_rest && ending_->from != 0) {
    return fail(Verdict::Missing, 0, "the export does not begin with the first event");
  }
  if (!ending_->checkpoint) {
    return fail(Verdict::Missing, std::nullopt, "the export has no checkpoint");
  }
  if (names_rest) {
    check_rest_named();
  } else {
    check_all_there();
  }
  if (!failed_) {
    check_checkpoint();
  }
}

void ExportCheck::check_all_there() {
  if (next() < ending_->to) {
    return fail(Verdict::Truncated, next(),
                "the export is of " + std::to_string(ending_->to) + " events");
  }
  if (next() != ending_->to || next() != ending_->count) {
    fail(Verdict::Invalid, std::nullopt, "the export's own line counts other events");
  }
}

// Each place of the log is an event or named; the numbers of the export's own line are theirs.
void ExportCheck::check_rest_named() {
  const Ending& ending = *ending_;
  if (next() < ending.tree_size) {
    return fail(Verdict::Truncated, next(),
                "events and what is named as withheld end before the tree of " +
                    std::to_string(ending.tree_size));
  }
  const bool in_range = events_ == 0 || (ending.from <= first_seq_ && last_seq_ < ending.to);
  const std::uint64_t left_out = ending.to - ending.from - events_;
  if (next() != ending.tree_size || ending.from > ending.to || ending.to > ending.tree_size ||
      !in_range || events_ != ending.count || ending.withheld.value_or(left_out) != left_out) {
    fail(Verdict::Invalid, std::nullopt, "the export's own line counts other events");
  }
}

Finding ExportCheck::finish() {
  if (!failed_) {
    check_ending();
  }
  if (failed_) {
    return *failed_;
  }
  return valid();
}

Finding ExportCheck::valid() const {
  Finding finding{.verdict = Verdict::Valid,
                  .log = origin_,
                  .checked = checked(),
                  .first_bad = std::nullopt,
                  .detail = "all events up to the checkpoint, as they were recorded"};
  if (next() == events_) {
    return finding;
  }
  const std::uint64_t range = ending_->to - ending_->from;
  const std::string of_range =
      "[" + std::to_string(ending_->from) + ", " + std::to_string(ending_->to) + ")";
  finding.detail =
      range == events_
          ? "all events of " + of_range + ", as they were recorded; the log has others"
          : std::to_string(events_) + " events as they were recorded; the other " +
                std::to_string(range - events_) + " of " + of_range +
                " are withheld: their hashes are there and in the log, what they are is not shown";
  return finding;
}

}  // namespace piperoll::evidence
