#pragma once
// GET /v1/export and GET /v1/stream: answers that are made as the records come.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dialect/native/csv.h"
#include "dialect/native/ndjson_export.h"
#include "dialect/native/parameters.h"
#include "operation/operation.h"
#include "operation/outcome.h"
#include "wire/message.h"

namespace piperoll::dialect::native {

enum class ExportFormat { Ndjson, Csv, JsonlZst };
struct ExportShape {
  ExportFormat format = ExportFormat::Ndjson;
  std::vector<CsvColumn> columns;  // of CSV
  Withheld withheld = Withheld::Unnamed;
  tlog::LeafRange range;  // that was asked for
};

// Parameters beside the filters: format, columns (CSV alone), withheld (all but CSV), and from_seq
// and to_seq, [from, to) of the log, with which an export that broke off goes on.
base::Result<operation::Operation> read_export(ParameterReader& parameters, ExportShape& shape);
// last_event_id: of a reader that resumes (WHATWG HTML, server-sent events); the seq it has seen.
// The parameter after_seq says the same for readers that cannot send headers; the header wins.
base::Result<operation::Operation> read_stream(ParameterReader& parameters,
                                               std::optional<std::string_view> last_event_id);

// NDJSON ends with the line {"piperoll_export":{…}}; its absence, and that of the last chunk, say
// that the file is not whole. CSV: RFC 4180, a header line, cells that a spreadsheet would take for
// a formula begin with an apostrophe. JsonlZst: the NDJSON in zstd frames, one for each piece.
wire::Response encode_export(ExportShape shape, operation::Streamed&& streamed,
                             const base::Uuid& org);
// Server-sent events: id is the seq, data the event; a comment now and then while nothing happens.
wire::Response encode_stream(operation::Streamed&& streamed, const base::Uuid& org);

}  // namespace piperoll::dialect::native
