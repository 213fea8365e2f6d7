/// vectors/paths/path_patterns.json: what patterns match, which paths a question may name, and which pattern is more specific.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "both_evaluators.hpp"
#include "core/vectors_test.hpp"
#include "engine/located.hpp"
#include "engine/reference/parts.hpp"
#include "engine/reference/reference.hpp"

namespace sentinel::vectors {
namespace {

namespace data = core::vectors;
namespace reference = engine::reference;

constexpr std::string_view set_name = "paths/path_patterns.json";
constexpr std::string_view reader = "reader";
/// Beyond this the reference, which tries every way of a `**`, does not end.
constexpr std::size_t longest_for_reference = 64;

struct Case {
    std::string pattern;  ///< without the trailing slash
    std::string path;
    bool reaches_descendants = false;  ///< the data says it by a trailing slash
    bool match = false;
};

/// In the data a trailing slash says that the pattern reaches descendants; in the product it means nothing.
Case case_of(std::string_view pattern) {
    Case read{.pattern = std::string(pattern)};
    read.reaches_descendants = pattern.size() > 1 && pattern.ends_with('/');
    if (read.reaches_descendants) read.pattern.pop_back();
    return read;
}

std::vector<Case> absolute_cases() {
    std::vector<Case> cases;
    for (const auto& row : data::rows(data::parse(set_name), "cases")) {
        if (!data::text(row, "pattern").starts_with('/')) continue;
        Case read = case_of(data::text(row, "pattern"));
        read.path = data::text(row, "path");
        read.match = data::boolean(row, "match");
        cases.push_back(std::move(read));
    }
    return cases;
}

engine::Permission permission_on(const Case& pattern, engine::Effect effect = engine::Effect::allow) {
    engine::Permission permission;
    permission.id =
        id_of<engine::PermissionId>("permission", pattern.pattern + (pattern.reaches_descendants ? " and below" : ""));
    permission.resource_type = "*";
    permission.resource_path = pattern.pattern;
    permission.applies_to_descendants = pattern.reaches_descendants;
    permission.actions = {"read"};
    permission.effect = effect;
    return permission;
}

/// A tenant in which nothing is registered and one reader has these permissions.
engine::TenantPolicy tenant_with(std::vector<engine::Permission> permissions) {
    engine::TenantPolicy tenant;
    tenant.id = id_of<engine::TenantId>("tenant", "paths");
    engine::Role role = role_named(reader);
    for (const auto& permission : permissions) role.permissions.push_back(permission.id);
    tenant.subjects.push_back(subject_with_role(reader, role.id));
    tenant.roles.push_back(std::move(role));
    tenant.permissions = std::move(permissions);
    return tenant;
}

engine::Question question_about(engine::ResourceReference resource) {
    engine::Question question;
    question.subject = {std::string(reader)};
    question.action = "read";
    question.resource = std::move(resource);
    return question;
}

engine::Question question_about_path(std::string path) {
    engine::ResourceReference resource;
    resource.type = "page";
    resource.path = std::move(path);
    return question_about(std::move(resource));
}

// ---- the matchers alone --------------------------------------------------------------------------------------------

std::vector<std::string> segments_of(std::string_view path) { return reference::split(path.substr(1), '/'); }

engine::PathSegment segment_of(const std::string& text) {
    using Kind = engine::PathSegment::Kind;
    if (text == "*") return {.kind = Kind::one, .text = {}, .id = {}};
    if (text == "**") return {.kind = Kind::many, .text = {}, .id = {}};
    return {.kind = Kind::literal, .text = text, .id = {}};
}

bool engine_matches(const Case& row, const engine::Snapshot& snapshot) {
    engine::ResolvedSelector selector;
    selector.form = engine::SelectorForm::path;
    selector.type = "*";
    selector.descendants = row.reaches_descendants;
    engine::Target target;
    for (const auto& segment : segments_of(row.pattern)) target.rest.push_back(segment_of(segment));
    const auto steps = segments_of(row.path);
    engine::LocatedResource located;
    for (const auto& step : steps)
        located.chain.push_back({engine::ChainStep::Kind::text, engine::no_node, engine::no_name, step});
    return engine::match_target(selector, target, located, snapshot) != engine::not_reached;
}

bool reference_matches(const Case& row, const engine::TenantPolicy& tenant) {
    const auto selector = reference::read_selector("*", std::nullopt, row.pattern, row.reaches_descendants);
    reference::AskedResource asked{.type = "page"};
    for (const auto& segment : segments_of(row.path)) asked.chain.push_back({.text = segment});
    return reference::reach(tenant, selector, engine::Effect::allow, false, asked).has_value();
}

TEST(PathPatterns, BothMatchersAgreeWithEveryCase) {
    SENTINEL_NEEDS_VECTORS(set_name);
    const auto tenant = tenant_with({});
    const auto snapshot = engine::build(tenant);
    ASSERT_TRUE(snapshot.has_value());
    const auto cases = absolute_cases();
    EXPECT_EQ(cases.size(), 852U) << "all 858 but the six of `vessel/*`";
    std::size_t too_long = 0;
    for (const Case& row : cases) {
        SCOPED_TRACE(row.pattern.substr(0, 100) + " on " + row.path.substr(0, 100));
        EXPECT_EQ(engine_matches(row, **snapshot), row.match);
        if (segments_of(row.path).size() > longest_for_reference) {
            ++too_long;
        } else {
            EXPECT_EQ(reference_matches(row, tenant), row.match);
        }
    }
    EXPECT_EQ(too_long, 1U);
}

TEST(PathPatterns, ManyWildcardsOnALongPathCostLittle) {
    SENTINEL_NEEDS_VECTORS(set_name);
    const auto snapshot = engine::build(tenant_with({}));
    ASSERT_TRUE(snapshot.has_value());
    const auto cases = absolute_cases();
    const auto longest = std::ranges::max_element(cases, {}, [](const Case& row) { return row.path.size(); });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(engine_matches(*longest, **snapshot), longest->match);
    // Milliseconds in truth; a matcher that tries every way would need longer than the world lasts.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

// ---- as permissions and questions ----------------------------------------------------------------------------------

std::size_t count_of_many(std::string_view pattern) {
    return static_cast<std::size_t>(std::ranges::count(segments_of(pattern), "**"));
}

/// Whether a pattern may be written, which both must say alike.
bool can_be_written(const engine::Permission& permission) {
    const bool by_engine = engine::validate(permission).empty();
    EXPECT_EQ(by_engine, reference::validate(permission).empty());
    return by_engine;
}

TEST(PathPatterns, PermissionsReachWhatTheirPatternsMatch) {
    SENTINEL_NEEDS_VECTORS(set_name);
    std::size_t asked = 0;
    std::size_t refused_patterns = 0;
    std::size_t refused_paths = 0;
    for (const Case& row : absolute_cases()) {
        SCOPED_TRACE(row.pattern.substr(0, 100) + " on " + row.path.substr(0, 100));
        const auto permission = permission_on(row);
        if (!can_be_written(permission)) {
            ++refused_patterns;
            EXPECT_GT(count_of_many(row.pattern), 2U);
            continue;
        }
        EXPECT_LE(count_of_many(row.pattern), 2U);
        const auto answer = BothEvaluators(tenant_with({permission})).check(question_about_path(row.path));
        if (!answer) {
            // A text that may not be asked: not NFC, or with a star or question mark, which a pattern may have but no question.
            ++refused_paths;
            EXPECT_TRUE(!row.match || row.path.find_first_of("*?") != std::string::npos);
            continue;
        }
        ++asked;
        EXPECT_EQ(answer->allowed, row.match);
    }
    EXPECT_EQ(asked, 789U);
    EXPECT_EQ(refused_patterns, 60U);
    EXPECT_EQ(refused_paths, 3U);
}

/// `vessel/*` is no path but the form TYPE. What its cases call a path is asked as what it stands for in a question.
engine::ResourceReference reference_of(std::string_view text) {
    const auto parts = reference::split(text, '/');
    engine::ResourceReference resource;
    resource.type = "page";
    resource.path = '/' + std::string(text);
    if (parts.size() == 2) {
        resource.type = parts[0];
        resource.id = parts[1];
        resource.path.reset();
    } else if (parts.size() == 3) {
        resource.path = '/' + parts[1] + '/' + parts[2];  // below the vessel, which is registered at the root
    }
    return resource;
}

TEST(PathPatterns, ATypeReachesItsInstancesAndNothingBelowThem) {
    SENTINEL_NEEDS_VECTORS(set_name);
    engine::Permission permission = permission_on(case_of("vessel/*"));
    permission.resource_type = "vessel";
    permission.applies_to_descendants = true;
    engine::TenantPolicy tenant = tenant_with({permission});
    engine::Resource vessel;
    vessel.id = id_of<engine::ResourceId>("resource", "vessel/1");
    vessel.type = "vessel";
    vessel.code = "1";
    tenant.resources.push_back(vessel);
    BothEvaluators evaluators(tenant);
    std::size_t asked = 0;
    for (const auto& row : data::rows(data::parse(set_name), "cases")) {
        if (data::text(row, "pattern") != "vessel/*") continue;
        ++asked;
        SCOPED_TRACE(data::text(row, "path"));
        const auto answer = evaluators.check(question_about(reference_of(data::text(row, "path"))));
        EXPECT_EQ(answer.has_value() && answer->allowed, data::boolean(row, "match"));
    }
    EXPECT_EQ(asked, 6U);
}

TEST(PathPatterns, QuestionsMayNameCanonicalPathsOnly) {
    SENTINEL_NEEDS_VECTORS(set_name);
    BothEvaluators evaluators(tenant_with({permission_on(case_of("/**"))}));
    const auto rows = data::rows(data::parse(set_name), "questions");
    EXPECT_EQ(rows.size(), 45U);
    std::size_t accepted = 0;
    for (const auto& row : rows) {
        SCOPED_TRACE(data::text(row, "why"));
        const auto answer = evaluators.check(question_about_path(data::text(row, "path")));
        if (data::text(row, "expect") == "refuse") {
            ASSERT_FALSE(answer.has_value());
            EXPECT_EQ(answer.error().kind, core::ErrorKind::validation_failed);
            EXPECT_EQ(answer.error().fault.pointer, "/resource/path");
        } else {
            ++accepted;
            ASSERT_TRUE(answer.has_value()) << answer.error().fault.message;
            EXPECT_TRUE(answer->allowed);
        }
    }
    EXPECT_EQ(accepted, 6U);
}

TEST(PathPatterns, TheMoreSpecificPatternDecides) {
    SENTINEL_NEEDS_VECTORS(set_name);
    const auto rows = data::rows(data::parse(set_name), "more_specific");
    EXPECT_EQ(rows.size(), 7U);
    for (const auto& row : rows) {
        const Case better = case_of(data::text(row, "better"));
        const Case worse = case_of(data::text(row, "worse"));
        SCOPED_TRACE(better.pattern + " before " + worse.pattern);
        for (const auto effect : {engine::Effect::allow, engine::Effect::deny}) {
            const bool allows = effect == engine::Effect::allow;
            const auto first = permission_on(better, effect);
            const auto second = permission_on(worse, allows ? engine::Effect::deny : engine::Effect::allow);
            const auto answer = BothEvaluators(tenant_with({second, first})).check(question_about_path(data::text(row, "path")));
            ASSERT_TRUE(answer.has_value());
            EXPECT_EQ(answer->allowed, allows);
            ASSERT_TRUE(answer->matched.has_value());
            EXPECT_EQ(answer->matched->permission, first.id);
        }
    }
}

}  // namespace
}  // namespace sentinel::vectors
