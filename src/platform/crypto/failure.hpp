#pragma once
/// What the machine's cryptography cannot do: a bug or a broken installation, never a caller's bad input.

#include <stdexcept>
#include <string_view>

namespace sentinel::crypto {

/// Thrown where OpenSSL or Argon2 refuse work that must succeed. Names the step alone, no data.
class CryptoFailure : public std::runtime_error {
public:
    explicit CryptoFailure(std::string_view step);
};

/// Throws CryptoFailure unless `succeeded`.
void require(bool succeeded, std::string_view step);

}  // namespace sentinel::crypto
