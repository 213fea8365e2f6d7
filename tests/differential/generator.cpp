#include "generator.hpp"

#include <algorithm>

#include "alphabet.hpp"
#include "policy_generator.hpp"
#include "question_generator.hpp"

namespace sentinel::differential {

using namespace engine;

World generate(std::uint64_t seed, const GeneratorOptions& options) {
    Random random(mix(seed));
    PolicyGenerator policies(random, options.renamable);
    policies.draw();
    World world = std::move(policies).take();
    world.questions = generate_questions(random, world, options.questions, options.renamable);
    return world;
}

std::vector<Asked> generate_questions(Random& random, const World& world, std::size_t count, bool renamable) {
    QuestionGenerator questions(random, world, renamable);
    std::vector<Asked> asked;
    asked.reserve(count);
    for (std::size_t index = 0; index < count; ++index) { asked.push_back(questions.draw()); }
    return asked;
}

Permission generate_permission(Random& random, const World& world, Effect effect) {
    PolicyGenerator policies(random, world, false);
    auto drawn = policies.permission();
    drawn.active = true;
    drawn.fields = {};
    drawn.effect = effect;
    drawn.enforced = effect == Effect::deny && random.chance(25);
    return drawn;
}

namespace {

/// Draws changes against the policy as the earlier ones leave it.
class ChangeGenerator {
public:
    ChangeGenerator(Random& random, const World& world) : random_(random), world_(world) { world_.questions.clear(); }

    Change draw() {
        Change change = any();
        engine::apply(world_.policy, change);
        return change;
    }

private:
    Change any() {
        PolicyGenerator rows(random_, world_, false);
        switch (random_.below(16)) {
            case 0: return SetTenantActive{random_.chance(85)};
            case 1:
            case 2: return resource_change(rows);
            case 3: return field_change(rows);
            case 4:
            case 5:
            case 6: return permission_change(rows);
            case 7:
            case 8:
            case 9: return role_change(rows);
            case 10:
            case 11: return group_change(rows);
            case 12:
            case 13:
            case 14: return subject_change(rows);
            default: return grant_change(rows);
        }
    }

    Change resource_change(PolicyGenerator& rows) {
        auto& resources = world_.policy.resources;
        const auto* existing = rows.any_resource();
        if (existing != nullptr && random_.chance(25)) {
            const auto has_child = [&](const ResourceId& id) {
                return std::ranges::any_of(resources, [&](const Resource& other) { return other.parent == id; });
            };
            if (!has_child(existing->id)) { return RemoveResource{existing->id}; }
        }
        auto drawn = rows.resource();
        if (existing != nullptr && random_.chance(60)) {
            // Type and code never change; a move must not close a cycle, so a node only moves to the root.
            drawn.id = existing->id;
            drawn.type = existing->type;
            drawn.code = existing->code;
            drawn.parent = random_.chance(80) ? existing->parent : std::nullopt;
            return PutResource{std::move(drawn)};
        }
        const bool taken = std::ranges::any_of(
            resources, [&](const Resource& other) { return other.type == drawn.type && other.code == drawn.code; });
        if (taken) { return SetTenantActive{true}; }
        return PutResource{std::move(drawn)};
    }

    Change field_change(PolicyGenerator& rows) {
        auto& fields = world_.policy.fields;
        if (!fields.empty() && random_.chance(30)) { return RemoveField{random_.pick(fields).id}; }
        return PutField{rows.field(fields)};
    }

    Change permission_change(PolicyGenerator& rows) {
        auto& permissions = world_.policy.permissions;
        if (!permissions.empty() && random_.chance(20)) { return RemovePermission{random_.pick(permissions).id}; }
        auto drawn = rows.permission();
        if (!permissions.empty() && random_.chance(75)) { drawn.id = random_.pick(permissions).id; }
        return PutPermission{std::move(drawn)};
    }

    Change role_change(PolicyGenerator& rows) {
        auto& roles = world_.policy.roles;
        if (!roles.empty() && random_.chance(15)) { return RemoveRole{random_.pick(roles).id}; }
        auto drawn = rows.role(random_.pick(role_names));
        const auto namesake = std::ranges::find(roles, drawn.name, &Role::name);
        if (namesake != roles.end()) {
            drawn.id = namesake->id;
            drawn.everyone = namesake->everyone;
            drawn.parent = random_.chance(60) ? namesake->parent : std::nullopt;
        }
        for (const auto& carried : world_.policy.permissions) {
            if (random_.chance(45)) { drawn.permissions.push_back(carried.id); }
        }
        return PutRole{std::move(drawn)};
    }

    Change group_change(PolicyGenerator& rows) {
        auto& groups = world_.policy.groups;
        if (!groups.empty() && random_.chance(20)) { return RemoveGroup{random_.pick(groups).id}; }
        auto drawn = rows.group(random_.pick(group_names));
        const auto namesake = std::ranges::find(groups, drawn.name, &Group::name);
        if (namesake != groups.end()) {
            drawn.id = namesake->id;
            drawn.parent = random_.chance(60) ? namesake->parent : std::nullopt;
        }
        return PutGroup{std::move(drawn)};
    }

    Change subject_change(PolicyGenerator& rows) {
        auto& subjects = world_.policy.subjects;
        if (!subjects.empty() && random_.chance(15)) { return RemoveSubject{random_.pick(subjects).id}; }
        return PutSubject{rows.subject(random_.pick(subject_ids))};
    }

