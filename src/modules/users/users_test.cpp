/// People on a real database: what an actor may do to whom, what two do at once, what is stored and what is found.

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "modules/tenants/tenants.hpp"
#include "modules/users/repository.hpp"
#include "modules/users/users.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::users {
namespace {

using boost::asio::awaitable;
using platform::RequestContext;
using platform::Scope;
using writes::testing::TestDatabase;
using writes::testing::WritingNode;

constexpr const char* good_password = "Correct-Horse-7-Battery";

/// The code that a call refuses with; empty when it does not refuse.
template <class Call>
std::string refusal_of(Call call) {
    try {
        call();
    } catch (const platform::ServiceError& error) {
        const core::json::Value* reason = error.details().find("reason");
        const std::string suffix = reason == nullptr ? "" : " " + *reason->text();
        return std::string(text_of(error.code())) + suffix;
    }
    return "";
}

crypto::PasswordHasherOptions cheap_hashing() { return {.cost = {.memory_kib = 64, .iterations = 1}, .threads = 1}; }

class UsersTest : public ::testing::Test {
protected:
    UsersTest() {
        RequestContext context = WritingNode::system_context(core::platform_tenant);
        run(tenants_.ensure_platform_tenant(context));
        tenant_ = make_tenant();
    }
    template <class T>
    T run(awaitable<T> work, std::size_t worker = 0) {
        return node_.worker(worker).run(std::move(work));
    }
    UserParts parts(std::size_t worker) {
        writes::testing::WritingWorker& at = node_.worker(worker);
        return {.database = &at.database(),
                .writer = &at.writer(),
                .access = &at.view(),
                .tenant_keys = &node_.keys(),
                .password_hasher = &hasher_,
                .clock = &clock_,
                .ids = at.tools().ids};
    }
    core::TenantId make_tenant() {
        static int count = 0;
        tenants::NewTenant body;
        body.name = "Company";
        body.code = "U-" + std::to_string(++count);
        RequestContext context = WritingNode::system_context(core::platform_tenant);
        return run(tenants_.create(context, {.tenant = body, .type = tenants::TenantType::root, .parent_tenant_id = {}})).id;
    }
    RequestContext system() { return WritingNode::system_context(tenant_); }
    UserDetail make_person(const std::vector<std::string>& roles = {}, const std::string& email = "") {
        static int count = 0;
        CreateUser body;
        body.email = email.empty() ? "person" + std::to_string(++count) + "@example.org" : email;
        body.roles = roles;
        RequestContext context = system();
        return run(users_.create(context, body)).detail;
    }
    /// As the guard would have it.
    RequestContext acting(const UserDetail& person, std::size_t worker = 0) {
        RequestContext context = WritingNode::system_context(tenant_);
        context.actor.kind = platform::ActorKind::user;
        context.actor.user = person.user.id;
        const access::AccessStatePointer state = run(node_.worker(worker).view().require(tenant_), worker);
        context.actor.scopes = state->scopes_of(person.user.id, clock_.now());
        return context;
    }
    std::vector<std::string> found(ListUsers query) {
        const RequestContext context = system();
        std::vector<std::string> emails;
        for (const User& user : run(users_.list(context, query)).items) emails.push_back(user.email);
        std::ranges::sort(emails);
        return emails;
    }
    std::vector<std::string> search_for(const std::string& text) {
        ListUsers query;
        query.search = text;
        return found(query);
    }
    std::string value(const std::string& sql) { return TestDatabase::instance().owner().value(sql); }
    std::string where_tenant() const { return " where tenant_id = '" + tenant_.text() + "'"; }

