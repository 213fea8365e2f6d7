#include "policy_generator.hpp"

#include <algorithm>
#include <ranges>

#include "condition_generator.hpp"
#include "core/text.hpp"

namespace sentinel::differential {

using namespace engine;

std::string join_path(const std::vector<std::string>& segments, bool trailing_slash) {
    std::string path;
    for (const auto& segment : segments) {
        path += '/';
        path += segment;
    }
    if (trailing_slash) { path += '/'; }
    return path;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& letter : result) {
        if (letter >= 'a' && letter <= 'z') { letter = static_cast<char>(letter - 'a' + 'A'); }
    }
    return result;
}

PolicyGenerator::PolicyGenerator(Random& random, const World& world, bool renamable)
    : random_(random), renamable_(renamable), world_(world) {
    for (const auto& existing : world_.policy.resources) { identifiers_.push_back(existing.id.text()); }
}

core::Uuid PolicyGenerator::uuid() {
    core::Uuid result;
    for (std::size_t index = 0; index < 16; index += 8) {
        auto word = random_.next();
        for (std::size_t byte = 0; byte < 8; ++byte, word >>= 8) { result.bytes[index + byte] = static_cast<std::uint8_t>(word); }
    }
    result.bytes[6] = static_cast<std::uint8_t>((result.bytes[6] & 0x0F) | 0x70);
    result.bytes[8] = static_cast<std::uint8_t>((result.bytes[8] & 0x3F) | 0x80);
    return result;
}

void PolicyGenerator::draw() {
    auto& policy = world_.policy;
    world_.now = *Instant::parse(random_.pick(clock_readings));
    policy.id = id<TenantId>();
    policy.revision = random_.between(1, 9);
    policy.active = random_.chance(97);
    policy.inherit_permissions = random_.chance(75);
    draw_resources();
    if (random_.chance(40)) { draw_ancestors(); }
    draw_fields(policy.fields, true);
    const auto size = random_.below(100);
    draw_roles(policy.roles, policy.permissions, size < 70 ? random_.between(3, 12) : size < 92 ? random_.between(10, 20) : 30);
    draw_groups();
    for (auto name : subject_ids) {
        if (policy.subjects.empty() || random_.chance(65)) { policy.subjects.push_back(subject(name)); }
    }
    for (auto count = random_.chance(30) ? random_.between(1, 3) : 0; count > 0; --count) { policy.grants.push_back(grant()); }
    if (random_.chance(5)) { close_cycle(); }
    fix_field_tiers();
}

void PolicyGenerator::draw_resources() {
    for (auto count = random_.below(10); count > 0; --count) {
        auto drawn = resource();
        const bool taken = std::ranges::any_of(
            world_.policy.resources, [&](const Resource& other) { return other.type == drawn.type && other.code == drawn.code; });
        if (!taken) {
            identifiers_.push_back(drawn.id.text());
            world_.policy.resources.push_back(std::move(drawn));
        }
    }
    // A parent may be stored after its child.
    random_.shuffle(world_.policy.resources);
    for (auto name : subject_ids) { identifiers_.emplace_back(name); }
}

Resource PolicyGenerator::resource() {
    Resource drawn{.id = id<ResourceId>(), .type = some_type(), .code = std::string(random_.pick(codes))};
    const auto* parent = random_.chance(75) ? any_resource() : nullptr;
    std::size_t depth = 0;
    for (const auto* above = parent; above != nullptr && above->parent; above = find(*above->parent)) { ++depth; }
    if (parent != nullptr && depth < 5) { drawn.parent = parent->id; }
    drawn.attributes = random_attributes(random_, resource_attributes, 85);
    if (random_.chance(40)) { drawn.workflow_state = std::string(random_.pick(words)); }
    drawn.active = random_.chance(95);
    return drawn;
}

std::string PolicyGenerator::some_type() { return std::string(random_.pick(types)); }

const Resource* PolicyGenerator::any_resource() {
    const auto& resources = world_.policy.resources;
    return resources.empty() ? nullptr : &random_.pick(resources);
}

const Resource* PolicyGenerator::find(const ResourceId& wanted) const {
    const auto& resources = world_.policy.resources;
    const auto found = std::ranges::find(resources, wanted, &Resource::id);
    return found == resources.end() ? nullptr : &*found;
}

