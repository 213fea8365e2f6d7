#pragma once
/// Random tenants.

#include <optional>
#include <string>
#include <vector>

#include "generator.hpp"

namespace sentinel::differential {

/// Draws one tenant. Rows refer to each other by position in the lists drawn so far, so resources come first and subjects last.
class PolicyGenerator {
public:
    PolicyGenerator(Random& random, bool renamable) : random_(random), renamable_(renamable) {}
    /// Goes on with a tenant that exists, to draw more rows for it.
    PolicyGenerator(Random& random, const World& world, bool renamable);

    void draw();
    World take() && { return std::move(world_); }

    engine::Resource resource();
    engine::Permission permission();
    engine::FieldDefinition field(const std::vector<engine::FieldDefinition>& layer);
    engine::Role role(std::string_view name);
    engine::Group group(std::string_view name);
    engine::Subject subject(std::string_view name);
    engine::Grant grant();

    /// Path segments of a resource: ids or codes, now and then with an upper-case id.
    std::vector<std::string> segments_of(const engine::Resource& resource);
    const engine::Resource* any_resource();

private:
    template <class RowId>
    RowId id() {
        return RowId{uuid()};
    }
    core::Uuid uuid();
    void draw_resources();
    void draw_ancestors();
    void draw_fields(std::vector<engine::FieldDefinition>& layer, bool with_platform);
    void draw_roles(std::vector<engine::Role>& roles, std::vector<engine::Permission>& permissions, std::size_t count);
    void draw_groups();
    void close_cycle();
    void fix_field_tiers();
    void select(engine::Permission& permission);
    void select_node(engine::Permission& permission);
    void select_pattern(engine::Permission& permission);
    std::string some_type();
    std::vector<std::string> some_actions();
    engine::FieldMap field_map();
    engine::FieldRights rights();
    engine::Validity validity();
    engine::RoleAssignment assignment();
    const engine::Resource* find(const engine::ResourceId& id) const;

    Random& random_;
    bool renamable_;
    World world_;
    std::vector<std::string> identifiers_;
};

/// `/a/b`, with a trailing slash where asked.
std::string join_path(const std::vector<std::string>& segments, bool trailing_slash);
/// ASCII letters to upper case, all or every other.
std::string upper(std::string_view text);

}  // namespace sentinel::differential
