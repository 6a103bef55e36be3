#include "server/issuer_table.h"

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "net/fetch.h"
#include "server/nearest.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::int64_t kLifetimeSecondsMax = std::int64_t{366} * 24 * 3600;

Error bad(std::string what) {
  return {
      .kind = ErrorKind::InvalidArgument, .message = std::move(what), .code = "invalid_setting"};
}

Result<std::string> text_of(const toml::node& node) {
  const auto* text = node.as_string();
  if (text == nullptr || text->get().empty()) {
    return bad("must be a text that is not empty");
  }
  return text->get();
}

Result<bool> flag_of(const toml::node& node) {
  const auto* flag = node.as_boolean();
  return flag == nullptr ? Result<bool>(bad("must be true or false")) : flag->get();
}

Result<std::vector<std::string>> texts_of(const toml::node& node) {
  const auto* array = node.as_array();
  std::vector<std::string> texts;
  if (array != nullptr) {
    for (const toml::node& element : *array) {
      if (const auto* text = element.as_string()) {
        texts.push_back(text->get());
      }
    }
  }
  if (array == nullptr || texts.empty() || texts.size() != array->size()) {
    return bad("must be a list of texts, at least one");
  }
  return texts;
}

// "30s", "15m", "12h", "90d" -> microseconds.
Result<std::int64_t> duration_of(const toml::node& node, std::int64_t seconds_max) {
  const auto* text = node.as_string();
  const std::string value = text == nullptr ? "" : text->get();
  std::int64_t count = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, count);
  std::int64_t unit = 0;
  if (error == std::errc() && at + 1 == end) {
    unit = *at == 's' ? 1 : *at == 'm' ? 60 : *at == 'h' ? 3600 : *at == 'd' ? 86'400 : 0;
  }
  if (unit == 0 || count < 0 || count > seconds_max / unit) {
    return bad("must be a duration like 30s, 15m, 12h or 90d, at most " +
               std::to_string(seconds_max) + "s");
  }
  return count * unit * base::kMicrosPerSecond;
}

Result<auth::Role> role_of(std::string_view text) {
  auto role = auth::parse_role(text);
  if (!role) {
    return bad("must be of writer, reader, auditor, admin, not \"" + std::string(text) + "\"");
  }
  return *role;
}

Result<void> set_algorithms(IssuerConfig& config, const toml::node& node) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, texts_of(node));
  for (const std::string& name : names) {
    auto algorithm = auth::parse_token_algorithm(name);
    if (!algorithm) {
      return bad("must be of HS256, RS256, PS256, ES256, EdDSA, not \"" + name + "\"");
    }
    config.issuer.algorithms.push_back(*algorithm);
  }
  return {};
}

Result<void> set_role_values(IssuerConfig& config, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr || table->empty()) {
    return bad("must be a table of value = role");
  }
  for (const auto& [value, role_node] : *table) {
    ASSIGN_OR_RETURN(std::string name, text_of(role_node));
    ASSIGN_OR_RETURN(auth::Role role, role_of(name));
    config.issuer.role_values.emplace_back(std::string(value.str()), role);
  }
  return {};
}

Result<void> set_roles(IssuerConfig& config, const toml::node& node) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, texts_of(node));
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(auth::Role role, role_of(name));
    config.issuer.roles.add(role);
  }
  return {};
}

Result<void> set_keys(IssuerConfig& config, IssuerConfig::Keys kind, const toml::node& node) {
  if (!config.source.empty()) {
    return bad("is one too many: secret_file, keys_file, jwks_url or discovery");
  }
  config.keys = kind;
  ASSIGN_OR_RETURN(config.source, text_of(node));
  if (kind == IssuerConfig::Keys::Address && !net::is_fetchable(config.source)) {
    return bad("must be https, or http on this machine");
  }
  return {};
}

Result<void> set_discovery(IssuerConfig& config, const toml::node& node) {
  ASSIGN_OR_RETURN(bool wanted, flag_of(node));
  if (wanted && !config.source.empty()) {
    return bad("is one too many: secret_file, keys_file, jwks_url or discovery");
  }
  if (wanted) {
    config.keys = IssuerConfig::Keys::Discovery;
    config.source = "discovery";  // becomes the issuer once that is known
  }
  return {};
}