std::vector<std::string> PolicyGenerator::segments_of(const Resource& target) {
    std::vector<std::string> segments;
    for (const auto* node = &target; node != nullptr; node = node->parent ? find(*node->parent) : nullptr) {
        const auto die = random_.below(10);
        segments.push_back(die < 5 ? node->code : die < 8 ? node->id.text() : upper(node->id.text()));
    }
    std::ranges::reverse(segments);
    return segments;
}

void PolicyGenerator::draw_ancestors() {
    for (auto count = random_.between(1, 2); count > 0; --count) {
        AncestorTenant ancestor{.id = id<TenantId>(), .inherit_permissions = random_.chance(70)};
        draw_roles(ancestor.roles, ancestor.permissions, random_.between(1, 4));
        draw_fields(ancestor.fields, false);
        world_.policy.ancestors.push_back(std::move(ancestor));
    }
}

FieldDefinition PolicyGenerator::field(const std::vector<FieldDefinition>& layer) {
    FieldDefinition drawn{.id = id<FieldId>(), .entity_type = some_type(), .name = std::string(random_.pick(field_names))};
    drawn.tier = random_.chance(50) ? Tier::core : Tier::tenant_specific;
    drawn.default_visibility = rights();
    drawn.authoritative = random_.chance(15);
    drawn.active = random_.chance(85);
    for (const auto& other : layer) {
        if (other.entity_type == drawn.entity_type && core::equals_ignoring_ascii_case(other.name, drawn.name) &&
            !other.platform) {
            drawn.id = other.id;
        }
    }
    return drawn;
}

void PolicyGenerator::draw_fields(std::vector<FieldDefinition>& layer, bool with_platform) {
    for (auto count = random_.below(7); count > 0; --count) {
        auto drawn = field(layer);
        drawn.platform = with_platform && random_.chance(35);
        const bool taken = std::ranges::any_of(layer, [&](const FieldDefinition& other) {
            return other.id == drawn.id || (other.platform == drawn.platform && other.entity_type == drawn.entity_type &&
                                            core::equals_ignoring_ascii_case(other.name, drawn.name));
        });
        if (taken) { continue; }
        if (drawn.platform && drawn.tier == Tier::tenant_specific) { drawn.tier = Tier::platform_dynamic; }
        layer.push_back(std::move(drawn));
    }
}

/// 08 rule 3: over a farther row the tier is core over core, else tenant_specific.
void PolicyGenerator::fix_field_tiers() {
    auto& policy = world_.policy;
    for (auto& own : policy.fields) {
        if (own.platform) { continue; }
        for (const auto& farther : policy.fields) {
            if (farther.platform && farther.entity_type == own.entity_type &&
                core::equals_ignoring_ascii_case(farther.name, own.name)) {
                own.tier = farther.tier == Tier::core ? Tier::core : Tier::tenant_specific;
            }
        }
        for (const auto& ancestor : policy.ancestors) {
            for (const auto& farther : ancestor.fields) {
                if (farther.tier == Tier::core && farther.entity_type == own.entity_type &&
                    core::equals_ignoring_ascii_case(farther.name, own.name)) {
                    own.tier = Tier::core;
                }
            }
        }
    }
}

FieldRights PolicyGenerator::rights() {
    constexpr std::array all{field_read, field_read, field_write, field_write, field_hidden};
    return random_.pick(all);
}

FieldMap PolicyGenerator::field_map() {
    FieldMap map;
    if (random_.chance(45)) { return map; }
    for (auto count = random_.between(1, 4); count > 0; --count) {
        auto& tier = map[random_.below(3)];
        tier.insert_or_assign(random_.chance(30) ? "*" : std::string(random_.pick(field_names)), rights());
    }
    return map;
}

std::vector<std::string> PolicyGenerator::some_actions() {
    if (random_.chance(45)) { return {"*"}; }
    std::vector<std::string> drawn;
    for (auto count = random_.between(1, 3); count > 0; --count) {
        std::string action(random_.pick(actions));
        if (std::ranges::find(drawn, action) == drawn.end()) { drawn.push_back(std::move(action)); }
    }
    return drawn;
}

