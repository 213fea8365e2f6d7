#pragma once
/// The faults found while compiling.

#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace sentinel::engine::conditions {

class FaultList {
public:
    void add(std::string pointer, std::string_view code, std::string message) {
        if (faults_.size() < most) faults_.push_back({std::move(pointer), std::string(code), std::move(message)});
    }
    core::Faults take() { return std::move(faults_); }
    std::size_t size() const noexcept { return faults_.size(); }

private:
    // Each fault repeats the key that it lies under: without a bound 64 KiB of conditions could ask for gigabytes of pointers.
    static constexpr std::size_t most = 256;
    core::Faults faults_;
};

}  // namespace sentinel::engine::conditions
