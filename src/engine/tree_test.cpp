#include "engine/tree.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sentinel::engine {
namespace {

ResourceId id(unsigned number) {
    ResourceId made;
    made.value.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    made.value.bytes[15] = static_cast<std::uint8_t>(number);
    return made;
}

Resource resource(unsigned number, std::string code, std::optional<unsigned> parent = {}) {
    Resource made{.id = id(number), .type = "app", .code = std::move(code)};
    if (parent) made.parent = id(*parent);
    return made;
}

constexpr NameId app = 0;
constexpr NameId page = 1;

/// 1 ops ─┬─ 2 fleet ─── 4 vessel
///        └─ 3 crew
Tree small_tree(bool in_place = false) {
    Tree tree;
    tree.put(resource(1, "ops"), app, in_place);
    tree.put(resource(2, "fleet", 1), app, in_place);
    tree.put(resource(3, "crew", 1), app, in_place);
    tree.put(resource(4, "vessel", 2), app, in_place);
    return tree;
}

std::set<unsigned> numbers_in(const Tree& tree) {
    std::set<unsigned> numbers;
    tree.for_each([&](NodeIndex index, const Node& node) {
        EXPECT_EQ(&tree.node(index), &node);
        numbers.insert(node.resource.id.value.bytes[15]);
    });
    return numbers;
}

TEST(Tree, FindsByIdAndByTypeAndCode) {
    for (const bool in_place : {true, false}) {
        const Tree tree = small_tree(in_place);
        EXPECT_EQ(tree.size(), 4U);
        const NodeIndex fleet = tree.find(id(2));
        ASSERT_NE(fleet, no_node);
        EXPECT_EQ(tree.find(app, "fleet"), fleet);
        EXPECT_EQ(tree.find(page, "fleet"), no_node);
        EXPECT_EQ(tree.find(app, "Fleet"), no_node) << "codes are case-sensitive";
        EXPECT_EQ(tree.find(id(9)), no_node);
        EXPECT_EQ(numbers_in(tree), (std::set<unsigned>{1, 2, 3, 4}));
    }
}

TEST(Tree, KnowsDepthPathAndIdTextOfANode) {
    const Tree tree = small_tree();
    const Node& vessel = tree.node(tree.find(id(4)));
    EXPECT_EQ(vessel.depth, 2U);
    EXPECT_EQ(vessel.path, "/" + id(1).text() + "/" + id(2).text() + "/" + id(4).text() + "/");
    EXPECT_EQ(vessel.id_text(), id(4).text());
    EXPECT_EQ(vessel.parent, tree.find(id(2)));
    EXPECT_EQ(tree.node(tree.find(id(1))).parent, no_node);
}

TEST(Tree, TellsBearersOfACodeApart) {
    Tree tree = small_tree();
    tree.put({.id = id(5), .type = "page", .code = "fleet", .parent = id(1)}, page, false);
    tree.put({.id = id(6), .type = "page", .code = "crew"}, page, false);
    const NodeIndex ops = tree.find(id(1));
    EXPECT_TRUE(tree.child_by_code(ops, "fleet").ambiguous);
    EXPECT_EQ(tree.child_by_code(ops, "fleet").node, no_node);
    EXPECT_EQ(tree.child_by_code(ops, "crew").node, tree.find(id(3)));
    EXPECT_EQ(tree.child_by_code(no_node, "crew").node, tree.find(id(6)));
    EXPECT_EQ(tree.child_by_code(ops, "nobody").node, no_node);
    EXPECT_TRUE(tree.any_by_code("crew").ambiguous);
    EXPECT_EQ(tree.any_by_code("vessel").node, tree.find(id(4)));
    tree.remove(id(5));
    EXPECT_FALSE(tree.child_by_code(ops, "fleet").ambiguous);
    EXPECT_EQ(tree.child_by_code(ops, "fleet").node, tree.find(id(2))) << "the one that is left is found";
}

TEST(Tree, SaysWhatAPutChanged) {
    Tree tree = small_tree();
    const Tree::Effect added = tree.put(resource(5, "new", 1), app, false);
    EXPECT_TRUE(added.names);
    EXPECT_FALSE(added.places);

    Resource same = resource(5, "new", 1);
    same.attributes.set("x", 1);
    const Tree::Effect attributes = tree.put(same, app, false);
    EXPECT_FALSE(attributes.names);
    EXPECT_FALSE(attributes.places);

    EXPECT_TRUE(tree.put(resource(5, "renamed", 1), app, false).names);
    EXPECT_TRUE(tree.put(resource(5, "renamed", 1), page, false).names) << "a type too is a name";

    const Tree::Effect leaf_moved = tree.put(resource(3, "crew", 2), app, false);
    EXPECT_TRUE(leaf_moved.names);
    EXPECT_FALSE(leaf_moved.places);

    const Tree::Effect subtree_moved = tree.put(resource(2, "fleet"), app, false);
    EXPECT_TRUE(subtree_moved.names);
    EXPECT_TRUE(subtree_moved.places);
}

TEST(Tree, MovingTakesAllBelowAlong) {
    Tree tree = small_tree();
    tree.put(resource(7, "engine", 4), app, false);
    tree.put(resource(8, "yard"), app, false);
    tree.put(resource(9, "dock", 8), app, false);
    const Tree before = tree;
    tree.put(resource(2, "fleet", 9), app, false);
    const Node& engine = tree.node(tree.find(id(7)));
    EXPECT_EQ(engine.depth, 4U);
    EXPECT_EQ(engine.path,
              "/" + id(8).text() + "/" + id(9).text() + "/" + id(2).text() + "/" + id(4).text() + "/" + id(7).text() + "/");
    EXPECT_EQ(tree.node(tree.find(id(3))).depth, 1U) << "what stood beside it stays";
    EXPECT_EQ(tree.child_by_code(tree.find(id(9)), "fleet").node, tree.find(id(2)));
    EXPECT_EQ(tree.child_by_code(tree.find(id(1)), "fleet").node, no_node);
    EXPECT_TRUE(tree.has_children(tree.find(id(9))));

    EXPECT_EQ(before.node(before.find(id(7))).depth, 3U) << "the tree of before is unchanged";
    EXPECT_FALSE(before.has_children(before.find(id(9))));

    tree.put(resource(2, "fleet"), app, false);
    EXPECT_EQ(tree.node(tree.find(id(7))).depth, 2U);
    EXPECT_FALSE(tree.has_children(tree.find(id(9))));
}

TEST(Tree, KnowsHowFarItReachesBelowANode) {
    const Tree tree = small_tree();
    EXPECT_EQ(tree.height(tree.find(id(1))), 2U);
    EXPECT_EQ(tree.height(tree.find(id(2))), 1U);
    EXPECT_EQ(tree.height(tree.find(id(4))), 0U);
}

TEST(Tree, ForgetsWhatIsRemovedAndUsesItsPlaceAgain) {
    Tree tree = small_tree();
    const NodeIndex place = tree.find(id(4));
    tree.remove(id(4));
    EXPECT_EQ(tree.size(), 3U);
    EXPECT_EQ(tree.find(id(4)), no_node);
    EXPECT_EQ(tree.find(app, "vessel"), no_node);
    EXPECT_EQ(tree.any_by_code("vessel").node, no_node);
    EXPECT_FALSE(tree.has_children(tree.find(id(2))));
    tree.put(resource(2, "fleet"), app, false);  // walks over the free place
    tree.put(resource(5, "other", 3), app, false);
    EXPECT_EQ(tree.find(id(5)), place);
    EXPECT_EQ(numbers_in(tree), (std::set<unsigned>{1, 2, 3, 5}));
}

TEST(Tree, CountsNoBytesOnceEmpty) {
    Tree tree = small_tree();
    const std::size_t small = tree.bytes();
    Resource big = resource(3, "crew", 1);
    big.attributes.set("text", std::string(10'000, 'x'));
    tree.put(big, app, false);
    EXPECT_GT(tree.bytes(), small + 10'000);
    for (const unsigned number : {4U, 3U, 2U, 1U}) tree.remove(id(number));
    EXPECT_EQ(tree.bytes(), 0U);
    EXPECT_EQ(tree.size(), 0U);
}

}  // namespace
}  // namespace sentinel::engine
