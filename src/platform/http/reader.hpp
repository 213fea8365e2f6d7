#pragma once
/// Notes what is wrong with an input, and where.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "platform/service/error.hpp"

namespace sentinel::http {

/// Collects the faults of one input and knows where in it the reading is.
class Reader {
public:
    Reader(platform::InputPlace place, std::vector<platform::InputFault>& faults) noexcept : place_(place), faults_(&faults) {}

    /// A fault where the reading is.
    void fault(platform::Rule rule, std::string message);
    /// A fault below that: `pointer` is relative and already escaped (`/name`).
    void fault(std::string_view pointer, platform::Rule rule, std::string message);
    std::size_t fault_count() const noexcept { return faults_->size(); }

    /// Moves the reading into a member or an element for as long as it lives.
    class Step {
    public:
        Step(Reader& reader, std::string_view member) noexcept;
        Step(Reader& reader, std::size_t index) noexcept;
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step();

    private:
        friend class Reader;
        Reader* reader_;
        const Step* above_;
        std::string_view member_;
        std::size_t index_ = 0;
        bool is_index_ = false;
    };

private:
    std::string pointer() const;
    static void append_steps(std::string& out, const Step* step);

    platform::InputPlace place_;
    std::vector<platform::InputFault>* faults_;
    const Step* step_ = nullptr;
};

}  // namespace sentinel::http
