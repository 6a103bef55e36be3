#include "dialect/native/ndjson_export.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "event/event_json.h"
#include "evidence/record_seeds.h"
#include "evidence/withheld.h"

namespace piperoll::dialect::native {
namespace {

using base::Result;
using operation::RecordStream;

// A piece of the body is given away when it has become so long.
constexpr std::size_t kPieceBytes = 512 * 1024;

class NdjsonExport : public wire::BodyStream {
 public:
  NdjsonExport(operation::Streamed&& streamed, const base::Uuid& org, Withheld withheld,
               tlog::LeafRange range)
      : streamed_(std::move(streamed)), org_(org), withheld_(withheld) {
    const std::uint64_t size = streamed_.tree_size;
    range_ = {0, size};
    if (names_withheld()) {
      range_.end = std::min(range.end, size);
      range_.begin = std::min(range.begin, range_.end);
    }
  }

  Result<Piece> next() override {
    Piece piece;
    if (!all_shown_) {
      Result<bool> reached(true);
      ASSIGN_OR_RETURN(const RecordStream::Piece got,
                       streamed_.stream->next([&](const event::RecordView& record) {
                         reached = name_until(record.seq(), piece.bytes);
                         if (!reached || !*reached) {
                           return false;
                         }
                         append_event(piece.bytes, record);
                         return true;
                       }));
      RETURN_IF_ERROR(reached);
      all_shown_ = got.last;
    }
    if (all_shown_) {
      ASSIGN_OR_RETURN(piece.last, name_until(streamed_.tree_size, piece.bytes));
    }
    if (piece.last) {
      append_manifest(piece.bytes);
    }
    return piece;
  }

 private:
  bool names_withheld() const { return withheld_ != Withheld::Unnamed && streamed_.tree; }

  void append_event(std::string& out, const event::RecordView& record) {
    event::write_record(out, record, org_, {.seed = seeds_.of(record.head)});
    out.push_back('\n');
    place_ = record.seq() + 1;
    ++count_;
  }

  // Names what lies between the last event and seq, as much as a piece takes. Whether it is all.
  Result<bool> name_until(std::uint64_t seq, std::string& out) {
    while (names_withheld() && place_ < seq) {
      if (out.size() >= kPieceBytes) {
        return false;
      }
      evidence::Withheld run{.range = {place_, seq}, .hashes = {}};
      const bool before = place_ < range_.begin;
      const bool behind = place_ >= range_.end;
      run.range.end = behind ? seq : std::min(seq, before ? range_.begin : range_.end);
      const bool by_leaves = withheld_ == Withheld::Leaves && !before && !behind;
      if (by_leaves) {
        run.range.end = std::min(run.range.end, place_ + evidence::kWithheldLeavesMax);
      }
      ASSIGN_OR_RETURN(run.hashes,
                       streamed_.tree->read_hashes(by_leaves ? evidence::leaf_nodes(run.range)
                                                             : tlog::nodes_across(run.range)));
      evidence::append_withheld(out, run);
      place_ = run.range.end;
    }
    return true;
  }

  // The export's own line: what it covers, that it is whole, and what the log signed for it. Where
  // no evidence is kept the log is named by its organisation alone and there is no checkpoint.
  void append_manifest(std::string& out) const {
    base::JsonWriter json(out);
    json.begin_object().key("piperoll_export").begin_object();
    json.member("log", streamed_.origin.empty() ? org_.to_string() : streamed_.origin);
    json.key("from").unsigned_integer(range_.begin);
    json.key("to").unsigned_integer(range_.end);
    json.key("tree_size").unsigned_integer(streamed_.tree_size);
    json.key("count").unsigned_integer(count_);
    if (names_withheld()) {
      json.key("withheld").unsigned_integer(range_.size() - count_);
    }
    json.key("complete").boolean(true);
    json.key("checkpoint");
    if (streamed_.checkpoint.empty()) {
      json.null();
    } else {
      json.string(streamed_.checkpoint);
    }
    json.end_object().end_object();
    out.push_back('\n');
  }

  operation::Streamed streamed_;
  const base::Uuid org_;
  const Withheld withheld_;
  evidence::RecordSeeds seeds_;
  tlog::LeafRange range_;
  bool all_shown_ = false;   // the stream has no more records
  std::uint64_t place_ = 0;  // of what comes next
  std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<wire::BodyStream> ndjson_export(operation::Streamed&& streamed,
                                                const base::Uuid& org, Withheld withheld,
                                                tlog::LeafRange range) {
  return std::make_unique<NdjsonExport>(std::move(streamed), org, withheld, range);
}

}  // namespace piperoll::dialect::native