Permission PolicyGenerator::permission() {
    Permission drawn{.id = id<PermissionId>(), .actions = some_actions()};
    drawn.key = random_.chance(50) ? "p-" + drawn.id.text().substr(24) : std::string();
    drawn.effect = random_.chance(72) ? Effect::allow : Effect::deny;
    drawn.enforced = drawn.effect == Effect::deny && random_.chance(20);
    drawn.active = random_.chance(94);
    drawn.conditions = ConditionGenerator(random_, identifiers_, renamable_).conditions();
    if (drawn.effect == Effect::allow) { drawn.fields = field_map(); }
    select(drawn);
    return drawn;
}

void PolicyGenerator::select(Permission& drawn) {
    const auto die = random_.below(100);
    if (die < 16) {
        drawn.resource_type = "*";
        drawn.resource_path = random_.chance(70) ? "**" : "*/*";
    } else if (die < 34) {
        const auto type = some_type();
        drawn.resource_type = random_.chance(15) && (type == "vessel" || type == "invoice") ? "entity" : type;
        const auto* target = any_resource();
        if (die < 22) {
            drawn.resource_path = type + "/*";
        } else if (target != nullptr && random_.chance(50)) {
            drawn.resource_type = target->type;
            drawn.resource_path = target->type + "/" + target->code;
        } else {
            auto instance = random_.pick(outside_ids);
            drawn.resource_path = type + "/" + std::string(instance.contains('/') ? "v-001" : instance);
        }
    } else if (die < 68) {
        drawn.applies_to_descendants = random_.chance(75);
        select_node(drawn);
    } else {
        drawn.applies_to_descendants = random_.chance(75);
        select_pattern(drawn);
    }
}

void PolicyGenerator::select_node(Permission& drawn) {
    const auto* target = any_resource();
    drawn.resource_type = target != nullptr && random_.chance(80) ? target->type : random_.chance(30) ? "*" : some_type();
    if (target != nullptr && random_.chance(45)) {
        drawn.resource_type = target->type;
        drawn.resource_id = target->id;
        return;
    }
    auto segments = target != nullptr && random_.chance(85) ? segments_of(*target) : std::vector<std::string>{};
    for (auto count = segments.empty()     ? random_.between(1, 2)
                      : random_.chance(25) ? random_.between(1, 2)
                                           : 0;
         count > 0; --count) {
        segments.emplace_back(random_.pick(texts));
    }
    drawn.resource_path = join_path(segments, random_.chance(20));
}

void PolicyGenerator::select_pattern(Permission& drawn) {
    const auto* target = any_resource();
    drawn.resource_type = random_.chance(45) ? "*" : target != nullptr && random_.chance(60) ? target->type : some_type();
    auto segments = target != nullptr && random_.chance(80) ? segments_of(*target) : std::vector<std::string>{};
    for (auto count = random_.chance(35) || segments.empty() ? random_.between(1, 2) : 0; count > 0; --count) {
        segments.emplace_back(random_.pick(texts));
    }
    std::size_t double_stars = 0;
    for (auto count = random_.between(1, 2); count > 0; --count) {
        const bool deep = double_stars < 2 && random_.chance(45);
        double_stars += deep ? 1 : 0;
        const std::string wildcard = deep ? "**" : "*";
        const auto place = random_.below(segments.size() + 1);
        const auto at = segments.begin() + static_cast<std::ptrdiff_t>(place);
        if (place < segments.size() && random_.chance(60)) {
            double_stars -= *at == "**" ? 1 : 0;
            *at = wildcard;
        } else {
            segments.insert(at, wildcard);
        }
    }
    drawn.resource_path = join_path(segments, random_.chance(20));
}

void PolicyGenerator::draw_roles(std::vector<Role>& roles, std::vector<Permission>& permissions, std::size_t count) {
    const bool own = &roles == &world_.policy.roles;
    for (; count > 0; --count) { permissions.push_back(permission()); }
    const auto role_count = random_.between(own ? 2 : 1, own ? 5 : 3);
    for (std::size_t index = 0; index < role_count; ++index) {
        auto drawn = role(role_names[index]);
        if (!roles.empty() && random_.chance(35)) { drawn.parent = random_.pick(roles).id; }
        for (const auto& carried : permissions) {
            if (random_.chance(65)) { drawn.permissions.push_back(carried.id); }
        }
        roles.push_back(std::move(drawn));
    }
    if (random_.chance(70)) { roles.back().everyone = true; }
}

