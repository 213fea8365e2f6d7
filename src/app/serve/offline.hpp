#pragma once
/// Services without a server: for the start and for the command line.

#include <functional>

#include <boost/asio/awaitable.hpp>

#include "app/serve/worker.hpp"

namespace sentinel::app {

/// Runs one task on an event loop of its own, with its own connection; what it throws comes out.
void run_offline(Node& node, const std::function<boost::asio::awaitable<void>(Services&)>& task);

}  // namespace sentinel::app
