#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "core/text.hpp"
#include "policy/conversion.hpp"
#include "policy/reading.hpp"
#include "policy/tenant_policy.hpp"

namespace sentinel::policy {

namespace {

/// One document in which names are looked up, and where its faults are noted.
struct Scope {
    Reading* reading;
    const Node* root;  ///< of the outermost document, which lines are asked of
    const Document* document;
    const Place* place;

    void fault(const Place& at, std::string_view code, std::string message) const {
        if (reading->problems.full()) return;
        const std::string pointer = at.pointer();
        reading->problems.add({root->line_at(pointer), pointer, std::string(code), std::move(message)});
    }
    void unknown(const Place& at, std::string_view kind, std::string_view name) const {
        fault(at, "reference", fmt::format("there is no {} {}", kind, quoted(name)));
    }
};

const Node* member_of(const Node* node, std::string_view name) {
    const Node::Member* member = node == nullptr ? nullptr : node->find(name);
    return member == nullptr ? nullptr : &member->value;
}

/// The name in an item of a list of names or assignments; null pointer where it is faulty.
const std::string* name_in(const Node& item) {
    const Node* text = item.text() != nullptr ? &item : member_of(&item, "name");
    return text == nullptr ? nullptr : text->text();
}

// ---- chains ------------------------------------------------------------------------------------------------------

/// Lengths of the chains of parents, each found once.
template <class Row>
class Chains {
public:
    Chains(const Scope& scope, const ByKey<Row>& rows, const Place& kind) : scope_(&scope), rows_(&rows), kind_(&kind) {}

    void check() {
        for (const auto& [key, row] : *rows_) {
            if (length(key) > max_chain) report(key, "limit", fmt::format("the chain of parents is longer than {}", max_chain));
        }
    }

private:
    static constexpr std::size_t in_progress = static_cast<std::size_t>(-1);

    const std::string* parent(std::string_view key) const {
        const auto row = rows_->find(key);
        return row == rows_->end() || !row->second.parent ? nullptr : &*row->second.parent;
    }

    std::size_t length(std::string_view key) {
        std::vector<std::string_view> below;
        std::size_t known = 0;
        for (std::string_view at = key;;) {
            const auto [entry, is_new] = lengths_.try_emplace(at, in_progress);
            if (!is_new) {
                known = entry->second;
                if (known == in_progress) {
                    report(at, "cycle", fmt::format("{} is its own ancestor", quoted(at)));
                    known = 0;
                }
                break;
            }
            below.push_back(at);
            const std::string* next = parent(at);
            if (next == nullptr) break;
            at = *next;
        }
        for (auto at = below.rbegin(); at != below.rend(); ++at) lengths_[*at] = ++known;
        return lengths_[key];
    }

    void report(std::string_view key, std::string_view code, std::string message) const {
        scope_->fault(Place(Place(*kind_, key), "parent"), code, std::move(message));
    }

