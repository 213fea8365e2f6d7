#include "platform/crypto/password_hasher.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "platform/service/error.hpp"

namespace {

namespace asio = boost::asio;
using namespace sentinel::crypto;
using sentinel::platform::ErrorCode;
using sentinel::platform::Secret;
using sentinel::platform::ServiceError;

constexpr PasswordCost cheap{64, 1, 1};
constexpr PasswordCost slow{32768, 4, 1};

template <class Result>
std::future<Result> start(asio::io_context& context, asio::awaitable<Result> work) {
    return asio::co_spawn(context, std::move(work), asio::use_future);
}

std::optional<ErrorCode> error_of(std::future<bool>& future) {
    try {
        static_cast<void>(future.get());
    } catch (const ServiceError& error) { return error.code(); }
    return std::nullopt;
}

TEST(PasswordHasher, HashesAndVerifies) {
    asio::io_context context;
    PasswordHasher hasher({.cost = cheap});
    auto hash = start(context, hasher.hash(Secret("correct horse")));
    context.run();
    const std::string phc = hash.get();
    auto right = start(context, hasher.verify(Secret("correct horse"), phc));
    auto wrong = start(context, hasher.verify(Secret("wrong horse"), phc));
    auto broken = start(context, hasher.verify(Secret("correct horse"), "no hash"));
    auto nobody = start(context, hasher.verify_nobody(Secret("correct horse")));
    context.restart();
    context.run();
    EXPECT_TRUE(right.get());
    EXPECT_FALSE(wrong.get());
    EXPECT_FALSE(broken.get());
    EXPECT_FALSE(nobody.get());
}

asio::awaitable<bool> resumes_on(PasswordHasher& hasher, std::thread::id expected) {
    const bool known = co_await hasher.verify_nobody(Secret("x"));
    co_return !known && std::this_thread::get_id() == expected;
}

TEST(PasswordHasher, GoesOnWhereItWasAwaited) {
    asio::io_context context;
    PasswordHasher hasher({.cost = cheap});
    auto same_thread = start(context, resumes_on(hasher, std::this_thread::get_id()));
    context.run();
    EXPECT_TRUE(same_thread.get());
}

TEST(PasswordHasher, RefusesWhatItsQueueCannotHold) {
    asio::io_context context;
    PasswordHasher hasher({.cost = slow, .threads = 1, .queue = 2});
    std::vector<std::future<bool>> calls;
    for (int index = 0; index < 6; ++index) calls.push_back(start(context, hasher.verify_nobody(Secret("x"))));
    context.run();
    std::size_t refused = 0;
    for (auto& call : calls) {
        const auto error = error_of(call);
        if (error) EXPECT_EQ(*error, ErrorCode::unavailable);
        refused += error ? 1 : 0;
    }
    EXPECT_EQ(refused, 3U) << "one runs, two wait, three are refused";
}

TEST(PasswordHasher, StopRefusesWhatWaits) {
    asio::io_context context;
    PasswordHasher hasher({.cost = slow, .threads = 1, .queue = 8});
    std::vector<std::future<bool>> calls;
    for (int index = 0; index < 4; ++index) calls.push_back(start(context, hasher.verify_nobody(Secret("x"))));
    context.poll();
    hasher.stop();
    context.run();
    std::size_t refused = 0;
    for (auto& call : calls) refused += error_of(call) ? 1 : 0;
    EXPECT_GE(refused, 3U);
    auto late = start(context, hasher.verify_nobody(Secret("x")));
    context.restart();
    context.run();
    EXPECT_EQ(error_of(late), ErrorCode::unavailable);
}

TEST(PasswordHasher, IsIdleWhenNothingRunsOrWaits) {
    asio::io_context context;
    PasswordHasher hasher({.cost = slow, .threads = 1, .queue = 8});
    std::vector<std::future<bool>> calls;
    for (int index = 0; index < 3; ++index) calls.push_back(start(context, hasher.verify_nobody(Secret("x"))));
    context.poll();
    hasher.wait_until_idle();
    context.poll();
    for (auto& call : calls) EXPECT_EQ(call.wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

/// The niceness of this process's threads, as the kernel tells it (field 19 of stat, after the name in brackets).
std::vector<int> niceness_of_threads() {
    std::vector<int> result;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(entry.path() / "stat");
        std::string text{std::istreambuf_iterator<char>(file), {}};
        if (text.empty()) continue;
        std::istringstream fields(text.substr(text.rfind(')') + 2));
        std::string field;
        for (int index = 0; index < 17; ++index) fields >> field;
        result.push_back(std::stoi(field));
    }
    return result;
}

TEST(PasswordHasher, WorksAtTheLowestPriority) {
    asio::io_context context;
    PasswordHasher hasher({.cost = cheap, .threads = 2});
    auto done = start(context, hasher.verify_nobody(Secret("x")));  // at least one thread has begun
    context.run();
    EXPECT_FALSE(done.get());
    const auto niceness = niceness_of_threads();
    EXPECT_GE(std::ranges::count(niceness, 19), 1);
    EXPECT_GE(std::ranges::count_if(niceness, [](int value) { return value < 19; }), 1) << "the I/O threads keep theirs";
}

TEST(PasswordHasher, ServesManyWorkersAtOnce) {
    PasswordHasher hasher({.cost = cheap, .threads = 2, .queue = 1000});
    std::atomic<int> wrong = 0;
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&hasher, &wrong] {
            asio::io_context context;
            std::vector<std::future<bool>> calls;
            for (int index = 0; index < 50; ++index) calls.push_back(start(context, hasher.verify_nobody(Secret("x"))));
            context.run();
            for (auto& call : calls) wrong += call.get() ? 1 : 0;
        });
    }
    for (std::thread& worker : workers) worker.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
