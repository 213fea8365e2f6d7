#include "json_mutator.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t capacity);

namespace sentinel::fuzz {
namespace {

namespace json = core::json;

/// Draws and changes: one mutation is one object of this class.
class Mutator {
public:
    Mutator(unsigned seed, const json::Array& vocabulary) : random_(seed), vocabulary_(vocabulary) {}

    /// The value with one of its parts changed.
    json::Value changed(const json::Value& value) {
        collect(value);
        target_ = below(parts_.size());
        return copy(value);
    }

private:
    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

    void collect(const json::Value& value) {
        parts_.push_back(&value);
        if (const auto* array = value.array()) {
            for (const auto& element : *array) collect(element);
        } else if (const auto* object = value.object()) {
            for (const auto& member : *object) collect(member.value);
        }
    }

    json::Value copy(const json::Value& value) {
        if (visited_++ == target_) return mutated(value);
        if (const auto* array = value.array()) {
            json::Array result;
            for (const auto& element : *array) result.push_back(copy(element));
            return result;
        }
        if (const auto* object = value.object()) {
            json::Object result;
            for (const auto& member : *object) result.set(member.name, copy(member.value));
            return result;
        }
        return value;
    }

    json::Value mutated(const json::Value& value) {
        if (below(3) == 0) return other();
        if (const auto* array = value.array()) return mutated_array(*array);
        if (const auto* object = value.object()) return mutated_object(*object);
        if (const auto* text = value.text()) return mutated_text(*text);
        if (const auto* number = value.number()) return *number + static_cast<double>(below(5)) - 2;
        return other();
    }

    json::Value mutated_array(json::Array array) {
        const auto position = below(array.size() + 1);
        if (position < array.size() && below(2) == 0) {
            array.erase(array.begin() + static_cast<std::ptrdiff_t>(position));
        } else {
            array.insert(array.begin() + static_cast<std::ptrdiff_t>(position), other());
        }
        return array;
    }

    json::Value mutated_object(json::Object object) {
        if (object.empty() || below(2) == 0) {
            object.set(name(), other());
            return object;
        }
        const auto chosen = *(object.begin() + static_cast<std::ptrdiff_t>(below(object.size())));
        object.erase(chosen.name);
        if (below(2) == 0) object.set(name(), chosen.value);
        return object;
    }

    json::Value mutated_text(std::string text) {
        std::uint8_t buffer[256];
        const auto size = std::min(text.size(), sizeof buffer / 2);
        std::memcpy(buffer, text.data(), size);
        const auto changed = LLVMFuzzerMutate(buffer, size, sizeof buffer);
        return std::string(reinterpret_cast<const char*>(buffer), changed);
    }

    /// A value from elsewhere in the input, from the vocabulary, or an empty one.
    json::Value other() {
        switch (below(4)) {
            case 0: return *parts_[below(parts_.size())];
            case 1: return json::Object{};
            default: return word();
        }
    }

    const json::Value& word() { return vocabulary_[below(vocabulary_.size())]; }

    std::string name() {
        const auto* text = word().text();
        return text != nullptr ? *text : "a";
    }

    std::minstd_rand random_;
    const json::Array& vocabulary_;
    std::vector<const json::Value*> parts_;
    std::size_t target_ = 0;
    std::size_t visited_ = 0;
};

}  // namespace

std::size_t mutate_json(std::uint8_t* data, std::size_t size, std::size_t capacity, unsigned seed,
                        const json::Array& vocabulary) {
    const auto value = json::parse({reinterpret_cast<const char*>(data), size});
    if (!value || seed % 4 == 0) return LLVMFuzzerMutate(data, size, capacity);
    const auto text = json::to_text(Mutator(seed, vocabulary).changed(*value));
    if (text.size() > capacity) return LLVMFuzzerMutate(data, size, capacity);
    std::memcpy(data, text.data(), text.size());
    return text.size();
}

}  // namespace sentinel::fuzz
