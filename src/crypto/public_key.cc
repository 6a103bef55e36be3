#include "crypto/public_key.h"

#include <array>
#include <cstring>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/freed_by.h"

namespace piperoll::crypto {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr int kExponentBitsMax = 64;
constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kRawSignatureBytes = 64;  // of ES256 and Ed25519
constexpr int kSaltBytes = 32;
constexpr std::size_t kPemKeysMax = 16;

using Number = std::unique_ptr<BIGNUM, base::FreedBy<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, base::FreedBy<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, base::FreedBy<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, base::FreedBy<EVP_MD_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, base::FreedBy<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, base::FreedBy<OSSL_PARAM_free>>;
using Stream = std::unique_ptr<BIO, base::FreedBy<BIO_free>>;
using Certificate = std::unique_ptr<X509, base::FreedBy<X509_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, base::FreedBy<ECDSA_SIG_free>>;

Error bad_key(std::string reason) {
  ERR_clear_error();
  return {.kind = ErrorKind::InvalidArgument, .message = std::move(reason), .code = "invalid_key"};
}

const unsigned char* as_unsigned(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Number number_of(ByteView bytes) {
  return Number(BN_bin2bn(as_unsigned(bytes), static_cast<int>(bytes.size()), nullptr));
}

// The library's key of this type from its parts; null where it refuses them.
Key key_from(const char* type, OSSL_PARAM_BLD* builder) {
  Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

bool is_point_on_curve(EVP_PKEY* key) {
  KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

Result<void> check_rsa(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
  Number owned(exponent);
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return bad_key("an RSA key must have 2048 to 8192 bits, not " + std::to_string(bits));
  }
  if (!owned || BN_is_odd(owned.get()) == 0 || BN_is_one(owned.get()) != 0 ||
      BN_num_bits(owned.get()) > kExponentBitsMax) {
    return bad_key("the public exponent of an RSA key must be odd, above 1, at most 64 bits");
  }
  return {};
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1 &&
         std::string_view(name.data(), length) == SN_X9_62_prime256v1;
}

Result<PublicKeyKind> kind_of(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: {
      RETURN_IF_ERROR(check_rsa(key));
      return PublicKeyKind::Rsa;
    }
    case EVP_PKEY_EC:
      if (!is_p256(key) || !is_point_on_curve(key)) {
        return bad_key("an EC key must be a point of P-256");
      }
      return PublicKeyKind::P256;
    case EVP_PKEY_ED25519:
      return PublicKeyKind::Ed25519;
    default:
      return bad_key("a key must be RSA, EC (P-256) or Ed25519");
  }
}

// r and s of fixed length -> DER, as the library wants it; empty on failure.
std::string der_of(ByteView raw) {
  Number r = number_of(raw.substr(0, kCoordinateBytes));
  Number s = number_of(raw.substr(kCoordinateBytes));
  EcdsaSignature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return {};
  }
  static_cast<void>(r.release());  // both belong to signature now
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &bytes);
  std::string der;
  if (length > 0) {
    der.assign(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(length));
  }
  OPENSSL_free(bytes);
  return der;
}

bool set_pss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, kSaltBytes) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

bool verify(EVP_PKEY* key, SignatureScheme scheme, ByteView message, ByteView signature) {
  DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // owned by context
  const EVP_MD* digest = scheme == SignatureScheme::Ed25519 ? nullptr : EVP_sha256();
  if (!context || EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key) != 1 ||
      (scheme == SignatureScheme::Ps256 && !set_pss(key_context))) {
    return false;
  }
  return EVP_DigestVerify(context.get(), as_unsigned(signature), signature.size(),
                          as_unsigned(message), message.size()) == 1;
}

PublicKeyKind kind_for(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::Rs256:
    case SignatureScheme::Ps256:
      return PublicKeyKind::Rsa;
    case SignatureScheme::Es256:
      return PublicKeyKind::P256;
    case SignatureScheme::Ed25519:
      return PublicKeyKind::Ed25519;
  }
  return PublicKeyKind::Rsa;
}

