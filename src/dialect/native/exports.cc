#include "dialect/native/exports.h"

#include <charconv>
#include <limits>

#include "base/compression.h"
#include "base/json.h"
#include "event/event_json.h"

namespace piperoll::dialect::native {
namespace {

using base::Result;
using operation::Operation;
using operation::RecordStream;

// How often a live stream looks for new records, and after how many looks without any it sends a
// comment: every 15 s, so that proxies keep the connection.
constexpr int kTailWaitMs = 10;
constexpr int kHeartbeatLooks = 15'000 / kTailWaitMs;

// A record has 33 fields; the rest is for paths below its objects.
constexpr std::size_t kCsvColumnsMax = 100;

// Another stream, each piece as a zstd frame of its own: frames in a row are a whole file.
class Compressed : public wire::BodyStream {
 public:
  explicit Compressed(std::unique_ptr<wire::BodyStream> plain) : plain_(std::move(plain)) {}

  Result<Piece> next() override {
    ASSIGN_OR_RETURN(Piece piece, plain_->next());
    if (!piece.bytes.empty()) {
      piece.bytes = base::compress(base::Compression::Zstd, piece.bytes, kZstdLevel);
    }
    return piece;
  }

 private:
  // Level 3 takes a third longer for a file of the same size.
  static constexpr int kZstdLevel = 1;

  std::unique_ptr<wire::BodyStream> plain_;
};

class CsvExport : public wire::BodyStream {
 public:
  CsvExport(operation::Streamed&& streamed, const base::Uuid& org, std::vector<CsvColumn> columns)
      : streamed_(std::move(streamed)), org_(org), columns_(std::move(columns)) {}

  Result<Piece> next() override {
    Piece piece;
    if (!begun_) {
      begun_ = true;
      append_csv_header(piece.bytes, columns_);
    }
    ASSIGN_OR_RETURN(const RecordStream::Piece got,
                     streamed_.stream->next([&](const event::RecordView& record) {
                       append_csv_record(piece.bytes, columns_, record, org_);
                       return true;
                     }));
    piece.last = got.last;
    return piece;
  }

 private:
  operation::Streamed streamed_;
  const base::Uuid org_;
  const std::vector<CsvColumn> columns_;
  bool begun_ = false;
};

class ServerSentEvents : public wire::BodyStream {
 public:
  ServerSentEvents(operation::Streamed&& streamed, const base::Uuid& org)
      : streamed_(std::move(streamed)), org_(org) {}