template <class Config>
struct EntryOf {
  std::string_view name;
  Result<void> (*set)(Config&, const toml::node&);
};
using Entry = EntryOf<IssuerConfig>;

// Sets what one key of a table says. table: for the error, "[[issuer]]".
template <class Config>
Result<void> set(Config& config, const std::vector<EntryOf<Config>>& entries,
                 std::string_view table, std::string_view name, const toml::node& node) {
  std::vector<std::string_view> known;
  for (const auto& entry : entries) {
    if (entry.name == name) {
      auto done = entry.set(config, node);
      return done ? std::move(done)
                  : Result<void>(bad(std::string(name) + " " + done.error().message));
    }
    known.push_back(entry.name);
  }
  return bad("unknown key \"" + std::string(name) + "\" of " + std::string(table) +
             "; did you mean \"" + nearest_word(name, known) + "\"?");
}

template <auto Member>
Result<void> take_login(LoginConfig& login, const toml::node& node) {
  auto& member = login.*Member;
  if constexpr (std::is_same_v<std::decay_t<decltype(member)>, std::string>) {
    ASSIGN_OR_RETURN(member, text_of(node));
  } else {
    ASSIGN_OR_RETURN(member, texts_of(node));
  }
  return {};
}

const std::vector<EntryOf<LoginConfig>>& login_entries() {
  static const std::vector<EntryOf<LoginConfig>> kEntries = {
      {"name", take_login<&LoginConfig::name>},
      {"client_id", take_login<&LoginConfig::client_id>},
      {"client_secret_file", take_login<&LoginConfig::client_secret_file>},
      {"scopes", take_login<&LoginConfig::scopes>},
      {"authorization_url", take_login<&LoginConfig::authorization_url>},
      {"token_url", take_login<&LoginConfig::token_url>},
  };
  return kEntries;
}

Result<void> set_login(IssuerConfig& config, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) {
    return bad("must be a table: [issuer.login]");
  }
  LoginConfig login;
  for (const auto& [key, value] : *table) {
    RETURN_IF_ERROR(set(login, login_entries(), "[issuer.login]", key.str(), value));
  }
  config.login = std::move(login);
  return {};
}

// A setter for one text, list or duration of the issuer.
template <auto Member>
Result<void> take(IssuerConfig& config, const toml::node& node) {
  auto& member = config.issuer.*Member;
  if constexpr (std::is_same_v<std::decay_t<decltype(member)>, std::string>) {
    ASSIGN_OR_RETURN(member, text_of(node));
  } else if constexpr (std::is_same_v<std::decay_t<decltype(member)>, bool>) {
    ASSIGN_OR_RETURN(member, flag_of(node));
  } else {
    ASSIGN_OR_RETURN(member, texts_of(node));
  }
  return {};
}

const std::vector<Entry>& entries() {
  using auth::Issuer;
  using Keys = IssuerConfig::Keys;
  static const std::vector<Entry> kEntries = {
      {"name", take<&Issuer::name>},
      {"issuer", take<&Issuer::issuer>},
      {"audiences", take<&Issuer::audiences>},
      {"algorithms", set_algorithms},
      {"types", take<&Issuer::types>},
      {"require_jti", take<&Issuer::id_required>},
      {"organisation", take<&Issuer::organisation>},
      {"organisation_claim", take<&Issuer::organisation_claim>},
      {"roles", set_roles},
      {"roles_claim", take<&Issuer::roles_claim>},
      {"role_values", set_role_values},
      {"name_claim", take<&Issuer::name_claim>},
      {"leeway",
       [](IssuerConfig& c, const toml::node& n) -> Result<void> {
         ASSIGN_OR_RETURN(c.issuer.leeway_micros,
                          duration_of(n, auth::kLeewayMicrosMax / base::kMicrosPerSecond));
         return {};
       }},
      {"lifetime_max",
       [](IssuerConfig& c, const toml::node& n) -> Result<void> {
         ASSIGN_OR_RETURN(c.issuer.lifetime_micros_max, duration_of(n, kLifetimeSecondsMax));
         return {};
       }},
      {"secret_file",
       [](IssuerConfig& c, const toml::node& n) { return set_keys(c, Keys::SecretFile, n); }},
      {"keys_file",
       [](IssuerConfig& c, const toml::node& n) { return set_keys(c, Keys::KeysFile, n); }},
      {"jwks_url",
       [](IssuerConfig& c, const toml::node& n) { return set_keys(c, Keys::Address, n); }},
      {"discovery", set_discovery},
      {"login", set_login},
      {"ca_file",
       [](IssuerConfig& c, const toml::node& n) -> Result<void> {
         ASSIGN_OR_RETURN(c.ca_file, text_of(n));
         return {};
       }},
  };
  return kEntries;
}

