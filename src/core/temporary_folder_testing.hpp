#pragma once
/// A folder for a test.

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace sentinel::core::testing {

/// Below /tmp, for its user alone, gone with the object. Its name is short: that of a socket in it may have 107 characters.
class TemporaryFolder {
public:
    TemporaryFolder() {
        if (::mkdtemp(name_.data()) == nullptr) throw std::runtime_error("no temporary folder");
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(name_, ignored);
    }
    std::filesystem::path path() const { return name_; }

private:
    std::string name_ = "/tmp/sentinel-test-XXXXXX";
};

}  // namespace sentinel::core::testing