  Result<Piece> next() override {
    Piece piece;
    if (!begun_) {
      begun_ = true;
      piece.bytes = "retry: 1000\n: connected\n\n";
    }
    ASSIGN_OR_RETURN(const RecordStream::Piece got,
                     streamed_.stream->next([&](const event::RecordView& record) {
                       append_event(piece.bytes, record);
                       return true;
                     }));
    piece.last = got.last;
    piece.idle = got.idle;
    piece.wait_ms = got.idle ? kTailWaitMs : 0;
    if (got.overrun) {
      append_overrun(piece.bytes, got.last_seq);
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
  void append_event(std::string& out, const event::RecordView& record) const {
    out += "id: " + std::to_string(record.seq()) + "\ndata: ";
    event::write_record(out, record, org_);
    out += "\n\n";
  }

  // The id makes clients that follow the standard go on from there.
  static void append_overrun(std::string& out, std::optional<std::uint64_t> last_seq) {
    if (last_seq) {
      out += "id: " + std::to_string(*last_seq) + "\n";
    }
    out += "event: overrun\ndata: ";
    base::JsonWriter json(out);
    json.begin_object().key("last_seq");
    if (last_seq) {
      json.unsigned_integer(*last_seq);
    } else {
      json.null();
    }
    json.member("detail", "reading was too slow; go on with Last-Event-ID");
    json.end_object();
    out += "\n\n";
  }

  operation::Streamed streamed_;
  const base::Uuid org_;
  bool begun_ = false;
  int looks_ = 0;
};

std::vector<CsvColumn> take_columns(ParameterReader& parameters, ExportFormat format) {
  std::optional<std::string> names = parameters.take("columns");
  if (!names) {
    return csv_columns();
  }
  if (format != ExportFormat::Csv) {
    parameters.fault("columns", "can be chosen for format=csv alone");
  }
  std::vector<CsvColumn> columns;
  std::string_view rest = *names;
  while (columns.size() <= kCsvColumnsMax) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    if (auto column = csv_column_named(name)) {
      columns.push_back(*std::move(column));
    } else {
      parameters.fault("columns", "\"" + std::string(name.substr(0, 100)) +
                                      "\" is no column: name fields of the event, paths like "
                                      "metadata.plan, context, params, metadata or org_id");
      break;
    }
    if (comma == std::string_view::npos) {
      return columns;
    }
    rest.remove_prefix(comma + 1);
  }
  if (columns.size() > kCsvColumnsMax) {
    parameters.fault("columns", "takes at most " + std::to_string(kCsvColumnsMax) + " names");
  }
  return columns;
}

// [from_seq, to_seq) of the log.
constexpr std::uint64_t kPlaceMax = std::numeric_limits<std::int64_t>::max();
tlog::LeafRange take_range(ParameterReader& parameters) {
  const std::uint64_t from = parameters.take_number("from_seq", 0, 0, kPlaceMax);
  const std::uint64_t to = parameters.take_number("to_seq", kPlaceMax, 0, kPlaceMax);
  return {from, to};
}

query::Filter part_of(const tlog::LeafRange& range) {
  if (range.begin == 0 && range.end == kPlaceMax) {
    return query::all();
  }
  return query::range(event::Field::Seq, static_cast<std::int64_t>(range.begin),
                      static_cast<std::int64_t>(range.end) - 1);
}

Withheld take_withheld(ParameterReader& parameters, ExportFormat format) {
  constexpr Withheld kForms[] = {Withheld::Unnamed, Withheld::Leaves, Withheld::Nodes};
  const Withheld form = kForms[parameters.take_word("withheld", {"unnamed", "leaves", "nodes"})];
  if (form != Withheld::Unnamed && format == ExportFormat::Csv) {
    parameters.fault("withheld", "has no place in format=csv");
  }
  return form;
}

}  // namespace

Result<Operation> read_export(ParameterReader& parameters, ExportShape& shape) {
  constexpr ExportFormat kFormats[] = {ExportFormat::Ndjson, ExportFormat::Csv,
                                       ExportFormat::JsonlZst};
  shape.format = kFormats[parameters.take_word("format", {"ndjson", "csv", "jsonl.zst"})];
  shape.columns = take_columns(parameters, shape.format);
  shape.range = take_range(parameters);
  shape.withheld = take_withheld(parameters, shape.format);
  query::Filter filter = parameters.take_filter();
  RETURN_IF_ERROR(parameters.finish());
  return Operation(operation::ExportEvents{
      .filter = query::normalize(query::all_of({part_of(shape.range), std::move(filter)})),
      .with_tree = shape.withheld != Withheld::Unnamed});
}

Result<Operation> read_stream(ParameterReader& parameters,
                              std::optional<std::string_view> last_event_id) {
  std::string after_seq;
  operation::TailEvents tail;
  if (auto after = parameters.take("after_seq"); after && !last_event_id) {
    last_event_id = after_seq = *std::move(after);
  }
  tail.filter = parameters.take_filter();
  if (last_event_id && !last_event_id->empty()) {
    std::uint64_t seq = 0;
    const char* end = last_event_id->data() + last_event_id->size();
    auto [at, error] = std::from_chars(last_event_id->data(), end, seq);
    if (error != std::errc() || at != end || seq == std::numeric_limits<std::uint64_t>::max()) {
      parameters.fault(after_seq.empty() ? "Last-Event-ID" : "after_seq",
                       "must be the id of an event of this stream: its seq");
    }
    tail.from_seq = seq + 1;
  }
  RETURN_IF_ERROR(parameters.finish());
  return Operation(std::move(tail));
}

wire::Response encode_export(ExportShape shape, operation::Streamed&& streamed,
                             const base::Uuid& org) {
  const char* type = "application/x-ndjson";
  const char* name = "events.ndjson";
  std::unique_ptr<wire::BodyStream> stream;
  if (shape.format == ExportFormat::Csv) {
    type = "text/csv; charset=utf-8; header=present";
    name = "events.csv";
    stream = std::make_unique<CsvExport>(std::move(streamed), org, std::move(shape.columns));
  } else {
    stream = ndjson_export(std::move(streamed), org, shape.withheld, shape.range);
  }
  if (shape.format == ExportFormat::JsonlZst) {
    type = "application/zstd";
    name = "events.jsonl.zst";
    stream = std::make_unique<Compressed>(std::move(stream));
  }
  wire::Response response = wire::make_response(200, type, "");
  response.set("Content-Disposition", std::string("attachment; filename=") + name);
  response.set("Cache-Control", "no-store");
  response.stream = std::move(stream);
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
