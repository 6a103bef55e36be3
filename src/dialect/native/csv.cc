#include "dialect/native/csv.h"

#include <algorithm>
#include <array>
#include <utility>

#include "event/fields.h"

namespace piperoll::dialect::native {
namespace {

using event::Field;

constexpr std::array kFields = {Field::Seq,
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

using Kind = CsvColumn::Kind;

constexpr std::pair<std::string_view, Kind> kOthers[] = {
    {"org_id", Kind::OrgId},
    {"context", Kind::Context},
    {"params", Kind::Params},
    {"metadata", Kind::Metadata},
};

std::string_view object_of(Kind kind, const event::EventView& event) {
  return kind == Kind::Context ? event.context
                               : (kind == Kind::Params ? event.params : event.metadata);
}

std::string name_of(const CsvColumn& column) {
  for (const auto& [name, kind] : kOthers) {
    if (kind == column.kind) {
      return std::string(name);
    }
  }
  return column.field.print();
}

// A set of characters that answers with one look.
class CharacterSet {
 public:
  explicit constexpr CharacterSet(std::string_view characters) {
    for (char c : characters) {
      holds_[static_cast<unsigned char>(c)] = true;
    }
  }
  bool holds(char c) const { return holds_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> holds_{};
};
constexpr CharacterSet kFormula("=+-@\t\r");  // what a spreadsheet computes begins so
constexpr CharacterSet kQuoted("\",\r\n");    // RFC 4180

void append_name(std::string& out, const CsvColumn& column) {
  append_csv_cell(out, name_of(column));
}

void append_value(std::string& out, const CsvColumn& column, const event::RecordView& record,
                  const base::Uuid& org, event::FieldScratch& scratch) {
  if (column.kind == Kind::OrgId) {
    out.append(org.to_string());
  } else if (column.kind == Kind::Field) {
    append_csv_cell(out, event::text_of(record, column.field, scratch).value_or(""));
  } else {
    append_csv_cell(out, object_of(column.kind, record.event));
  }
}

template <class Append>
void append_line(std::string& out, const std::vector<CsvColumn>& columns, Append append) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) {
      out.push_back(',');
    }
    append(columns[i]);
  }
  out.append("\r\n");
}

std::vector<CsvColumn> all_columns() {
  std::vector<CsvColumn> columns;
  columns.reserve(kFields.size() + std::size(kOthers));
  for (Field field : kFields) {
    columns.push_back({.field = {.field = field, .path = ""}});
  }
  for (const auto& [name, kind] : kOthers) {
    columns.push_back({.kind = kind, .field = {}});
  }
  return columns;
}

}  // namespace

const std::vector<CsvColumn>& csv_columns() {
  static const std::vector<CsvColumn> kColumns = all_columns();
  return kColumns;
}

std::optional<CsvColumn> csv_column_named(std::string_view name) {
  for (const auto& [known, kind] : kOthers) {
    if (known == name) {
      return CsvColumn{.kind = kind, .field = {}};
    }
  }
  if (auto field = event::parse_field_ref(name)) {
    return CsvColumn{.field = *std::move(field)};
  }
  return std::nullopt;
}

void append_csv_cell(std::string& out, std::string_view text) {
  if (text.empty()) {
    return;
  }
  const bool formula = kFormula.holds(text[0]);
  if (std::none_of(text.begin(), text.end(), [](char c) { return kQuoted.holds(c); })) {
    if (formula) {
      out.push_back('\'');
    }
    out.append(text);
    return;
  }
  out.append(formula ? "\"'" : "\"");
  for (std::size_t quote; (quote = text.find('"')) != text.npos; text.remove_prefix(quote + 1)) {
    out.append(text.substr(0, quote)).append("\"\"");
  }
  out.append(text).push_back('"');
}

void append_csv_header(std::string& out, const std::vector<CsvColumn>& columns) {
  append_line(out, columns, [&](const CsvColumn& column) { append_name(out, column); });
}

void append_csv_record(std::string& out, const std::vector<CsvColumn>& columns,
                       const event::RecordView& record, const base::Uuid& org) {
  event::FieldScratch scratch;
  append_line(out, columns,
              [&](const CsvColumn& column) { append_value(out, column, record, org, scratch); });
}

}  // namespace piperoll::dialect::native
