#include "platform/access/access_loader.hpp"

#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "platform/access/access_statements.hpp"

namespace sentinel::access {

namespace {

using boost::asio::awaitable;
using postgres::Pending;
using postgres::Result;
using postgres::Row;
using postgres::Transaction;

constexpr std::int64_t users_a_page = 10'000;
constexpr std::int64_t max_changes = 2'000;  ///< past that many, reading all is cheaper
constexpr core::Uuid first_id{};

/// 255.255.255.255/32: nobody calls from there.
const std::vector<core::IpNetwork>& nowhere() {
    static const std::vector<core::IpNetwork> network{{core::IpAddress{{255, 255, 255, 255}, false}, 32}};
    return network;
}

/// A list that cannot be read lets nobody in.
std::vector<core::IpNetwork> networks_of(const std::vector<std::string>& texts) {
    std::vector<core::IpNetwork> networks;
    networks.reserve(texts.size());
    for (const std::string& text : texts) {
        const auto network = core::IpNetwork::parse(text);
        if (!network) return nowhere();
        networks.push_back(*network);
    }
    return networks;
}

std::vector<core::IpNetwork> networks_of(const core::json::Value& security_settings) {
    const core::json::Object* settings = security_settings.object();
    const core::json::Value* list = settings == nullptr ? nullptr : settings->find("allowed_cidrs");
    if (list == nullptr || list->is_null()) return {};
    if (list->array() == nullptr) return nowhere();
    std::vector<std::string> texts;
    for (const core::json::Value& item : *list->array()) texts.push_back(item.text() == nullptr ? std::string() : *item.text());
    return networks_of(texts);
}

/// One row of the chain, the tenant's own or an ancestor's.
void take_link(TenantRow& tenant, const Row& row) {
    tenant.is_active = tenant.is_active && row.get<bool>("is_active");
    tenant.is_deleted = tenant.is_deleted || row.get<bool>("is_deleted");
    std::vector<core::IpNetwork> networks = networks_of(row.get<core::json::Value>("security_settings"));
    if (!networks.empty()) tenant.networks.push_back(std::move(networks));
}

struct ReadTenant {
    TenantRow row;
    std::int64_t revision = 0;
};

/// Reads the ancestors as themselves: the rows above are not the tenant's to see.
awaitable<void> read_ancestors(Transaction& transaction, TenantRow& tenant, std::vector<core::TenantId> ancestors) {
    std::vector<Pending> sent;
    for (const core::TenantId ancestor : ancestors) {
        transaction.send_switch_tenant(ancestor);
        sent.push_back(transaction.send(sql::tenant, ancestor));
    }
    transaction.send_switch_tenant(tenant.id);
    for (std::size_t index = 0; index < ancestors.size(); ++index) {
        const Result result = co_await transaction.receive(std::move(sent[index]));
        const auto row = result.maybe_one();
        if (row) {
            take_link(tenant, *row);
        } else {
            tenant.is_active = false;  // a chain with a gap lets nobody in
        }
        const std::int64_t revision = row ? row->get<std::optional<std::int64_t>>("policy_revision").value_or(0) : 0;
        tenant.ancestors.push_back({ancestors[index], revision});
    }
}

awaitable<std::optional<ReadTenant>> read_tenant(Transaction& transaction, core::TenantId tenant) {
    const Result result = co_await transaction.execute(sql::tenant, tenant);
    const auto row = result.maybe_one();
    if (!row || row->is_null("policy_revision")) co_return std::nullopt;
    ReadTenant read;
    read.row.id = tenant;
    read.row.code = row->get<std::string>("code");
    read.row.token_epoch = row->get<std::int64_t>("token_epoch");
    read.revision = row->get<std::int64_t>("policy_revision");
    const auto settings = row->get<core::json::Value>("settings");
    if (settings.object() != nullptr) read.row.rates = RateOverrides::read(*settings.object());
    take_link(read.row, *row);
    auto ancestors = row->get<std::vector<core::TenantId>>("ancestors");
    if (!ancestors.empty()) co_await read_ancestors(transaction, read.row, std::move(ancestors));
    co_return read;
}

SubjectRow subject_of(const Row& row) {
    SubjectRow subject;
    subject.id = row.get<core::UserId>("id");
    subject.kind = row.get<bool>("is_service_account") ? platform::ActorKind::service_account : platform::ActorKind::user;
    subject.is_active = row.get<bool>("is_active");
    subject.token_epoch = row.get<std::int64_t>("token_epoch");
    subject.locked_until = row.get<std::optional<core::Instant>>("locked_until");
    subject.networks = networks_of(row.get<std::vector<std::string>>("networks"));
    return subject;
}

RoleRow role_of(const Row& row) {
    RoleRow role;
    role.id = row.get<core::RoleId>("id");
    role.name = row.get<std::string>("name");
    role.parent = row.get<std::optional<core::RoleId>>("parent");
    role.is_active = row.get<bool>("is_active");
    for (const std::string& text : row.get<std::vector<std::string>>("scopes")) {
        if (const auto scope = platform::parse_scope(text)) role.scopes.add(*scope);
    }
    return role;
}

using GrantsByUser = std::unordered_map<core::UserId, std::vector<Grant>>;

void collect_grants(const Result& result, GrantKind kind, GrantsByUser& grants) {
    for (const Row row : result) {
        const Period period =
            Period::of(row.get<std::optional<core::Instant>>("starts_at"), row.get<std::optional<core::Instant>>("expires_at"));
        grants[row.get<core::UserId>("user_id")].push_back({row.get<core::Uuid>("target"), kind, period});
    }
}

void put_subjects(AccessStateBuilder& builder, const Result& users, const Result& roles, const Result& groups) {
    GrantsByUser grants;
    collect_grants(roles, GrantKind::role, grants);
    collect_grants(groups, GrantKind::group, grants);
    for (const Row row : users) {
        SubjectRow subject = subject_of(row);
        if (const auto found = grants.find(subject.id); found != grants.end()) subject.grants = std::move(found->second);
        builder.put(std::move(subject));
    }
}

awaitable<void> load_subjects(Transaction& transaction, core::TenantId tenant, AccessStateBuilder& builder) {
    core::Uuid after = first_id;
    for (bool more = true; more;) {
        const Result users = co_await transaction.execute(sql::users, tenant, after, users_a_page);
        if (users.empty()) co_return;
        const auto last = users[users.size() - 1].get<core::Uuid>("id");
        Pending roles_sent = transaction.send(sql::user_roles, tenant, after, last);
        Pending groups_sent = transaction.send(sql::user_groups, tenant, after, last);
        const Result roles = co_await transaction.receive(std::move(roles_sent));
        const Result groups = co_await transaction.receive(std::move(groups_sent));
        put_subjects(builder, users, roles, groups);
        after = last;
        more = static_cast<std::int64_t>(users.size()) == users_a_page;
    }
}

awaitable<void> read_subjects(Transaction& transaction, core::TenantId tenant, std::vector<core::UserId> ids,
                              AccessStateBuilder& builder) {
    Pending users_sent = transaction.send(sql::some_users, tenant, ids);
    Pending roles_sent = transaction.send(sql::some_user_roles, tenant, ids);
    Pending groups_sent = transaction.send(sql::some_user_groups, tenant, ids);
    const Result users = co_await transaction.receive(std::move(users_sent));
    const Result roles = co_await transaction.receive(std::move(roles_sent));
    const Result groups = co_await transaction.receive(std::move(groups_sent));
    for (const core::UserId id : ids) builder.erase(id);
    put_subjects(builder, users, roles, groups);
}

using RoleIds = std::optional<std::vector<core::RoleId>>;    ///< nullopt = all
using GroupIds = std::optional<std::vector<core::GroupId>>;  ///< likewise

awaitable<void> read_roles(Transaction& transaction, core::TenantId tenant, RoleIds ids, AccessStateBuilder& builder) {
    Pending sent = ids ? transaction.send(sql::some_roles, tenant, *ids) : transaction.send(sql::roles, tenant);
    const Result roles = co_await transaction.receive(std::move(sent));
    if (ids) {
        for (const core::RoleId id : *ids) builder.erase(id);
    }
    for (const Row row : roles) builder.put(role_of(row));
}

awaitable<void> read_groups(Transaction& transaction, core::TenantId tenant, GroupIds ids, AccessStateBuilder& builder) {
    Pending groups_sent = ids ? transaction.send(sql::some_groups, tenant, *ids) : transaction.send(sql::groups, tenant);
    Pending links_sent = ids ? transaction.send(sql::some_group_roles, tenant, *ids) : transaction.send(sql::group_roles, tenant);
    const Result groups = co_await transaction.receive(std::move(groups_sent));
    const Result links = co_await transaction.receive(std::move(links_sent));
    std::unordered_map<core::GroupId, std::vector<core::RoleId>> roles;
    for (const Row row : links) roles[row.get<core::GroupId>("group_id")].push_back(row.get<core::RoleId>("role_id"));
    if (ids) {
        for (const core::GroupId id : *ids) builder.erase(id);
    }
    for (const Row row : groups) {
        GroupRow group;
        group.id = row.get<core::GroupId>("id");
        group.parent = row.get<std::optional<core::GroupId>>("parent");
        group.is_active = row.get<bool>("is_active");
        group.roles = std::move(roles[group.id]);
        builder.put(std::move(group));
    }
}

awaitable<AccessStatePointer> load_all(Transaction& transaction, ReadTenant read) {
    const core::TenantId tenant = read.row.id;
    AccessStateBuilder builder;
    builder.set_revision(read.revision);
    builder.set_tenant(std::move(read.row));
    co_await read_roles(transaction, tenant, std::nullopt, builder);
    co_await read_groups(transaction, tenant, std::nullopt, builder);
    co_await load_subjects(transaction, tenant, builder);
    co_return builder.finish();
}

/// The rows that the changes of a span of revisions name.
struct NamedRows {
    std::set<core::UserId> users;
    std::set<core::RoleId> roles;
    std::set<core::GroupId> groups;
    bool everything = false;

