#include "minimise.hpp"

#include <algorithm>
#include <stdexcept>

namespace sentinel::differential {

namespace {

constexpr int max_attempts = 20'000;

/// Works on the JSON form, where each row and member can go alike: reading restores defaults.
class Minimiser {
public:
    Minimiser(const Case& one, const std::function<bool(const Case&)>& still_differs)
        : root_(to_json(one)), still_differs_(still_differs) {}

    Case run() {
        do {
            changed_ = false;
            shrink(root_);
        } while (changed_ && attempts_ < max_attempts);
        return case_from_json(root_);
    }

private:
    bool holds() {
        ++attempts_;
        try {
            return still_differs_(case_from_json(root_));
        } catch (const std::runtime_error&) {
            return false;  // a member that reading needs is gone
        }
    }

    /// Puts `smaller` in the place of `value` when the difference stays.
    bool try_replace(json::Value& value, json::Value smaller) {
        if (attempts_ >= max_attempts) { return false; }
        auto kept = std::exchange(value, std::move(smaller));
        if (holds()) {
            changed_ = true;
            return true;
        }
        value = std::move(kept);
        return false;
    }

    void shrink(json::Value& value) {
        if (value.array() != nullptr) {
            shrink_list(value);
        } else if (value.object() != nullptr) {
            shrink_object(value);
        }
    }

    void shrink_list(json::Value& value) {
        // Halves first: most rows of a tenant do not matter.
        for (auto chunk = value.array()->size(); chunk > 0; chunk /= 2) {
            for (std::size_t begin = 0; begin < value.array()->size();) {
                auto smaller = *value.array();
                const auto end = std::min(begin + chunk, smaller.size());
                smaller.erase(smaller.begin() + static_cast<std::ptrdiff_t>(begin),
                              smaller.begin() + static_cast<std::ptrdiff_t>(end));
                if (!try_replace(value, std::move(smaller))) { begin += chunk; }
            }
        }
        for (std::size_t index = 0; index < value.array()->size(); ++index) { shrink((*value.array())[index]); }
    }

    void shrink_object(json::Value& value) {
        std::vector<std::string> names;
        for (const auto& member : *value.object()) { names.push_back(member.name); }
        for (const auto& name : names) {
            auto smaller = *value.object();
            smaller.erase(name);
            if (!try_replace(value, std::move(smaller))) { shrink(*value.object()->find(name)); }
        }
    }

    json::Value root_;
    const std::function<bool(const Case&)>& still_differs_;
    int attempts_ = 0;
    bool changed_ = false;
};

}  // namespace

Case minimise(const Case& one, const std::function<bool(const Case&)>& still_differs) {
    return Minimiser(one, still_differs).run();
}

}  // namespace sentinel::differential
