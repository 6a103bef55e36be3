#pragma once
// What a TlsContext holds. Only net includes this.

#include <memory>

#include <openssl/ssl.h>

#include "net/tls.h"

namespace piperoll::net {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

struct TlsSettings {
  std::unique_ptr<SSL_CTX, FreeContext> context;
};

}  // namespace piperoll::net
