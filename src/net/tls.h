#pragma once
// TLS for listening sockets: certificates from files, read again on demand. No type of OpenSSL
// appears here.

#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/result.h"

namespace piperoll::net {

struct TlsOptions {
  std::string certificate_file;  // PEM: the certificate, then those between it and a known one
  std::string key_file;          // PEM
  // PEM: who signs the certificates of clients that may show one. Empty: none is asked for.
  std::string client_ca_file;
};

// What one set of files says. Immutable; connections keep the one that they began with.
struct TlsSettings;

// Thread-safe.
class TlsContext {
 public:
  // TLS 1.2 with ephemeral keys and authenticated ciphers, and TLS 1.3. InvalidArgument naming the
  // file that cannot be read, is no PEM, or does not fit the other.
  static base::Result<std::unique_ptr<TlsContext>> load(TlsOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Reads the files again, for connections from now on. An error changes nothing.
  base::Result<void> reload();
  std::shared_ptr<const TlsSettings> settings() const;

 private:
  TlsContext(TlsOptions options, std::shared_ptr<const TlsSettings> settings);
  const TlsOptions options_;
  mutable base::Mutex mutex_;
  std::shared_ptr<const TlsSettings> settings_ GUARDED_BY(mutex_);
};

}  // namespace piperoll::net
