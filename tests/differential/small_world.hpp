#pragma once
/// Tiny worlds that can be enumerated: one subject, two resources (r1 of type app, below it r2 of type vessel), one outside instance x.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/answer.hpp"
#include "engine/model.hpp"
#include "engine/question.hpp"

namespace sentinel::differential::small {

using engine::Instant;

enum class Target : std::uint8_t {
    r1,                   ///< by UUID
    r2_by_code,           ///< vessel, two
    r2_by_path,           ///< /one/two
    outside,              ///< vessel x, nowhere
    outside_below_r1,     ///< vessel x
    outside_below_r2,     ///< vessel x
    type_alone,           ///< vessel
    new_below_r1,         ///< vessel
    tail_below_r1,        ///< /one/t, vessel
    tail_below_r2,        ///< /one/two/t, app
    other_type_below_r2,  ///< app x
};
inline constexpr std::size_t target_count = 11;

enum class Selector : std::uint8_t {
    all,                  ///< **
    type_vessel,          ///< vessel/*
    type_app,             ///< app/*
    instance_x,           ///< vessel/x
    instance_registered,  ///< vessel/two, which is r2
    node_r1,              ///< by id
    node_r1_alone,        ///< by id, without descendants
    node_r2,              ///< /one/two/
    node_text,            ///< /one/t
    pattern_child,        ///< /one/* of vessel
    pattern_below,        ///< /one/** of any type
    pattern_two,          ///< /**/two of vessel, without descendants
    pattern_second,       ///< /*/* of any type, without descendants
    pattern_root,         ///< /* of app
    pattern_text,         ///< /**/t of app
};
inline constexpr std::size_t selector_count = 15;

enum class Effect : std::uint8_t { allow, deny, guardrail };
enum class Terms : std::uint8_t { none, key_is_one, key_is_not_one };  ///< conditions on context.k
enum class Actions : std::uint8_t { read, any };
/// Rights that an allow gives; `write` implies read.
enum class Rights : std::uint8_t { silent, read, write, hidden };

/// The fields of the world: core name and other, tenant_specific name; and `*` in either tier.
struct Fields {
    Rights core_name = Rights::silent;
    Rights core_other = Rights::silent;
    Rights core_all = Rights::silent;
    Rights own_name = Rights::silent;
    Rights own_all = Rights::silent;
};

struct Permission {
    Effect effect = Effect::allow;
    Selector selector = Selector::all;
    Terms terms = Terms::none;
    Actions actions = Actions::read;
    Fields fields;
    std::uint8_t role = 0;
};

/// How the subject holds role 0 (role 1 is always held directly), or what else is out of the ordinary.
enum class Way : std::uint8_t {
    direct,
    inherited,  ///< through a child role
    group,
    parent_group,
    everyone,
    expired,  ///< at this very instant
    begins_now,
    begins_later,  ///< in ten seconds
    ends_later,    ///< in ten seconds
    membership_ends_later,
    inactive_assignment,
    inactive_role,
    inactive_group,
    inactive_child_role,  ///< the child that would inherit
    ancestor,             ///< a role of the parent tenant, lent
    ancestor_not_lent,    ///< inherit_permissions is off
    r1_inactive,
    r2_inactive,
    subject_inactive,
    tenant_inactive,
};
inline constexpr std::size_t way_count = 20;

/// Definitions of vessel's fields.
enum class Definitions : std::uint8_t { none, core_name_read, name_hidden_own_write, core_name_inactive_other_write };

struct World {
    std::vector<Permission> permissions;  ///< in order of their ids
    std::array<int, 2> priorities{100, 100};
    Way way = Way::direct;
    Definitions definitions = Definitions::none;
    std::uint64_t revision = 1;
    bool reversed = false;                 ///< stored in the other order
    std::vector<Permission> of_the_other;  ///< permissions of a second subject's own role
};

struct Question {
    Target target = Target::r1;
    bool update = false;  ///< else read
    int key = 0;          ///< context.k; 0 = not given
};

inline constexpr Instant now{1'772'618'400, 0};

engine::TenantPolicy to_policy(const World& world);
engine::Question to_question(const Question& question);
engine::PermissionId permission_id(std::size_t index);
engine::ResourceId resource_id(int number);
engine::RoleId role_id(std::size_t index);

/// The semantics read for this world alone: tables instead of walks (small_reading.cpp).
engine::Answer answer(const World& world, const Question& question);

}  // namespace sentinel::differential::small
