#include "operation/operation.h"

namespace piperoll::operation {
namespace {

using auth::Right;

// One overload per alternative: an operation without one does not compile.
struct RightOf {
  static Right reading(event::LogKind log) {
    return log == event::LogKind::Access ? Right::Prove : Right::Find;
  }

  Right operator()(const AppendEvents&) const { return Right::Append; }
  Right operator()(const FindEvents& find) const { return reading(find.log); }
  Right operator()(const GetEvent& get) const { return reading(get.log); }
  Right operator()(const FacetEvents&) const { return Right::Find; }
  Right operator()(const HistogramEvents&) const { return Right::Find; }
  Right operator()(const ExportEvents&) const { return Right::Export; }
  Right operator()(const TailEvents&) const { return Right::Find; }
  Right operator()(const ProveEvent&) const { return Right::Prove; }
  Right operator()(const ReadCheckpoint&) const { return Right::Prove; }
  Right operator()(const ReadTile&) const { return Right::Prove; }
  Right operator()(const ReadLogKeys&) const { return Right::Prove; }
  Right operator()(const ProveConsistency&) const { return Right::Prove; }
  Right operator()(const CreateKey&) const { return Right::Manage; }
  Right operator()(const ListKeys&) const { return Right::Manage; }
  Right operator()(const RevokeKey&) const { return Right::Manage; }
  Right operator()(const CreateApplication&) const { return Right::Manage; }
  Right operator()(const ListApplications&) const { return Right::Manage; }
  Right operator()(const CreateOrganisation&) const { return Right::Administrate; }
  Right operator()(const ListOrganisations&) const { return Right::Administrate; }
  Right operator()(const SetOrganisationEnabled&) const { return Right::Administrate; }
  Right operator()(const CreateUser&) const { return Right::Manage; }
  Right operator()(const ListUsers&) const { return Right::Manage; }
  Right operator()(const ChangeUser&) const { return Right::Manage; }
  Right operator()(const ListViews&) const { return Right::Find; }
  Right operator()(const SaveView&) const { return Right::Find; }
  Right operator()(const DeleteView&) const { return Right::Find; }
  Right operator()(const StartSession&) const { return Right::Identify; }
  Right operator()(const EndSession&) const { return Right::Identify; }
  Right operator()(const BeginLogin&) const { return Right::Identify; }
  Right operator()(const ChangePassword&) const { return Right::Identify; }
  Right operator()(const IssueToken&) const { return Right::Identify; }
  Right operator()(const Identify&) const { return Right::Identify; }
};

struct NameOf {
  std::string_view operator()(const AppendEvents&) const { return "append"; }
  std::string_view operator()(const FindEvents&) const { return "find"; }
  std::string_view operator()(const GetEvent&) const { return "get"; }
  std::string_view operator()(const FacetEvents&) const { return "facet"; }
  std::string_view operator()(const HistogramEvents&) const { return "histogram"; }
  std::string_view operator()(const ExportEvents&) const { return "export"; }
  std::string_view operator()(const TailEvents&) const { return "tail"; }
  std::string_view operator()(const ProveEvent&) const { return "prove"; }
  std::string_view operator()(const ReadCheckpoint&) const { return "read_checkpoint"; }
  std::string_view operator()(const ReadTile&) const { return "read_tile"; }
  std::string_view operator()(const ReadLogKeys&) const { return "read_log_keys"; }
  std::string_view operator()(const ProveConsistency&) const { return "prove_consistency"; }
  std::string_view operator()(const CreateKey&) const { return "create_key"; }
  std::string_view operator()(const ListKeys&) const { return "list_keys"; }
  std::string_view operator()(const RevokeKey&) const { return "revoke_key"; }
  std::string_view operator()(const CreateApplication&) const { return "create_application"; }
  std::string_view operator()(const ListApplications&) const { return "list_applications"; }
  std::string_view operator()(const CreateOrganisation&) const { return "create_organisation"; }
  std::string_view operator()(const ListOrganisations&) const { return "list_organisations"; }
  std::string_view operator()(const SetOrganisationEnabled&) const {
    return "set_organisation_enabled";
  }
  std::string_view operator()(const CreateUser&) const { return "create_user"; }
  std::string_view operator()(const ListUsers&) const { return "list_users"; }
  std::string_view operator()(const ChangeUser&) const { return "change_user"; }
  std::string_view operator()(const ListViews&) const { return "list_views"; }
  std::string_view operator()(const SaveView& save) const {
    return save.id.empty() ? "create_view" : "replace_view";
  }
  std::string_view operator()(const DeleteView&) const { return "delete_view"; }
  std::string_view operator()(const StartSession&) const { return "start_session"; }
  std::string_view operator()(const EndSession&) const { return "end_session"; }
  std::string_view operator()(const BeginLogin&) const { return "begin_login"; }
  std::string_view operator()(const ChangePassword&) const { return "change_password"; }
  std::string_view operator()(const IssueToken&) const { return "issue_token"; }
  std::string_view operator()(const Identify&) const { return "identify"; }
};

}  // namespace

auth::Right right_of(const Operation& operation) {
  return std::visit(RightOf{}, operation);
}

bool is_public_evidence(const Operation& operation) {
  return std::holds_alternative<ReadCheckpoint>(operation) ||
         std::holds_alternative<ReadTile>(operation) ||
         std::holds_alternative<ReadLogKeys>(operation) ||
         std::holds_alternative<ProveConsistency>(operation);
}

std::string_view name_of(const Operation& operation) {
  return std::visit(NameOf{}, operation);
}

}  // namespace piperoll::operation
