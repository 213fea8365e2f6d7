#include "policy/problem.hpp"

#include <gtest/gtest.h>

namespace sentinel::policy {
namespace {

TEST(ProblemText, NamesLineAndPlace) {
    EXPECT_EQ(problem_text({3, "/roles/x", "format", "is wrong"}), "line 3: /roles/x: is wrong");
    EXPECT_EQ(problem_text({1, "", "syntax", "is wrong"}), "line 1: the document: is wrong");
}

TEST(Problems, ComeInOrderOfTheirPlaceAndOnce) {
    Problems problems;
    const Problem late{9, "/b", "format", "m"};
    const std::vector<Problem> rising{
        {1, "/b", "format", "m"}, {1, "/c", "format", "m"}, {1, "/c", "range", "m"}, {1, "/c", "range", "n"}, late};
    problems.add(late);
    for (auto problem = rising.rbegin(); problem != rising.rend(); ++problem) problems.add(*problem);
    EXPECT_EQ(problems.take(), rising);
    EXPECT_TRUE(problems.empty());
}

TEST(Problems, OfHugePlacesAreFewAndThereIsAlwaysOne) {
    Problems problems;
    const std::string huge(std::size_t{64} << 20, 'x');
    problems.add({1, huge, "format", "m"});
    EXPECT_FALSE(problems.full());
    for (std::size_t line = 2; line <= 4; ++line) problems.add({line, "/a", "format", "m"});
    EXPECT_TRUE(problems.full());
    const std::vector<Problem> taken = problems.take();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].pointer.size(), huge.size());
    EXPECT_EQ(taken[1].code, "limit");
}

TEST(Problems, TouchWhatLiesAtAboveOrBelowThem) {
    Problems problems;
    problems.add({1, "/roles/r/parent/x", "format", "m"});
    EXPECT_TRUE(problems.touches("/roles/r/parent", "/roles/r"));
    EXPECT_TRUE(problems.touches("/roles/r/parent/x/y", "/roles/r"));
    EXPECT_FALSE(problems.touches("/roles/r/par", "/roles/r")) << "a name that begins alike is another";
    EXPECT_FALSE(problems.touches("/roles/r/priority", "/roles/r"));
    EXPECT_FALSE(problems.touches("/roles/r/parent", "/roles/q"));
}

TEST(Quoted, CutsLongTextsBetweenCharacters) {
    EXPECT_EQ(policy::quoted("short"), "\"short\"");
    const std::string cut = policy::quoted(std::string(79, 'a') + "\xC3\xA9" + "b");
    EXPECT_EQ(cut, "\"" + std::string(79, 'a') + "…\"") << "a character across the limit is left out whole";
}

}  // namespace
}  // namespace sentinel::policy
