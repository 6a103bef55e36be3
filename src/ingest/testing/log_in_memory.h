#pragma once
// One log in a memory store, with a key to sign it: what the tests of publishing begin with.

#include <memory>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "ingest/publisher.h"
#include "ingest/testing/log_frames.h"
#include "store/id_cipher.h"
#include "store/memory/memory_store.h"

namespace piperoll::ingest::testing {

struct LogInMemory {
  void append(std::size_t records) { apply_frame(*store, frames.next(log, records), true); }

  PublisherOptions publisher_options() const {
    PublisherOptions options;
    options.server_name = kServerName;
    options.known_keys = {key.public_key()};
    return options;
  }

  store::FeistelIdCipher ids{std::string(32, 'k')};
  std::unique_ptr<store::EventStore> store = store::memory::make_memory_store(ids);
  crypto::Ed25519PrivateKey key =
      crypto::Ed25519PrivateKey::from_seed(std::string(32, 's')).value();
  LogFrames frames;
  const event::LogId log = log_of(1);
};

}  // namespace piperoll::ingest::testing
