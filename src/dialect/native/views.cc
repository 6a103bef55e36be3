#include "dialect/native/views.h"

#include "dialect/native/body_reader.h"
#include "dialect/native/members.h"

namespace piperoll::dialect::native {
namespace {

using base::JsonKind;
using base::JsonWriter;
using base::Result;
using operation::Operation;

void write_view(JsonWriter& json, const operation::ViewShown& shown) {
  const registry::View& view = *shown.view;
  json.begin_object();
  json.member("id", view.id.to_string()).member("org_id", view.org.to_string());
  json.member("name", view.name).member("query", view.query);
  json.key("columns").begin_array();
  for (const std::string& column : view.columns) {
    json.string(column);
  }
  json.end_array();
  if (view.density.empty()) {
    json.key("density").null();
  } else {
    json.member("density", view.density);
  }
  json.key("shared").boolean(view.shared);
  json.key("own").boolean(shown.own);
  json.key("may_change").boolean(shown.may_change);
  json.member("owner", view.owner_name);
  json.member("created_at", base::format_rfc3339_trimmed(view.created_at));
  json.member("updated_at", base::format_rfc3339_trimmed(view.updated_at));
  json.end_object();
}

std::vector<std::string> take_columns(BodyReader& reader) {
  constexpr const char* kColumns = "must be an array of names of fields";
  std::vector<std::string> columns;
  auto array = reader.take("columns", JsonKind::Array, kColumns);
  if (!array) {
    return columns;
  }
  for (const base::JsonValue& column : array->elements()) {
    if (column.is(JsonKind::String)) {
      columns.emplace_back(column.as_string());
    } else {
      reader.fault("/columns/" + std::to_string(columns.size()), "must be a string");
      break;
    }
  }
  return columns;
}

}  // namespace

Result<Operation> read_save_view(std::string_view body, std::string_view id) {
  BodyReader reader(body);
  operation::SaveView save{.id = std::string(id)};
  save.name = reader.take_required_text("name");
  save.query = reader.take_text("query").value_or("");
  save.density = reader.take_text("density").value_or("");
  save.columns = take_columns(reader);
  save.shared = reader.take_flag("shared").value_or(false);
  RETURN_IF_ERROR(reader.finish());
  return Operation(std::move(save));
}

wire::Response encode_views(const operation::ViewsListed& listed) {
  return encode_one(200, [&](JsonWriter& json) {
    json.begin_object().key("views").begin_array();
    for (const operation::ViewShown& view : listed.views) {
      write_view(json, view);
    }
    json.end_array().end_object();
  });
}

wire::Response encode_view_saved(const operation::ViewSaved& saved) {
  return encode_one(saved.created ? 201 : 200,
                    [&](JsonWriter& json) { write_view(json, saved.view); });
}

}  // namespace piperoll::dialect::native
