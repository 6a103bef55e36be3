#pragma once
// Exports (NDJSON, one event a line, the last line the export's own) checked against the signed
// checkpoint they carry, by nothing but the lines and the log's key.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"
#include "event/event.h"
#include "event/record.h"
#include "evidence/leaf_maker.h"
#include "evidence/verdict.h"
#include "evidence/withheld.h"
#include "tlog/frontier.h"
#include "tlog/note.h"

namespace piperoll::evidence {

// One event of an export: all that its leaf is made of.
struct ExportedEvent {
  event::RecordHead head;  // seq, recorded_at, seed
  base::Uuid org;
  event::Event event;  // canonical, with its id and occurred_at
};

// A line without its line feed. InvalidArgument, with faults as read_event; code "seed_missing"
// where only the seed is lacking.
base::Result<ExportedEvent> read_export_line(base::JsonParser& parser, std::string_view line);

// The leaf that the exported event has in the log of this origin.
tlog::Hash leaf_of_export(LeafMaker& maker, std::string_view origin, const ExportedEvent& exported);

// Checks a whole export as it streams by: of all events, or of some with lines that stand for the
// others (evidence/withheld.h). One thread at a time.
//
//   Valid      the lines are exactly the events of the log up to the checkpoint's size; where some
//              are withheld, the events that are there are in their places, nothing lies between
//              them but what is named as withheld, and detail says how many that are
//   Invalid    a line that is no event, out of order, of another organisation, going back in time;
//              a root, signature or number that does not fit; first_bad names the leaf if one can
//              be named: a changed value shows in the root alone
//   Gap        an event before others is not there, and is not named as withheld (so is every
//              filtered export that does not name them)
//   Truncated  the end is not there: the export's own line, or events before it
//   Missing    it cannot be told: no seeds, no checkpoint, or not from the first event on
class ExportCheck {
 public:
  // keys: of one log, old ones too; their name is its origin. InvalidArgument when there is none
  // or they are of several.
  static base::Result<ExportCheck> make(std::vector<tlog::VerifierKey> keys);

  // Lines in their order, without line feeds; blank ones are skipped. After the first fault the
  // rest is not looked at, but for whether an event that is missing comes late.
  void add_line(std::string_view line);
  Finding finish();

  std::uint64_t checked() const { return events_; }  // for progress

 private:
  // The export's own line.
  struct Ending {
    std::string log;
    std::uint64_t from = 0, to = 0, tree_size = 0, count = 0;
    std::optional<std::uint64_t> withheld;  // of [from, to)
    bool complete = false;
    std::optional<std::string> checkpoint;
  };

  explicit ExportCheck(std::vector<tlog::VerifierKey> keys);
  base::Result<void> add_event(std::string_view line);
  void take_place(const ExportedEvent& exported);
  void take_withheld(const Withheld& withheld);
  void look_for_late(std::string_view line);
  base::Result<Ending> read_ending(const base::JsonValue& value) const;
  void check_ending();
  void check_all_there();
  void check_rest_named();
  void check_checkpoint();
  Finding valid() const;
  std::uint64_t next() const { return frontier_.size(); }  // the place of the next event
  void fail(Verdict verdict, std::optional<std::uint64_t> first_bad, std::string detail);

  const std::vector<tlog::VerifierKey> keys_;
  std::string origin_, org_text_;
  base::JsonParser parser_;
  LeafMaker maker_;
  tlog::Frontier frontier_;
  base::Timestamp recorded_at_;  // of the last event
  std::uint64_t last_seq_ = 0;   // of the last event, in its place or not
  std::uint64_t events_ = 0;     // that are in their places
  std::uint64_t first_seq_ = 0;  // of the first of them
  std::optional<Ending> ending_;
  std::optional<std::string> unreadable_;  // why the last line was none, until another follows
  std::optional<Finding> failed_;
};

}  // namespace piperoll::evidence
