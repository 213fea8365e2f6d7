#include "app/random_questions.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sentinel::app {
namespace {

engine::TenantPolicy small_policy() {
    engine::TenantPolicy policy;
    for (const auto* path : {"vessel/v1", "invoice/*", "/a/b", "**", "*/*"}) {
        engine::Permission permission;
        permission.resource_path = path;
        permission.actions = {"update", "*"};
        policy.permissions.push_back(permission);
    }
    policy.resources.push_back({.id = {}, .type = "app", .code = "ops", .parent = {}, .attributes = {}, .workflow_state = {}});
    for (const auto* id : {"ann", "bob"}) {
        engine::Subject subject;
        subject.id = {id};
        policy.subjects.push_back(subject);
    }
    return policy;
}

TEST(RandomQuestions, AskAboutAllThatThePolicySpeaksOf) {
    std::set<std::string> seen;
    for (const auto& question : random_questions(small_policy(), 500, 1)) {
        seen.insert(question.subject.text + " " + question.action + " " + question.resource.type + "/" +
                    question.resource.id.value());
    }
    EXPECT_EQ(seen, (std::set<std::string>{"ann read app/ops", "ann read invoice/some-instance", "ann read vessel/v1",
                                           "ann update app/ops", "ann update invoice/some-instance", "ann update vessel/v1",
                                           "bob read app/ops", "bob read invoice/some-instance", "bob read vessel/v1",
                                           "bob update app/ops", "bob update invoice/some-instance", "bob update vessel/v1"}));
}

TEST(RandomQuestions, AnEmptyPolicyHasNone) { EXPECT_TRUE(random_questions({}, 10, 1).empty()); }

}  // namespace
}  // namespace sentinel::app
