#pragma once
// Records as CSV (RFC 4180). Pure functions.

#include <string>

#include "base/uuid.h"
#include "event/record.h"

namespace piperoll::dialect::native {

// Ends lines with CRLF. The columns, in this order, are the names in the header line; context,
// params and metadata are JSON text; what is absent is empty.
void append_csv_header(std::string& out);
void append_csv_record(std::string& out, const event::RecordView& record, const base::Uuid& org);
// Quoted where it must be; a cell that begins with = + - @ TAB or CR gets an apostrophe in front,
// so that no spreadsheet runs it.
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace piperoll::dialect::native
