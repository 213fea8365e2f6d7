#include "app/junit.hpp"

#include <fmt/format.h>

#include "app/console.hpp"

namespace sentinel::app {

namespace {

/// Escaped for XML; what XML 1.0 cannot hold at all is made visible first.
std::string xml(std::string_view text) {
    std::string out;
    for (const char letter : visible(text)) {
        switch (letter) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += letter;
        }
    }
    return out;
}

void append_case(std::string& out, const std::string& file, const policy::TestResult& test) {
    const std::string_view group = test.suite.empty() ? std::string_view(file) : std::string_view(test.suite);
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(group), xml(test.name));
    if (test.ok) {
        out += "/>\n";
        return;
    }
    out += ">\n      <failure message=\"expectations not met\">";
    for (const auto& expectation : test.expectations) {
        if (!expectation.ok) out += xml(expectation_text(expectation)) + "\n";
    }
    out += "</failure>\n    </testcase>\n";
}

void append_unreadable(std::string& out, const std::string& file, const std::string& reason) {
    out += fmt::format("    <testcase classname=\"{}\" name=\"can be used\">\n      <error message=\"{}\"/>\n    </testcase>\n",
                       xml(file), xml(reason));
}

}  // namespace

std::string expectation_text(const policy::Expectation& expectation) {
    return visible(fmt::format("{}: expected {}, got {}", expectation.name, core::json::to_text(expectation.expected),
                               core::json::to_text(expectation.actual)));
}

std::string junit_xml(const std::vector<FileResult>& results) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto& [file, unreadable, result] : results) {
        const std::size_t errors = unreadable.empty() ? 0 : 1;
        out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\">\n", xml(file),
                           result.tests.size() + errors, result.tests.size() - result.passed_tests, errors);
        if (errors > 0) append_unreadable(out, file, unreadable);
        for (const auto& test : result.tests) append_case(out, file, test);
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

}  // namespace sentinel::app
