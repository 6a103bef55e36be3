#pragma once
// What a TlsContext holds. Only net includes this.

#include <memory>

#include <openssl/ssl.h>

#include "base/freed_by.h"
#include "net/tls.h"

namespace piperoll::net {

struct TlsSettings {
  std::unique_ptr<SSL_CTX, base::FreedBy<SSL_CTX_free>> context;
};

}  // namespace piperoll::net
