#pragma once
/// TLS that the server ends itself (TLS_CERT_FILE, TLS_KEY_FILE): 1.3, and 1.2 for whoever lacks it.

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace sentinel::http {

/// A certificate with its key; immutable, shared by the connections that began with it.
using TlsContext = boost::asio::ssl::context;
using TlsContextPointer = std::shared_ptr<TlsContext>;

/// Reads a certificate chain and its private key, both PEM. Throws std::runtime_error with the file and what is wrong: not there, not
/// PEM, encrypted, the key of another certificate.
TlsContextPointer load_tls(const std::string& certificate_file, const std::string& key_file);

}  // namespace sentinel::http
