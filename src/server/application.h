#pragma once
// Application: which surface a request belongs to, the operational paths, and the witness. The HTTP
// front calls it; the service answers. Thread-safe.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dialect/dialect.h"
#include "dialect/native/native_dialect.h"
#include "http/handler.h"
#include "http/metrics.h"
#include "server/client_table.h"
#include "server/site.h"
#include "server/witness.h"
#include "service/service.h"

namespace piperoll::server {

struct ApplicationParts {
  // In the order of precedence; the last one also words the errors of paths that nobody owns.
  std::vector<std::unique_ptr<dialect::Dialect>> dialects;
  service::Service& service;  // outlives the application
  const base::Clock& clock;   // outlives the application
  CertificateClients clients = {};
  std::function<base::Result<void>()> ready;
  std::function<std::string()> metrics;  // null: /metrics is not served here
  Witness* witness = nullptr;            // null: no other log is cosigned here; outlives it
};

// The surfaces by the numbers that Application::surface gives: the dialects, then "operational".
std::vector<std::string> surface_names(
    const std::vector<std::unique_ptr<dialect::Dialect>>& dialects);

// The addresses that belong to no surface: "GET /healthz", ...; for the description of the API.
std::vector<dialect::Route> operational_routes();

// Frontier, BloodHound, Nirvana, Antidote, Run:ai, native. The one line that a new surface adds.
std::vector<std::unique_ptr<dialect::Dialect>> all_dialects(
    dialect::native::NativeOptions native = {});

class Application : public http::Handler {
 public:
  explicit Application(ApplicationParts parts);

  void handle(const wire::Request& request, std::function<void(wire::Response)> done) override;
  std::optional<wire::Response> refuse(const wire::Request& request,
                                       const base::Error& error) override;
  std::size_t surface(const wire::Request& request) override;

 private:
  void answer(const wire::Request& request, std::function<void(wire::Response)> done);
  std::size_t owner_of(std::string_view path) const;
  std::optional<wire::Response> operational(const wire::Request& request) const;

  const ApplicationParts parts_;
  const Site site_;
};

// Only /metrics, for a listener of its own.
class MetricsHandler : public http::Handler {
 public:
  explicit MetricsHandler(std::function<std::string()> metrics) : metrics_(std::move(metrics)) {}
  void handle(const wire::Request& request, std::function<void(wire::Response)> done) override;

 private:
  const std::function<std::string()> metrics_;
};

}  // namespace piperoll::server