// Symmetric and other algorithms side by side would let a public key be used as a secret.
Result<void> check_algorithms(const IssuerConfig& config) {
  const auto& algorithms = config.issuer.algorithms;
  const auto symmetric =
      std::count(algorithms.begin(), algorithms.end(), auth::TokenAlgorithm::Hs256);
  if (symmetric != 0 && static_cast<std::size_t>(symmetric) != algorithms.size()) {
    return bad("algorithms: HS256 stands alone");
  }
  const bool secret = config.keys == IssuerConfig::Keys::SecretFile;
  const bool fetched =
      config.keys == IssuerConfig::Keys::Address || config.keys == IssuerConfig::Keys::Discovery;
  if (secret != (symmetric != 0) && (secret || fetched)) {
    return bad(
        "algorithms: HS256 goes with a secret_file, or a keys_file of secrets, and those "
        "with nothing else");
  }
  return {};
}

Result<void> check_login(const IssuerConfig& config, LoginConfig& login) {
  if (login.client_id.empty()) {
    return bad("login: client_id is missing");
  }
  if (std::find(login.scopes.begin(), login.scopes.end(), "openid") == login.scopes.end()) {
    return bad("login: scopes must hold \"openid\"");
  }
  const bool named = !login.authorization_url.empty() && !login.token_url.empty();
  if (login.authorization_url.empty() != login.token_url.empty() ||
      named == (config.keys == IssuerConfig::Keys::Discovery)) {
    return bad("login: name authorization_url and token_url, or discovery = true and neither");
  }
  for (const std::string& url : {login.authorization_url, login.token_url}) {
    if (!url.empty() && !net::is_fetchable(url)) {
      return bad("login: \"" + url + "\" must be https, or http on this machine");
    }
  }
  if (login.name.empty()) {
    login.name = config.issuer.name;
  }
  return {};
}

// Of an issuer that people log in with no token of its own needs to be taken.
Result<void> check(IssuerConfig& config) {
  auth::Issuer& issuer = config.issuer;
  for (auto [missing, name] : {std::pair{issuer.issuer.empty(), "issuer"},
                               std::pair{issuer.audiences.empty() && !config.login, "audiences"},
                               std::pair{issuer.algorithms.empty(), "algorithms"}}) {
    if (missing) {
      return bad(std::string(name) + " is missing");
    }
  }
  if (config.source.empty()) {
    return bad("its keys are missing: secret_file, keys_file, jwks_url or discovery = true");
  }
  if (issuer.organisation.empty() == issuer.organisation_claim.empty()) {
    return bad("name either organisation or organisation_claim");
  }
  if (issuer.roles.empty() && issuer.roles_claim.empty()) {
    return bad("its tokens have no rights: name roles, or roles_claim");
  }
  if (config.keys == IssuerConfig::Keys::Discovery) {
    config.source = issuer.issuer;
    if (!net::is_fetchable(config.source)) {
      return bad("issuer: discovery needs an https address, or http on this machine");
    }
  }
  if (issuer.name.empty()) {
    issuer.name = issuer.issuer;
  }
  if (config.login) {
    RETURN_IF_ERROR(check_login(config, *config.login));
  }
  return check_algorithms(config);
}

}  // namespace

Result<IssuerConfig> read_issuer(const toml::table& table, const std::string& file) {
  const auto at = [&](const toml::node& node) {
    return file + ":" + std::to_string(node.source().begin.line) + ": ";
  };
  IssuerConfig config;
  for (const auto& [key, node] : table) {
    if (auto done = set(config, entries(), "[[issuer]]", key.str(), node); !done) {
      return bad(at(node) + done.error().message);
    }
  }
  if (auto good = check(config); !good) {
    return bad(at(table) + "issuer: " + good.error().message);
  }
  return config;
}

}  // namespace piperoll::server