    void add(std::string_view kind, const std::optional<std::vector<core::Uuid>>& ids) {
        // Nothing of these is in an access state: the tenant's own row is read anyway.
        if (kind == "tenant" || kind == "permission" || kind == "role_permissions" || kind == "inherited_role_assignments" ||
            kind == "resource" || kind == "field_definition" || kind == "approval_chain") {
            return;
        }
        const bool of_users = kind == "user" || kind == "user_roles" || kind == "user_groups";
        const bool of_groups = kind == "group" || kind == "group_roles";
        if (!ids || !(of_users || of_groups || kind == "role")) {
            everything = true;  // too many to name, or a kind that this version does not know
            return;
        }
        for (const core::Uuid& id : *ids) {
            if (of_users) {
                users.insert(core::UserId{id});
            } else if (of_groups) {
                groups.insert(core::GroupId{id});
            } else {
                roles.insert(core::RoleId{id});
            }
        }
    }
};

awaitable<NamedRows> read_changes(Transaction& transaction, core::TenantId tenant, std::int64_t from, std::int64_t to) {
    NamedRows named;
    Pending oldest_sent = transaction.send(sql::oldest_change, tenant);
    Pending changes_sent = transaction.send(sql::changes, tenant, from, to);
    const Result oldest = co_await transaction.receive(std::move(oldest_sent));
    const Result changes = co_await transaction.receive(std::move(changes_sent));
    // Old changes are thrown away, the oldest first: is the first one after `from` still there?
    const auto kept_since = oldest.one().get<std::optional<std::int64_t>>("revision");
    named.everything = !kept_since || *kept_since > from + 1;
    for (const Row row : changes) {
        named.add(row.get<std::string_view>("kind"), row.get<std::optional<std::vector<core::Uuid>>>("object_ids"));
    }
    if (static_cast<std::int64_t>(changes.size()) > max_changes) named.everything = true;
    co_return named;
}

awaitable<AccessStatePointer> read_named(Transaction& transaction, AccessStatePointer base, ReadTenant read, NamedRows named) {
    const core::TenantId tenant = read.row.id;
    AccessStateBuilder builder(*base);
    builder.set_revision(read.revision);
    builder.set_tenant(std::move(read.row));
    if (!named.roles.empty()) {
        RoleIds ids(std::in_place, named.roles.begin(), named.roles.end());
        co_await read_roles(transaction, tenant, std::move(ids), builder);
    }
    if (!named.groups.empty()) {
        GroupIds ids(std::in_place, named.groups.begin(), named.groups.end());
        co_await read_groups(transaction, tenant, std::move(ids), builder);
    }
    if (!named.users.empty()) {
        std::vector<core::UserId> ids(named.users.begin(), named.users.end());
        co_await read_subjects(transaction, tenant, std::move(ids), builder);
    }
    co_return builder.finish();
}

awaitable<Refreshed> refresh_as_tenant(Transaction& transaction, AccessStatePointer base) {
    const core::TenantId tenant = base->tenant().id;
    std::optional<ReadTenant> read = co_await read_tenant(transaction, tenant);
    if (!read) co_return Refreshed{};
    if (read->revision < base->revision()) co_return Refreshed{.went_back = true};
    NamedRows named;
    if (read->revision > base->revision()) {
        named = co_await read_changes(transaction, tenant, base->revision(), read->revision);
    }
    Refreshed refreshed;
    if (named.everything) {
        refreshed.state = co_await load_all(transaction, std::move(*read));
    } else {
        refreshed.state = co_await read_named(transaction, std::move(base), std::move(*read), std::move(named));
    }
    co_return refreshed;
}

}  // namespace

boost::asio::awaitable<AccessStatePointer> load_state(postgres::Transaction& transaction, core::TenantId tenant) {
    const core::TenantId before = transaction.tenant();
    if (before != tenant) transaction.send_switch_tenant(tenant);
    std::optional<ReadTenant> read = co_await read_tenant(transaction, tenant);
    AccessStatePointer state;
    if (read) state = co_await load_all(transaction, std::move(*read));
    if (before != tenant) transaction.send_switch_tenant(before);
    co_return state;
}

boost::asio::awaitable<Refreshed> refresh_state(postgres::Transaction& transaction, AccessStatePointer base) {
    const core::TenantId before = transaction.tenant();
    const core::TenantId tenant = base->tenant().id;
    if (before != tenant) transaction.send_switch_tenant(tenant);
    Refreshed refreshed = co_await refresh_as_tenant(transaction, std::move(base));
    if (before != tenant) transaction.send_switch_tenant(before);
    co_return refreshed;
}

postgres::StatementList statements() noexcept {
    static constexpr const postgres::Statement* all[] = {
        &sql::tenant,           &sql::users,   &sql::some_users,    &sql::user_roles, &sql::some_user_roles, &sql::user_groups,
        &sql::some_user_groups, &sql::roles,   &sql::some_roles,    &sql::groups,     &sql::some_groups,     &sql::group_roles,
        &sql::some_group_roles, &sql::changes, &sql::oldest_change, &sql::revisions,  &sql::incarnation,     &sql::revocations,
        &sql::own_descendant};
    return all;
}

}  // namespace sentinel::access
