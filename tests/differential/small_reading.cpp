/// decision-semantics.md read for the small world alone. What a selector reaches and how specific it is stands in tables written by
/// hand from section 3 and 4, so nothing here parses, resolves or matches; that is the independence from the engine.

#include <optional>
#include <span>

#include "small_world.hpp"

namespace sentinel::differential::small {

namespace {

/// Whether a selector reaches a target, and the nearest node at which it matches itself.
enum Reach : std::uint8_t {
    no,
    unregistered,  ///< reached; where it matches no resource is registered
    at_r1,
    at_r2,
};

// Columns: r1, r2 by code, r2 by path, outside, outside below r1, outside below r2, type alone, new below r1, tail below r1,
// tail below r2 (app), app x below r2.
constexpr Reach un = unregistered;
constexpr std::array<std::array<Reach, target_count>, selector_count> reaches{{
    /* **          */ {at_r1, at_r2, at_r2, un, un, un, un, un, un, un, un},
    /* vessel/ *   */ {no, at_r2, at_r2, un, un, un, un, un, un, no, no},
    /* app/ *      */ {at_r1, no, no, no, no, no, no, no, no, un, un},
    /* vessel/x    */ {no, no, no, un, un, un, no, no, no, no, no},
    /* vessel/two  */ {no, at_r2, at_r2, no, no, no, no, no, no, no, no},
    /* r1          */ {at_r1, at_r1, at_r1, no, at_r1, at_r1, no, at_r1, at_r1, at_r1, at_r1},
    /* r1 alone    */ {at_r1, no, no, no, no, no, no, no, no, no, no},
    /* r2          */ {no, at_r2, at_r2, no, no, at_r2, no, no, no, at_r2, at_r2},
    /* /one/t      */ {no, no, no, no, no, no, no, no, un, no, no},
    /* /one/ *     */ {no, at_r2, at_r2, no, un, at_r2, no, un, un, at_r2, at_r2},
    /* /one/ **    */ {at_r1, at_r2, at_r2, no, un, un, no, un, un, un, un},
    /* / ** /two   */ {no, at_r2, at_r2, no, no, no, no, no, no, no, no},
    /* / * / *     */ {no, at_r2, at_r2, no, un, no, no, un, un, no, no},
    /* / *         */ {at_r1, at_r1, at_r1, no, at_r1, at_r1, no, at_r1, at_r1, at_r1, at_r1},
    /* / ** /t     */ {no, no, no, no, no, no, no, no, no, un, no},
}};

/// Section 4 point 3 as one number: class, leading literals, NODE before PATTERN, literals in all, fewer `**`.
constexpr int rank_of(int form, int leading, bool node, int literals, int double_stars) {
    return form * 10'000 + leading * 1000 + (node ? 100 : 0) + literals * 10 + (9 - double_stars);
}
constexpr std::array<int, selector_count> specificity{
    rank_of(0, 0, false, 0, 0),  // **
    rank_of(1, 0, false, 0, 0),  // vessel/*
    rank_of(1, 0, false, 0, 0),  // app/*
    rank_of(3, 0, false, 0, 0),  // vessel/x
    rank_of(2, 2, true, 2, 0),   // vessel/two is r2
    rank_of(2, 1, true, 1, 0),   // r1
    rank_of(2, 1, true, 1, 0),   // r1 alone
    rank_of(2, 2, true, 2, 0),   // r2
    rank_of(2, 2, true, 2, 0),   // /one/t
    rank_of(2, 1, false, 1, 0),  // /one/*
    rank_of(2, 1, false, 1, 1),  // /one/**
    rank_of(2, 0, false, 1, 1),  // /**/two
    rank_of(2, 0, false, 0, 0),  // /*/*
    rank_of(2, 0, false, 0, 0),  // /*
    rank_of(2, 0, false, 1, 1),  // /**/t
};

constexpr bool lies_below_r1(Target target) { return target != Target::outside && target != Target::type_alone; }

constexpr bool lies_below_r2(Target target) {
    switch (target) {
        case Target::r2_by_code:
        case Target::r2_by_path:
        case Target::outside_below_r2:
        case Target::tail_below_r2:
        case Target::other_type_below_r2: return true;
        default: return false;
    }
}

constexpr bool is_vessel(Target target) {
    return target != Target::r1 && target != Target::tail_below_r2 && target != Target::other_type_below_r2;
}

/// How role 0 is held; null: it is not.
constexpr const char* held_as(Way way) {
    switch (way) {
        case Way::inherited: return "inherited:child";
        case Way::group:
        case Way::membership_ends_later: return "group:crew";
        case Way::parent_group: return "group:fleet";
        case Way::everyone: return "everyone";
        case Way::expired:
        case Way::begins_later:
        case Way::inactive_assignment:
        case Way::inactive_role:
        case Way::inactive_group:
        case Way::inactive_child_role:
        case Way::ancestor_not_lent: return nullptr;
        default: return "direct";
    }
}

constexpr bool has_edge_in_ten_seconds(Way way) {
    return way == Way::begins_later || way == Way::ends_later || way == Way::membership_ends_later;
}

engine::Truth truth(Terms terms, int key) {
    if (terms == Terms::none) { return engine::Truth::yes; }
    if (key == 0) { return engine::Truth::unknown; }
    return (key == 1) == (terms == Terms::key_is_one) ? engine::Truth::yes : engine::Truth::no;
}

/// One question to one world.
class Reading {
public:
    Reading(const World& world, const Question& question) : world_(world), question_(question) {}

