#pragma once
/// A COMMIT whose answer never comes, for tests.

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/temporary_folder_testing.hpp"

namespace sentinel::postgres::testing {

/// Stands between client and server; ends the connection at a COMMIT, before the client hears of it.
class CommitSwallower {
public:
    enum class Commit : std::uint8_t { arrives, is_lost };
    struct Options {
        Commit commit = Commit::arrives;
        int count = std::numeric_limits<int>::max();  ///< of COMMITs; later ones pass
    };

    /// REQUIRES: the context runs for as long as the proxy is used, and not after it is gone.
    CommitSwallower(boost::asio::io_context& context, const std::filesystem::path& socket_directory)
        : CommitSwallower(context, socket_directory, Options()) {}
    CommitSwallower(boost::asio::io_context& context, const std::filesystem::path& socket_directory, Options options)
        : options_(options), server_((socket_directory / socket_name).string()) {
        acceptor_.emplace(context, boost::asio::local::stream_protocol::endpoint((folder_.path() / socket_name).string()));
        boost::asio::co_spawn(context, accept(), boost::asio::detached);
    }
    CommitSwallower(const CommitSwallower&) = delete;
    CommitSwallower& operator=(const CommitSwallower&) = delete;
    std::string host() const { return folder_.path().string(); }

private:
    static constexpr const char* socket_name = ".s.PGSQL.5432";
    using Socket = boost::asio::local::stream_protocol::socket;
    struct Connection {
        Socket client;
        Socket server;
        bool is_silent = false;
    };

    boost::asio::awaitable<void> accept() {
        for (;;) {
            Socket client = co_await acceptor_->async_accept(boost::asio::use_awaitable);
            Socket server(client.get_executor());
            co_await server.async_connect(server_, boost::asio::use_awaitable);
            const auto connection = std::make_shared<Connection>(std::move(client), std::move(server));
            const auto executor = connection->client.get_executor();
            boost::asio::co_spawn(executor, copy_to_server(connection), boost::asio::detached);
            boost::asio::co_spawn(executor, copy_to_client(connection), boost::asio::detached);
        }
    }
    boost::asio::awaitable<void> copy_to_server(std::shared_ptr<Connection> connection) {
        for (;;) {
            const std::string bytes = co_await read(connection->client);
            if (bytes.contains("sentinel.commit") && options_.count > 0) {
                --options_.count;
                connection->is_silent = true;
                if (options_.commit == Commit::is_lost) break;
            }
            if (bytes.empty() || !co_await write(connection->server, bytes)) break;
        }
        connection->client.close();
        connection->server.close();
    }
    static boost::asio::awaitable<void> copy_to_client(std::shared_ptr<Connection> connection) {
        for (;;) {
            const std::string bytes = co_await read(connection->server);
            if (bytes.empty() || connection->is_silent || !co_await write(connection->client, bytes)) break;
        }
        connection->client.close();
        connection->server.close();
    }
    /// Empty at the end.
    static boost::asio::awaitable<std::string> read(Socket& from) {
        std::array<char, 16384> buffer;
        boost::system::error_code error;
        const std::size_t size = co_await from.async_read_some(boost::asio::buffer(buffer),
                                                               boost::asio::redirect_error(boost::asio::use_awaitable, error));
        co_return std::string(buffer.data(), error ? 0 : size);
    }
    static boost::asio::awaitable<bool> write(Socket& to, const std::string& bytes) {
        boost::system::error_code error;
        co_await boost::asio::async_write(to, boost::asio::buffer(bytes),
                                          boost::asio::redirect_error(boost::asio::use_awaitable, error));
        co_return !error;
    }

    Options options_;
    boost::asio::local::stream_protocol::endpoint server_;
    core::testing::TemporaryFolder folder_;
    std::optional<boost::asio::local::stream_protocol::acceptor> acceptor_;
};

}  // namespace sentinel::postgres::testing
