#include "dialect/native/csv.h"

#include <array>

#include "event/fields.h"

namespace piperoll::dialect::native {
namespace {

using event::Field;

constexpr std::array kColumns = {Field::Seq,
                                 Field::Id,
                                 Field::OccurredAt,
                                 Field::RecordedAt,
                                 Field::Action,
                                 Field::Source,
                                 Field::Category,
                                 Field::Summary,
                                 Field::Severity,
                                 Field::Status,
                                 Field::Error,
                                 Field::CommitId,
                                 Field::Version,
                                 Field::ActorId,
                                 Field::ActorType,
                                 Field::ActorName,
                                 Field::ActorEmail,
                                 Field::TargetId,
                                 Field::TargetType,
                                 Field::TargetName,
                                 Field::ApplicationId,
                                 Field::ApplicationKey,
                                 Field::ClusterId,
                                 Field::RequestId,
                                 Field::RequestIp,
                                 Field::RequestMethod,
                                 Field::RequestPath,
                                 Field::RequestStatusCode,
                                 Field::RequestUserAgent};

}  // namespace

void append_csv_cell(std::string& out, std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  const bool quoted = text.find_first_of("\",\r\n") != std::string_view::npos;
  if (quoted) {
    out.push_back('"');
  }
  if (formula) {
    out.push_back('\'');
  }
  for (char c : text) {
    if (c == '"') {
      out.push_back('"');
    }
    out.push_back(c);
  }
  if (quoted) {
    out.push_back('"');
  }
}

void append_csv_header(std::string& out) {
  for (Field field : kColumns) {
    out.append(event::name_of(field)).push_back(',');
  }
  out.append("org_id,context,params,metadata\r\n");
}

void append_csv_record(std::string& out, const event::RecordView& record, const base::Uuid& org) {
  event::FieldScratch scratch;
  for (Field field : kColumns) {
    append_csv_cell(out, event::text_of(record, field, scratch).value_or(""));
    out.push_back(',');
  }
  out.append(org.to_string());
  for (std::string_view object :
       {record.event.context, record.event.params, record.event.metadata}) {
    out.push_back(',');
    append_csv_cell(out, object);
  }
  out.append("\r\n");
}

}  // namespace piperoll::dialect::native