Role PolicyGenerator::role(std::string_view name) {
    return {.id = id<RoleId>(), .name = std::string(name), .priority = random_.pick(priorities), .active = random_.chance(93)};
}

Validity PolicyGenerator::validity() {
    constexpr std::array<std::int64_t, 9> offsets{-3600, -1, 0, 0, 1, 7, 60, 299, 3600};
    const auto edge = [&] {
        auto instant = world_.now.plus_seconds(random_.pick(offsets));
        if (random_.chance(25)) {
            instant = Instant{instant.seconds - (instant.nanoseconds == 0 ? 1 : 0),
                              instant.nanoseconds == 0 ? 999'999'999 : instant.nanoseconds - 1};
        }
        return instant;
    };
    Validity drawn{.active = random_.chance(94)};
    if (random_.chance(20)) { drawn.starts_at = edge(); }
    if (random_.chance(25)) { drawn.expires_at = edge(); }
    return drawn;
}

RoleAssignment PolicyGenerator::assignment() {
    const auto& policy = world_.policy;
    const auto* roles = &policy.roles;
    if (!policy.ancestors.empty() && random_.chance(35)) { roles = &random_.pick(policy.ancestors).roles; }
    // Now and then a role that is none: it gives nothing.
    const auto chosen = roles->empty() || random_.chance(2) ? id<RoleId>() : random_.pick(*roles).id;
    return {.role = chosen, .validity = validity()};
}

Group PolicyGenerator::group(std::string_view name) {
    Group drawn{.id = id<GroupId>(), .name = std::string(name), .active = random_.chance(92)};
    for (auto count = random_.below(3); count > 0; --count) { drawn.roles.push_back(assignment()); }
    return drawn;
}

void PolicyGenerator::draw_groups() {
    auto& groups = world_.policy.groups;
    for (auto name : group_names) {
        if (!random_.chance(55)) { continue; }
        auto drawn = group(name);
        if (!groups.empty() && random_.chance(60)) { drawn.parent = random_.pick(groups).id; }
        groups.push_back(std::move(drawn));
    }
}

Subject PolicyGenerator::subject(std::string_view name) {
    Subject drawn{.id = SubjectId{std::string(name)}, .active = random_.chance(95), .is_service_account = random_.chance(20)};
    if (random_.chance(60)) { drawn.email_domain = std::string(random_.pick(words)); }
    drawn.attributes = random_attributes(random_, subject_attributes, 92);
    for (auto count = random_.chance(10) ? 0 : random_.between(1, 4); count > 0; --count) { drawn.roles.push_back(assignment()); }
    const auto& groups = world_.policy.groups;
    for (auto count = groups.empty() ? 0 : random_.below(3); count > 0; --count) {
        drawn.groups.push_back({.group = random_.pick(groups).id, .validity = validity()});
    }
    return drawn;
}

Grant PolicyGenerator::grant() {
    Permission selected;
    select(selected);
    Grant drawn{.id = id<GrantId>()};
    if (random_.chance(60)) { drawn.request = id<RequestId>(); }
    const auto& subjects = world_.policy.subjects;
    drawn.subject = subjects.empty() ? SubjectId{"ann"} : random_.pick(subjects).id;
    drawn.resource_type = selected.resource_type;
    drawn.resource_id = selected.resource_id;
    drawn.resource_path = selected.resource_path;
    drawn.actions = some_actions();
    drawn.applies_to_descendants = selected.applies_to_descendants;
    drawn.validity = validity();
    return drawn;
}

void PolicyGenerator::close_cycle() {
    auto& roles = world_.policy.roles;
    auto& groups = world_.policy.groups;
    if (!roles.empty()) { roles.front().parent = roles.back().id; }
    if (!groups.empty()) { groups.front().parent = groups.back().id; }
}

}  // namespace sentinel::differential
