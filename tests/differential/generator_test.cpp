#include "generator.hpp"

#include <gtest/gtest.h>

#include <set>

#include "dump.hpp"
#include "engine/reference/reference.hpp"

namespace sentinel::differential {
namespace {

std::string text_of(const World& world) {
    return pretty(to_json(Case{.note = world.now.text(), .policy = world.policy, .questions = world.questions}));
}

TEST(Generator, SameSeedGivesTheSameWorld) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) { EXPECT_EQ(text_of(generate(seed)), text_of(generate(seed))); }
    EXPECT_NE(text_of(generate(1)), text_of(generate(2)));
}

TEST(Generator, AsksAtLeastFiftyQuestionsOfATenant) { EXPECT_GE(generate(1).questions.size(), 50u); }

TEST(Generator, PermissionsMayBeStored) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const auto world = generate(seed, {.questions = 0});
        for (const auto& permission : world.policy.permissions) {
            const auto faults = engine::reference::validate(permission);
            ASSERT_TRUE(faults.empty()) << faults.front().pointer << ": " << faults.front().message << "\n"
                                        << pretty(to_json(permission));
        }
    }
}

TEST(Generator, CodesAreUniqueWithinTheirType) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        std::set<std::pair<std::string, std::string>> seen;
        for (const auto& resource : generate(seed, {.questions = 0}).policy.resources) {
            EXPECT_TRUE(seen.emplace(resource.type, resource.code).second);
        }
    }
}

TEST(Generator, ReachesTheRareShapes) {
    std::size_t ambiguous = 0;
    std::size_t cycles = 0;
    std::size_t thirty = 0;
    std::size_t deep = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const auto policy = generate(seed, {.questions = 0}).policy;
        thirty += policy.permissions.size() == 30 ? 1 : 0;
        cycles += !policy.roles.empty() && policy.roles.front().parent == policy.roles.back().id ? 1 : 0;
        for (const auto& left : policy.resources) {
            for (const auto& right : policy.resources) {
                ambiguous += left.parent == right.parent && left.code == right.code && left.type < right.type ? 1 : 0;
                deep += left.parent == right.id && right.parent ? 1 : 0;
            }
        }
    }
    EXPECT_GT(ambiguous, 50u);
    EXPECT_GT(cycles, 3u);
    EXPECT_GT(thirty, 5u);
    EXPECT_GT(deep, 200u);
}

TEST(Dump, ReadsBackWhatItWrites) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto written = text_of(generate(seed));
        const auto back = read_case(written);
        ASSERT_TRUE(back) << back.error();
        EXPECT_EQ(pretty(to_json(*back)), written);
    }
}

TEST(Dump, KeepsTextThatIsNoUnicode) {
    Case one;
    one.questions.emplace_back().question.subject.text = "a\xFF";
    const auto back = read_case(pretty(to_json(one)));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(back->questions.at(0).question.subject.text, "a\xFF");
}

TEST(Dump, KeepsTheDifferenceBetweenAbsentAndEmpty) {
    Case one;
    auto& question = one.questions.emplace_back().question;
    question.resource.id = "";
    one.policy.subjects.push_back({.id = {"ann"}, .email_domain = ""});
    const auto back = read_case(pretty(to_json(one)));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(back->questions.at(0).question.resource.id, "");
    EXPECT_EQ(back->questions.at(0).question.resource.path, std::nullopt);
    EXPECT_EQ(back->policy.subjects.at(0).email_domain, "");
}

TEST(Dump, RefusesWhatIsNoCase) {
    EXPECT_FALSE(read_case("{"));
    EXPECT_FALSE(read_case(R"({"questions": 5})"));
    EXPECT_FALSE(read_case(R"({"policy": {"id": "no id"}})"));
}

}  // namespace
}  // namespace sentinel::differential