    const Scope* scope_;
    const ByKey<Row>* rows_;
    const Place* kind_;
    std::unordered_map<std::string_view, std::size_t> lengths_;
};

template <class Row>
void check_chains(const Scope& scope, const ByKey<Row>& rows, std::string_view kind) {
    const Place place(*scope.place, kind);
    Chains<Row>(scope, rows, place).check();
}

// ---- references --------------------------------------------------------------------------------------------------

bool is_role(const Document& document, std::string_view name) { return document.roles.contains(name) || is_built_in_role(name); }

bool is_assignable_role(const Document& document, std::string_view name) {
    if (name == "everyone") return false;
    return is_role(document, name) ||
           std::ranges::any_of(document.ancestors, [&](const Document& ancestor) { return ancestor.roles.contains(name); });
}

/// Checks a list of names in the order in which it is written: the row has it sorted.
template <class IsKnown>
void check_names(const Scope& scope, const Node* list, const Place& place, std::string_view kind, IsKnown is_known) {
    if (list == nullptr || list->list() == nullptr) return;
    for (std::size_t i = 0; i < list->list()->size(); ++i) {
        const std::string* name = name_in((*list->list())[i]);
        if (name != nullptr && !is_known(*name)) scope.unknown(Place(place, i), kind, *name);
    }
}

/// The lists `roles` and, where there is one, `groups` of a user, group or imagined subject.
void check_held(const Scope& scope, const Node* row, const Place& place) {
    const Document& document = *scope.document;
    check_names(scope, member_of(row, "roles"), Place(place, "roles"), "role to assign",
                [&](const std::string& name) { return is_assignable_role(document, name); });
    check_names(scope, member_of(row, "groups"), Place(place, "groups"), "group",
                [&](const std::string& name) { return document.groups.contains(name); });
}

void check_target(const Scope& scope, const Target& target, const Place& row) {
    if (target.resource && !scope.document->resources.contains(*target.resource)) {
        scope.unknown(Place(row, "resource"), "resource", *target.resource);
    }
}

void check_resources(const Scope& scope) {
    const Place kind(*scope.place, "resources");
    for (const auto& [key, row] : scope.document->resources) {
        if (row.parent && !scope.document->resources.contains(*row.parent))
            scope.unknown(Place(Place(kind, key), "parent"), "resource", *row.parent);
    }
    check_chains(scope, scope.document->resources, "resources");
}

void check_fields(const Scope& scope) {
    const Place kind(*scope.place, "fields");
    std::set<std::string> folded;
    for (const auto& [key, row] : scope.document->fields) {
        std::string lower = key;
        std::ranges::transform(lower, lower.begin(), core::to_lower_ascii);
        if (!folded.insert(std::move(lower)).second)
            scope.fault(Place(kind, key), "duplicate", "another field has this name in other letter case");
    }
}

void check_permissions(const Scope& scope) {
    const Place kind(*scope.place, "permissions");
    for (const auto& [key, row] : scope.document->permissions) check_target(scope, row.target, Place(kind, key));
}

void check_roles(const Scope& scope, const Node* rows) {
    const Place kind(*scope.place, "roles");
    for (const auto& [key, row] : scope.document->roles) {
        const Place place(kind, key);
        const bool knows_parent = !row.parent || (is_role(*scope.document, *row.parent) && *row.parent != "everyone");
        if (!knows_parent) scope.unknown(Place(place, "parent"), "role that can be a parent", *row.parent);
        check_names(scope, member_of(member_of(rows, key), "permissions"), Place(place, "permissions"), "permission",
                    [&](const std::string& name) { return scope.document->permissions.contains(name); });
    }
    check_chains(scope, scope.document->roles, "roles");
}

void check_groups(const Scope& scope, const Node* rows) {
    const Place kind(*scope.place, "groups");
    for (const auto& [key, row] : scope.document->groups) {
        const Place place(kind, key);
        if (row.parent && !scope.document->groups.contains(*row.parent))
            scope.unknown(Place(place, "parent"), "group", *row.parent);
        check_held(scope, member_of(rows, key), place);
    }
    check_chains(scope, scope.document->groups, "groups");
}

void check_users(const Scope& scope, const Node* rows) {
    const Place kind(*scope.place, "users");
    for (const auto& [key, row] : scope.document->users) check_held(scope, member_of(rows, key), Place(kind, key));
}

void check_grants(const Scope& scope) {
    const Place kind(*scope.place, "grants");
    for (const auto& [key, row] : scope.document->grants) {
        const Place place(kind, key);
        if (!scope.document->users.contains(row.user)) scope.unknown(Place(place, "user"), "user", row.user);
        check_target(scope, row.target, place);
    }
}

void check_tenant_names(const Scope& scope) {
    const Place kind(*scope.place, "ancestors");
    std::set<std::string_view> tenants{scope.document->tenant};
    for (std::size_t i = 0; i < scope.document->ancestors.size(); ++i) {
        const std::string& tenant = scope.document->ancestors[i].tenant;
        if (!tenants.insert(tenant).second) {
            scope.fault(Place(Place(kind, i), "tenant"), "duplicate",
                        fmt::format("another document here has the tenant {} too", quoted(tenant)));
        }
    }
}

// ---- expectations ------------------------------------------------------------------------------------------------

/// Names that an answer about the document can bear. A test that expects an unknown one to be absent would always pass.
class AnswerNames {
public:
    explicit AnswerNames(const Document& document) {
        for (const BuiltInRole& role : built_in_roles()) roles_.insert(role.name);
        ++carriers_[tenant_admin_permission_key];
        add(document);
        for (const Document& ancestor : document.ancestors) {
            ++carriers_[tenant_admin_permission_key];
            add(ancestor);
        }
    }

    bool has_role(std::string_view name) const { return roles_.contains(name); }
    bool has_field(std::string_view name) const { return fields_.contains(name); }
    /// How many permissions or grants are shown as `name`: ancestors may use the same key.
    std::size_t carriers(std::string_view name) const {
        if (name.starts_with(grant_prefix)) return grants_.contains(name.substr(grant_prefix.size())) ? 1 : 0;
        const auto found = carriers_.find(name);
        return found == carriers_.end() ? 0 : found->second;
    }

private:
    void add(const Document& document) {
        for (const auto& [name, row] : document.roles) roles_.insert(name);
        for (const auto& [key, row] : document.grants) grants_.insert(key);
        for (const auto& [key, row] : document.fields) fields_.insert(std::string_view(key).substr(key.find('/') + 1));
        for (const auto& [key, row] : document.permissions) {
            ++carriers_[key];
            for (const auto& tier : row.fields) {
                for (const auto& [name, rights] : tier) fields_.insert(name);
            }
        }
    }

