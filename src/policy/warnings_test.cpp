#include "policy/warnings.hpp"

#include <gtest/gtest.h>

#include <string>

#include "policy/tenant_policy.hpp"

namespace sentinel::policy {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view tree = "resources: {app/a: {}, service/b: {parent: app/a}, page/c: {parent: service/b}}\n";

/// The warnings of a permission p with the path, as `code: message`.
Lines warned(std::string_view path, std::string_view resources = tree) {
    const std::string text = "version: 1\n" + std::string(resources) + "permissions: {p: {resource_type: '*', resource_path: '" +
                             std::string(path) + "', actions: [read]}}\n";
    const auto document = read(text, Format::yaml);
    EXPECT_TRUE(document) << (document ? "" : problem_text(document.error().front()));
    Lines lines;
    for (const Problem& problem : warnings(document.value_or(Document{}))) {
        EXPECT_EQ(problem.pointer, "/permissions/p/resource_path");
        lines.push_back(problem.code + ": " + problem.message);
    }
    return lines;
}

std::string unregistered(const std::string& text) {
    return "unregistered: the segment \"" + text + "\" is no registered resource";
}

TEST(Warnings, NameTheSegmentThatIsNoResource) {
    EXPECT_EQ(warned("/a/b/c"), Lines{});
    EXPECT_EQ(warned("/a/typo/c"), Lines{unregistered("typo")});
    EXPECT_EQ(warned("/b"), Lines{unregistered("b")});
    EXPECT_EQ(warned("/A"), Lines{unregistered("A")});
    EXPECT_EQ(warned("/a/*/typo/**/c"), Lines{unregistered("typo")});
    EXPECT_EQ(warned("/**/c/*/b"), Lines{});
    EXPECT_EQ(warned("**"), Lines{});
    EXPECT_EQ(warned("/a/typo", ""), Lines{});
}

TEST(Warnings, KnowResourcesByTheirIds) {
    const auto document = read("version: 1\n" + std::string(tree), Format::yaml);
    ASSERT_TRUE(document);
    const auto named = to_tenant_policy(*document);
    std::string id;
    for (const auto& [resource, key] : named.names.resources) {
        if (key == "service/b") id = resource.text();
    }
    EXPECT_EQ(warned("/a/" + id + "/c"), Lines{});
    EXPECT_EQ(warned("/*/" + id), Lines{});
    EXPECT_EQ(warned("/" + id), Lines{unregistered(id)});
}

TEST(Warnings, NameTheSegmentThatNoQuestionCanHave) {
    for (const std::string segment : {"secret*", "what?", "a#b"}) {
        const Lines lines = warned("/docs/" + segment, "");
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_TRUE(lines[0].starts_with("unreachable: no question's path can have the segment \"" + segment + "\"")) << lines[0];
    }
    EXPECT_EQ(warned("/docs/*/**", ""), Lines{});
}

TEST(Warnings, AreAboutGrantsAndAncestorsToo) {
    const auto document = read(
        "version: 1\nusers: {u: {}}\ngrants: {g/1: {user: u, resource_type: '*', resource_path: /x*, actions: [read]}}\n"
        "ancestors: [{version: 1, tenant: A, permissions: {q: {resource_type: '*', resource_path: /y?, actions: [read]}}}]\n",
        Format::yaml);
    ASSERT_TRUE(document) << problem_text(document.error().front());
    const auto found = warnings(*document);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].pointer, "/grants/g~11/resource_path");
    EXPECT_EQ(found[1].pointer, "/ancestors/0/permissions/q/resource_path");
}

}  // namespace
}  // namespace sentinel::policy
