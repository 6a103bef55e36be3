#include <cstring>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/system/error_code.hpp>
#include <netdb.h>

#include "base/freed_by.h"
#include "net/acceptor_internal.h"
#include "net/listen_address.h"

namespace piperoll::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

base::Error cannot_listen(const std::string& where, const error_code& why) {
  if (why == boost::asio::error::address_in_use) {
    return {.kind = base::ErrorKind::Unavailable,
            .message = "cannot listen on " + where + ": the address is already in use",
            .code = "address_in_use"};
  }
  return {.kind = base::ErrorKind::Unavailable,
          .message = "cannot listen on " + where + ": " + why.message(),
          .code = "cannot_listen"};
}

// The addresses of a host, each once, in the resolver's order.
base::Result<std::vector<tcp::endpoint>> resolve(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const char* host = address.host.empty() ? nullptr : address.host.c_str();
  int failure = getaddrinfo(host, "0", &hints, &found);
  std::unique_ptr<addrinfo, base::FreedBy<freeaddrinfo>> owner(found);
  if (failure != 0) {
    return base::Error{
        .kind = base::ErrorKind::Unavailable,
        .message = "cannot listen on '" + address.host + "': " + gai_strerror(failure),
        .code = "cannot_listen"};
  }
  std::vector<tcp::endpoint> endpoints;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) {
      continue;
    }
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    endpoint.port(address.port);
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end()) {
      endpoints.push_back(endpoint);
    }
  }
  return endpoints;
}

error_code open_one(Acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  if (acceptor.open(endpoint.protocol(), error)) {
    return error;
  }
  // Lets a restart bind while connections of the last run are in TIME_WAIT; a living listener on
  // the port still makes bind fail.
  if (acceptor.set_option(boost::asio::socket_base::reuse_address(true), error)) {
    return error;
  }
  if (endpoint.address().is_v6() && acceptor.set_option(boost::asio::ip::v6_only(true), error)) {
    return error;
  }
  if (acceptor.bind(endpoint, error)) {
    return error;
  }
  acceptor.listen(kBacklog, error);
  return error;
}

std::string printable(const tcp::endpoint& endpoint) {
  std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

bool family_is_missing(const error_code& error) {
  return error == boost::asio::error::address_family_not_supported ||
         error == boost::system::errc::make_error_code(boost::system::errc::address_not_available);
}

}  // namespace

base::Result<std::vector<Acceptor>> open_acceptors(boost::asio::io_context& context,
                                                   const std::vector<std::string>& listen) {
  std::vector<Acceptor> acceptors;
  for (const std::string& text : listen) {
    ASSIGN_OR_RETURN(ListenAddress address, parse_listen_address(text));
    ASSIGN_OR_RETURN(std::vector<tcp::endpoint> endpoints, resolve(address));
    std::size_t opened = 0;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      tcp::endpoint endpoint = endpoints[i];
      if (address.port == 0 && opened > 0) {
        endpoint.port(acceptors.back().local_endpoint().port());  // one name, one port
      }
      Acceptor acceptor(context);
      if (error_code error = open_one(acceptor, endpoint)) {
        // A name or "*" stands for both families, of which a machine may have only one.
        bool others = opened > 0 || i + 1 < endpoints.size();
        if (family_is_missing(error) && others) {
          continue;
        }
        return cannot_listen(printable(endpoint), error);
      }
      acceptors.push_back(std::move(acceptor));
      ++opened;
    }
  }
  return acceptors;
}

}  // namespace piperoll::net
