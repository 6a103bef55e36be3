#pragma once
// What a C library makes and wants back, in a unique_ptr:
//   using Key = std::unique_ptr<EVP_PKEY, base::FreedBy<EVP_PKEY_free>>;

namespace piperoll::base {

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* thing) const {
    static_cast<void>(Free(thing));
  }
};

}  // namespace piperoll::base
