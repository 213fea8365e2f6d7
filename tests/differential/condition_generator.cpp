#include "condition_generator.hpp"

namespace sentinel::differential {

namespace {

json::Array random_list(Random& random) {
    json::Array list;
    for (auto count = random.below(4); count > 0; --count) {
        if (random.chance(70)) {
            list.emplace_back(random.pick(words));
        } else if (random.chance(70)) {
            list.emplace_back(random.pick(numbers));
        } else {
            list.emplace_back(nullptr);
        }
    }
    return list;
}

json::Object random_object(Random& random) {
    json::Object object;
    if (random.chance(80)) {
        object.set("k", random.chance(50) ? json::Value(random.pick(numbers)) : json::Value(random.pick(words)));
    }
    if (random.chance(20)) { object.set("deep", json::Object{{"k", random.pick(words)}}); }
    return object;
}

json::Array random_names(Random& random) {
    json::Array list;
    for (auto count = random.between(1, 3); count > 0; --count) {
        list.emplace_back(random.chance(60) ? random.pick(role_names) : random.pick(group_names));
    }
    return list;
}

}  // namespace

json::Value random_value(Random& random, Domain domain) {
    switch (domain) {
        case Domain::number: return random.pick(numbers);
        case Domain::text: return random.pick(words);
        case Domain::moment: return random.pick(moments);
        case Domain::address: return random.pick(addresses);
        case Domain::list: return random_list(random);
        case Domain::object: return random_object(random);
        case Domain::boolean: return random.chance(50);
        case Domain::identifier: return random.pick(subject_ids);
        case Domain::names: return random_names(random);
    }
    std::unreachable();
}

json::Object ConditionGenerator::conditions() {
    if (random_.chance(45)) { return {}; }
    return condition(1);
}

json::Object ConditionGenerator::condition(unsigned depth) {
    json::Object object;
    const auto members = random_.chance(4) ? 0 : random_.between(1, depth == 1 ? 3 : 2);
    for (std::size_t count = 0; count < members; ++count) { add_member(object, depth); }
    return object;
}

void ConditionGenerator::add_member(json::Object& object, unsigned depth) {
    const auto die = random_.below(100);
    if (depth < 4 && die < 20) {
        json::Array list;
        for (auto count = random_.between(1, 3); count > 0; --count) { list.emplace_back(condition(depth + 1)); }
        object.set(die < 12 ? "$or" : "$and", std::move(list));
    } else if (depth < 4 && die < 28) {
        object.set("$not", condition(depth + 1));
    } else if (die < 30) {
        object.set("time_range", time_window());
    } else if (die < 32) {
        object.set("ip_range", networks_operand());
    } else if (die < 34) {
        object.set("days_of_week", weekdays_operand());
    } else {
        const auto chosen = path();
        object.set(chosen.text, operators(chosen));
    }
}

json::Value ConditionGenerator::operators(const Path& chosen) {
    const bool plain = chosen.domain != Domain::names && chosen.domain != Domain::object && chosen.domain != Domain::list;
    if (plain && random_.chance(25)) {
        auto value = random_.chance(80) ? operand(chosen.domain) : json::Value(list(chosen.domain));
        // An object that stands for a literal is written with its operator, and so is an empty list.
        const bool needs_operator = (value.object() != nullptr && !value.object()->contains("$ref")) ||
                                    (value.array() != nullptr && value.array()->empty());
        return needs_operator ? json::Value(json::Object{{"$eq", std::move(value)}}) : value;
    }
    json::Object object;
    for (auto count = random_.chance(20) ? 2 : 1; count > 0; --count) { add_operator(object, chosen); }
    if (random_.chance(12)) {
        json::Object negated;
        add_operator(negated, chosen);
        object.set("$not", std::move(negated));
    }
    return object;
}

Domain ConditionGenerator::usual_or_other(Domain domain) {
    if (domain == Domain::names || (renamable_ && domain == Domain::identifier) || random_.chance(92)) { return domain; }
    return static_cast<Domain>(random_.below(7));
}

void ConditionGenerator::add_exists(json::Object& out) { out.set("$exists", random_.chance(60)); }

void ConditionGenerator::add_operator(json::Object& out, const Path& chosen) {
    const auto domain = usual_or_other(chosen.domain);
    if (random_.chance(8)) { return add_exists(out); }
    switch (domain) {
        case Domain::number: return random_.chance(60) ? add_range(out, domain) : add_equality(out, domain);
        case Domain::text:
            if (random_.chance(40)) { return add_text_operator(out); }
            return random_.chance(25) ? add_range(out, domain) : add_equality(out, domain);
        case Domain::moment:
            if (random_.chance(35)) { return add_time_operator(out); }
            return random_.chance(80) ? add_range(out, domain) : add_equality(out, domain);
        case Domain::address:
            if (random_.chance(70)) {
                out.set("$cidr", networks_operand());
                return;
            }
            return add_equality(out, domain);
        case Domain::list: return add_list_operator(out, Domain::list);
        case Domain::names: return add_list_operator(out, Domain::names);
        case Domain::object:
        case Domain::boolean: return add_equality(out, domain);
        case Domain::identifier:
            if (!renamable_ && random_.chance(20)) { return add_text_operator(out); }
            return add_equality(out, domain);
    }
}

void ConditionGenerator::add_text_operator(json::Object& out) {
    switch (random_.below(4)) {
        case 0: out.set("$regex", random_.pick(patterns)); break;
        case 1: out.set("$contains", random_.chance(85) ? json::Value(random_.pick(words)) : reference(Domain::text)); break;
        case 2: out.set("$startsWith", random_.chance(85) ? json::Value(random_.pick(words)) : reference(Domain::text)); break;
        default: out.set("$endsWith", random_.chance(85) ? json::Value(random_.pick(words)) : reference(Domain::text)); break;
    }
}

void ConditionGenerator::add_list_operator(json::Object& out, Domain domain) {
    const auto element = [&] {
        if (domain == Domain::names) {
            return json::Value(random_.chance(60) ? random_.pick(role_names) : random_.pick(group_names));
        }
        if (random_.chance(10)) { return reference(Domain::text); }
        if (random_.chance(10)) { return json::Value(nullptr); }
        return random_.chance(75) ? json::Value(random_.pick(words)) : json::Value(random_.pick(numbers));
    };
    const auto die = random_.below(10);
    if (die < 4) {
        out.set("$contains", element());
    } else if (die < 9) {
        const auto* name = die < 7 ? "$containsAny" : "$containsAll";
        if (domain == Domain::list && random_.chance(20)) {
            out.set(name, reference(Domain::list));
            return;
        }
        json::Array listed;
        for (auto count = random_.between(1, 3); count > 0; --count) { listed.push_back(element()); }
        out.set(name, std::move(listed));
    } else if (domain == Domain::list) {
        add_equality(out, domain);
    } else {
        add_exists(out);
    }
}

void ConditionGenerator::add_range(json::Object& out, Domain domain) {
    const auto end = [&] { return random_.chance(15) ? reference(domain) : random_value(random_, domain); };
    switch (random_.below(6)) {
        case 0: out.set("$gt", end()); break;
        case 1: out.set("$gte", end()); break;
        case 2: out.set("$lt", end()); break;
        case 3: out.set("$lte", end()); break;
        default: out.set("$between", random_.chance(8) ? reference(Domain::list) : json::Value(json::Array{end(), end()})); break;
    }
}

void ConditionGenerator::add_equality(json::Object& out, Domain domain) {
    switch (random_.below(5)) {
        case 0:
        case 1: out.set("$eq", operand(domain)); break;
        case 2: out.set("$ne", operand(domain)); break;
        case 3:
        default: {
            const auto* name = random_.chance(60) ? "$in" : "$nin";
            out.set(name, random_.chance(10) ? reference(Domain::list) : json::Value(list(domain)));
        }
    }
}

void ConditionGenerator::add_time_operator(json::Object& out) {
    if (random_.chance(60)) {
        out.set("$timeOfDay", time_window());
    } else {
        out.set("$weekday", weekdays_operand());
    }
}

json::Array ConditionGenerator::list(Domain domain) {
    json::Array listed;
    for (auto count = random_.between(1, 3); count > 0; --count) { listed.push_back(operand(domain)); }
    return listed;
}

json::Value ConditionGenerator::operand(Domain domain) {
    if (random_.chance(10)) { return reference(domain); }
    if (random_.chance(5)) { return nullptr; }
    if (domain == Domain::identifier && !identifiers_.empty()) { return random_.pick(identifiers_); }
    return random_value(random_, usual_or_other(domain));
}

json::Value ConditionGenerator::reference(Domain domain) { return json::Object{{"$ref", path_of(domain)}}; }

std::string ConditionGenerator::path_of(Domain domain) {
    if (domain == Domain::identifier) {
        constexpr std::array<std::string_view, 3> identifiers{"user.id", "resource.owner", "resource.id"};
        return std::string(random_.pick(identifiers));
    }
    Path chosen = path();
    for (int attempt = 0; attempt < 6 && chosen.domain != domain; ++attempt) { chosen = path(); }
    while (chosen.domain == Domain::names || chosen.domain == Domain::identifier) { chosen = path(); }
    return chosen.text;
}

ConditionGenerator::Path ConditionGenerator::built_in_path() {
    static constexpr std::array<Attribute, 16> built_ins{{
        {"resource.id", Domain::identifier},
        {"resource.type", Domain::text},
        {"resource.path", Domain::identifier},
        {"resource.workflow_state", Domain::text},
        {"user.id", Domain::identifier},
        {"subject.email_domain", Domain::text},
        {"user.roles", Domain::names},
        {"user.roles", Domain::names},
        {"subject.groups", Domain::names},
        {"user.is_service_account", Domain::boolean},
        {"env.time", Domain::moment},
        {"env.time", Domain::moment},
        {"env.time_of_day", Domain::text},
        {"env.weekday", Domain::text},
        {"env.date", Domain::text},
        {"resource.id.below", Domain::text},
    }};
    const auto& chosen = random_.pick(built_ins);
    return {std::string(chosen.name), chosen.domain};
}

ConditionGenerator::Path ConditionGenerator::path() {
    const auto die = random_.below(100);
    if (die < 18) { return built_in_path(); }
    if (die < 22) {
        constexpr std::array<std::string_view, 5> missing{"resource.absent", "user.absent", "context.absent", "absent",
                                                          "level.below"};
        return {std::string(random_.pick(missing)), Domain::text};
    }
    constexpr std::array<std::string_view, 3> resource_roots{"resource.", "attributes.", ""};
    constexpr std::array<std::string_view, 3> subject_roots{"user.", "subject.", "user_attributes."};
    const auto root = die < 60   ? random_.pick(resource_roots)
                      : die < 82 ? random_.pick(subject_roots)
                                 : std::string_view("context.");
    const auto attribute = die < 60   ? random_.pick(resource_attributes)
                           : die < 82 ? random_.pick(subject_attributes)
                                      : random_.pick(context_attributes);
    std::string text(root);
    text += attribute.name;
    if (attribute.domain == Domain::object && random_.chance(70)) {
        return {text + (random_.chance(80) ? ".k" : ".deep.k"), random_.chance(50) ? Domain::number : Domain::text};
    }
    const bool identifies = attribute.name == "id" && (root == "resource." || root == "user." || root == "subject.");
    return {text, identifies ? Domain::identifier : attribute.domain};
}

json::Object ConditionGenerator::time_window() {
    const auto from = random_.below(local_times.size());
    const auto to = (from + 1 + random_.below(local_times.size() - 1)) % local_times.size();
    json::Object window{{"from", local_times[from]}, {"to", local_times[to]}};
    if (random_.chance(60)) { window.set("tz", random_.pick(zones)); }
    return window;
}

json::Object ConditionGenerator::weekdays_operand() {
    json::Array days;
    const auto first = random_.below(weekdays.size());
    for (std::size_t count = random_.between(1, 5), day = first; count > 0; --count, ++day) {
        days.emplace_back(weekdays[day % weekdays.size()]);
    }
    json::Object operand{{"days", std::move(days)}};
    if (random_.chance(50)) { operand.set("tz", random_.pick(zones)); }
    return operand;
}

json::Value ConditionGenerator::networks_operand() {
    if (random_.chance(50)) { return random_.pick(networks); }
    json::Array listed;
    for (auto count = random_.between(1, 2); count > 0; --count) { listed.emplace_back(random_.pick(networks)); }
    return listed;
}

}  // namespace sentinel::differential
