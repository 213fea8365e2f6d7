#include "engine/model.hpp"

#include <algorithm>
#include <utility>

namespace sentinel::engine {

std::string_view tier_text(Tier tier) noexcept {
    switch (tier) {
        case Tier::core: return "core";
        case Tier::platform_dynamic: return "platform_dynamic";
        case Tier::tenant_specific: return "tenant_specific";
    }
    std::unreachable();
}

namespace {

template <class Row>
void put(std::vector<Row>& rows, const Row& value) {
    auto found = std::ranges::find(rows, value.id, &Row::id);
    if (found == rows.end()) {
        rows.push_back(value);
    } else {
        *found = value;
    }
}

template <class Row, class RowId>
void remove(std::vector<Row>& rows, const RowId& id) {
    std::erase_if(rows, [&](const Row& row) { return row.id == id; });
}

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

}  // namespace

void apply(TenantPolicy& policy, const Change& change) {
    std::visit(Overloaded{
                   [&](const PutResource& put_change) { put(policy.resources, put_change.value); },
                   [&](const RemoveResource& remove_change) { remove(policy.resources, remove_change.id); },
                   [&](const PutField& put_change) { put(policy.fields, put_change.value); },
                   [&](const RemoveField& remove_change) { remove(policy.fields, remove_change.id); },
                   [&](const PutPermission& put_change) { put(policy.permissions, put_change.value); },
                   [&](const RemovePermission& remove_change) { remove(policy.permissions, remove_change.id); },
                   [&](const PutRole& put_change) { put(policy.roles, put_change.value); },
                   [&](const RemoveRole& remove_change) { remove(policy.roles, remove_change.id); },
                   [&](const PutGroup& put_change) { put(policy.groups, put_change.value); },
                   [&](const RemoveGroup& remove_change) { remove(policy.groups, remove_change.id); },
                   [&](const PutSubject& put_change) { put(policy.subjects, put_change.value); },
                   [&](const RemoveSubject& remove_change) { remove(policy.subjects, remove_change.id); },
                   [&](const PutGrant& put_change) { put(policy.grants, put_change.value); },
                   [&](const RemoveGrant& remove_change) { remove(policy.grants, remove_change.id); },
                   [&](const SetTenantActive& set_change) { policy.active = set_change.active; },
               },
               change);
    ++policy.revision;
}

}  // namespace sentinel::engine
