#include "platform/crypto/random.hpp"

#include <openssl/rand.h>

#include "platform/crypto/failure.hpp"
#include "platform/crypto/openssl.hpp"

namespace sentinel::crypto {

namespace {

void fill(char* bytes, std::size_t count) { require(RAND_bytes(bytes_of(bytes), static_cast<int>(count)) == 1, "random bytes"); }

}  // namespace

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    fill(bytes.data(), bytes.size());
    return bytes;
}

platform::Secret random_secret(std::size_t count) { return platform::Secret(random_bytes(count)); }

std::uint64_t random_number() {
    std::uint64_t number = 0;
    fill(reinterpret_cast<char*>(&number), sizeof number);
    return number;
}

std::string random_text(std::size_t count, std::string_view alphabet) {
    // Bytes past the last whole multiple are thrown away: a remainder would favour the first letters.
    const std::size_t limit = 256 - 256 % alphabet.size();
    std::string text;
    text.reserve(count);
    while (text.size() < count) {
        for (const char byte : random_bytes(count - text.size() + 8)) {
            const auto value = static_cast<unsigned char>(byte);
            if (value < limit && text.size() < count) text.push_back(alphabet[value % alphabet.size()]);
        }
    }
    return text;
}

}  // namespace sentinel::crypto
