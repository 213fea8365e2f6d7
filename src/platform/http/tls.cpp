#include "platform/http/tls.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <boost/asio/ssl/context.hpp>

namespace sentinel::http {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

// Forward secrecy and authenticated encryption alone (RFC 9325 section 4.2); those of TLS 1.3 are all so.
constexpr const char* ciphers_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";
// As ALPN writes it (RFC 7301): its length, then the name.
constexpr std::string_view http_1_1 = "\x08http/1.1";

void check(const error_code& fault, const std::string& file) {
    if (fault) throw std::runtime_error(file + ": " + fault.message());
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    const auto* ours = reinterpret_cast<const unsigned char*>(http_1_1.data());
    unsigned char* selected = nullptr;
    if (SSL_select_next_proto(&selected, size, ours, http_1_1.size(), offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContextPointer load_tls(const std::string& certificate_file, const std::string& key_file) {
    auto context = std::make_shared<TlsContext>(ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_cipher_list(native, ciphers_of_1_2);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no 32 KiB
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    // Nobody is there to be asked for a passphrase.
    context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
    error_code fault;
    context->use_certificate_chain_file(certificate_file, fault);
    check(fault, certificate_file);
    context->use_private_key_file(key_file, ssl::context::pem, fault);
    check(fault, key_file);
    if (SSL_CTX_check_private_key(native) != 1) {
        throw std::runtime_error(key_file + ": is not the key of " + certificate_file);
    }
    return context;
}

}  // namespace sentinel::http
