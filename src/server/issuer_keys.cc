#include "server/issuer_keys.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/diagnostics.h"
#include "base/json.h"
#include "net/fetch.h"

namespace piperoll::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kWaitingMax = 1'000;  // requests that wait for one fetch
constexpr std::int64_t kFileAgeSeconds = 300;
constexpr std::int64_t kPauseMax = std::int64_t{3600} * 1'000'000;  // of one wait of the thread

Result<std::string> read_key_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string text(auth::KeySet::kTextBytesMax + 1, '\0');
  const ssize_t count = fd < 0 ? -1 : ::read(fd, text.data(), text.size());
  if (fd >= 0) {
    ::close(fd);
  }
  if (count < 0) {
    return Error{.kind = ErrorKind::Unavailable, .message = "cannot read " + path};
  }
  text.resize(static_cast<std::size_t>(count));
  return text;
}

// Editors end a file with a line end, which is no part of a secret.
std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

Result<LoadedKeys> load_file(const IssuerConfig& config) {
  ASSIGN_OR_RETURN(std::string text, read_key_file(config.source));
  auto keys = config.keys == IssuerConfig::Keys::SecretFile
                  ? auth::KeySet::from_secret(without_line_end(text))
                  : auth::KeySet::from_text(text);
  if (!keys) {
    return std::move(keys).error().with_context(config.source);
  }
  return LoadedKeys{*std::move(keys), std::move(text), kFileAgeSeconds};
}

Result<LoadedKeys> load_address(const std::string& url, const net::FetchOptions& options) {
  ASSIGN_OR_RETURN(net::FetchedDocument document, net::fetch_document(url, options));
  auto keys = auth::KeySet::from_jwks(document.body);
  if (!keys) {
    return std::move(keys).error().with_context(url);
  }
  return LoadedKeys{*std::move(keys), std::move(document.body), document.max_age_seconds};
}

Result<std::string> jwks_address(const std::string& issuer, std::string_view discovery) {
  base::JsonParser parser;
  auto document = parser.parse(discovery);
  if (!document || document->text("issuer") != issuer) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "the discovery document is not that of " + issuer};
  }
  const std::string_view address = document->text("jwks_uri");
  if (!net::is_fetchable(address)) {
    return Error{.kind = ErrorKind::Unavailable,
                 .message = "the discovery document of " + issuer + " has no good jwks_uri"};
  }
  return std::string(address);
}

Result<LoadedKeys> discover(const std::string& issuer, const net::FetchOptions& options) {
  ASSIGN_OR_RETURN(net::FetchedDocument document,
                   net::fetch_document(discovery_address(issuer), options));
  ASSIGN_OR_RETURN(std::string address, jwks_address(issuer, document.body));
  return load_address(address, options);
}

bool is_file(const IssuerConfig& config) {
  return config.keys == IssuerConfig::Keys::SecretFile ||
         config.keys == IssuerConfig::Keys::KeysFile;
}

Result<std::optional<LoadedKeys>> load_first(const IssuerConfig& config, const LoadKeys& load) {
  if (!is_file(config)) {
    return std::optional<LoadedKeys>();
  }
  auto loaded = load();
  if (!loaded) {
    return std::move(loaded).error().with_context("issuer " + config.issuer.name);
  }
  return std::optional(*std::move(loaded));
}

Result<void> check_distinct(const std::vector<IssuerConfig>& issuers) {
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (issuers[i].issuer.issuer == issuers[j].issuer.issuer) {
        return Error{.kind = ErrorKind::InvalidArgument,
                     .message = "issuer " + issuers[i].issuer.issuer + " is configured twice",
                     .code = "invalid_setting"};
      }
    }
  }
  return {};
}

}  // namespace

// Appended to the issuer's own path.
std::string discovery_address(std::string issuer) {
  while (issuer.ends_with('/')) {
    issuer.pop_back();
  }
  return issuer + "/.well-known/openid-configuration";
}

LoadKeys key_loader(const IssuerConfig& config) {
  const net::FetchOptions options{.bytes_max = auth::KeySet::kTextBytesMax,
                                  .ca_file = config.ca_file};
  switch (config.keys) {
    case IssuerConfig::Keys::Address:
      return [url = config.source, options] { return load_address(url, options); };
    case IssuerConfig::Keys::Discovery:
      return [issuer = config.source, options] { return discover(issuer, options); };
    default:
      return [config] { return load_file(config); };
  }
}