    core::SystemClock clock_;
    WritingNode node_;
    crypto::PasswordHasher hasher_{cheap_hashing()};  ///< goes before the event loops that it answers to
    tenants::TenantService tenants_{node_.worker(0).database(), node_.worker(0).writer(), {}};
    UserService users_{parts(0), {}};
    UserService second_{parts(1), {}};
    core::TenantId tenant_;
};

using Emails = std::vector<std::string>;

TEST_F(UsersTest, EveryStatementIsUnderstood) {
    for (const postgres::Statement* statement : statements()) {
        const std::string name(statement->name);
        EXPECT_NO_THROW(TestDatabase::instance().owner().run("prepare \"" + name + "\" as " + std::string(statement->text)))
            << name;
    }
}

TEST_F(UsersTest, KeepsPersonalDataSealedAndFindsItByTokens) {
    CreateUser body;
    body.email = "Ann.Smith@North.Example";
    body.username = "Ann.Smith";
    body.attributes = {{"region", "APAC"}};
    RequestContext context = system();
    run(users_.create(context, body));
    make_person({}, "bert@south.example");
    EXPECT_EQ(value("select count(*) from sentinel.users u" + where_tenant() + " and u::text ilike '%apac%'"), "0");
    EXPECT_EQ(value("select attributes from sentinel.users" + where_tenant() + " and username = 'ann.smith'"), "{}");
    const Emails ann{"Ann.Smith@North.Example"};
    EXPECT_EQ(search_for("ann"), ann);
    EXPECT_EQ(search_for("ANN.SMITH@north.example"), ann);
    EXPECT_EQ(search_for("north.example"), ann);
    EXPECT_EQ(search_for("ann.smith@no"), ann);
    EXPECT_EQ(search_for("n.sm"), ann);
    EXPECT_EQ(search_for("an"), ann);
    EXPECT_EQ(search_for("orth"), Emails{});
    EXPECT_EQ(search_for("%"), Emails{});
}

TEST_F(UsersTest, AnAddressIsTakenInAnySpelling) {
    make_person({}, "one@example.org");
    for (const char* spelling : {"ONE@example.org", "one@EXAMPLE.org", "\xEF\xBD\x8F\xEF\xBD\x8E\xEF\xBD\x85@example.org"}) {
        EXPECT_EQ(refusal_of([&] { make_person({}, spelling); }), "CONFLICT duplicate") << spelling;
    }
    EXPECT_EQ(value("select users_count from sentinel_private.tenant_state" + where_tenant()), "1");
}

TEST_F(UsersTest, OneRefusedRoleMeansNoUser) {
    EXPECT_EQ(refusal_of([&] { make_person({"viewer", "no-such-role"}, "x@example.org"); }), "VALIDATION_ERROR");
    EXPECT_EQ(refusal_of([&] { make_person({"viewer", "everyone"}, "x@example.org"); }), "CONFLICT not_assignable");
    EXPECT_EQ(value("select count(*) from sentinel.users" + where_tenant()), "0");
}

TEST_F(UsersTest, S14_NobodyGivesWhatOneDoesNotHold) {
    RequestContext manager = acting(make_person({"user_manager"}));
    const UserDetail person = make_person();
    for (const char* role : {"tenant_admin", "security_admin", "auditor", "viewer"}) {
        const AssignRoles body{.roles = std::vector<std::string>{role}};
        EXPECT_EQ(refusal_of([&] { run(users_.assign(manager, person.user.id, body)); }), "ESCALATION") << role;
        CreateUser made;
        made.email = std::string(role) + "@example.org";
        made.roles = {role};
        EXPECT_EQ(refusal_of([&] { run(users_.create(manager, made)); }), "ESCALATION") << role;
    }
    RequestContext administrator = acting(make_person({"tenant_admin"}));
    const AssignRoles security{.roles = std::vector<std::string>{"security_admin"}};
    EXPECT_EQ(run(users_.assign(administrator, person.user.id, security)).roles.size(), 1U);
}

TEST_F(UsersTest, S14_ARoleThatEndsCoversNothingWithoutEnd) {
    const UserDetail person = make_person();
    const UserDetail holder = make_person();
    RequestContext context = system();
    const core::Instant tomorrow = clock_.now().plus_seconds(86'400);
    run(users_.assign(context, holder.user.id, {.roles = std::vector<std::string>{"tenant_admin"}, .expires_at = tomorrow}));
    RequestContext actor = acting(holder);
    const std::vector<std::string> roles{"viewer"};
    EXPECT_EQ(refusal_of([&] { run(users_.assign(actor, person.user.id, {.roles = roles})); }), "ESCALATION");
    const core::Instant later = tomorrow.plus_seconds(1);
    EXPECT_EQ(refusal_of([&] { run(users_.assign(actor, person.user.id, {.roles = roles, .expires_at = later})); }),
              "ESCALATION");
    EXPECT_EQ(refusal_of([&] { run(users_.assign(actor, person.user.id, {.roles = roles, .expires_at = tomorrow})); }), "");
}

TEST_F(UsersTest, S15_NobodyActsOnWhoHoldsMore) {
    RequestContext manager = acting(make_person({"user_manager"}));
    const UserDetail strong = make_person({"tenant_admin"});
    make_person({"tenant_admin"});
    UpdateUser other_address;
    other_address.email = std::string("taken.over@example.org");
    EXPECT_EQ(refusal_of([&] { run(users_.update(manager, strong.user.id, other_address)); }), "ESCALATION");
    EXPECT_EQ(refusal_of([&] { run(users_.lock(manager, strong.user.id, {}, {})); }), "ESCALATION");
    EXPECT_EQ(refusal_of([&] { run(users_.remove(manager, strong.user.id)); }), "ESCALATION");
    EXPECT_EQ(value("select version from sentinel.users where id = '" + strong.user.id.text() + "'"), "1");
}

TEST_F(UsersTest, NobodyChangesTheOwnState) {
    const UserDetail person = make_person({"tenant_admin"});
    RequestContext self = acting(person);
    UpdateUser off;
    off.is_active = false;
    EXPECT_EQ(refusal_of([&] { run(users_.update(self, person.user.id, off)); }), "ESCALATION");
    EXPECT_EQ(refusal_of([&] { run(users_.lock(self, person.user.id, {}, {})); }), "ESCALATION");
}

TEST_F(UsersTest, TwoAdministratorsRemovingEachOtherLeaveOne) {
    for (int round = 0; round < 10; ++round) {
        tenant_ = make_tenant();
        const UserDetail left = make_person({"tenant_admin"});
        const UserDetail right = make_person({"tenant_admin"});
        RequestContext of_left = acting(left, 0);
        RequestContext of_right = acting(right, 1);
        auto other =
            std::async(std::launch::async, [&] { return refusal_of([&] { run(second_.remove(of_right, left.user.id), 1); }); });
        const std::string first = refusal_of([&] { run(users_.remove(of_left, right.user.id), 0); });
        const std::string second = other.get();
        EXPECT_NE(first.empty(), second.empty()) << first << " | " << second;
        EXPECT_EQ(value("select count(*) from sentinel.users" + where_tenant() + " and deleted_at is null"), "1");
    }
}

TEST_F(UsersTest, TheLastAdministratorStays) {
    const UserDetail last = make_person({"tenant_admin"});
    RequestContext context = system();
    const core::RoleId role = last.roles.front().id;
    UpdateUser off;
    off.is_active = false;
    UpdateAssignment ending;
    ending.expires_at = std::optional(clock_.now().plus_seconds(3'600));
    EXPECT_EQ(refusal_of([&] { run(users_.remove(context, last.user.id)); }), "CONFLICT last_admin");
    EXPECT_EQ(refusal_of([&] { run(users_.update(context, last.user.id, off)); }), "CONFLICT last_admin");
    EXPECT_EQ(refusal_of([&] { run(users_.lock(context, last.user.id, {}, {})); }), "CONFLICT last_admin");
    EXPECT_EQ(refusal_of([&] { run(users_.unassign(context, {last.user.id, role})); }), "CONFLICT last_admin");
    EXPECT_EQ(refusal_of([&] { run(users_.update_assignment(context, {last.user.id, role}, ending)); }), "CONFLICT last_admin");
}

TEST_F(UsersTest, WhatChangesNothingIsNoChange) {
    const UserDetail person = make_person({"viewer"});
    UpdateUser same;
    same.is_active = true;
    same.email = person.user.email;
    RequestContext context = system();
    const std::string revision = value("select policy_revision from sentinel_private.tenant_state" + where_tenant());
    const UserDetail after = run(users_.update(context, person.user.id, same));
    EXPECT_EQ(after.user.version, 1);
    EXPECT_EQ(value("select policy_revision from sentinel_private.tenant_state" + where_tenant()), revision);
    EXPECT_EQ(value("select count(*) from sentinel.audit_logs" + where_tenant() + " and action = 'user.update'"), "0");
}

TEST_F(UsersTest, AnAdministratorsLockEndsTokensOnEveryWorker) {
    const UserDetail person = make_person();
    RequestContext context = system();
    run(users_.lock(context, person.user.id, {.indefinite = true}, {}));
    for (const std::size_t worker : {0U, 1U}) {
        const auto epoch = node_.worker(worker).view().revocations().epoch_of(tenant_, person.user.id);
        EXPECT_EQ(epoch, 1) << worker;
    }
    EXPECT_EQ(run(users_.get(context, person.user.id)).user.status, UserStatus::locked);
    run(users_.unlock(context, person.user.id));
    EXPECT_EQ(run(users_.get(context, person.user.id)).user.status, UserStatus::invited);
}

TEST_F(UsersTest, EveryOrderIsWalkedWithoutLossOrRepeat) {
    for (const char* name : {"anna", "bert", "carl", "dora", "emil"}) make_person({}, std::string(name) + "@example.org");
    CreateUser named;
    named.email = "zoe@example.org";
    named.username = "zoe";
    RequestContext context = system();
    run(users_.create(context, named));
    const RequestContext reader = system();
    for (const char* sort : {"created_at", "email", "username", "last_login", "login_count"}) {
        for (const http::SortOrder order : {http::SortOrder::asc, http::SortOrder::desc}) {
            for (const std::int64_t limit : {1, 2, 4, 6}) {
                std::vector<std::string> by_cursor;
                std::vector<std::string> by_page;
                ListUsers query{.page = {.limit = limit, .sort = sort, .order = order}};
                for (bool goes_on = true; goes_on;) {
                    const http::Page<User> page = run(users_.list(reader, query));
                    EXPECT_EQ(page.total, 6);
                    for (const User& user : page.items) by_cursor.push_back(user.email);
                    goes_on = page.next.has_value();
                    if (goes_on) query.page.after = *page.next;
                }
                for (std::int64_t number = 1; number <= 7; ++number) {
                    const ListUsers paged{.page = {.page_number = number, .limit = limit, .sort = sort, .order = order}};
                    for (const User& user : run(users_.list(reader, paged)).items) by_page.push_back(user.email);
                }
                EXPECT_EQ(by_cursor, by_page) << sort << limit;
                std::ranges::sort(by_cursor);
                EXPECT_EQ(std::ranges::unique(by_cursor).size(), 0U);
                EXPECT_EQ(by_cursor.size(), 6U) << sort << limit;
            }
        }
    }
}

TEST_F(UsersTest, AForeignIdDoesNotExist) {
    const UserDetail person = make_person({"viewer"});
    tenant_ = make_tenant();
    RequestContext elsewhere = system();
    EXPECT_EQ(refusal_of([&] { run(users_.get(elsewhere, person.user.id)); }), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(refusal_of([&] { run(users_.remove(elsewhere, person.user.id)); }), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(refusal_of([&] { run(users_.unassign(elsewhere, {person.user.id, person.roles.front().id})); }),
              "RESOURCE_NOT_FOUND");
    EXPECT_EQ(value("select count(*) from sentinel.users where id = '" + person.user.id.text() + "' and deleted_at is null"),
              "1");
}

TEST_F(UsersTest, TheFirstAdministratorIsMadeOnce) {
    RequestContext context = WritingNode::system_context(core::platform_tenant);
    const bool made =
        run(users_.ensure_first_administrator(context, "first@example.org", [] { return platform::Secret(good_password); }));
    EXPECT_TRUE(made);
    const bool again =
        run(users_.ensure_first_administrator(context, "other@example.org", [] { return platform::Secret(good_password); }));
    EXPECT_FALSE(again);
    run(users_.reset_password(context, "FIRST@example.org", platform::Secret("Another-Horse-8-Battery")));
    EXPECT_EQ(refusal_of(
                  [&] { run(users_.reset_password(context, "first@example.org", platform::Secret("Another-Horse-8-Battery"))); }),
              "VALIDATION_ERROR");
}

TEST(EmailTest, IsAnAddressInOneFormOnly) {
    for (const char* good : {"a@b", "a.b+c@example.org", "\xC3\xA4@example.org"}) EXPECT_TRUE(is_email(good)) << good;
    for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", "a@.b", "a@b.", "a\xE2\x80\x8B@b", "a\xC2\xA0@b",
                            "a\xEF\xBC\xA0"
                            "b@c",
                            "a,b@c"}) {
        EXPECT_FALSE(is_email(bad)) << bad;
    }
}

}  // namespace
}  // namespace sentinel::users
