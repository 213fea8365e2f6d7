#pragma once
/// What a write leaves behind for the answer: kept with its idempotency key in the same transaction (spec 00 section 6).

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <typeinfo>

namespace sentinel::platform {

/// A finished 2xx answer: what is sent, and what is sent again when the request is repeated with its key.
struct StoredAnswer {
    int status = 200;
    std::string body;
    std::string location;  ///< empty = none
    std::string etag;      ///< empty = none
    std::optional<std::uint64_t> policy_revision;
    std::string policy_incarnation;  ///< empty = none
};

/// Renders the result of a write as its endpoint will send it. Implemented once, by the dispatcher of typed endpoints.
class AnswerRenderer {
public:
    AnswerRenderer() = default;
    AnswerRenderer(const AnswerRenderer&) = delete;
    AnswerRenderer& operator=(const AnswerRenderer&) = delete;
    virtual ~AnswerRenderer() = default;
    /// `type` must be that of the endpoint's declared result; anything else is a std::logic_error.
    virtual StoredAnswer render(const void* result, const std::type_info& type) const = 0;
};

/// A request that carries an `Idempotency-Key`.
struct IdempotentRequest {
    std::string key;           ///< 1-255 printable ASCII
    std::string route;         ///< method and path template, as in `POST /users`
    std::string request_hash;  ///< 32 bytes: SHA-256 over method, target, query and body
    const AnswerRenderer* renderer = nullptr;
};

/// Thrown by a write whose key was used before with the same request: the dispatcher sends the stored answer as it stands.
class Replay final : public std::exception {
public:
    explicit Replay(StoredAnswer answer) : answer_(std::move(answer)) {}
    const StoredAnswer& answer() const noexcept { return answer_; }
    const char* what() const noexcept override { return "the request was answered before"; }

private:
    StoredAnswer answer_;
};

/// What a write tells its caller beside the result.
struct WriteNotes {
    std::optional<std::uint64_t> policy_revision;  ///< set when the write changed policy
    std::string policy_incarnation;
};

}  // namespace sentinel::platform
