#pragma once
// Every bound on an event, from contract section 2. Lengths are Unicode code points.

#include <cstddef>
#include <cstdint>

namespace piperoll::event {

inline constexpr std::size_t kIdMax = 128;
inline constexpr std::size_t kActionMax = 128;
inline constexpr std::size_t kSourceMax = 128;
inline constexpr std::size_t kCategoryMax = 64;
inline constexpr std::size_t kSummaryMax = 1024;
inline constexpr std::size_t kErrorMax = 8192;
inline constexpr std::size_t kVersionMax = 32;
inline constexpr std::size_t kPartyIdMax = 256;  // actor.id, target.id
inline constexpr std::size_t kPartyTypeMax = 64;
inline constexpr std::size_t kPartyNameMax = 256;
inline constexpr std::size_t kEmailMax = 320;  // RFC 5321: 64 + 1 + 255
inline constexpr std::size_t kRequestIdMax = 128;
inline constexpr std::size_t kMethodMax = 16;
inline constexpr std::size_t kPathMax = 2048;
inline constexpr std::size_t kUserAgentMax = 1024;
inline constexpr int kStatusCodeMin = 100;
inline constexpr int kStatusCodeMax = 599;
inline constexpr std::size_t kCanonicalBytesMax = 48 * 1024;  // whole event as canonical JSON
// What a record of an event may have more: the limit counts what was sent, and where id and
// occurred_at were not, the server set them.
inline constexpr std::size_t kServerSetBytesMax = 88;
inline constexpr std::size_t kDepthMax = 16;  // levels of nesting of the whole event

}  // namespace piperoll::event
