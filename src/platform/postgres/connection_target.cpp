#include "platform/postgres/connection_target.hpp"

#include <memory>

#include <libpq-fe.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/postgres/errors.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;

namespace {

std::string milliseconds_setting(std::string_view name, std::chrono::milliseconds value) {
    return " -c " + std::string(name) + "=" + std::to_string(value.count());
}

/// Session settings as libpq's `options`: no round trip, and there from the first statement on.
std::string session_options(const DatabaseOptions& options) {
    return milliseconds_setting("statement_timeout", options.statement_timeout) +
           milliseconds_setting("lock_timeout", options.lock_timeout) +
           milliseconds_setting("idle_in_transaction_session_timeout", options.idle_in_transaction_timeout) +
           // A backend whose client is gone ends its statement and lets its locks go.
           " -c client_connection_check_interval=1000 -c DateStyle=ISO -c TimeZone=UTC -c IntervalStyle=iso_8601";
}

bool is_name(const std::string& host) {
    if (host.empty() || host.front() == '/' || host.front() == '@') return false;
    boost::system::error_code error;
    asio::ip::make_address(host, error);
    return error.failed();
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        list.remove_prefix(comma + 1);
    }
}

asio::awaitable<std::string> address_of(std::string host) {
    const auto executor = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver resolver(executor);
    boost::system::error_code error;
    const auto found = co_await resolver.async_resolve(host, "", asio::redirect_error(asio::use_awaitable, error));
    if (error || found.empty()) throw DatabaseUnavailable("the database's host name is not found");
    co_return found.begin()->endpoint().address().to_string();
}

}  // namespace

void ConnectionTarget::parse(const DatabaseOptions& options) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(options.connection_info.reveal().c_str(), &message), &PQconninfoFree);
    PQfreemem(message);  // it may quote the password
    if (!parsed) throw DatabaseUnavailable("the connection string cannot be read");
    for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) settings_.emplace_back(option->keyword, option->val);
    }
}

std::string* ConnectionTarget::find(std::string_view keyword) noexcept {
    for (auto& [name, value] : settings_) {
        if (name == keyword) return &value;
    }
    return nullptr;
}

void ConnectionTarget::set_default(std::string_view keyword, std::string_view value) {
    if (find(keyword) == nullptr) settings_.emplace_back(keyword, value);
}

asio::awaitable<ConnectionTarget> ConnectionTarget::resolve(const DatabaseOptions& options) {
    ConnectionTarget target;
    target.parse(options);
    target.set_default("application_name", options.application_name);
    target.set_default("client_encoding", "UTF8");
    target.set_default("options", "");
    *target.find("options") += session_options(options);
    const std::string* host = target.find("host");
    if (host == nullptr || target.find("hostaddr") != nullptr) co_return target;
    const std::vector<std::string> hosts = split(*host);
    std::string addresses;
    bool any_name = false;
    for (const std::string& name : hosts) {
        if (&name != &hosts.front()) addresses += ',';
        if (!is_name(name)) continue;  // an empty element: libpq takes the host as it stands
        any_name = true;
        addresses += co_await address_of(name);
    }
    if (any_name) target.settings_.emplace_back("hostaddr", addresses);
    co_return target;
}

std::vector<const char*> ConnectionTarget::keywords() const {
    std::vector<const char*> list;
    for (const auto& [keyword, value] : settings_) list.push_back(keyword.c_str());
    list.push_back(nullptr);
    return list;
}

std::vector<const char*> ConnectionTarget::values() const {
    std::vector<const char*> list;
    for (const auto& [keyword, value] : settings_) list.push_back(value.c_str());
    list.push_back(nullptr);
    return list;
}

}  // namespace sentinel::postgres
