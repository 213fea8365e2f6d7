#pragma once
/// One admitted request: its inputs are bound here and its answer is written here.

#include <typeinfo>
#include <vector>

#include "platform/http/cursor.hpp"
#include "platform/http/dispatcher.hpp"
#include "platform/http/endpoint.hpp"

namespace sentinel::http {

/// Renders the result of a write as `DispatchedCall` would send it.
class RouteRenderer final : public platform::AnswerRenderer {
public:
    RouteRenderer(const Route& route, const Reply& reply) noexcept : route_(&route), reply_(&reply) {}
    platform::StoredAnswer render(const void* result, const std::type_info& type) const override;

private:
    const Route* route_;
    const Reply* reply_;
};

class DispatchedCall final : public Invocation {
public:
    struct Parts {
        const Request& request;
        const RouteMatch& match;
        platform::RequestContext& context;
        Response& response;
        const CursorCodec& cursors;
        DispatchObserver& observer;
    };
    explicit DispatchedCall(Parts parts) : parts_(parts), reply_(parts.response), renderer_(*parts.match.route, reply_) {}

    /// Reads `If-Match` and `Idempotency-Key` into the context; what is wrong with them is told with the other faults.
    void read_headers(bool requires_if_match);

    platform::RequestContext& context() override { return parts_.context; }
    const Request& request() override { return parts_.request; }
    Reply& reply() override { return reply_; }
    void bind(InputTargets targets) override;
    void answer_object(const void* result) override;
    void answer_page(PageItems items, const void* query) override;
    void answer_raw(RawAnswer answer) override;
    void answer_nothing() override;

private:
    const Route& route() const noexcept { return *parts_.match.route; }
    void read_if_match(bool is_required);
    void read_idempotency_key();
    void bind_path(void* target);
    void bind_query(void* target);
    void bind_body(void* target);
    void open_cursor(PageRequest& page);
    CursorScope cursor_scope(const std::string& selection) const noexcept;
    void refuse(platform::InputPlace place, std::string pointer, platform::Rule rule, std::string message);

    Parts parts_;
    Reply reply_;
    RouteRenderer renderer_;
    std::vector<platform::InputFault> faults_;
};

/// Headers that every answer of a route has.
void add_route_headers(const Route& route, const platform::RequestContext& context, Response& response);
/// Sends a stored answer again.
void write_replay(const platform::StoredAnswer& answer, Response& response);

}  // namespace sentinel::http