// The key in one block of PEM; null where its bytes are not what its name says.
Result<Key> key_in_block(std::string_view name, const unsigned char* bytes, long length) {
  if (name == PEM_STRING_PUBLIC) {
    return Key(d2i_PUBKEY(nullptr, &bytes, length));
  }
  if (name == PEM_STRING_RSA_PUBLIC) {
    return Key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &bytes, length));
  }
  if (name == PEM_STRING_X509) {
    Certificate certificate(d2i_X509(nullptr, &bytes, length));
    return Key(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
  }
  return bad_key("PEM block \"" + std::string(name) +
                 "\": only public keys and certificates are taken");
}

}  // namespace

// Makes a PublicKey of the library's key once it has been looked at.
struct PublicKeyAccess {
  static Result<PublicKey> checked(Key key) {
    if (!key) {
      return bad_key("not a public key");
    }
    ASSIGN_OR_RETURN(PublicKeyKind kind, kind_of(key.get()));
    return PublicKey(kind, std::shared_ptr<void>(key.release(), [](void* owned) {
                       EVP_PKEY_free(static_cast<EVP_PKEY*>(owned));
                     }));
  }
};

Result<PublicKey> PublicKey::from_rsa(ByteView modulus, ByteView exponent) {
  if (modulus.size() > kRsaBitsMax / 8 + 1 || exponent.size() > kExponentBitsMax / 8 + 1) {
    return bad_key("an RSA key must have 2048 to 8192 bits and an exponent of at most 64");
  }
  Number n = number_of(modulus);
  Number e = number_of(exponent);
  ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return bad_key("not an RSA key");
  }
  return PublicKeyAccess::checked(key_from("RSA", builder.get()));
}

Result<PublicKey> PublicKey::from_p256(ByteView x, ByteView y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) {
    return bad_key("coordinates of P-256 have 32 bytes each");
  }
  const std::string point = "\x04" + std::string(x) + std::string(y);  // uncompressed, SEC 1 2.3.3
  ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      SN_X9_62_prime256v1, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return bad_key("not a key of P-256");
  }
  return PublicKeyAccess::checked(key_from("EC", builder.get()));
}

Result<PublicKey> PublicKey::from_ed25519(ByteView point) {
  if (point.size() != 32) {
    return bad_key("a key of Ed25519 has 32 bytes");
  }
  return PublicKeyAccess::checked(Key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_unsigned(point), point.size())));
}

bool PublicKey::verifies(SignatureScheme scheme, ByteView message, ByteView signature) const {
  if (kind_for(scheme) != kind_) {
    return false;
  }
  std::string der;
  // The library takes an RSA-PSS signature whose leading zero is left out; RFC 8017 8.1.2 does not.
  auto* key = static_cast<EVP_PKEY*>(key_.get());
  const std::size_t size = kind_ == PublicKeyKind::Rsa
                               ? static_cast<std::size_t>(EVP_PKEY_get_size(key))
                               : kRawSignatureBytes;
  if (signature.size() != size) {
    return false;
  }
  if (scheme == SignatureScheme::Es256) {
    der = der_of(signature);
    signature = der;
  }
  const bool good = verify(key, scheme, message, signature);
  if (!good) {
    ERR_clear_error();  // of this thread; the next caller must not find it
  }
  return good;
}

Result<std::vector<PublicKey>> read_pem_keys(std::string_view pem) {
  Stream stream(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<PublicKey> keys;
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long length = 0;
  while (stream && PEM_read_bio(stream.get(), &name, &header, &bytes, &length) == 1) {
    auto key = key_in_block(name, bytes, length);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(bytes, static_cast<std::size_t>(length));
    if (!key) {
      return std::move(key).error();
    }
    ASSIGN_OR_RETURN(PublicKey checked, PublicKeyAccess::checked(*std::move(key)));
    keys.push_back(std::move(checked));
    if (keys.size() > kPemKeysMax) {
      return bad_key("more than 16 keys");
    }
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end || keys.empty()) {
    return bad_key(keys.empty() ? "no PEM block with a public key" : "a PEM block is damaged");
  }
  return keys;
}

}  // namespace piperoll::crypto
