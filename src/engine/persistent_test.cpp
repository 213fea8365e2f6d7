#include "engine/persistent.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "engine/model.hpp"
#include "engine/tree.hpp"

namespace sentinel::engine {
namespace {

// ---- hash_bytes ---------------------------------------------------------------------------------------------------

TEST(HashBytes, TellsTextsApartThatDifferOnlyInTrailingZeros) {
    std::set<std::uint64_t> seen;
    for (std::size_t length = 0; length <= 24; ++length) seen.insert(hash_bytes(std::string(length, '\0')));
    EXPECT_EQ(seen.size(), 25U);
}

TEST(HashBytes, DependsOnTheSeed) { EXPECT_NE(hash_bytes("invoice", 1), hash_bytes("invoice", 2)); }

TEST(HashBytes, SpreadsOverEveryGroupOfFiveBits) {
    for (unsigned shift = 0; shift <= 55; shift += 5) {
        std::set<std::uint64_t> arms;
        for (int number = 0; number < 400; ++number) arms.insert((hash_bytes("user-" + std::to_string(number)) >> shift) & 31U);
        EXPECT_EQ(arms.size(), 32U) << "shift " << shift;
    }
}

// ---- HashTrie -----------------------------------------------------------------------------------------------------

struct Entry {
    int key = 0;
    int value = 0;
};
using Trie = HashTrie<Entry>;
using HashOfKey = std::uint64_t (*)(int);

struct TrieCase {
    std::string name;
    HashOfKey hash;
};
void PrintTo(const TrieCase& trie_case, std::ostream* out) { *out << trie_case.name; }

/// A trie beside the std::map that it must equal.
struct Checked {
    HashOfKey hash;
    Trie trie;
    std::map<int, int> model;

