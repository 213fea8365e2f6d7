#pragma once
/// A blocking connection for what happens before the server serves: migrations, checks, tests. Never used on an I/O thread.

#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/service/secret.hpp"

namespace sentinel::postgres {

/// Why the database cannot be used. The message is for the operator: what is wrong, and what to do.
class SetupError : public std::runtime_error {
public:
    enum class Kind : unsigned char {
        unreachable,     ///< no server, no log-in
        not_permitted,   ///< the role lacks a right, or does not exist
        wrong_schema,    ///< changed, newer, missing or unsound
        private_server,  ///< the private server cannot be made or started
        statement,       ///< a statement failed; sqlstate tells why
    };
    SetupError(Kind kind, const std::string& message, std::string sqlstate = {})
        : std::runtime_error(message), kind_(kind), sqlstate_(std::move(sqlstate)) {}
    Kind kind() const noexcept { return kind_; }
    /// Five characters where the server refused a statement, else empty.
    const std::string& sqlstate() const noexcept { return sqlstate_; }

private:
    Kind kind_;
    std::string sqlstate_;
};

using SetupValue = std::optional<std::string>;
using SetupRow = std::vector<SetupValue>;
using SetupRows = std::vector<SetupRow>;

/// Used by one thread at a time.
class SetupConnection {
public:
    /// Connects; throws SetupError (unreachable).
    explicit SetupConnection(const platform::Secret& connection_info);
    ~SetupConnection();
    SetupConnection(SetupConnection&& other) noexcept;
    SetupConnection& operator=(SetupConnection&& other) noexcept;

    /// One statement with its parameters $1 … as text. Throws SetupError (statement).
    SetupRows query(std::string_view statement, std::initializer_list<SetupValue> parameters = {});
    /// The first value of the first row. REQUIRES: there is one, and it is not null.
    std::string value(std::string_view statement, std::initializer_list<SetupValue> parameters = {});
    /// Several statements at once, without parameters.
    void run(std::string_view script);
    bool in_transaction() const noexcept;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace sentinel::postgres
