#pragma once
/// Password hashing beside the I/O threads: few threads at nice 19 and a bounded queue, so that logins cannot starve decisions.

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "platform/crypto/password_hash.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::crypto {

struct PasswordHasherOptions {
    PasswordCost cost;
    std::size_t threads = 2;
    std::size_t queue = 64;  ///< calls that may wait; the next one is refused
};

/// Thread-safe: one for all workers. Its coroutines go on where they were awaited. Must be stopped or idle before an io_context goes.
class PasswordHasher {
public:
    explicit PasswordHasher(const PasswordHasherOptions& options);
    PasswordHasher(const PasswordHasher&) = delete;
    PasswordHasher& operator=(const PasswordHasher&) = delete;
    ~PasswordHasher();

    const PasswordCost& cost() const noexcept;
    /// Throws platform::unavailable() when the queue is full or the pool stopped; so do all three.
    boost::asio::awaitable<std::string> hash(platform::Secret password);
    boost::asio::awaitable<bool> verify(platform::Secret password, std::string phc);
    /// The work of verify() against a hash that nothing matches: for people who do not exist or have no password. Always false.
    boost::asio::awaitable<bool> verify_nobody(platform::Secret password);

    /// Finishes what runs, refuses what waits. Called by the destructor.
    void stop();
    /// Blocks until nothing runs or waits. A coroutine may have its result a moment before the thread that made it lets go of the
    /// coroutine's io_context: whoever destroys one without stopping the hasher calls this between.
    void wait_until_idle();

private:
    class Pool;
    std::unique_ptr<Pool> pool_;
    std::string nobody_;
};

}  // namespace sentinel::crypto
