#pragma once
/// Reading the shared conformance data in tests.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/encoding.hpp"
#include "core/json.hpp"

namespace sentinel::core::vectors {

inline std::filesystem::path path_of(std::string_view name) {
    return std::filesystem::path(SENTINEL_SHARED_DIR) / "vectors" / name;
}

inline std::string read(std::string_view name) {
    std::ifstream file(path_of(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline json::Value parse(std::string_view name) {
    const auto value = json::parse(read(name));
    if (value) return *value;
    ADD_FAILURE() << name << ':' << value.error().line << ": " << value.error().message;
    return json::Value();
}

/// The rows of one list of a set.
inline json::Array rows(const json::Value& set, std::string_view list) {
    const auto* object = set.object();
    const auto* member = object == nullptr ? nullptr : object->find(list);
    if (member != nullptr && member->array() != nullptr) return *member->array();
    ADD_FAILURE() << "the set has no list " << list;
    return {};
}

inline std::string text(const json::Value& row, std::string_view member) {
    const auto* value = row.object()->find(member);
    return value == nullptr || value->text() == nullptr ? std::string() : *value->text();
}

inline double number(const json::Value& row, std::string_view member) { return *row.object()->find(member)->number(); }
inline bool boolean(const json::Value& row, std::string_view member) { return *row.object()->find(member)->boolean(); }

/// What the base64 of a member stands for.
inline std::string bytes(const json::Value& row, std::string_view member) { return from_base64(text(row, member)).value(); }

}  // namespace sentinel::core::vectors

/// Skips the test, visibly, on a machine without the shared data.
#define SENTINEL_NEEDS_VECTORS(name)                                                                      \
    do {                                                                                                  \
        if (!std::filesystem::exists(sentinel::core::vectors::path_of(name))) {                           \
            GTEST_SKIP() << "no conformance data at " << sentinel::core::vectors::path_of(name).string(); \
        }                                                                                                 \
    } while (false)
