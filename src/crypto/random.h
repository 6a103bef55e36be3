#pragma once
// Random bytes for keys, seeds and ids. Thread-safe.

#include <cstddef>

#include "base/bytes.h"

namespace piperoll::crypto {

// From OpenSSL's generator, seeded by the kernel. Ends the process if it fails: nothing that needs
// a secret may go on without one.
void random_bytes(char* into, std::size_t count);
base::Bytes random_bytes(std::size_t count);

}  // namespace piperoll::crypto
