#pragma once
/// The life of the server: start, serve, drain, stop.

#include <functional>
#include <string>
#include <vector>

#include "app/serve/node.hpp"
#include "app/serve/process_signals.hpp"

namespace sentinel::app {

/// What is told once requests are answered.
struct Started {
    std::vector<std::string> addresses;  ///< `http://127.0.0.1:8000`
};

/// Serves until a stop is wanted; returns when every request was answered, audit records are written and all threads have ended.
void run_server(Node& node, ProcessSignals& signals, const std::function<void(const Started&)>& started);

}  // namespace sentinel::app