    std::set<std::string_view> roles_;
    std::set<std::string_view> grants_;
    std::set<std::string_view> fields_;
    std::map<std::string_view, std::size_t> carriers_;
};

template <class IsKnown>
void check_expected_names(const Scope& scope, const json::Value* names, const Place& place, std::string_view kind,
                          IsKnown is_known) {
    if (names == nullptr || names->object() == nullptr) return;
    for (const auto& [name, value] : *names->object()) {
        if (!is_known(name)) scope.unknown(Place(place, name), kind, name);
    }
}

void check_expected_fields(const Scope& scope, const AnswerNames& known, const json::Value* fields, const Place& place) {
    if (fields == nullptr || fields->object() == nullptr) return;
    for (const auto& [tier, names] : *fields->object()) {
        check_expected_names(scope, &names, Place(place, tier), "field", [&](const auto& name) { return known.has_field(name); });
    }
}

void check_candidates(const Scope& scope, const AnswerNames& known, const json::Value* candidates, const Place& place) {
    if (candidates == nullptr || candidates->array() == nullptr) return;
    std::map<std::string_view, std::size_t> listed;
    for (std::size_t i = 0; i < candidates->array()->size(); ++i) {
        const std::string* name = (*candidates->array())[i].text();
        if (name == nullptr || ++listed[*name] <= std::max<std::size_t>(known.carriers(*name), 1)) continue;
        scope.fault(Place(place, i), "duplicate", fmt::format("{} is listed twice", quoted(*name)));
    }
}

void check_expected(const Scope& scope, const AnswerNames& known, const json::Object& expected, const Place& place) {
    check_candidates(scope, known, expected.find("candidates"), Place(place, "candidates"));
    // A server's document leaves grants and ancestors out, whose names an answer bears too.
    if (!scope.reading->offline) return;
    check_expected_names(scope, expected.find("because"), Place(place, "because"), "permission or grant",
                         [&](const auto& name) { return known.carriers(name) > 0; });
    check_expected_names(scope, expected.find("effective_roles"), Place(place, "effective_roles"), "role",
                         [&](const auto& name) { return known.has_role(name); });
    check_expected_fields(scope, known, expected.find("fields"), Place(place, "fields"));
}

void check_tests_of(const Scope& scope, const Node* tests, const ByKey<TestRow>& rows) {
    std::set<std::string> folded;
    const AnswerNames known(*scope.document);
    const Place kind(*scope.place, "tests");
    for (const auto& [name, row] : rows) {
        const Place place(kind, name);
        std::string lower = name;
        std::ranges::transform(lower, lower.begin(), core::to_lower_ascii);
        if (!folded.insert(std::move(lower)).second)
            scope.fault(place, "duplicate", "another test has this name in other letter case");
        check_expected(scope, known, row.expected, Place(place, "expected"));
        if (!std::holds_alternative<ImaginedSubject>(row.subject)) continue;
        const Place question(place, "question");
        check_held(scope, member_of(member_of(member_of(tests, name), "question"), "as"), Place(question, "as"));
    }
}

void check_document(const Scope& scope, const Node& node) {
    check_resources(scope);
    check_fields(scope);
    check_permissions(scope);
    check_roles(scope, member_of(&node, "roles"));
    check_groups(scope, member_of(&node, "groups"));
    check_users(scope, member_of(&node, "users"));
    check_grants(scope);
}

}  // namespace

void check_references(Reading& reading, const Node& root, const Document& document, const Place& place) {
    const Scope scope{.reading = &reading, .root = &root, .document = &document, .place = &place};
    check_document(scope, root);
    check_tenant_names(scope);
    if (!document.policy) check_tests_of(scope, member_of(&root, "tests"), document.tests);
    const Place ancestors(place, "ancestors");
    const Node* nodes = member_of(&root, "ancestors");
    for (std::size_t i = 0; i < document.ancestors.size(); ++i) {
        const Place at(ancestors, i);
        const Scope above{.reading = &reading, .root = &root, .document = &document.ancestors[i], .place = &at};
        check_document(above, (*nodes->list())[i]);
    }
}

void check_tests(Reading& reading, const Node& root, const ByKey<TestRow>& rows, const Document& document, const Place& place) {
    check_tests_of({.reading = &reading, .root = &root, .document = &document, .place = &place}, member_of(&root, "tests"), rows);
}

}  // namespace sentinel::policy
