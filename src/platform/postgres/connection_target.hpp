#pragma once
/// Where and how to connect: the caller's connection string completed by ours. Inside of platform/postgres only.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "platform/postgres/database.hpp"

namespace sentinel::postgres {

class ConnectionTarget {
public:
    /// Parses the connection string, adds time-outs and encoding, and looks host names up off the I/O thread (libpq's own look-up
    /// blocks). Throws DatabaseUnavailable.
    static boost::asio::awaitable<ConnectionTarget> resolve(const DatabaseOptions& options);

    /// For PQconnectStartParams: both end with a null pointer and live as long as this object is not changed.
    std::vector<const char*> keywords() const;
    std::vector<const char*> values() const;

private:
    void parse(const DatabaseOptions& options);
    std::string* find(std::string_view keyword) noexcept;
    void set_default(std::string_view keyword, std::string_view value);

    std::vector<std::pair<std::string, std::string>> settings_;
};

}  // namespace sentinel::postgres
