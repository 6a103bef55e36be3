#include <algorithm>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/tls_session_internal.h"
#include "net/tls_settings_internal.h"

namespace piperoll::net {

namespace {

// "CN=ci,O=Acme" (RFC 2253); control characters and the like come out escaped.
std::string subject_of(SSL* ssl) {
  X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) {
    return "";
  }
  BIO* memory = BIO_new(BIO_s_mem());
  X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  std::string subject(text, static_cast<std::size_t>(length));
  BIO_free(memory);
  return subject;
}

}  // namespace

struct TlsSession::Handle {
  SSL* ssl = nullptr;
  ~Handle() { SSL_free(ssl); }
};

TlsSession::TlsSession(std::shared_ptr<const TlsSettings> settings, int socket)
    : settings_(std::move(settings)), handle_(new Handle{SSL_new(settings_->context.get())}) {
  if (handle_->ssl == nullptr || SSL_set_fd(handle_->ssl, socket) != 1) {
    failed_ = true;
    return;
  }
  SSL_set_accept_state(handle_->ssl);
}

TlsSession::~TlsSession() = default;

// A client that goes away without saying so has ended, too: what HTTP needs to know of ends it says
// itself.
TlsSession::Moved TlsSession::after(int result, std::size_t bytes) {
  if (result > 0) {
    if (!seen_) {
      seen_ = true;
      client_subject_ = subject_of(handle_->ssl);
    }
    return {State::Good, bytes};
  }
  switch (SSL_get_error(handle_->ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return {State::WantsRead, 0};
    case SSL_ERROR_WANT_WRITE:
      return {State::WantsWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {State::Ended, 0};
    default:
      break;
  }
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  const bool unannounced = ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  const bool ended = unannounced && is_established();
  failed_ = true;
  return {ended ? State::Ended : State::Failed, 0};
}

TlsSession::Moved TlsSession::read(char* into, std::size_t room) {
  if (failed_) {
    return {State::Failed, 0};
  }
  std::size_t total = 0;
  for (;;) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_read_ex(handle_->ssl, into + total, room - total, &bytes);
    const Moved moved = after(result, bytes);
    total += moved.bytes;
    const bool more = moved.state == State::Good && total < room;
    if (!more) {
      // What was read comes first; how it ended is told again by the next call.
      return total > 0 ? Moved{State::Good, total} : moved;
    }
  }
}

TlsSession::Moved TlsSession::write(const char* bytes, std::size_t count) {
  if (failed_ || !is_established()) {
    return {State::Failed, 0};
  }
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(handle_->ssl, bytes, std::min(count, kTlsRecordBytes), &written);
  return after(result, written);
}

bool TlsSession::has_pending() const {
  return !failed_ && SSL_pending(handle_->ssl) > 0;
}

bool TlsSession::is_established() const {
  return handle_->ssl != nullptr && SSL_is_init_finished(handle_->ssl) != 0;
}

void TlsSession::end() {
  if (!failed_ && is_established()) {
    ERR_clear_error();
    SSL_shutdown(handle_->ssl);
    ERR_clear_error();
  }
}

}  // namespace piperoll::net
