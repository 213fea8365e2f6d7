#pragma once
/// Text that must never be printed, logged or compared in a way that tells how much of it was right.

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace sentinel::platform {

/// Holds a secret: it has no output operator, no conversion and no equality, and its memory is wiped when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            text_ = other.text_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            text_ = other.text_;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    /// The one way to the text; every use of it should be easy to find.
    const std::string& reveal() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

private:
    void wipe() noexcept {
        // explicit_bzero is not optimised away, unlike a memset of memory about to be freed.
        explicit_bzero(text_.data(), text_.size());
        text_.clear();
    }
    std::string text_;
};

}  // namespace sentinel::platform
