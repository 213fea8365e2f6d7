#include "modules/users/schemas.hpp"

#include "modules/users/subject.hpp"

namespace sentinel::users {

using http::immutable;
using http::inlined;
using http::member;
using http::object;
using platform::Rule;

namespace {

constexpr std::string_view username_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$";
constexpr std::size_t longest_email = 254;
constexpr std::size_t most_roles = 50;
constexpr std::size_t longest_password = 512;
constexpr std::int64_t longest_lock_minutes = 1'440;

http::MemberRule email_rule() { return http::text(1, longest_email).trimmed().format("email", &is_email); }
http::MemberRule username_rule() { return http::text(3, 100).pattern(std::string(username_pattern)); }
// Lengths are the policy's matter, which names every rule that is broken; this only bounds the work.
http::MemberRule password_rule() { return http::secret(1, longest_password); }
http::MemberRule role_names_rule() { return http::list(http::text(1, 100), 0, most_roles).unique(); }

}  // namespace

http::EnumSchema describe(http::Of<UserStatus>) {
    return http::words_of<UserStatus>({{UserStatus::deleted, "deleted"},
                                       {UserStatus::inactive, "inactive"},
                                       {UserStatus::locked, "locked"},
                                       {UserStatus::invited, "invited"},
                                       {UserStatus::active, "active"}});
}

std::string_view text_of(UserStatus status) noexcept {
    switch (status) {
        case UserStatus::deleted: return "deleted";
        case UserStatus::inactive: return "inactive";
        case UserStatus::locked: return "locked";
        case UserStatus::invited: return "invited";
        case UserStatus::active: return "active";
    }
    return "active";
}

http::EnumSchema describe(http::Of<LockKind>) {
    return http::words_of<LockKind>({{LockKind::automatic, "auto"}, {LockKind::administrator, "admin"}});
}

http::EnumSchema describe(http::Of<HeldAs>) {
    return http::words_of<HeldAs>(
        {{HeldAs::direct, "direct"}, {HeldAs::group, "group"}, {HeldAs::inherited, "inherited"}, {HeldAs::everyone, "everyone"}});
}

http::ObjectSchema describe(http::Of<User>) {
    return object<User>("User", "A person or a service account.", member("id", &User::id, "Its id."),
                        member("tenant_id", &User::tenant_id, "Where it belongs."), member("email", &User::email, "As entered."),
                        member("username", &User::username, "Lower case; every service account has one."),
                        member("is_service_account", &User::is_service_account, "A machine, not a person."),
                        member("status", &User::status, "The first that holds."),
                        member("is_active", &User::is_active, "Whether an administrator lets it work."),
                        member("attributes", &User::attributes, "Read by conditions as `user.x`."),
                        member("preferences", &User::preferences, "The person's own; never part of a decision."),
                        member("mfa_enabled", &User::mfa_enabled, "Whether a second factor is enrolled."),
                        member("last_login", &User::last_login, "Or last use of a key."),
                        member("login_count", &User::login_count, "Logins, or minutes in which a key was used."),
                        member("avatar_url", &User::avatar_url, "Null without a picture."),
                        member("version", &User::version, "Raised by each change; the ETag.").version(),
                        member("created_at", &User::created_at, "When it was made."),
                        member("updated_at", &User::updated_at, "When it was last changed."));
}

http::ObjectSchema describe(http::Of<RoleSummary>) {
    return object<RoleSummary>("RoleSummary", "A role that somebody holds.", member("id", &RoleSummary::id, "The role's id."),
                               member("name", &RoleSummary::name, "Its name."),
                               member("display_name", &RoleSummary::display_name, "Shown to people."),
                               member("type", &RoleSummary::type, "`system` or `custom`."),
                               member("priority", &RoleSummary::priority, "The higher one decides."),
                               member("held_as", &RoleSummary::held_as, "How it is held."),
                               member("expires_at", &RoleSummary::expires_at, "When it ends; null = never."));
}

http::ObjectSchema describe(http::Of<GroupSummary>) {
    return object<GroupSummary>("GroupSummary", "A group that somebody is in.",
                                member("id", &GroupSummary::id, "The group's id."),
                                member("name", &GroupSummary::name, "Its name."),
                                member("display_name", &GroupSummary::display_name, "Shown to people."));
}

http::ObjectSchema describe(http::Of<UserDetail>) {
    return object<UserDetail>(
        "UserDetail", "A person or a service account with roles and state.", inlined(&UserDetail::user),
        member("roles", &UserDetail::roles, "Effective ones, without `everyone`."),
        member("groups", &UserDetail::groups, "Groups that it is in directly."),
        member("failed_login_count", &UserDetail::failed_login_count, "Null to those without user:read, like the next two."),
        member("locked_until", &UserDetail::locked_until, "When the lock ends; null = none."),
        member("lock_kind", &UserDetail::lock_kind, "Who locked."),
        member("must_change_password", &UserDetail::must_change_password, "Before anything else at the next login."),
        member("invitation_expires_at", &UserDetail::invitation_expires_at, "Of an open invitation."),
        member("external_id", &UserDetail::external_id, "Its name at an identity provider."));
}

http::ObjectSchema describe(http::Of<CreatedUser>) {
    return object<CreatedUser>("CreatedUser", "Somebody who was just made.", inlined(&CreatedUser::detail),
                               member("service_account_key", &CreatedUser::service_account_key, http::secret(40, 128).revealed(),
                                      "Of a service account; shown this once."),
                               member("key_expires_at", &CreatedUser::key_expires_at, "When that key ends."));
}

http::ObjectSchema describe(http::Of<CreateUser>) {
    return object<CreateUser>(
        "CreateUser", "A new person or service account.",
        member("email", &CreateUser::email, email_rule(), "Unique in the tenant, without regard to case."),
        member("username", &CreateUser::username, username_rule(), "Unique in the tenant; kept in lower case."),
        member("password", &CreateUser::password, password_rule(), "Of a person; follows the tenant's policy."),
        member("attributes", &CreateUser::attributes, http::document(), "Read by conditions.").defaulted(),
        member("preferences", &CreateUser::preferences, http::document(), "Never part of a decision.").defaulted(),
        member("is_active", &CreateUser::is_active, "False = may not work yet.").defaulted(),
        member("roles", &CreateUser::roles, role_names_rule(), "Ids or names of roles to hold from the start.").defaulted(),
        member("must_change_password", &CreateUser::must_change_password, "The password must be changed at the first login.")
            .defaulted(),
        member("is_service_account", &CreateUser::is_service_account, "Also needs service_account:admin.").defaulted(),
        member("service_account_key", &CreateUser::service_account_key, http::secret(0, 128), "Only null: keys are made here."),
        http::also<CreateUser>([](const CreateUser& user, http::Reader& reader) {
            if (user.service_account_key) reader.fault("/service_account_key", Rule::forbidden, "Keys are made by the server.");
            if (!user.is_service_account) return;
            if (user.password) reader.fault("/password", Rule::forbidden, "A service account has no password.");
            if (user.must_change_password) {
                reader.fault("/must_change_password", Rule::forbidden, "A service account has no password.");
            }
            if (!user.username) reader.fault("/username", Rule::required, "A service account needs a username.");
        }));
}

http::ObjectSchema describe(http::Of<UpdateUser>) {
    return object<UpdateUser>(
        "UpdateUser", "What to change of a person or service account.",
        member("email", &UpdateUser::email, email_rule(), "The new address."),
        member("username", &UpdateUser::username, username_rule(), "Null takes it away from a person."),
        member("attributes", &UpdateUser::attributes, http::document(), "Merged member by member."),
        member("preferences", &UpdateUser::preferences, http::document(), "Merged member by member."),
        member("is_active", &UpdateUser::is_active, "False ends all sessions and tokens."),
        member("must_change_password", &UpdateUser::must_change_password, "Before anything else at the next login."),
        immutable("id"), immutable("tenant_id"), immutable("is_service_account"), immutable("created_at"),
        immutable("updated_at"));
}

http::ObjectSchema describe(http::Of<UpdateOwnProfile>) {
    return object<UpdateOwnProfile>(
        "UpdateOwnProfile", "What everybody may change of the own profile.",
        member("username", &UpdateOwnProfile::username, username_rule(), "Null takes it away."),
        member("preferences", &UpdateOwnProfile::preferences, http::document(), "Merged member by member."));
}

http::ObjectSchema describe(http::Of<ListUsers>) {
    return object<ListUsers>(
        "ListUsers", "Which people and service accounts are listed.",
        http::paging(&ListUsers::page, {.sorts = {"created_at", "email", "username", "last_login", "login_count"}}),
        member("tenant_id", &ListUsers::tenant_id, "The tenant acted in, and no other."),
        member("is_service_account", &ListUsers::is_service_account, "Only service accounts, or only people."),
        member("role", &ListUsers::role, http::list(http::text(1, 100), 0, 50), "Ids or names; effective holders.").defaulted(),
        member("group", &ListUsers::group, http::list(http::text(1, 100), 0, 50), "Ids or names; members, also of groups below.")
            .defaulted(),
        member("is_active", &ListUsers::is_active, "Only active, or only inactive ones."),
        member("status", &ListUsers::status, http::list(http::one_of(), 0, 5), "Only with one of these.").defaulted(),
        member("mfa_enabled", &ListUsers::mfa_enabled, "Only with, or only without a second factor."),
        member("from_last_login", &ListUsers::from_last_login, "Last seen then or later."),
        member("to_last_login", &ListUsers::to_last_login, "Last seen before."),
        member("from_created_at", &ListUsers::from_created_at, "Made then or later."),
        member("to_created_at", &ListUsers::to_created_at, "Made before."),
        member("search", &ListUsers::search, http::text(1, 100).trimmed(),
               "A whole e-mail address, its beginning or its domain, or a part of the username."),
        member("include_deleted", &ListUsers::include_deleted, "Deleted ones as well; needs user:admin.").defaulted());
}

http::ObjectSchema describe(http::Of<ChangePassword>) {
    return object<ChangePassword>("ChangePassword", "A new password of one's own.",
                                  member("current_password", &ChangePassword::current_password, password_rule(), "As it is now."),
                                  member("new_password", &ChangePassword::new_password, password_rule(), "As it is to be."));
}

http::ObjectSchema describe(http::Of<LockUser>) {
    return object<LockUser>(
        "LockUser", "How long somebody is locked out.",
        member("duration_minutes", &LockUser::duration_minutes, http::integer(1, longest_lock_minutes), "30 when left out."),
        member("indefinite", &LockUser::indefinite, "Until unlocked.").defaulted(),
        member("reason", &LockUser::reason, http::text(1, 200), "Why."),
        http::also<LockUser>([](const LockUser& lock, http::Reader& reader) {
            if (!lock.indefinite || !lock.duration_minutes) return;
            reader.fault("/duration_minutes", Rule::exclusive, "An indefinite lock has no duration.");
        }));
}

http::ObjectSchema describe(http::Of<LockQuery>) {
    return object<LockQuery>("LockQuery", "The duration, where no body is sent.",
                             member("duration_minutes", &LockQuery::duration_minutes, http::integer(1, longest_lock_minutes),
                                    "30 when left out; excludes that of the body."));
}

http::ObjectSchema describe(http::Of<RoleAssignment>) {
    return object<RoleAssignment>(
        "RoleAssignment", "A role as somebody has it.", member("id", &RoleAssignment::id, "The role's id."),
        member("name", &RoleAssignment::name, "Its name."),
        member("display_name", &RoleAssignment::display_name, "Shown to people."),
        member("priority", &RoleAssignment::priority, "The higher one decides."),
        member("held_as", &RoleAssignment::held_as, "How it is held."),
        member("granted_by", &RoleAssignment::granted_by, "Who assigned it; null where that is nobody of the tenant."),
        member("granted_at", &RoleAssignment::granted_at, "When it was assigned."),
        member("expires_at", &RoleAssignment::expires_at, "When it ends; null = never."),
        member("is_active", &RoleAssignment::is_active, "False = it gives nothing for now."),
        member("reason", &RoleAssignment::reason, "As given."),
        member("grant_id", &RoleAssignment::grant_id, "Of the access request that brought it."));
}

http::ObjectSchema describe(http::Of<RoleAssignments>) {
    return object<RoleAssignments>("RoleAssignments", "Roles that somebody has.",
                                   member("roles", &RoleAssignments::roles, "In order of name."));
}

http::ObjectSchema describe(http::Of<ListRoles>) {
    return object<ListRoles>(
        "ListRoles", "Which roles are listed.",
        member("effective", &ListRoles::effective, "Those in force, however they are held, instead of the assignments.")
            .defaulted());
}

http::ObjectSchema describe(http::Of<AssignRoles>) {
    return object<AssignRoles>(
        "AssignRoles", "Roles to assign: `role_id`, or `roles`.", member("role_id", &AssignRoles::role_id, "One role."),
        member("roles", &AssignRoles::roles, http::list(http::text(1, 100), 1, most_roles).unique(), "Ids or names."),
        member("expires_at", &AssignRoles::expires_at, "In the future; without it the assignment has no end."),
        member("reason", &AssignRoles::reason, http::text(1, 500), "Why."),
        http::also<AssignRoles>([](const AssignRoles& body, http::Reader& reader) {
            if (body.role_id && body.roles) reader.fault("/roles", Rule::exclusive, "role_id and roles exclude each other.");
            if (!body.role_id && !body.roles) reader.fault("/role_id", Rule::required, "Either role_id or roles is needed.");
        }));
}

http::ObjectSchema describe(http::Of<UpdateAssignment>) {
    return object<UpdateAssignment>("UpdateAssignment", "What to change of an assignment.",
                                    member("expires_at", &UpdateAssignment::expires_at, "In the future; null = no end."),
                                    member("is_active", &UpdateAssignment::is_active, "False = it gives nothing for now."),
                                    member("reason", &UpdateAssignment::reason, http::text(1, 500), "Why."));
}

http::ObjectSchema describe(http::Of<AssignmentPath>) {
    return object<AssignmentPath>("AssignmentPath", "An assignment.", member("user_id", &AssignmentPath::user_id, "Whose."),
                                  member("role_id", &AssignmentPath::role_id, "Of which role."));
}

}  // namespace sentinel::users
