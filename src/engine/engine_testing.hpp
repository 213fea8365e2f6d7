#pragma once
/// What the tests of the engine share: the reference's hand-made tenant, compiled and asked through the engine.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "engine/reference/test_tenant.hpp"
#include "engine/snapshot.hpp"

namespace sentinel::engine::testing {

using reference::at;
using reference::below;
using reference::by_id;
using reference::by_path;
using reference::candidates_of;
using reference::error_of;
using reference::new_below;
using reference::noon;
using reference::object;
using reference::of_type;
using reference::value;

/// `pointer code` of each fault, in order.
inline std::vector<std::string> texts_of(const core::Faults& faults) {
    std::vector<std::string> texts;
    for (const core::Fault& fault : faults) texts.push_back(fault.pointer + " " + fault.code);
    return texts;
}
using Texts = std::vector<std::string>;

inline SnapshotPointer compiled(const TenantPolicy& policy) {
    auto built = build(policy);
    if (built) return *built;
    ADD_FAILURE() << "refused: " << ::testing::PrintToString(texts_of(built.error()));
    return build(TenantPolicy{}).value();
}
inline Texts faults_of(const TenantPolicy& policy) {
    const auto built = build(policy);
    return built ? Texts{} : texts_of(built.error());
}

inline SnapshotPointer patched(const SnapshotPointer& snapshot, const std::vector<Change>& changes) {
    auto next = engine::apply(snapshot, changes);
    if (next) return *next;
    ADD_FAILURE() << "refused: " << ::testing::PrintToString(texts_of(next.error()));
    return snapshot;
}
inline Texts faults_of(const SnapshotPointer& snapshot, const Change& change) {
    const auto next = engine::apply(snapshot, std::vector{change});
    return next ? Texts{} : texts_of(next.error());
}

/// A sound key that is made of a path: `/ops/*` gives `ops/one`, `**` gives `any`; a deny ends in `.deny`.
inline std::string key_of(std::string_view path, Effect effect) {
    std::string key;
    for (std::size_t index = path.starts_with('/') ? 1 : 0; index < path.size(); ++index) {
        const bool is_many = path.substr(index).starts_with("**");
        key += is_many ? "any" : path[index] == '*' ? "one" : std::string(1, path[index]);
        if (is_many) ++index;
    }
    return key + (effect == Effect::deny ? ".deny" : "");
}

/// The reference's tenant with sound keys, asked through the engine.
struct World : reference::Tenant {
    Permission& permit(const RoleId& holder, std::string type, std::string path, Effect effect = Effect::allow) {
        Permission& permission = Tenant::permit(holder, std::move(type), std::move(path), effect);
        permission.key = key_of(permission.resource_path, effect);
        return permission;
    }
    Permission& allow(std::string type, std::string path) { return permit(viewer, std::move(type), std::move(path)); }
    Permission& deny(std::string type, std::string path) {
        return permit(viewer, std::move(type), std::move(path), Effect::deny);
    }

    SnapshotPointer snapshot() const { return compiled(policy); }
    Question question(const ResourceReference& resource) const { return {{"ann"}, "read", resource, {}}; }
    ExplainedAnswer explain(const ResourceReference& resource, Instant now = noon) const {
        return Evaluator(snapshot()).explain(question(resource), now).value();
    }
    Answer check(const ResourceReference& resource, Instant now = noon) const {
        return Evaluator(snapshot()).check(question(resource), now).value();
    }
    bool allows(const ResourceReference& resource, Instant now = noon) const { return check(resource, now).allowed; }
    std::string candidates(const ResourceReference& resource) const { return candidates_of(explain(resource)); }
};

inline Validity between(std::string_view from, std::string_view until) {
    return {.starts_at = at(from), .expires_at = at(until)};
}

}  // namespace sentinel::engine::testing
