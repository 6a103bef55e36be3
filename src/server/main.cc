// piperoll: one binary. Arguments in, exit code out: 0 done, 1 failed (one line on standard error),
// 2 wrong usage.

#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "auth/roles.h"
#include "server/commands/commands.h"
#include "server/config.h"
#include "server/issuer_keys.h"
#include "server/login_server.h"
#include "server/serve.h"
#include "server/version.h"

namespace piperoll::server {
namespace {

using base::Result;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// What the command line asks for; run() is set by the subcommand that was named.
struct Invocation {
  std::function<Result<void>()> run;
};

void add_where(CLI::App& command, BackendOptions& where) {
  auto* data = command.add_option("--data", where.data, "data directory that no server has open");
  auto* server = command.add_option("--server", where.server,
                                    "address of a running server; the key is in PIPEROLL_KEY");
  data->excludes(server);
}

// "--metrics-listen" for the setting metrics_listen.
std::string flag_of(std::string_view setting) {
  std::string flag = "--" + std::string(setting);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

void add_serve(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("serve", "serve a data directory");
  command->footer(
      "Examples:\n"
      "  piperoll serve --data ./piperoll-data\n"
      "  piperoll serve --config /etc/piperoll.toml --listen 127.0.0.1:9000\n"
      "  piperoll serve --config piperoll.toml --check-config\n"
      "Every setting is also one of the file (name = value, - as _) and of the environment "
      "(PIPEROLL_NAME).");
  auto file = std::make_shared<std::string>();
  auto check = std::make_shared<bool>(false);
  auto flags = std::make_shared<std::map<std::string, std::string>>();
  command->add_option("--config", *file, "TOML file with settings");
  command->add_flag("--check-config", *check, "check the settings and end");
  for (const Setting& setting : settings()) {
    const std::string name(setting.name);
    command->add_option_function<std::string>(
        flag_of(name), [flags, name](const std::string& text) { (*flags)[name] = text; },
        std::string(setting.description) + " (" + std::string(setting.type) + ")");
  }
  command->callback([&invocation, file, check, flags] {
    invocation.run = [file, check, flags]() -> Result<void> {
      auto config = load_config(*file, process_environment(), *flags);
      if (!config) {
        return std::move(config).error();
      }
      if (*check) {
        RETURN_IF_ERROR(check_issuers(config->issuers));
        RETURN_IF_ERROR(check_login_secrets(config->issuers));
        RETURN_IF_ERROR(check_files(*config));
        std::puts("the settings are good");
        return {};
      }
      return serve(*config);
    };
  });
}

// Of an option's value; empty: none.
std::string duration_fault(const std::string& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const bool is_one = digits > 0 && digits + 1 == text.size() &&
                      std::string_view("smhd").find(text.back()) != std::string_view::npos;
  return is_one ? "" : "must be a duration like 30s, 15m, 12h or 90d, is \"" + text + "\"";
}

void add_org(CLI::App& app, Invocation& invocation) {
  auto* org = app.add_subcommand("org", "organisations")->require_subcommand(1);
  org->footer(
      "Example:\n  piperoll org create --data ./piperoll-data --name acme --tenant-id 1001");
  auto where = std::make_shared<BackendOptions>();
  auto name = std::make_shared<std::string>();
  auto id = std::make_shared<std::string>();
  auto tenant_id = std::make_shared<std::optional<std::int64_t>>();

  auto* create = org->add_subcommand("create", "make one; prints {\"id\",\"name\",\"tenant_id\"}");
  add_where(*create, *where);
  create->add_option("--name", *name, "unique name: 3 to 64 of a-z 0-9 - _ .")->required();
  create->add_option("--id", *id, "UUID; default: a random one");
  create->add_option("--tenant-id", *tenant_id, "1 to 2147483647; default: the next free one")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{2'147'483'647}));
  create->callback([&invocation, where, name, id, tenant_id] {
    invocation.run = [=] { return org_create(*where, *name, *id, *tenant_id); };
  });

  auto* list = org->add_subcommand("list", "print all, one JSON line each");
  add_where(*list, *where);
  list->callback([&invocation, where] { invocation.run = [=] { return org_list(*where); }; });

  for (bool enabled : {false, true}) {
    auto* set =
        org->add_subcommand(enabled ? "enable" : "disable",
                            enabled ? "let its credentials in again" : "refuse its credentials");
    add_where(*set, *where);
    set->add_option("--org", *name, "name or UUID")->required();
    set->callback([&invocation, where, name, enabled] {
      invocation.run = [=] { return org_set_enabled(*where, *name, enabled); };
    });
  }
}

void add_key(CLI::App& app, Invocation& invocation) {
  auto* key = app.add_subcommand("key", "keys (credentials)")->require_subcommand(1);
  key->footer(
      "Examples:\n"
      "  piperoll key create --data ./piperoll-data --org acme --role writer --expires 90d\n"
      "  piperoll key create --data ./piperoll-data --org '*' --role admin   # of the whole "
      "server");
  auto where = std::make_shared<BackendOptions>();
  auto arguments = std::make_shared<KeyCreateArguments>();

  auto* create = key->add_subcommand("create", "make one; prints it, this once");
  add_where(*create, *where);
  create->add_option("--org", arguments->org, "name or UUID; '*' makes a server credential")
      ->required();
  create
      ->add_option("--role", arguments->roles, "writer, reader, auditor or admin; may be repeated")
      ->required()
      ->check(CLI::IsMember({"writer", "reader", "auditor", "admin"}));
  create->add_option("--name", arguments->name, "what it is for");
  create->add_option("--expires", arguments->expires, "duration like 30s, 15m, 12h, 90d")
      ->check(CLI::Validator(duration_fault, "DURATION"));
  create->add_option("--network", arguments->networks,
                     "range it may be used from, like 10.0.0.0/8; may be repeated");
  create->callback([&invocation, where, arguments] {
    invocation.run = [=] { return key_create(*where, *arguments); };
  });

  auto* list = key->add_subcommand("list", "print keys (never the secrets), one JSON line each");
  add_where(*list, *where);
  list->add_option("--org", arguments->org, "only those of this organisation");
  list->callback([&invocation, where, arguments] {
    invocation.run = [=] { return key_list(*where, arguments->org); };
  });

  auto* revoke = key->add_subcommand("revoke", "refuse a key from now on");
  add_where(*revoke, *where);
  revoke->add_option("KEY_OR_ID", arguments->name, "the key, or its id")->required();
  revoke->callback([&invocation, where, arguments] {
    invocation.run = [=] { return key_revoke(*where, arguments->name); };
  });
}

const std::vector<std::string>& role_words() {
  static const std::vector<std::string> kWords = {"writer", "reader", "auditor", "admin"};
  return kWords;
}

// A subcommand about one user that exists.
CLI::App* add_user_change(CLI::App& user, const char* name, const char* description,
                          BackendOptions& where, UserArguments& arguments) {
  auto* command = user.add_subcommand(name, description);
  add_where(*command, where);
  command->add_option("--org", arguments.org, "whose user: name or UUID, '*' of the server");
  command->add_option("USER", arguments.user, "id or address")->required();
  return command;
}

void add_user(CLI::App& app, Invocation& invocation) {
  auto* user = app.add_subcommand("user", "people with passwords")->require_subcommand(1);
  user->footer(
      "Examples:\n"
      "  piperoll user create --data ./piperoll-data --org acme --role auditor --email "
      "ann@example.com\n"
      "  piperoll user disable --data ./piperoll-data ann@example.com\n"
      "Passwords are asked for, or are the first line of standard input; never an argument.");
  auto where = std::make_shared<BackendOptions>();
  auto arguments = std::make_shared<UserArguments>();
  const auto roles = [arguments](CLI::App* command) {
    command
        ->add_option("--role", arguments->roles,
                     "writer, reader, auditor or admin; may be repeated")
        ->required()
        ->check(CLI::IsMember(role_words()));
  };

  auto* create = user->add_subcommand("create", "make one");
  add_where(*create, *where);
  create->add_option("--org", arguments->org, "name or UUID; '*': of the whole server")->required();
  create->add_option("--email", arguments->email, "the address to log in with")->required();
  create->add_option("--name", arguments->name, "shown to people");
  roles(create);
  create->callback([&invocation, where, arguments] {
    invocation.run = [=] { return user_create(*where, *arguments); };
  });

  auto* list = user->add_subcommand("list", "print users, one JSON line each");
  add_where(*list, *where);
  list->add_option("--org", arguments->org, "only those of this organisation");
  list->callback([&invocation, where, arguments] {
    invocation.run = [=] { return user_list(*where, *arguments); };
  });

  for (bool enabled : {false, true}) {
    add_user_change(*user, enabled ? "enable" : "disable",
                    enabled ? "let them in again" : "end their sessions and refuse them", *where,
                    *arguments)
        ->callback([&invocation, where, arguments, enabled] {
          invocation.run = [=] { return user_set_enabled(*where, *arguments, enabled); };
        });
  }
  add_user_change(*user, "set-password", "give a new one; ends their sessions", *where, *arguments)
      ->callback([&invocation, where, arguments] {
        invocation.run = [=] { return user_set_password(*where, *arguments); };
      });
  auto* set_roles = add_user_change(*user, "set-roles", "give other roles; ends their sessions",
                                    *where, *arguments);
  roles(set_roles);
  set_roles->callback([&invocation, where, arguments] {
    invocation.run = [=] { return user_set_roles(*where, *arguments); };
  });
}

void add_application(CLI::App& app, Invocation& invocation) {
  auto* application =
      app.add_subcommand("application", "registered applications")->require_subcommand(1);
  application->footer(
      "Example:\n"
      "  piperoll application create --data ./piperoll-data --org acme --key billing --name "
      "Billing");
  auto where = std::make_shared<BackendOptions>();
  auto arguments = std::make_shared<ApplicationCreateArguments>();

  auto* create = application->add_subcommand("create", "register one");
  add_where(*create, *where);
  create->add_option("--org", arguments->org, "name or UUID")->required();
  create->add_option("--key", arguments->key, "a-z 0-9 _, a letter first")->required();
  create->add_option("--name", arguments->name, "shown to people")->required();
  create->add_option("--description", arguments->description, "shown to people");
  create->add_option("--accent-color", arguments->accent_color, "for example '#0a7'");
  create->callback([&invocation, where, arguments] {
    invocation.run = [=] { return application_create(*where, *arguments); };
  });

  auto* list = application->add_subcommand("list", "print all, one JSON line each");
  add_where(*list, *where);
  list->add_option("--org", arguments->org, "name or UUID")->required();
  list->callback([&invocation, where, arguments] {
    invocation.run = [=] { return application_list(*where, arguments->org); };
  });
}

void add_import(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("import", "store the events of NDJSON files");
  command->footer(
      "Examples:\n"
      "  piperoll import --data ./piperoll-data --org acme events.ndjson.zst\n"
      "  piperoll import --data ./piperoll-data --org acme --format cloudtrail trail/*.gz\n"
      "  piperoll generate --events 10000 --seed 1 | piperoll import --data ./piperoll-data --org "
      "acme -\n"
      "Repeating an import stores nothing twice. Bad lines are named on standard error and left "
      "out.");
  auto where = std::make_shared<BackendOptions>();
  auto arguments = std::make_shared<ImportArguments>();
  add_where(*command, *where);
  command->add_option("--org", arguments->org, "name or UUID")->required();
  command->add_option("--format", arguments->format, "native, frontier, cloudtrail or k8s")
      ->check(CLI::IsMember({"native", "frontier", "cloudtrail", "k8s"}));
  command->add_flag("--strict", arguments->strict, "stop at the first bad line");
  command->add_option("FILE", arguments->files, "plain, .gz or .zst; - for standard input")
      ->required();
  command->callback([&invocation, where, arguments] {
    invocation.run = [=] { return import_files(*where, *arguments); };
  });
}

void add_export(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("export", "write events out, in the order they were stored");
  command->footer(
      "Examples:\n"
      "  piperoll export --data ./piperoll-data --org acme > events.ndjson\n"
      "  piperoll export --data ./piperoll-data --org acme --format csv status=failure "
      "occurred_after=2026-01-01T00:00:00Z\n"
      "  piperoll export --data ./piperoll-data --org acme actor.id=u-7 withheld=nodes\n"
      "Filters are those of GET /v1/events. from_seq=N goes on where an export broke off.\n"
      "withheld=nodes, or leaves, also names the events left out by their hashes, for verify.");
  auto where = std::make_shared<BackendOptions>();
  auto arguments = std::make_shared<ExportArguments>();
  add_where(*command, *where);
  command->add_option("--org", arguments->org, "name or UUID")->required();
  command->add_option("--format", arguments->format, "ndjson, csv or jsonl.zst")
      ->check(CLI::IsMember({"ndjson", "csv", "jsonl.zst"}));
  command->add_option("--columns", arguments->columns,
                      "of csv: names separated by commas, for example seq,occurred_at,actor.email");
  command->add_option("--output", arguments->output, "file; default: standard output");
  command->add_option("FILTER", arguments->filters, "NAME=VALUE, for example action.prefix=user.");
  command->callback([&invocation, where, arguments] {
    invocation.run = [=] { return export_events(*where, *arguments); };
  });
}

void add_signing_key(CLI::App& app, Invocation& invocation) {
  auto* command =
      app.add_subcommand("signing-key", "the key that signs checkpoints")->require_subcommand(1);
  command->footer(
      "Example:\n"
      "  piperoll signing-key rotate --data ./piperoll-data\n"
      "Old public keys stay known, so what they signed stays valid; the rotation is in the access "
      "log of every organisation. PIPEROLL_SIGNING_KEY names the private key where it is not in "
      "the "
      "data directory.");
  auto directory = std::make_shared<std::string>();
  auto* rotate = command->add_subcommand("rotate", "make a new one; no server may have the data");
  rotate->add_option("--data", *directory, "the data directory")->required();
  rotate->callback([&invocation, directory] {
    invocation.run = [=] { return signing_key_rotate(*directory); };
  });
  auto org = std::make_shared<std::string>();
  auto access = std::make_shared<bool>(false);
  auto* vkey = command->add_subcommand("vkey", "print the keys of one log, for verify --vkey");
  vkey->add_option("--data", *directory, "the data directory")->required();
  vkey->add_option("--org", *org, "UUID of the organisation")->required();
  vkey->add_flag("--access", *access, "of its access log");
  vkey->callback([&invocation, directory, org, access] {
    invocation.run = [=] { return signing_key_vkey(*directory, *org, *access); };
  });
  auto* list = command->add_subcommand("list", "print the public keys, newest first");
  list->add_option("--data", *directory, "the data directory")->required();
  list->callback(
      [&invocation, directory] { invocation.run = [=] { return signing_key_list(*directory); }; });
}

void add_witness_key(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("witness-key", "the key that other logs are cosigned with")
                      ->require_subcommand(1);
  command->footer(
      "Example:\n"
      "  piperoll witness-key create --data ./piperoll-data --name audit.example/witness\n"
      "The server makes one itself when witness_logs is set for the first time. "
      "PIPEROLL_WITNESS_KEY names the file where it is not in the data directory.");
  auto directory = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  auto* create = command->add_subcommand("create", "make it, and print the verifier key");
  create->add_option("--data", *directory, "the data directory")->required();
  create->add_option("--name", *name, "of the key; default: the server's name and /witness");
  create->callback([&invocation, directory, name] {
    invocation.run = [=] { return witness_key_create(*directory, *name); };
  });
  auto* vkey = command->add_subcommand("vkey", "print the verifier key, for others' policies");
  vkey->add_option("--data", *directory, "the data directory")->required();
  vkey->callback(
      [&invocation, directory] { invocation.run = [=] { return witness_key_vkey(*directory); }; });
}

void add_verify(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("verify", "check that nothing was changed, removed, invented");
  command->footer(
      "Examples:\n"
      "  piperoll verify --data ./piperoll-data\n"
      "  piperoll verify --export events.ndjson --vkey acme.vkey\n"
      "  piperoll verify --proof event.tlog-proof --vkey acme.vkey\n"
      "  PIPEROLL_KEY=... piperoll verify --server http://127.0.0.1:8080 --org UUID --vkey "
      "acme.vkey "
      "--state acme.checkpoint\n"
      "Prints one JSON line and ends with 0 only when the verdict is \"valid\". A vkey comes from "
      "GET /v1/logs/{org}/vkey: get it once, over a way you trust, and keep it.");
  auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("--data", arguments->data, "a data directory that no server has open");
  command->add_option("--export", arguments->export_file,
                      "an NDJSON export; plain, .gz, .zst, or -");
  command->add_option("--proof", arguments->proof_file,
                      "the JSON of GET /v1/events/{id}/proof, or a .tlog-proof");
  command->add_option("--server", arguments->server, "a server, by its tiles; key in PIPEROLL_KEY");
  command->add_option("--vkey", arguments->vkey, "file with the keys of the log, one a line");
  command->add_option("--policy", arguments->policy,
                      "with --proof and --server: file that says which witnesses must have "
                      "cosigned (c2sp.org/tlog-policy); its logs' keys do for --vkey");
  command->add_option("--checkpoint", arguments->checkpoint,
                      "with --data: file with a checkpoint that you kept");
  command->add_option("--org", arguments->org, "with --server: UUID of the organisation");
  command->add_flag("--access", arguments->access, "with --server: its access log");
  command->add_option("--state", arguments->state,
                      "with --server: file that keeps the last checkpoint for the next time");
  command->add_option("--threads", arguments->threads, "with --data; default: one for each core")
      ->check(CLI::Range(1, 256));
  command->callback(
      [&invocation, arguments] { invocation.run = [=] { return verify(*arguments); }; });
}

void add_tail(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("tail", "show the newest events, and those that come");
  command->footer(
      "Examples:\n"
      "  PIPEROLL_KEY=prl_... piperoll tail -f --server http://127.0.0.1:8080 status=failure\n"
      "  piperoll tail --data ./piperoll-data --org acme -n 100 --json\n"
      "Filters are those of GET /v1/events. NO_COLOR switches the colours off.");
  auto where = std::make_shared<BackendOptions>();
  auto arguments = std::make_shared<TailArguments>();
  add_where(*command, *where);
  command->add_option("--org", arguments->org, "name or UUID; needed with --data");
  command->add_option("-n,--lines", arguments->lines, "how many of those that are there")
      ->check(CLI::Range(0, 1000));
  command->add_flag("-f,--follow", arguments->follow, "go on with what is recorded (--server)");
  command->add_flag("--json", arguments->json, "the events as JSON, one a line");
  command->add_option("FILTER", arguments->filters, "NAME=VALUE, for example action.prefix=user.");
  command->callback([&invocation, where, arguments] {
    invocation.run = [=] { return tail_events(*where, *arguments); };
  });
}

void add_generate(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("generate", "print realistic events as NDJSON");
  command->footer("Example:\n  piperoll generate --events 1000 --seed 7 > sample.ndjson");
  struct Arguments {
    std::uint64_t events = 0, seed = 0, orgs = 1;
  };
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--events", arguments->events, "how many")->required();
  command->add_option("--seed", arguments->seed, "the same seed gives the same events")->required();
  command->add_option("--orgs", arguments->orgs, "how many companies' people and things")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  command->callback([&invocation, arguments] {
    invocation.run = [=] {
      return generate_events(arguments->events, arguments->seed, arguments->orgs);
    };
  });
}

void add_roles(CLI::App& app, Invocation& invocation) {
  app.add_subcommand("roles", "print which role has which right")->callback([&invocation] {
    invocation.run = []() -> Result<void> {
      std::fputs(auth::print_rights().c_str(), stdout);
      return {};
    };
  });
}

void add_version(CLI::App& app, Invocation& invocation) {
  app.add_subcommand("version", "print the version")->callback([&invocation] {
    invocation.run = []() -> Result<void> {
      std::printf("piperoll %s\n", kVersion);
      return {};
    };
  });
}

// One line, also where the reason has several. Who runs a command may see what clients may not.
int report(const base::Error& error) {
  std::string line = error.message;
  if (!error.detail.empty()) {
    line += " (" + error.detail + ")";
  }
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fprintf(stderr, "piperoll: %s\n", line.c_str());
  return error.code == "usage" ? kUsage : kFailed;
}

int run(int argc, char** argv) {
  CLI::App app("piperoll: the audit-log server. Who did what, found in milliseconds.", "piperoll");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("piperoll ") + kVersion);
  Invocation invocation;
  add_serve(app, invocation);
  add_org(app, invocation);
  add_key(app, invocation);
  add_user(app, invocation);
  add_application(app, invocation);
  add_import(app, invocation);
  add_export(app, invocation);
  add_signing_key(app, invocation);
  add_witness_key(app, invocation);
  add_verify(app, invocation);
  add_tail(app, invocation);
  add_generate(app, invocation);
  add_roles(app, invocation);
  add_version(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help, --version
    }
    std::fprintf(stderr, "piperoll: %s (see piperoll --help)\n", error.what());
    return kUsage;
  }
  auto done = invocation.run();
  // A key that nobody could read is no success.
  if (done && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)) {
    done = base::Error{.kind = base::ErrorKind::Unavailable,
                       .message = "standard output could not be written",
                       .code = "output_failed"};
  }
  return done ? 0 : report(done.error());
}

}  // namespace
}  // namespace piperoll::server

int main(int argc, char** argv) {
  try {
    return piperoll::server::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "piperoll: internal error: %s\n", error.what());
    return 1;
  }
}
