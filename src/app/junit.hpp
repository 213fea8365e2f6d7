#pragma once
/// Scenario results as a JUnit file.

#include <string>
#include <string_view>
#include <vector>

#include "policy/scenario.hpp"

namespace sentinel::app {

/// The scenarios of one file.
struct FileResult {
    std::string file;
    std::string unreadable;  ///< why the file could not be used; empty when it could
    policy::RunResult result;
};

/// One test suite a file, one test case a scenario; a file that could not be used is an error.
std::string junit_xml(const std::vector<FileResult>& results);
/// What one failed expectation says: `allowed: expected true, got false`.
std::string expectation_text(const policy::Expectation& expectation);

}  // namespace sentinel::app