    engine::Answer answer() {
        result_.revision = world_.revision;
        result_.ttl = has_edge_in_ten_seconds(world_.way) ? 10 : 300;
        if (world_.way == Way::tenant_inactive || world_.way == Way::subject_inactive) {
            result_.reason_code =
                world_.way == Way::tenant_inactive ? engine::ReasonCode::tenant_inactive : engine::ReasonCode::subject_inactive;
        } else {
            decide();
        }
        answer_fields();
        return std::move(result_);
    }

private:
    bool applies(const Permission& permission) const {
        const bool lent = world_.way == Way::ancestor && permission.role == 0;
        const bool relative = permission.selector <= Selector::instance_registered;
        if (permission.role == 0 && held_as(world_.way) == nullptr) { return false; }
        if ((permission.actions == Actions::read && question_.update) || (lent && !relative) || reach(permission) == no) {
            return false;
        }
        const auto conditions = truth(permission.terms, question_.key);
        return permission.effect == Effect::allow ? conditions == engine::Truth::yes && !at_inactive()
                                                  : conditions != engine::Truth::no;
    }

    Reach reach(const Permission& permission) const {
        return reaches[static_cast<std::size_t>(permission.selector)][static_cast<std::size_t>(question_.target)];
    }

    bool at_inactive() const {
        return (world_.way == Way::r1_inactive && lies_below_r1(question_.target)) ||
               (world_.way == Way::r2_inactive && lies_below_r2(question_.target));
    }

    int priority(const Permission& permission) const { return world_.priorities[permission.role]; }
    static int rank(const Permission& permission) { return specificity[static_cast<std::size_t>(permission.selector)]; }

    /// Section 4; the fifth point is the order of the list.
    bool before(const Permission& left, const Permission& right) const {
        const bool left_guards = left.effect == Effect::guardrail;
        const bool right_guards = right.effect == Effect::guardrail;
        if (left_guards != right_guards) { return left_guards; }
        if (priority(left) != priority(right)) { return priority(left) > priority(right); }
        if (rank(left) != rank(right)) { return rank(left) > rank(right); }
        return left.effect != Effect::allow && right.effect == Effect::allow;
    }

