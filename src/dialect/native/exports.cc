#include "dialect/native/exports.h"

#include <charconv>

#include "base/json.h"
#include "dialect/native/csv.h"
#include "event/event_json.h"

namespace piperoll::dialect::native {
namespace {

using base::Result;
using operation::Operation;
using operation::RecordStream;

// How often a live stream looks for new records, and after how many looks without any it sends a
// comment: every 15 s, so that proxies keep the connection.
constexpr int kTailWaitMs = 25;
constexpr int kHeartbeatLooks = 15'000 / kTailWaitMs;

class NdjsonExport : public wire::BodyStream {
 public:
  NdjsonExport(operation::Streamed&& streamed, const base::Uuid& org)
      : streamed_(std::move(streamed)), org_(org) {}

  Result<Piece> next() override {
    ASSIGN_OR_RETURN(RecordStream::Piece got, streamed_.stream->next());
    Piece piece;
    for (const event::Record& record : got.records) {
      event::write_record(piece.bytes, event::view_of(record), org_, {.with_seed = true});
      piece.bytes.push_back('\n');
    }
    count_ += got.records.size();
    piece.last = got.last;
    if (piece.last) {
      append_manifest(piece.bytes);
    }
    return piece;
  }

 private:
  // The export's own line: what it covers, that it is whole, and what the log signed for it. Where
  // no evidence is kept the log is named by its organisation alone and there is no checkpoint.
  void append_manifest(std::string& out) const {
    base::JsonWriter json(out);
    json.begin_object().key("piperoll_export").begin_object();
    json.member("log", streamed_.origin.empty() ? org_.to_string() : streamed_.origin);
    json.key("from").integer(0);
    json.key("to").unsigned_integer(streamed_.tree_size);
    json.key("tree_size").unsigned_integer(streamed_.tree_size);
    json.key("count").unsigned_integer(count_);
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
  std::uint64_t count_ = 0;
};

class CsvExport : public wire::BodyStream {
 public:
  CsvExport(operation::Streamed&& streamed, const base::Uuid& org)
      : streamed_(std::move(streamed)), org_(org) {}

  Result<Piece> next() override {
    ASSIGN_OR_RETURN(RecordStream::Piece got, streamed_.stream->next());
    Piece piece{.last = got.last};
    if (!begun_) {
      begun_ = true;
      append_csv_header(piece.bytes);
    }
    for (const event::Record& record : got.records) {
      append_csv_record(piece.bytes, event::view_of(record), org_);
    }
    return piece;
  }

 private:
  operation::Streamed streamed_;
  const base::Uuid org_;
  bool begun_ = false;
};

class ServerSentEvents : public wire::BodyStream {
 public:
  ServerSentEvents(operation::Streamed&& streamed, const base::Uuid& org)
      : streamed_(std::move(streamed)), org_(org) {}

  Result<Piece> next() override {
    ASSIGN_OR_RETURN(RecordStream::Piece got, streamed_.stream->next());
    Piece piece{.last = got.last, .idle = got.idle, .wait_ms = got.idle ? kTailWaitMs : 0};
    if (!begun_) {
      begun_ = true;
      piece.bytes = "retry: 1000\n: connected\n\n";
    }
    if (got.overrun) {
      piece.bytes +=
          "event: overrun\ndata: {\"detail\":\"reading was too slow; resume with "
          "Last-Event-ID\"}\n\n";
    }
    for (const event::Record& record : got.records) {
      piece.bytes += "id: " + std::to_string(record.seq()) + "\ndata: ";
      event::write_record(piece.bytes, event::view_of(record), org_);
      piece.bytes += "\n\n";
    }
    if (!piece.bytes.empty()) {
      looks_ = 0;
    } else if (++looks_ >= kHeartbeatLooks) {
      looks_ = 0;
      piece.bytes = ": still here\n\n";
    }
    return piece;
  }

 private:
  operation::Streamed streamed_;
  const base::Uuid org_;
  bool begun_ = false;
  int looks_ = 0;
};

}  // namespace

Result<Operation> read_export(ParameterReader& parameters, ExportFormat& format) {
  format = parameters.take_word("format", {"ndjson", "csv"}) == 1 ? ExportFormat::Csv
                                                                  : ExportFormat::Ndjson;
  operation::ExportEvents exported{.filter = parameters.take_filter()};
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(exported));
}

Result<Operation> read_stream(ParameterReader& parameters,
                              std::optional<std::string_view> last_event_id) {
  operation::TailEvents tail{.filter = parameters.take_filter()};
  if (last_event_id && !last_event_id->empty()) {
    std::uint64_t seq = 0;
    const char* end = last_event_id->data() + last_event_id->size();
    auto [at, error] = std::from_chars(last_event_id->data(), end, seq);
    if (error != std::errc() || at != end || seq == std::numeric_limits<std::uint64_t>::max()) {
      parameters.fault("Last-Event-ID", "must be the id of an event of this stream: its seq");
    }
    tail.from_seq = seq + 1;
  }
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(tail));
}

wire::Response encode_export(ExportFormat format, operation::Streamed&& streamed,
                             const base::Uuid& org) {
  wire::Response response;
  if (format == ExportFormat::Csv) {
    response = wire::make_response(200, "text/csv; charset=utf-8; header=present", "");
    response.set("Content-Disposition", "attachment; filename=events.csv");
    response.stream = std::make_unique<CsvExport>(std::move(streamed), org);
  } else {
    response = wire::make_response(200, "application/x-ndjson", "");
    response.set("Content-Disposition", "attachment; filename=events.ndjson");
    response.stream = std::make_unique<NdjsonExport>(std::move(streamed), org);
  }
  response.set("Cache-Control", "no-store");
  return response;
}

wire::Response encode_stream(operation::Streamed&& streamed, const base::Uuid& org) {
  wire::Response response = wire::make_response(200, "text/event-stream; charset=utf-8", "");
  response.set("Cache-Control", "no-store");
  response.set("X-Accel-Buffering", "no");
  response.stream = std::make_unique<ServerSentEvents>(std::move(streamed), org);
  return response;
}

}  // namespace piperoll::dialect::native
