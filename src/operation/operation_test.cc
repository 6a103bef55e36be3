#include "operation/operation.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace piperoll::operation {
namespace {

using auth::Right;

FindEvents find_in(event::LogKind log) {
  FindEvents find;
  find.log = log;
  return find;
}

GetEvent get_in(event::LogKind log) {
  GetEvent get;
  get.log = log;
  return get;
}

struct Row {
  Operation operation;
  Right right;
  std::string_view name;
};

std::vector<Row> every_operation() {
  std::vector<Row> rows;
  rows.push_back({AppendEvents{}, Right::Append, "append"});
  rows.push_back({find_in(event::LogKind::Events), Right::Find, "find"});
  rows.push_back({get_in(event::LogKind::Events), Right::Find, "get"});
  rows.push_back({FacetEvents{}, Right::Find, "facet"});
  rows.push_back({HistogramEvents{}, Right::Find, "histogram"});
  rows.push_back({ExportEvents{}, Right::Export, "export"});
  rows.push_back({TailEvents{}, Right::Find, "tail"});
  rows.push_back({ProveEvent{}, Right::Prove, "prove"});
  rows.push_back({ReadCheckpoint{}, Right::Prove, "read_checkpoint"});
  rows.push_back({ReadTile{}, Right::Prove, "read_tile"});
  rows.push_back({ReadLogKeys{}, Right::Prove, "read_log_keys"});
  rows.push_back({ProveConsistency{}, Right::Prove, "prove_consistency"});
  rows.push_back({CreateKey{}, Right::Manage, "create_key"});
  rows.push_back({ListKeys{}, Right::Manage, "list_keys"});
  rows.push_back({RevokeKey{}, Right::Manage, "revoke_key"});
  rows.push_back({CreateApplication{}, Right::Manage, "create_application"});
  rows.push_back({ListApplications{}, Right::Manage, "list_applications"});
  rows.push_back({CreateOrganisation{}, Right::Administrate, "create_organisation"});
  rows.push_back({ListOrganisations{}, Right::Administrate, "list_organisations"});
  rows.push_back({SetOrganisationEnabled{}, Right::Administrate, "set_organisation_enabled"});
  rows.push_back({CreateUser{}, Right::Manage, "create_user"});
  rows.push_back({ListUsers{}, Right::Manage, "list_users"});
  rows.push_back({ChangeUser{}, Right::Manage, "change_user"});
  rows.push_back({ListViews{}, Right::Find, "list_views"});
  rows.push_back({SaveView{}, Right::Find, "create_view"});
  rows.push_back({DeleteView{}, Right::Find, "delete_view"});
  rows.push_back({StartSession{}, Right::Identify, "start_session"});
  rows.push_back({EndSession{}, Right::Identify, "end_session"});
  rows.push_back({BeginLogin{}, Right::Identify, "begin_login"});
  rows.push_back({ChangePassword{}, Right::Identify, "change_password"});
  rows.push_back({IssueToken{}, Right::Identify, "issue_token"});
  rows.push_back({Identify{}, Right::Identify, "identify"});
  return rows;
}

TEST(Operation, NeedsTheRightOfTheContractsTable) {
  for (const Row& row : every_operation()) {
    EXPECT_EQ(right_of(row.operation), row.right) << row.name;
  }
}

TEST(Operation, OnTheAccessLogNeedsTheRightToProve) {
  EXPECT_EQ(right_of(find_in(event::LogKind::Access)), Right::Prove);
  EXPECT_EQ(right_of(get_in(event::LogKind::Access)), Right::Prove);
}

TEST(Operation, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Row& row : every_operation()) {
    EXPECT_EQ(name_of(row.operation), row.name);
    names.insert(name_of(row.operation));
  }

  EXPECT_EQ(names.size(), std::variant_size_v<Operation>);
}

}  // namespace
}  // namespace piperoll::operation
