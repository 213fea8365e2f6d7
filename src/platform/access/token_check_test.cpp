#include "platform/access/token_check.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace sentinel::access {
namespace {

const core::TenantId tenant = *core::TenantId::parse("11111111-1111-1111-1111-111111111111");
const core::UserId ann = *core::UserId::parse("0190aaaa-bbbb-7ccc-8ddd-000000000001");
const core::UserId bob = *core::UserId::parse("0190aaaa-bbbb-7ccc-8ddd-000000000002");
const core::UserId robot = *core::UserId::parse("0190aaaa-bbbb-7ccc-8ddd-000000000003");
const core::SessionId session = *core::SessionId::parse("0190aaaa-bbbb-7ccc-8ddd-000000000004");
const core::TokenId jti = *core::TokenId::parse("0190aaaa-bbbb-7ccc-8ddd-000000000005");
const core::RoleId role = *core::RoleId::parse("0190aaaa-bbbb-7ccc-8ddd-000000000006");
const core::IpAddress inside = *core::IpAddress::parse("10.1.2.3");
const core::Instant noon{.seconds = 1'000'000};

/// A world in which the token stands; each test changes one thing.
struct World {
    TenantRow row{.id = tenant, .code = "T", .token_epoch = 2};
    SubjectRow subject{.id = ann, .token_epoch = 3, .grants = {{role.value, GrantKind::role, {}}}};
    SubjectRow account{
        .id = robot, .kind = platform::ActorKind::service_account, .networks = {*core::IpNetwork::parse("10.0.0.0/8")}};
    SubjectRow admin{.id = bob};
    RevocationSet revocations;
    crypto::AccessClaims claims;
    core::IpAddress address = inside;

    World() {
        claims.tenant = tenant;
        claims.subject = ann;
        claims.session = session;
        claims.token_id = jti;
        claims.epoch = 5;
        claims.expires_at = noon.seconds + 100;
    }
    static World of_account() {
        World world;
        world.claims.subject = robot;
        world.claims.is_service_account = true;
        world.claims.session.reset();
        world.claims.key_id = "Ab3dEf6h1J";
        world.claims.epoch = 2;
        return world;
    }
    AccessStatePointer state() const {
        AccessStateBuilder builder;
        builder.set_tenant(row);
        RoleRow granted{.id = role, .name = "r"};
        granted.scopes.add(platform::Scope::user_admin);
        granted.scopes.add(platform::Scope::role_write);
        builder.put(granted);
        builder.put(subject);
        builder.put(account);
        builder.put(admin);
        return builder.finish();
    }
    TokenStanding judge() const {
        const VerifiedTokenPointer token = make_verified(claims);
        return standing_of(*token, *state(), revocations, address, noon);
    }
    void revoke(RevocationKind kind, std::string reference, std::string_view value = "null") {
        revocations.add(Revocation::read(tenant, kind, std::move(reference), 1, core::json::parse(value).value(), noon));
    }
};

TEST(TokenCheck, StandsInTheUnchangedWorld) {
    EXPECT_EQ(World().judge(), TokenStanding::stands);
    EXPECT_EQ(World::of_account().judge(), TokenStanding::stands);
}

TEST(TokenCheck, EndsByEachThingAlone) {  // S07
    struct Case {
        const char* name;
        std::function<void(World&)> change;
    };
    const std::vector<Case> cases = {
        {"session ended", [](World& w) { w.revoke(RevocationKind::session, session.text()); }},
        {"token blacklisted", [](World& w) { w.revoke(RevocationKind::jti, jti.text()); }},
        {"epoch of the user raised", [](World& w) { w.subject.token_epoch = 4; }},
        {"epoch of the user raised by a revocation", [](World& w) { w.revoke(RevocationKind::user_epoch, ann.text(), "4"); }},
        {"epoch of the tenant raised", [](World& w) { w.row.token_epoch = 3; }},
        {"epoch that nobody can read", [](World& w) { w.revoke(RevocationKind::user_epoch, ann.text(), "{}"); }},
        {"deactivated", [](World& w) { w.subject.is_active = false; }},
        {"locked by an administrator", [](World& w) { w.subject.locked_until = noon.plus_seconds(1); }},
        {"deleted", [](World& w) { w.claims.subject = *core::UserId::parse("0190aaaa-bbbb-7ccc-8ddd-0000000000ff"); }},
        {"tenant deleted", [](World& w) { w.row.is_deleted = true; }},
        {"state of another tenant", [](World& w) { w.row.id = core::platform_tenant; }},
        {"service account's token for a person", [](World& w) { w.claims.is_service_account = true; }},
        {"impersonator deactivated",
         [](World& w) {
             w.claims.actor = bob;
             w.admin.is_active = false;
         }},
        {"impersonator deleted", [](World& w) { w.claims.actor = jti.value == core::Uuid{} ? bob : core::UserId{jti.value}; }},
        {"impersonator is a service account", [](World& w) { w.claims.actor = robot; }},
    };
    for (const Case& one : cases) {
        World world;
        one.change(world);
        EXPECT_EQ(world.judge(), TokenStanding::ended) << one.name;
    }
    World account = World::of_account();
    account.revoke(RevocationKind::key, "Ab3dEf6h1J");
    EXPECT_EQ(account.judge(), TokenStanding::ended);
}

TEST(TokenCheck, StandsDespiteWhatConcernsOthers) {
    World world;
    world.revoke(RevocationKind::session, jti.text());
    world.revoke(RevocationKind::jti, session.text());
    world.revoke(RevocationKind::user_epoch, bob.text(), "99");
    world.revoke(RevocationKind::user_epoch, ann.text(), "3");
    world.subject.locked_until = noon;
    world.claims.actor = bob;
    EXPECT_EQ(world.judge(), TokenStanding::stands);
}

TEST(TokenCheck, AServiceAccountsAddressIsCheckedEachTime) {
    World world = World::of_account();
    world.address = *core::IpAddress::parse("192.0.2.1");
    EXPECT_EQ(world.judge(), TokenStanding::forbidden_address);
    world.revoke(RevocationKind::account, robot.text(), R"(["192.0.2.0/24"])");
    EXPECT_EQ(world.judge(), TokenStanding::stands) << "the newest networks count";
    world.address = inside;
    EXPECT_EQ(world.judge(), TokenStanding::forbidden_address);
    World anywhere = World::of_account();
    anywhere.account.networks.clear();
    anywhere.address = *core::IpAddress::parse("2001:db8::1");
    EXPECT_EQ(anywhere.judge(), TokenStanding::stands);
}

TEST(TokenCheck, ScopesAreTheCurrentOnesCutToTheClaim) {
    World world;
    const auto scopes = [&] { return actor_of(*make_verified(world.claims), *world.state(), noon).scopes; };
    EXPECT_TRUE(scopes().has(platform::Scope::user_admin));
    world.claims.scope = "user:read tenant:admin";
    EXPECT_TRUE(scopes().has(platform::Scope::user_read));
    EXPECT_FALSE(scopes().has(platform::Scope::user_write));
    EXPECT_FALSE(scopes().has(platform::Scope::tenant_admin)) << "a claim never widens";
    EXPECT_FALSE(scopes().has(platform::Scope::role_read));
    world.claims.scope.reset();
    world.subject.grants.clear();
    EXPECT_TRUE(scopes().empty());
}

}  // namespace
}  // namespace sentinel::access
