#include "app/serve/offline.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace sentinel::app {

namespace {

boost::asio::awaitable<void> run_task(Services& services, const std::function<boost::asio::awaitable<void>(Services&)>& task) {
    co_await services.feed.start();
    co_await task(services);
    services.audit.stop();
    co_await services.audit.run();
}

}  // namespace

void run_offline(Node& node, const std::function<boost::asio::awaitable<void>(Services&)>& task) {
    boost::asio::io_context context{1};
    std::exception_ptr failure;
    {
        Services services(node, context, 1, 1);
        boost::asio::co_spawn(context, run_task(services, task), [&](std::exception_ptr thrown) {
            failure = thrown;
            services.database.close();
            context.stop();
        });
        context.run();
        node.password_hasher.wait_until_idle();
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace sentinel::app
