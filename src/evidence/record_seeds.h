#pragma once
// RecordSeeds: the seed of a record (K of docs/formats/evidence.md), as it is kept or as it follows
// from the key that the record shares with those around it. Why: ADR 87.

#include "crypto/aes.h"
#include "event/record.h"

namespace piperoll::evidence {

// Holds a cipher context, which is why it is an object. One thread at a time; movable.
class RecordSeeds {
 public:
  RecordSeeds();

  // Cheapest for records that share a key one after the other.
  event::RecordSeed of(const event::RecordHead& head);

 private:
  event::RecordSeed key_{};  // that aes_ has
  crypto::Aes256 aes_;
};

}  // namespace piperoll::evidence
