#include "net/tls.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/freed_by.h"
#include "base/temp_directory_test_support.h"
#include "net/tls_session_internal.h"

namespace piperoll::net {
namespace {

using Key = std::unique_ptr<EVP_PKEY, base::FreedBy<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, base::FreedBy<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, base::FreedBy<SSL_CTX_free>>;
using Client = std::unique_ptr<SSL, base::FreedBy<SSL_free>>;

// A certificate, by itself or by an authority.
struct Pair {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate;

  explicit Pair(const std::string& name, const Pair* authority = nullptr)
      : certificate(X509_new()) {
    X509* made = certificate.get();
    static std::atomic<long> serial = 1;
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key.get());
    X509_NAME* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made,
                         authority ? X509_get_subject_name(authority->certificate.get()) : subject);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints,
                                                    authority ? "CA:FALSE" : "critical,CA:TRUE");
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(made, authority ? authority->key.get() : key.get(), EVP_sha256());
  }
};

// PEM files that are gone with it.
class Files {
 public:
  std::string certificate() const { return folder_.path() + "/certificate.pem"; }
  std::string key() const { return folder_.path() + "/key.pem"; }
  std::string authority() const { return folder_.path() + "/authority.pem"; }

  void write(const Pair& server) const {
    write_certificate(certificate(), server);
    std::unique_ptr<BIO, base::FreedBy<BIO_free_all>> file(BIO_new_file(key().c_str(), "w"));
    PEM_write_bio_PrivateKey(file.get(), server.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  static void write_certificate(const std::string& path, const Pair& pair) {
    std::unique_ptr<BIO, base::FreedBy<BIO_free_all>> file(BIO_new_file(path.c_str(), "w"));
    PEM_write_bio_X509(file.get(), pair.certificate.get());
  }

 private:
  base::TempDirectory folder_;
};

// Two ends of a connection; the server's does not block, as a connection's.
struct Wire {
  int server = -1, client = -1;
  Wire() {
    int ends[2] = {};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server = ends[0];
    client = ends[1];
    ::fcntl(server, F_SETFL, O_NONBLOCK);
    const timeval bound{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
  }
  ~Wire() {
    ::close(server);
    ::close(client);
  }
};

Context client_context() {
  Context context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);  // what the server takes is what is tested
  return context;
}

void wait_for(int socket, TlsSession::State state) {
  pollfd waiting{socket,
                 static_cast<short>(state == TlsSession::State::WantsWrite ? POLLOUT : POLLIN), 0};
  EXPECT_EQ(::poll(&waiting, 1, 60'000), 1);
}

// Reads until so many bytes are there, or the connection is over.
TlsSession::State read_bytes(TlsSession& session, int socket, std::size_t count,
                             std::string& into) {
  while (into.size() < count) {
    char piece[4096];
    const auto moved = session.read(piece, sizeof piece);
    into.append(piece, moved.bytes);
    if (moved.state == TlsSession::State::Ended || moved.state == TlsSession::State::Failed) {
      return moved.state;
    }
    if (moved.state != TlsSession::State::Good && into.size() < count) {
      wait_for(socket, moved.state);
    }
  }
  return TlsSession::State::Good;
}

bool write_bytes(TlsSession& session, int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto moved = session.write(bytes.data(), bytes.size());
    bytes.remove_prefix(moved.bytes);
    if (moved.state == TlsSession::State::Failed || moved.state == TlsSession::State::Ended) {
      return false;
    }
    if (moved.state != TlsSession::State::Good) {
      wait_for(socket, moved.state);
    }
  }
  return true;
}

// One connection: the client, on a thread of its own, says "hello" and hears what comes back.
struct Talk {
  TlsSession::State state = TlsSession::State::Failed;
  std::string heard_by_server, heard_by_client, subject;
  const char* version = "";
  std::string peer;  // CN of the server's certificate
  bool connected = false;
};

void speak(SSL_CTX* context, int socket, Talk& talk) {
  // As a server does (server/serve.cc): whoever writes to a closed connection gets an error.
  ::signal(SIGPIPE, SIG_IGN);
  Client client(SSL_new(context));
  SSL_set_fd(client.get(), socket);
  talk.connected = SSL_connect(client.get()) == 1 && SSL_write(client.get(), "hello", 5) == 5;
  char heard[16] = {};
  const int count = talk.connected ? SSL_read(client.get(), heard, sizeof heard) : 0;
  talk.heard_by_client.assign(heard, static_cast<std::size_t>(std::max(count, 0)));
  talk.version = SSL_get_version(client.get());
  if (X509* peer = SSL_get0_peer_certificate(client.get())) {
    char name[100] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name, sizeof name);
    talk.peer = name;
  }
  ERR_clear_error();
  ::shutdown(socket, SHUT_RDWR);
}

Talk talk(const TlsContext& tls, SSL_CTX* context) {
  Wire wire;
  Talk talk;
  std::thread client([&] { speak(context, wire.client, talk); });
  TlsSession session(tls.settings(), wire.server);
  std::string heard;
  const auto state = read_bytes(session, wire.server, 5, heard);
  if (state == TlsSession::State::Good) {
    EXPECT_TRUE(session.is_established());
    EXPECT_TRUE(write_bytes(session, wire.server, "bye"));
    session.end();
  }
  ::shutdown(wire.server, SHUT_WR);
  client.join();
  talk.state = state;
  talk.heard_by_server = heard;
  talk.subject = session.client_subject();
  return talk;
}

struct Server {
  Files files;
  Pair pair{"audit.example"};
  std::unique_ptr<TlsContext> tls;

  explicit Server(const Pair* client_authority = nullptr) {
    files.write(pair);
    TlsOptions options{.certificate_file = files.certificate(), .key_file = files.key()};
    if (client_authority != nullptr) {
      Files::write_certificate(files.authority(), *client_authority);
      options.client_ca_file = files.authority();
    }
    auto loaded = TlsContext::load(options);
    EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
    tls = *std::move(loaded);
  }
};

TEST(Tls, SpeaksOnePointThreeAndOnePointTwo) {
  Server server;
  for (auto [version, name] : {std::pair{TLS1_3_VERSION, "TLSv1.3"}, {TLS1_2_VERSION, "TLSv1.2"}}) {
    Context context = client_context();
    SSL_CTX_set_max_proto_version(context.get(), version);
    const Talk talked = talk(*server.tls, context.get());

    EXPECT_EQ(talked.state, TlsSession::State::Good) << name;
    EXPECT_EQ(talked.heard_by_server, "hello");
    EXPECT_EQ(talked.heard_by_client, "bye");
    EXPECT_STREQ(talked.version, name);
    EXPECT_EQ(talked.peer, "audit.example");
    EXPECT_EQ(talked.subject, "");
  }
}

TEST(Tls, SpeaksNothingOlderAndNoWeakCipher) {
  Server server;
  Context old = client_context();
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  EXPECT_FALSE(talk(*server.tls, old.get()).connected);

  for (const char* weak : {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "aNULL"}) {
    Context context = client_context();
    SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
    ASSERT_EQ(SSL_CTX_set_cipher_list(context.get(), weak), 1) << weak;
    const Talk talked = talk(*server.tls, context.get());
    EXPECT_FALSE(talked.connected) << weak;
    EXPECT_EQ(talked.state, TlsSession::State::Failed) << weak;
  }
}

TEST(Tls, WhatIsNoTlsEndsTheConnection) {
  Server server;
  for (const std::string& said :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(64, '\0'),
        std::string("\x16\x03\x01\xff\xff") + std::string(64, 'x')}) {
    Wire wire;
    ASSERT_EQ(::send(wire.client, said.data(), said.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(said.size()));
    ::shutdown(wire.client, SHUT_WR);
    TlsSession session(server.tls->settings(), wire.server);
    std::string heard;
    const auto state = read_bytes(session, wire.server, 1, heard);
    EXPECT_TRUE(state == TlsSession::State::Failed || state == TlsSession::State::Ended);
    EXPECT_EQ(heard, "");
    EXPECT_FALSE(session.is_established());
    EXPECT_EQ(session.write("x", 1).bytes, 0U) << "nothing is said in the clear";
  }
}

TEST(Tls, NewFilesAreForNewConnectionsAndOldOnesGoOn) {
  Server server;
  Context context = client_context();
  Wire wire;
  Client client(SSL_new(context.get()));
  SSL_set_fd(client.get(), wire.client);
  std::thread handshake([&] {
    EXPECT_EQ(SSL_connect(client.get()), 1);
    EXPECT_EQ(SSL_write(client.get(), "one", 3), 3);
  });
  TlsSession kept(server.tls->settings(), wire.server);
  std::string heard;
  ASSERT_EQ(read_bytes(kept, wire.server, 3, heard), TlsSession::State::Good);
  handshake.join();

  const Pair renewed("renewed.example");
  server.files.write(renewed);
  EXPECT_EQ(talk(*server.tls, context.get()).peer, "audit.example") << "not before it is told to";
  ASSERT_TRUE(server.tls->reload().has_value());
  EXPECT_EQ(talk(*server.tls, context.get()).peer, "renewed.example");

  EXPECT_EQ(SSL_write(client.get(), "two", 3), 3);
  ASSERT_EQ(read_bytes(kept, wire.server, 6, heard), TlsSession::State::Good);
  EXPECT_EQ(heard, "onetwo");
  ASSERT_TRUE(write_bytes(kept, wire.server, "still here"));
  char answer[16] = {};
  EXPECT_EQ(SSL_read(client.get(), answer, sizeof answer), 10);
}

TEST(Tls, BadFilesChangeNothing) {
  Server server;
  Context context = client_context();
  const Pair other("other.example");
  Files::write_certificate(server.files.certificate(), other);  // the key is not its
  EXPECT_FALSE(server.tls->reload().has_value());
  std::ofstream(server.files.key()) << "no PEM";
  EXPECT_FALSE(server.tls->reload().has_value());
  ::unlink(server.files.certificate().c_str());
  auto reloaded = server.tls->reload();
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_NE(reloaded.error().message.find(server.files.certificate()), std::string::npos);
  EXPECT_EQ(talk(*server.tls, context.get()).peer, "audit.example");
}

TEST(Tls, AClientIsWhoItsVerifiedCertificateSays) {
  const Pair authority("clients"), stranger("strangers");
  Server server(&authority);
  const auto with = [&](const Pair* pair, int version) {
    Context context = client_context();
    SSL_CTX_set_max_proto_version(context.get(), version);
    if (pair != nullptr) {
      SSL_CTX_use_certificate(context.get(), pair->certificate.get());
      SSL_CTX_use_PrivateKey(context.get(), pair->key.get());
    }
    return talk(*server.tls, context.get());
  };
  const Pair known("ci", &authority), unknown("ci", &stranger);
  for (int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    EXPECT_EQ(with(&known, version).subject, "CN=ci");
    const Talk anonymous = with(nullptr, version);
    EXPECT_EQ(anonymous.state, TlsSession::State::Good) << "a certificate is not required";
    EXPECT_EQ(anonymous.subject, "");
    const Talk refused = with(&unknown, version);
    EXPECT_EQ(refused.state, TlsSession::State::Failed);
    EXPECT_EQ(refused.subject, "");
    EXPECT_EQ(refused.heard_by_server, "");
  }
}

}  // namespace
}  // namespace piperoll::net
