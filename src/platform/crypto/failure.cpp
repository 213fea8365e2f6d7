#include "platform/crypto/failure.hpp"

#include <string>

#include <openssl/err.h>

namespace sentinel::crypto {

CryptoFailure::CryptoFailure(std::string_view step) : std::runtime_error("cryptography failed: " + std::string(step)) {}

void require(bool succeeded, std::string_view step) {
    if (succeeded) return;
    ERR_clear_error();
    throw CryptoFailure(step);
}

}  // namespace sentinel::crypto
