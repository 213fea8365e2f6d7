#include "modules/tenants/schemas.hpp"

#include "modules/tenants/settings.hpp"

namespace sentinel::tenants {

using http::inlined;
using http::member;
using http::object;

http::EnumSchema describe(http::Of<TenantType>) {
    return http::words_of<TenantType>({{TenantType::root, "root"}, {TenantType::sub_tenant, "sub_tenant"}});
}

http::EnumSchema describe(http::Of<IsolationMode>) {
    return http::words_of<IsolationMode>({{IsolationMode::shared, "shared"}, {IsolationMode::dedicated, "dedicated"}});
}

http::ObjectSchema describe(http::Of<NewTenant>) {
    return object<NewTenant>(
        "NewTenant", "What a new tenant is made of.",
        member("name", &NewTenant::name, http::text(1, 255).trimmed(), "Shown to people."),
        member("code", &NewTenant::code, http::text(1, 50).pattern("^[A-Z0-9][A-Z0-9-]{0,49}$"),
               "Unique over all tenants, and never changed."),
        member("isolation_mode", &NewTenant::isolation_mode, "Whether the rows lie in a database of their own.").defaulted(),
        member("settings", &NewTenant::settings, http::document(), "Known members are checked, others are the tenant's own.")
            .defaulted(),
        member("features", &NewTenant::features, http::list(http::words(feature_names()), 0, 50).unique(), "What is switched on.")
            .defaulted(),
        member("metadata", &NewTenant::metadata, http::document(), "Free.").defaulted(),
        member("security_settings", &NewTenant::security_settings, http::document(), "Stricter than the server's, where given.")
            .defaulted(),
        http::also<NewTenant>([](const NewTenant& tenant, http::Reader& reader) {
            check_settings(tenant.settings, reader);
            check_security_settings(tenant.security_settings, reader);
        }));
}

http::ObjectSchema describe(http::Of<CreateTenant>) {
    return object<CreateTenant>(
        "CreateTenant", "A new tenant.", inlined(&CreateTenant::tenant),
        member("type", &CreateTenant::type, "A root stands alone; a sub-tenant has a parent.").defaulted(),
        member("parent_tenant_id", &CreateTenant::parent_tenant_id, "Of a sub-tenant."),
        http::also<CreateTenant>([](const CreateTenant& tenant, http::Reader& reader) {
            if (tenant.type == TenantType::root && tenant.parent_tenant_id) {
                reader.fault("/parent_tenant_id", platform::Rule::exclusive, "A root tenant has no parent.");
            }
            if (tenant.type == TenantType::sub_tenant && !tenant.parent_tenant_id) {
                reader.fault("/parent_tenant_id", platform::Rule::required, "A sub-tenant needs its parent's id.");
            }
            if (tenant.type == TenantType::root && tenant.tenant.settings.contains("inherit_permissions")) {
                reader.fault("/settings/inherit_permissions", platform::Rule::forbidden,
                             "A root tenant has nobody to inherit from.");
            }
        }));
}

http::ObjectSchema describe(http::Of<CreateSubTenant>) {
    return object<CreateSubTenant>("CreateSubTenant", "A new tenant below the one named in the path.",
                                   inlined(&CreateSubTenant::tenant),
                                   member("type", &CreateSubTenant::type, "Only `sub_tenant`.").defaulted(),
                                   http::also<CreateSubTenant>([](const CreateSubTenant& tenant, http::Reader& reader) {
                                       if (tenant.type == TenantType::sub_tenant) return;
                                       reader.fault("/type", platform::Rule::enumeration, "Here only sub_tenant is possible.");
                                   }));
}

http::ObjectSchema describe(http::Of<Tenant>) {
    return object<Tenant>(
        "Tenant", "An organisation or a branch of one.", member("id", &Tenant::id, "The platform tenant is all zeros."),
        member("name", &Tenant::name, "Shown to people."), member("code", &Tenant::code, "Unique over all tenants."),
        member("type", &Tenant::type, "A root stands alone; a sub-tenant has a parent."),
        member("parent_tenant_id", &Tenant::parent_tenant_id, "Null for a root."),
        member("ancestors", &Tenant::ancestors, "From the root down, without the tenant itself."),
        member("isolation_mode", &Tenant::isolation_mode, "Whether the rows lie in a database of their own."),
        member("settings", &Tenant::settings, "As written; defaults are not filled in."),
        member("features", &Tenant::features, "What is switched on, sorted."), member("metadata", &Tenant::metadata, "Free."),
        member("security_settings", &Tenant::security_settings, "Null to those who may not see it."),
        member("is_active", &Tenant::is_active, "False = suspended."),
        member("suspended_at", &Tenant::suspended_at, "Null while active."),
        member("suspended_by", &Tenant::suspended_by, "Who suspended it; null where that is someone of another tenant."),
        member("suspend_reason", &Tenant::suspend_reason, "As given."),
        member("deleted_at", &Tenant::deleted_at, "Set while the deletion is under way."),
        member("purge_after", &Tenant::purge_after, "From then on nothing can bring it back."),
        member("version", &Tenant::version, "Raised by each change; the ETag.").version(),
        member("created_at", &Tenant::created_at, "When it was made."),
        member("updated_at", &Tenant::updated_at, "When it was last changed."));
}

http::ObjectSchema describe(http::Of<TenantStep>) {
    return object<TenantStep>("TenantStep", "A tenant on the way from the root.", member("id", &TenantStep::id, "Its id."),
                              member("code", &TenantStep::code, "Its code."), member("name", &TenantStep::name, "Its name."));
}

http::ObjectSchema describe(http::Of<TenantDetail>) {
    return object<TenantDetail>(
        "TenantDetail", "A tenant with what follows from it and its ancestors.", inlined(&TenantDetail::tenant),
        member("sub_tenants_count", &TenantDetail::sub_tenants_count, "Direct ones that are not deleted."),
        member("users_count", &TenantDetail::users_count, "People that are not deleted."),
        member("service_accounts_count", &TenantDetail::service_accounts_count, "Those that are not deleted."),
        member("hierarchy", &TenantDetail::hierarchy, "From the root to this tenant."),
        member("effective_settings", &TenantDetail::effective_settings, "With the defaults that are in force."),
        member("effective_security_settings", &TenantDetail::effective_security_settings,
               "The strictest of server, ancestors and tenant; null to those who may not see it."),
        member("placement", &TenantDetail::placement, "Where the rows lie: `shared` or `own`."));
}

http::ObjectSchema describe(http::Of<SuspendTenant>) {
    return object<SuspendTenant>(
        "SuspendTenant", "How a tenant is suspended.", member("reason", &SuspendTenant::reason, http::free_text(1, 500), "Why."),
        member("cascade", &SuspendTenant::cascade, "Suspends its active descendants as well.").defaulted());
}

http::ObjectSchema describe(http::Of<SuspendedTenant>) {
    return object<SuspendedTenant>("SuspendedTenant", "A tenant that was just suspended.", inlined(&SuspendedTenant::tenant),
                                   member("sessions_ended", &SuspendedTenant::sessions_ended, "Sessions that ended with it."),
                                   member("tenants_suspended", &SuspendedTenant::tenants_suspended, "Itself and descendants."));
}

http::ObjectSchema describe(http::Of<ListTenants>) {
    return object<ListTenants>(
        "ListTenants", "Which tenants are listed.",
        http::paging(&ListTenants::page, {.sorts = {"created_at", "updated_at", "name", "code"}}),
        member("name", &ListTenants::name, http::text(1, 100), "Part of the name, without regard to case."),
        member("code", &ListTenants::code, http::text(1, 50), "Part of the code, without regard to case."),
        member("type", &ListTenants::type, "Only of this type."),
        member("parent_tenant_id", &ListTenants::parent_tenant_id, "Only direct children of this tenant."),
        member("is_active", &ListTenants::is_active, "Only active, or only suspended ones."),
        member("include_deleted", &ListTenants::include_deleted, "Deleted ones as well; needs platform:admin.").defaulted());
}

}  // namespace sentinel::tenants
