#include "net/tls.h"

#include <openssl/err.h>

#include "net/tls_settings_internal.h"

namespace piperoll::net {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// For TLS 1.2: ephemeral keys and authenticated encryption, nothing else. Those of 1.3 are all
// good.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr unsigned char kProtocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Error bad_tls(const std::string& what) {
  std::string why;
  if (unsigned long code = ERR_get_error(); code != 0) {
    const char* reason = ERR_reason_error_string(code);
    why = reason == nullptr ? "" : std::string(": ") + reason;
  }
  ERR_clear_error();
  return {.kind = ErrorKind::InvalidArgument, .message = what + why, .code = "bad_tls"};
}

// The only protocol that is spoken here, where the client names any.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_bytes, void*) {
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, length, kProtocols, sizeof kProtocols, offered, offered_bytes);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  // Tickets would be enciphered with one key until the next restart; a full handshake is cheap
  // beside what an audit log is asked.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

Result<void> load_clients(SSL_CTX* context, const std::string& file) {
  if (file.empty()) {
    return {};
  }
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return bad_tls("tls_client_ca " + file);
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return {};
}

Result<std::shared_ptr<const TlsSettings>> read_files(const TlsOptions& options) {
  ERR_clear_error();
  auto settings = std::make_shared<TlsSettings>();
  settings->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = settings->context.get();
  if (context == nullptr || SSL_CTX_set_cipher_list(context, kCiphers) != 1) {
    return bad_tls("TLS cannot be set up");
  }
  harden(context);
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
    return bad_tls("tls_certificate " + options.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return bad_tls("tls_key " + options.key_file);
  }
  RETURN_IF_ERROR(load_clients(context, options.client_ca_file));
  return std::shared_ptr<const TlsSettings>(std::move(settings));
}

}  // namespace

TlsContext::TlsContext(TlsOptions options, std::shared_ptr<const TlsSettings> settings)
    : options_(std::move(options)), settings_(std::move(settings)) {}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::load(TlsOptions options) {
  ASSIGN_OR_RETURN(auto settings, read_files(options));
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(options), std::move(settings)));
}

Result<void> TlsContext::reload() {
  ASSIGN_OR_RETURN(auto settings, read_files(options_));
  base::MutexLock lock(mutex_);
  settings_ = std::move(settings);
  return {};
}

std::shared_ptr<const TlsSettings> TlsContext::settings() const {
  base::MutexLock lock(mutex_);
  return settings_;
}

}  // namespace piperoll::net
