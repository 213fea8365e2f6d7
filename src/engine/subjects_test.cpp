#include "engine/subjects.hpp"

#include <gtest/gtest.h>

#include "core/time.hpp"

namespace sentinel::engine {
namespace {

const std::string uuid_text = "0190a000-0000-7000-8000-00000000000a";
const std::string upper_uuid_text = "0190A000-0000-7000-8000-00000000000A";

template <class AnyId>
AnyId id(unsigned number) {
    AnyId made;
    made.value.bytes[15] = static_cast<std::uint8_t>(number);
    return made;
}
Instant at(std::int64_t seconds) { return {.seconds = seconds}; }

Subject holder(std::string name, std::vector<unsigned> roles) {
    Subject subject{.id = {std::move(name)}};
    for (const unsigned role : roles) subject.roles.push_back({id<RoleId>(role), {}});
    return subject;
}

const RoleSet& set_at(const Subjects& subjects, std::string_view name, Instant now) {
    return *subjects.role_set(subjects.set_at(subjects.record(subjects.find(name)), now));
}

TEST(Subjects, FindsTextsExactlyAndUuidsAsWritten) {
    Subjects subjects;
    subjects.put(holder("ann", {}), true);
    subjects.put(holder(uuid_text, {}), true);
    subjects.put(holder(upper_uuid_text, {}), true);
    EXPECT_EQ(subjects.size(), 3U);
    for (const std::string& name : {std::string("ann"), uuid_text, upper_uuid_text}) {
        const SubjectNumber number = subjects.find(name);
        ASSERT_NE(number, Subjects::none) << name;
        EXPECT_EQ(subjects.id_text(subjects.record(number)), name);
    }
    EXPECT_TRUE(subjects.record(subjects.find(uuid_text)).has_uuid);
    EXPECT_FALSE(subjects.record(subjects.find(upper_uuid_text)).has_uuid);
    EXPECT_EQ(subjects.find("Ann"), Subjects::none);
    EXPECT_EQ(subjects.find("0190a000-0000-7000-8000-00000000000b"), Subjects::none);
    EXPECT_EQ(subjects.find("0190a000-0000-7000-8000-00000000000x"), Subjects::none) << "36 bytes that are no UUID";
}

TEST(Subjects, ShareEqualSetsAndAttributes) {
    Subjects subjects;
    Subject ann = holder("ann", {1, 2, 2});
    ann.attributes.set("team", "blue");
    Subject ben = holder("ben", {2, 1});
    ben.attributes.set("team", "blue");
    subjects.put(ann, true);
    subjects.put(ben, false);
    const auto& first = subjects.record(subjects.find("ann"));
    const auto& second = subjects.record(subjects.find("ben"));
    EXPECT_EQ(first.set, second.set) << "order and repetition do not count";
    EXPECT_EQ(first.attributes, second.attributes);
    EXPECT_EQ(subjects.role_sets(), 1U);
    EXPECT_EQ(set_at(subjects, "ann", at(0)), (RoleSet{{id<RoleId>(1), id<RoleId>(2)}, {}}));
    EXPECT_EQ(*subjects.attributes(first).find("team"), json::Value("blue"));
}

TEST(Subjects, RolesAndGroupsOfOneIdAreDifferentSets) {
    Subjects subjects;
    subjects.put(holder("ann", {1}), false);
    Subject ben{.id = {"ben"}};
    ben.groups.push_back({id<GroupId>(1), {}});
    subjects.put(ben, false);
    EXPECT_EQ(subjects.role_sets(), 2U);
    EXPECT_EQ(set_at(subjects, "ben", at(0)), (RoleSet{{}, {id<GroupId>(1)}}));
}

TEST(Subjects, KeepEmailDomainActivityAndKind) {
    Subjects subjects;
    subjects.put({.id = {"ann"}, .active = false, .is_service_account = true, .email_domain = "psl.example"}, false);
    subjects.put({.id = {"ben"}}, false);
    const auto& ann = subjects.record(subjects.find("ann"));
    EXPECT_FALSE(ann.active);
    EXPECT_TRUE(ann.is_service_account);
    EXPECT_EQ(subjects.email_domain(ann), "psl.example");
    EXPECT_EQ(subjects.email_domain(subjects.record(subjects.find("ben"))), std::nullopt);
}

TEST(Subjects, AssignmentsBeginAndEndOnTheSecond) {
    Subjects subjects;
    Subject ann = holder("ann", {1});
    ann.roles.push_back({id<RoleId>(2), {.starts_at = at(10), .expires_at = at(20)}});
    ann.groups.push_back({id<GroupId>(3), {.starts_at = at(20)}});
    ann.roles.push_back({id<RoleId>(4), {.active = false, .expires_at = at(15)}});
    subjects.put(ann, false);
    const RoleSet alone{{id<RoleId>(1)}, {}};
    EXPECT_EQ(set_at(subjects, "ann", at(9)), alone);
    EXPECT_EQ(set_at(subjects, "ann", at(10)), (RoleSet{{id<RoleId>(1), id<RoleId>(2)}, {}}));
    EXPECT_EQ(set_at(subjects, "ann", at(19)), (RoleSet{{id<RoleId>(1), id<RoleId>(2)}, {}}));
    EXPECT_EQ(set_at(subjects, "ann", at(20)), (RoleSet{{id<RoleId>(1)}, {id<GroupId>(3)}}));

    const auto& record = subjects.record(subjects.find("ann"));
    EXPECT_EQ(subjects.next_edge(record, at(0)), at(10));
    EXPECT_EQ(subjects.next_edge(record, at(10)), at(20)) << "an inactive row has no edge";
    EXPECT_EQ(subjects.next_edge(record, at(20)), std::nullopt);
}

TEST(Subjects, WhatOnlyEndsHoldsFromTheBeginning) {
    Subjects subjects;
    Subject ann{.id = {uuid_text}};
    ann.roles.push_back({id<RoleId>(1), {.expires_at = at(20)}});
    subjects.put(ann, false);
    EXPECT_EQ(set_at(subjects, uuid_text, at(-1'000)).roles.size(), 1U);
    EXPECT_TRUE(set_at(subjects, uuid_text, at(20)).roles.empty());
    EXPECT_EQ(subjects.id_text(subjects.record(subjects.find(uuid_text))), uuid_text);
}

TEST(Subjects, WithoutTimesThereIsNoEdge) {
    Subjects subjects;
    subjects.put(holder("ann", {1}), false);
    subjects.put(holder(uuid_text, {1}), false);
    EXPECT_EQ(subjects.next_edge(subjects.record(subjects.find("ann")), at(0)), std::nullopt);
    EXPECT_EQ(subjects.next_edge(subjects.record(subjects.find(uuid_text)), at(0)), std::nullopt);
    EXPECT_EQ(subjects.record(subjects.find(uuid_text)).details, nullptr) << "a UUID without times needs no details";
}

TEST(Subjects, ReplaceKeepsTheNumber) {
    Subjects subjects;
    subjects.put(holder("ann", {1}), false);
    const SubjectNumber number = subjects.find("ann");
    subjects.put(holder("ann", {2}), false);
    EXPECT_EQ(subjects.find("ann"), number);
    EXPECT_EQ(subjects.size(), 1U);
    EXPECT_EQ(set_at(subjects, "ann", at(0)).roles, std::vector{id<RoleId>(2)});
    EXPECT_EQ(subjects.role_sets(), 1U) << "the set that nobody holds is gone";
}

TEST(Subjects, RemoveForgetsAndGivesTheNumberOutAgain) {
    Subjects subjects;
    subjects.put(holder("ann", {1}), false);
    subjects.put(holder("ben", {2}), false);
    const SubjectNumber number = subjects.find("ann");
    subjects.remove("nobody");
    subjects.remove("ann");
    EXPECT_EQ(subjects.find("ann"), Subjects::none);
    EXPECT_FALSE(subjects.record(number).present);
    EXPECT_EQ(subjects.size(), 1U);
    subjects.put(holder(uuid_text, {3}), false);
    EXPECT_EQ(subjects.find(uuid_text), number);
    EXPECT_EQ(subjects.numbers(), 2U);
}

TEST(Subjects, CopiesNeverSeeEachOthersChanges) {
    Subjects before;
    before.put(holder("ann", {1}), true);
    Subjects after = before;
    after.put(holder("ann", {2}), false);
    after.put(holder("ben", {3}), false);
    EXPECT_EQ(set_at(before, "ann", at(0)).roles, std::vector{id<RoleId>(1)});
    EXPECT_EQ(before.find("ben"), Subjects::none);
    EXPECT_EQ(set_at(after, "ann", at(0)).roles, std::vector{id<RoleId>(2)});
}

TEST(Subjects, BytesReturnToWhatTheyWere) {
    Subjects subjects;
    subjects.put(holder("ann", {1}), false);
    subjects.put(holder("ben", {1}), false);
    subjects.remove("ben");
    const std::size_t before = subjects.bytes();
    Subject rich = holder("ben with a long name, longer than a short string", {5, 6});
    rich.attributes =
        json::Object{{"text", std::string(500, 'x')}, {"list", json::Array{1, "two", json::Object{{"deep", true}}}}};
    rich.email_domain = "a-rather-long-domain-name.example";
    rich.email_domain->reserve(4'000);
    rich.roles.push_back({id<RoleId>(7), {.starts_at = at(10), .expires_at = at(20)}});
    subjects.put(rich, false);
    EXPECT_GT(subjects.bytes(), before + 500);
    EXPECT_LT(subjects.bytes(), before + 4'000) << "room in the given texts is not kept";
    subjects.remove(rich.id.text);
    EXPECT_EQ(subjects.bytes(), before);
}

}  // namespace
}  // namespace sentinel::engine