    void decide() {
        std::optional<std::size_t> first;
        for (std::size_t index = 0; index < world_.permissions.size(); ++index) {
            const auto& candidate = world_.permissions[index];
            if (applies(candidate) && (!first || before(candidate, world_.permissions[*first]))) { first = index; }
        }
        if (!first) { return; }
        const auto& decider = world_.permissions[*first];
        result_.allowed = decider.effect == Effect::allow;
        result_.reason_code = decider.effect == Effect::guardrail ? engine::ReasonCode::denied_by_guardrail
                              : result_.allowed                   ? engine::ReasonCode::granted
                                                                  : engine::ReasonCode::denied_by_permission;
        auto& matched = result_.matched.emplace();
        matched.permission = permission_id(*first);
        matched.role = role_id(decider.role);
        matched.role_name = decider.role == 0 ? "first" : "second";
        matched.held_as = decider.role == 0 ? held_as(world_.way) : "direct";
        if (const auto where = reach(decider); where != unregistered) { matched.resource = resource_id(where == at_r1 ? 1 : 2); }
        if (decider.terms != Terms::none && question_.key != 0) { result_.matched_conditions.set("context.k", question_.key); }
    }

    // ---- section 6 ---------------------------------------------------------------------------------------------------

    enum Slot : std::uint8_t { core_name, core_other, own_name, slot_count };

    static Rights by_name(const Fields& fields, Slot slot) {
        return slot == core_name ? fields.core_name : slot == core_other ? fields.core_other : fields.own_name;
    }

    static Rights mention(const Fields& fields, Slot slot) {
        const auto named = by_name(fields, slot);
        return named != Rights::silent ? named : slot == own_name ? fields.own_all : fields.core_all;
    }

    /// The rights of the active definition; silent: undefined.
    Rights defined(Slot slot) const {
        if (!is_vessel(question_.target)) { return Rights::silent; }
        switch (world_.definitions) {
            case Definitions::none: return Rights::silent;
            case Definitions::core_name_read: return slot == core_name ? Rights::read : Rights::silent;
            case Definitions::name_hidden_own_write:
                return slot == core_other ? Rights::hidden : slot == own_name ? Rights::write : Rights::silent;
            case Definitions::core_name_inactive_other_write: return slot == core_other ? Rights::write : Rights::silent;
        }
        std::unreachable();
    }

    void answer_fields() {
        const bool asked_permissions = result_.reason_code != engine::ReasonCode::tenant_inactive &&
                                       result_.reason_code != engine::ReasonCode::subject_inactive;
        for (auto slot : {core_name, core_other, own_name}) {
            bool is_answered = defined(slot) != Rights::silent;
            for (const auto& permission : world_.permissions) {
                is_answered = is_answered || (asked_permissions && permission.effect == Effect::allow &&
                                              by_name(permission.fields, slot) != Rights::silent && applies(permission));
            }
            if (is_answered) { put(slot, result_.allowed ? rights(slot) : Rights::hidden); }
        }
    }

    Rights rights(Slot slot) const {
        const Permission* first = nullptr;
        for (const auto& permission : world_.permissions) {
            const bool mentions =
                permission.effect == Effect::allow && mention(permission.fields, slot) != Rights::silent && applies(permission);
            if (mentions && (first == nullptr || before(permission, *first))) { first = &permission; }
        }
        if (first == nullptr) { return defined(slot) == Rights::silent ? Rights::hidden : defined(slot); }
        auto least = Rights::write;
        for (const auto& permission : world_.permissions) {
            const auto given =
                permission.effect == Effect::allow && applies(permission) ? mention(permission.fields, slot) : Rights::silent;
            if (given == Rights::silent || priority(permission) != priority(*first) || rank(permission) != rank(*first)) {
                continue;
            }
            least = given == Rights::hidden || least == Rights::hidden ? Rights::hidden : std::min(least, given);
        }
        return least;
    }

    void put(Slot slot, Rights given) {
        constexpr std::array values{engine::FieldRights{}, engine::field_read, engine::field_write, engine::field_hidden};
        const auto tier = slot == own_name ? engine::Tier::tenant_specific : engine::Tier::core;
        result_.fields[static_cast<std::size_t>(tier)].emplace(slot == core_other ? "other" : "name",
                                                               values[static_cast<std::size_t>(given)]);
    }

    const World& world_;
    const Question& question_;
    engine::Answer result_;
};

}  // namespace

engine::Answer answer(const World& world, const Question& question) { return Reading(world, question).answer(); }

}  // namespace sentinel::differential::small