    Change grant_change(PolicyGenerator& rows) {
        auto& grants = world_.policy.grants;
        if (!grants.empty() && random_.chance(35)) { return RemoveGrant{random_.pick(grants).id}; }
        auto drawn = rows.grant();
        if (!grants.empty() && random_.chance(40)) { drawn.id = random_.pick(grants).id; }
        return PutGrant{std::move(drawn)};
    }

    Random& random_;
    World world_;
};

json::Value faulty_operand(Random& random) {
    constexpr std::array<std::string_view, 10> operand_texts{
        "x", "2026-03-04T10:00:00Z", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.1", "(", "(?=a)", "25:00", "10:00", "mon"};
    switch (random.below(10)) {
        case 0: return nullptr;
        case 1: return random.chance(50);
        case 2: return random.pick(numbers);
        case 3: return json::Array{};
        case 4: return json::Array{random.pick(numbers), random.pick(operand_texts)};
        case 5: return json::Array{random.pick(operand_texts), random.pick(operand_texts)};
        case 6:
            return json::Object{
                {"$ref", random.pick(std::array<std::string_view, 5>{"user.x", "user", "env.time", "env.x", "a..b"})}};
        case 7:
            return json::Object{
                {"from", random.pick(operand_texts)}, {"to", "10:00"}, {"tz", random.chance(70) ? "UTC" : "Mars/Base"}};
        case 8: return json::Object{{"days", json::Array{random.pick(operand_texts)}}};
        default: return random.pick(operand_texts);
    }
}

json::Object faulty_conditions(Random& random, unsigned depth) {
    constexpr std::array<std::string_view, 12> keys{"level",      "resource.x",   "user.",    "env.time",
                                                    "env.hour",   "a..b",         "resource", "ip_range",
                                                    "time_range", "days_of_week", "$nope",    "context.x"};
    constexpr std::array<std::string_view, 22> operators{
        "$eq",      "$ne",        "$in",       "$nin",         "$gt",          "$gte",        "$lt",       "$lte",
        "$between", "$exists",    "$contains", "$containsAny", "$containsAll", "$startsWith", "$endsWith", "$regex",
        "$cidr",    "$timeOfDay", "$weekday",  "$not",         "$like",        "plain"};
    json::Object object;
    for (auto count = random.below(3); count > 0; --count) {
        if (depth < 3 && random.chance(20)) {
            const auto* name = random.chance(50) ? "$and" : "$or";
            json::Array list;
            for (auto items = random.below(3); items > 0; --items) { list.emplace_back(faulty_conditions(random, depth + 1)); }
            object.set(name, std::move(list));
        } else if (depth < 3 && random.chance(10)) {
            object.set("$not", random.chance(80) ? json::Value(faulty_conditions(random, depth + 1)) : faulty_operand(random));
        } else if (random.chance(40)) {
            object.set(random.pick(keys), faulty_operand(random));
        } else {
            object.set(random.pick(keys), json::Object{{random.pick(operators), faulty_operand(random)}});
        }
    }
    return object;
}

}  // namespace

std::vector<Change> generate_changes(Random& random, const World& world, std::size_t count) {
    ChangeGenerator generator(random, world);
    std::vector<Change> changes;
    for (std::size_t index = 0; index < count; ++index) { changes.push_back(generator.draw()); }
    return changes;
}

Permission generate_faulty_permission(Random& random) {
    constexpr std::array<std::string_view, 8> resource_types{"*", "vessel", "entity", "app", "Vessel", "", "page", "invoice"};
    constexpr std::array<std::string_view, 30> paths{
        "**",         "*/*",     "vessel/*", "vessel/v-001", "app/*",       "*/x",
        "vessel/a/b", "vessel/", "/",        "/a",           "/a/",         "//a",
        "/a/*",       "/**",     "/*/**",    "/**/**",       "/**/a/**/**", "/a/..",
        "/./a",       "/a%b",    "/a;",      "/a\\b",        "/a\nb",       "/e\xCC\x81",
        "/a*b/c",     "",        "a",        "Vessel/*",     "/ a",         "vessel/0190a0c8-0000-7000-8000-000000000001"};
    constexpr std::array<std::string_view, 7> action_names{"read", "*", "Read", "", "a b", "update", "vessel.berth:assign"};
    Permission drawn;
    drawn.resource_type = random.pick(resource_types);
    if (random.chance(25)) { drawn.resource_id = ResourceId{{{1}}}; }
    if (!drawn.resource_id || random.chance(10)) { drawn.resource_path = random.pick(paths); }
    for (auto count = random.chance(90)   ? random.between(1, 2)
                      : random.chance(50) ? 0
                                          : random.between(32, 33);
         count > 0; --count) {
        drawn.actions.emplace_back(count > 2 ? "act" + std::to_string(count) : std::string(random.pick(action_names)));
    }
    drawn.effect = random.chance(60) ? Effect::allow : Effect::deny;
    drawn.enforced = random.chance(20);
    drawn.applies_to_descendants = random.chance(70);
    drawn.conditions = random.chance(60) ? faulty_conditions(random, 1) : json::Object{};
    if (random.chance(25)) {
        drawn.fields[random.below(3)].emplace(random.chance(50) ? "*" : "notes",
                                              FieldRights{random.chance(50), random.chance(50), random.chance(30)});
    }
    return drawn;
}

}  // namespace sentinel::differential
