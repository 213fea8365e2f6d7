#pragma once
/// The operators of conditions and how each reads its operand.

#include <string>
#include <string_view>

#include "engine/condition_faults.hpp"
#include "engine/condition_program.hpp"

namespace sentinel::engine::conditions {

/// `{"$ref": path}` and nothing else; whether the path is one is another question.
bool is_reference(const json::Value& value) noexcept;

/// Turns operands into their ready form. Faults are collected, with their pointers.
class OperandCompiler {
public:
    OperandCompiler(Program& program, FaultList& faults) noexcept : program_(program), faults_(faults) {}

    /// Fills the leaf's operation and operand by the operator's name (`$eq` …); false when there is no such operator.
    bool compile(Leaf& leaf, std::string_view operator_name, const json::Value& operand, const std::string& pointer);

private:
    friend struct OperatorRule;

    void equality(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void list(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void range(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void between(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void flag(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void text(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void expression(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void networks(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void window(Leaf& leaf, const json::Value& value, const std::string& pointer);
    void weekdays(Leaf& leaf, const json::Value& value, const std::string& pointer);

    Operand range_operand(const json::Value& value, const std::string& pointer);
    Operand reference(const json::Value& value, const std::string& pointer);
    Path reference_path(const json::Value& value, const std::string& pointer);
    void network(std::vector<core::IpNetwork>& networks, const json::Value& value, const std::string& pointer);
    int time_of_day(const json::Object& operand, std::string_view member, const std::string& pointer);
    core::Zone zone(const json::Object& operand, const std::string& pointer);
    void only_members(const json::Object& operand, std::initializer_list<std::string_view> names, const std::string& pointer);
    void fault(const std::string& pointer, std::string_view code, std::string message) {
        faults_.add(pointer, code, std::move(message));
    }

    Program& program_;
    FaultList& faults_;
    int regex_instructions_ = 0;
};

}  // namespace sentinel::engine::conditions
