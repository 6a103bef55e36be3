#pragma once
// Records as CSV (RFC 4180). Pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "event/fields.h"
#include "event/record.h"

namespace piperoll::dialect::native {

// What a column shows: a field or path of the event, one of its objects as JSON text, or the
// organisation's id.
struct CsvColumn {
  enum class Kind { Field, Context, Params, Metadata, OrgId };
  Kind kind = Kind::Field;
  event::FieldRef field;
};

// seq to request.user_agent, org_id, context, params, metadata: what is shown unless others are
// named.
const std::vector<CsvColumn>& csv_columns();
// Nothing for a name that no column has.
std::optional<CsvColumn> csv_column_named(std::string_view name);

// Lines end with CRLF; the header line has the names of the columns; what is absent is empty.
void append_csv_header(std::string& out, const std::vector<CsvColumn>& columns);
void append_csv_record(std::string& out, const std::vector<CsvColumn>& columns,
                       const event::RecordView& record, const base::Uuid& org);
// Quoted where it must be; a cell that begins with = + - @ TAB or CR gets an apostrophe in front,
// so that no spreadsheet runs it.
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace piperoll::dialect::native
