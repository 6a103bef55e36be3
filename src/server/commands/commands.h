#pragma once
// The commands, each as one function over parsed arguments. They write results to standard output
// and return what went wrong; code "usage" marks wrong usage (exit code 2).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/commands/backend.h"

namespace piperoll::server {

// org create | list | disable | enable
base::Result<void> org_create(const BackendOptions& where, const std::string& name,
                              const std::string& id, std::optional<std::int64_t> tenant_id);
base::Result<void> org_list(const BackendOptions& where);
base::Result<void> org_set_enabled(const BackendOptions& where, const std::string& org,
                                   bool enabled);

struct KeyCreateArguments {
  std::string org;  // "*": a server credential
  std::vector<std::string> roles;
  std::string name, expires;
  std::vector<std::string> networks;
};
base::Result<void> key_create(const BackendOptions& where, const KeyCreateArguments& arguments);
base::Result<void> key_list(const BackendOptions& where, const std::string& org);
base::Result<void> key_revoke(const BackendOptions& where, const std::string& key_or_id);

// user create | list | enable | disable | set-password | set-roles. Passwords are typed twice at a
// terminal, unseen, or are the first line of standard input; they are no arguments, which others on
// the machine see.
struct UserArguments {
  std::string org;  // "*": of the server
  std::vector<std::string> roles;
  std::string email, name;
  std::string user;  // id or address
};
base::Result<void> user_create(const BackendOptions& where, const UserArguments& arguments);
base::Result<void> user_list(const BackendOptions& where, const UserArguments& arguments);
base::Result<void> user_set_enabled(const BackendOptions& where, const UserArguments& arguments,
                                    bool enabled);
base::Result<void> user_set_password(const BackendOptions& where, const UserArguments& arguments);
base::Result<void> user_set_roles(const BackendOptions& where, const UserArguments& arguments);

struct ApplicationCreateArguments {
  std::string org, key, name;
  std::optional<std::string> description, accent_color;
};
base::Result<void> application_create(const BackendOptions& where,
                                      const ApplicationCreateArguments& arguments);
base::Result<void> application_list(const BackendOptions& where, const std::string& org);

struct ImportArguments {
  std::string org, format = "native";
  bool strict = false;  // stop at the first bad line
  std::vector<std::string> files;
};
base::Result<void> import_files(const BackendOptions& where, const ImportArguments& arguments);

struct ExportArguments {
  std::string org, format = "ndjson", output;  // output: a file, or empty for standard output
  std::string columns;                         // of CSV, separated by commas; empty: all
  std::vector<std::string> filters;            // "name=value" as in GET /v1/events
};
base::Result<void> export_events(const BackendOptions& where, const ExportArguments& arguments);

// signing-key rotate | list: one JSON line for each public key, newest first.
base::Result<void> signing_key_rotate(const std::string& directory);
base::Result<void> signing_key_list(const std::string& directory);
// What GET /v1/logs/{org}/vkey answers, from the directory: org is a UUID.
base::Result<void> signing_key_vkey(const std::string& directory, const std::string& org,
                                    bool access);

// witness-key create | vkey: prints the verifier key that others put into their policies. Without a
// name it is that of the server with /witness behind it.
base::Result<void> witness_key_create(const std::string& directory, const std::string& name);
base::Result<void> witness_key_vkey(const std::string& directory);

struct VerifyArguments {
  std::string data, export_file, proof_file, server;  // one of them
  std::string vkey;                                   // file of verifier keys; for all but data
  std::string policy;                                 // file with a policy; of proof and server
  std::string checkpoint;  // file with a checkpoint that was kept; of data
  std::string org;         // UUID; of server
  bool access = false;     // the access log; of server
  std::string state;       // file; of server
  int threads = 0;         // 0: one for each core
};
// Prints the verdict, one JSON line. An error with the code "not_valid" when it is not "valid".
base::Result<void> verify(const VerifyArguments& arguments);

struct TailArguments {
  std::string org;
  std::uint64_t lines = 20;  // of what is there already
  bool follow = false;
  bool json = false;  // bare events, one a line
  std::vector<std::string> filters;
};
base::Result<void> tail_events(const BackendOptions& where, const TailArguments& arguments);

// "&name=value…", percent-encoded; InvalidArgument for what is not NAME=VALUE.
base::Result<std::string> filter_query(const std::vector<std::string>& filters);

base::Result<void> generate_events(std::uint64_t events, std::uint64_t seed, std::uint64_t orgs);

}  // namespace piperoll::server