RefreshedKeys::RefreshedKeys(std::string name, LoadKeys load, std::optional<LoadedKeys> first,
                             const base::Clock& clock)
    : name_(std::move(name)),
      load_(std::move(load)),
      clock_(clock),
      plan_(clock.monotonic_micros()) {
  if (first) {
    base::MutexLock lock(mutex_);
    take(*std::move(first));
  }
  thread_ = std::thread([this] { run(); });
}

RefreshedKeys::~RefreshedKeys() {
  stop();
}

void RefreshedKeys::stop() {
  Waiting waiting;
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    waiting = std::exchange(waiting_, {});
    changed_.notify_all();
  }
  for (const auto& done : waiting) {
    done();
  }
  base::MutexLock lock(joining_);
  if (thread_.joinable()) {
    thread_.join();
  }
}

std::shared_ptr<const auth::KeySet> RefreshedKeys::keys() const {
  base::MutexLock lock(mutex_);
  return plan_.is_believed(clock_.monotonic_micros()) ? keys_ : nullptr;
}

bool RefreshedKeys::refresh(std::function<void()> done) {
  base::MutexLock lock(mutex_);
  const std::int64_t now = clock_.monotonic_micros();
  const bool coming = loading_ || plan_.due() <= now;
  if (stopping_ || waiting_.size() >= kWaitingMax || (!coming && !plan_.ask(now))) {
    return false;
  }
  waiting_.push_back(std::move(done));
  changed_.notify_all();
  return true;
}

auth::KeyStats RefreshedKeys::stats() const {
  base::MutexLock lock(mutex_);
  auth::KeyStats stats = stats_;
  if (keys_) {
    stats.age_micros = clock_.monotonic_micros() - loaded_at_;
  }
  return stats;
}

void RefreshedKeys::take(Result<LoadedKeys> loaded) {
  const std::int64_t now = clock_.monotonic_micros();
  ++stats_.fetches;
  if (!loaded) {
    ++stats_.failures;
    plan_.failed(now);
    base::warning("the keys of an issuer cannot be loaded; those known stay in use",
                  {{"issuer", name_}, {"reason", loaded.error().message}});
    return;
  }
  plan_.succeeded(now, loaded->max_age_seconds);
  loaded_at_ = now;
  if (!keys_ || loaded->text != text_) {
    const auto count = std::to_string(loaded->keys.keys().size());
    keys_ = std::make_shared<const auth::KeySet>(std::move(loaded->keys));
    text_ = std::move(loaded->text);
    base::info("the keys of an issuer were loaded", {{"issuer", name_}, {"keys", count}});
  }
}

void RefreshedKeys::run() {
  mutex_.lock();
  while (!stopping_) {
    const std::int64_t wait = plan_.due() - clock_.monotonic_micros();
    if (wait > 0) {
      changed_.wait_for(mutex_, std::chrono::microseconds(std::min(wait, kPauseMax)));
      continue;
    }
    loading_ = true;
    mutex_.unlock();
    auto loaded = load_();
    mutex_.lock();
    loading_ = false;
    take(std::move(loaded));
    const Waiting waiting = std::exchange(waiting_, {});
    mutex_.unlock();
    for (const auto& done : waiting) {
      done();
    }
    mutex_.lock();
  }
  mutex_.unlock();
}

Result<std::vector<auth::TokenVerifier::Trusted>> make_trusted(
    const std::vector<IssuerConfig>& issuers, const base::Clock& clock) {
  RETURN_IF_ERROR(check_distinct(issuers));
  std::vector<auth::TokenVerifier::Trusted> trusted;
  for (const IssuerConfig& config : issuers) {
    LoadKeys load = key_loader(config);
    ASSIGN_OR_RETURN(std::optional<LoadedKeys> first, load_first(config, load));
    trusted.push_back(
        {config.issuer, std::make_unique<RefreshedKeys>(config.issuer.name, std::move(load),
                                                        std::move(first), clock)});
  }
  return trusted;
}

Result<void> check_issuers(const std::vector<IssuerConfig>& issuers) {
  RETURN_IF_ERROR(check_distinct(issuers));
  for (const IssuerConfig& config : issuers) {
    auto first = load_first(config, key_loader(config));
    if (!first) {
      return std::move(first).error();
    }
  }
  return {};
}

}  // namespace piperoll::server