    void insert(int key, int value, bool in_place = false) {
        const auto match = [key](const Entry& entry) { return entry.key == key; };
        const auto hash_of = [this](const Entry& entry) { return hash(entry.key); };
        in_place ? trie.insert_in_place({key, value}, hash(key), match, hash_of)
                 : trie.insert({key, value}, hash(key), match, hash_of);
        model[key] = value;
    }
    bool erase(int key) {
        const bool erased = trie.erase(hash(key), [key](const Entry& entry) { return entry.key == key; });
        EXPECT_EQ(erased, model.erase(key) == 1) << "key " << key;
        return erased;
    }
    const Entry* find(int key) const {
        return trie.find(hash(key), [key](const Entry& entry) { return entry.key == key; });
    }
    void expect_equal(int keys) const {
        EXPECT_EQ(trie.size(), model.size());
        std::map<int, int> visited;
        trie.for_each([&](const Entry& entry) { EXPECT_TRUE(visited.emplace(entry.key, entry.value).second) << entry.key; });
        EXPECT_EQ(visited, model);
        for (int key = 0; key < keys; ++key) {
            const Entry* found = find(key);
            ASSERT_EQ(found != nullptr, model.contains(key)) << "key " << key;
            if (found != nullptr) { EXPECT_EQ(found->value, model.at(key)); }
        }
    }
};

class HashTrieTest : public ::testing::TestWithParam<TrieCase> {};

TEST_P(HashTrieTest, EqualsAMapOverAnyChanges) {
    std::mt19937 random(7);
    Checked checked{GetParam().hash, {}, {}};
    constexpr int keys = 300;
    for (int step = 0; step < 3'000; ++step) {
        const int key = static_cast<int>(random() % keys);
        if (random() % 3 == 0) {
            checked.erase(key);
        } else {
            checked.insert(key, step);
        }
    }
    checked.expect_equal(keys);
    for (int key = 0; key < keys; ++key) checked.erase(key);
    checked.expect_equal(keys);
}

TEST_P(HashTrieTest, BuildingInPlaceGivesTheSame) {
    Checked checked{GetParam().hash, {}, {}};
    for (int key = 0; key < 200; ++key) checked.insert(key, key, true);
    for (int key = 0; key < 200; key += 3) checked.insert(key, -key, true);
    checked.expect_equal(250);
}

TEST_P(HashTrieTest, CopiesNeverSeeEachOthersChanges) {
    Checked before{GetParam().hash, {}, {}};
    for (int key = 0; key < 100; ++key) before.insert(key, key, true);
    Checked left = before;
    Checked right = before;
    for (int key = 0; key < 100; key += 2) left.erase(key);
    for (int key = 50; key < 150; ++key) right.insert(key, -key);
    before.expect_equal(150);
    left.expect_equal(150);
    right.expect_equal(150);
}

INSTANTIATE_TEST_SUITE_P(Hashes, HashTrieTest,
                         ::testing::Values(TrieCase{"good", [](int key) { return hash_bytes(std::to_string(key)); }},
                                           TrieCase{"identity", [](int key) { return static_cast<std::uint64_t>(key); }},
                                           TrieCase{"high_bits_alone",
                                                    [](int key) { return static_cast<std::uint64_t>(key) << 55; }},
                                           TrieCase{"few_values", [](int key) { return static_cast<std::uint64_t>(key % 3); }},
                                           TrieCase{"all_the_same", [](int) { return ~std::uint64_t{0}; }}),
                         [](const auto& info) { return info.param.name; });

// ---- PersistentVector -----------------------------------------------------------------------------------------------

TEST(PersistentVector, ReadsWhatWasWrittenAtEverySizeAroundItsWidths) {
    for (const std::size_t size : {1U, 63U, 64U, 65U, 4'095U, 4'096U, 4'097U, 9'000U}) {
        PersistentVector<std::size_t> vector;
        for (std::size_t index = 0; index < size; ++index) vector.push_back_in_place(index * 3);
        ASSERT_EQ(vector.size(), size);
        for (std::size_t index = 0; index < size; ++index) ASSERT_EQ(vector[index], index * 3) << index << " of " << size;
    }
}

TEST(PersistentVector, CopiesNeverSeeEachOthersChanges) {
    PersistentVector<int> before;
    for (int index = 0; index < 130; ++index) before.push_back_in_place(index);
    PersistentVector<int> left = before;
    PersistentVector<int> right = before;
    left.set(0, -1);
    left.set(129, -2);
    right.push_back(130);
    EXPECT_EQ(left[0], -1);
    EXPECT_EQ(left[129], -2);
    EXPECT_EQ(right.size(), 131U);
    EXPECT_EQ(right[130], 130);
    EXPECT_EQ(before.size(), 130U);
    EXPECT_EQ(before[0], 0);
    EXPECT_EQ(before[129], 129);
    EXPECT_EQ(right[0], 0);
}

TEST(PersistentVector, SetInPlaceReplaces) {
    PersistentVector<std::string> vector;
    for (int index = 0; index < 70; ++index) vector.push_back_in_place("a");
    vector.set_in_place(69, "b");
    EXPECT_EQ(vector[69], "b");
    EXPECT_EQ(vector[68], "a");
}

// ---- InternPool -----------------------------------------------------------------------------------------------------

TEST(InternPool, GivesEqualValuesOneNumber) {
    for (const bool in_place : {true, false}) {
        NamePool pool;
        const auto read = pool.acquire("read", in_place);
        const auto write = pool.acquire("write", in_place);
        EXPECT_NE(read, write);
        EXPECT_EQ(pool.acquire("read", in_place), read);
        EXPECT_EQ(pool[read], "read");
        EXPECT_EQ(*pool.share(write), "write");
        EXPECT_EQ(pool.size(), 2U);
        EXPECT_EQ(pool.find(std::string_view("write")), write);
        EXPECT_EQ(pool.find(std::string_view("delete")), NamePool::none);
    }
}

TEST(InternPool, KeepsAValueUntilItsLastUserGoes) {
    NamePool pool;
    const auto number = pool.acquire("read", false);
    pool.acquire("read", false);
    pool.release(number);
    EXPECT_EQ(pool.find(std::string_view("read")), number);
    pool.release(number);
    EXPECT_EQ(pool.find(std::string_view("read")), NamePool::none);
    EXPECT_EQ(pool.size(), 0U);
    EXPECT_EQ(pool.acquire("write", false), number) << "a free number is given out again";
}

TEST(InternPool, VisitsEachValueOnce) {
    NamePool pool;
    for (const char* name : {"a", "b", "a", "c"}) pool.acquire(name, true);
    std::multiset<std::string> names;
    pool.for_each([&](const std::string& name) { names.insert(name); });
    EXPECT_EQ(names, (std::multiset<std::string>{"a", "b", "c"}));
}

TEST(InternPool, CopiesNeverSeeEachOthersChanges) {
    NamePool before;
    const auto number = before.acquire("read", true);
    NamePool after = before;
    after.release(number);
    after.acquire("write", false);
    EXPECT_EQ(before.find(std::string_view("read")), number);
    EXPECT_EQ(before.find(std::string_view("write")), NamePool::none);
    EXPECT_EQ(after.find(std::string_view("read")), NamePool::none);
}

TEST(InternPool, CountsNoBytesOnceEmptyWhateverRoomTheGivenValuesHad) {
    NamePool pool;
    std::string roomy = "read";
    roomy.reserve(1'000);
    const auto number = pool.acquire(roomy, false);
    EXPECT_GT(pool.bytes(), 0U);
    EXPECT_LT(pool.bytes(), 500U) << "the pool keeps a copy without that room";
    pool.release(number);
    EXPECT_EQ(pool.bytes(), 0U);
}

// ---- RowTable -------------------------------------------------------------------------------------------------------

RoleId role_id(unsigned number) {
    RoleId id;
    id.value.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
}

TEST(RowTable, FindsReplacesAndErasesById) {
    RowTable<Role> table;
    for (unsigned number = 0; number < 100; ++number) {
        table.put(std::make_shared<const Role>(Role{.id = role_id(number), .name = "old"}), number % 2 == 0 && number < 50);
    }
    table.put(std::make_shared<const Role>(Role{.id = role_id(7), .name = "new"}), false);
    table.erase(role_id(8));
    EXPECT_EQ(table.size(), 99U);
    ASSERT_NE(table.find(role_id(7)), nullptr);
    EXPECT_EQ((*table.find(role_id(7)))->name, "new");
    EXPECT_EQ(table.get(role_id(9))->name, "old");
    EXPECT_EQ(table.find(role_id(8)), nullptr);
    EXPECT_EQ(table.get(role_id(8)), nullptr);
    std::size_t visited = 0;
    table.for_each([&](const auto&) { ++visited; });
    EXPECT_EQ(visited, 99U);
}

}  // namespace
}  // namespace sentinel::engine
