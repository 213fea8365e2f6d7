#pragma once
/// The subjects of a tenant in 48 bytes each: who they are, the interned set of roles and groups they hold, their
/// interned attributes. Assignments that begin or end make a short timeline of sets.
///
///     id ──hash──▶ number ──page──▶ record ─┬─▶ role set (shared by all who hold the same)
///                                           ├─▶ attributes (shared by all who have the same)
///                                           └─▶ details, only where needed: text id, timeline

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model.hpp"
#include "engine/persistent.hpp"
#include "engine/tree.hpp"

namespace sentinel::engine {

/// What a subject holds directly at some time: sorted ids.
struct RoleSet {
    std::vector<RoleId> roles;
    std::vector<GroupId> groups;
    friend bool operator==(const RoleSet&, const RoleSet&) = default;
};
struct RoleSetTraits {
    static std::uint64_t hash(const RoleSet& set) noexcept;
    static std::size_t bytes(const RoleSet& set) noexcept {
        return sizeof set + (set.roles.capacity() + set.groups.capacity()) * 16;
    }
};
using RoleSetPool = InternPool<RoleSet, RoleSetTraits>;
using RoleSetNumber = std::uint32_t;

struct AttributesTraits {
    static std::uint64_t hash(const json::Object& object) { return hash_bytes(json::to_text(object)); }
    static std::size_t bytes(const json::Object& object);
};
using AttributesPool = InternPool<json::Object, AttributesTraits>;

using SubjectNumber = std::uint32_t;

class Subjects {
public:
    static constexpr SubjectNumber none = ~SubjectNumber{0};

    struct Step {
        Instant from;
        RoleSetNumber set;
    };
    /// What only some subjects have.
    struct Details {
        std::string id;              ///< where it is not the lower-case text of a UUID
        std::vector<Step> timeline;  ///< rising; before the first the record's own set holds
        std::vector<Instant> edges;  ///< every start and end of an active row, rising
    };
    struct Record {
        core::Uuid uuid;
        std::shared_ptr<const Details> details;
        RoleSetNumber set = 0;
        std::uint32_t attributes = 0;
        std::uint32_t email_domain = NamePool::none;
        bool present = false;
        bool active = false;
        bool is_service_account = false;
        bool has_uuid = false;
    };

    SubjectNumber find(std::string_view id) const noexcept;
    /// REQUIRES: number from find, or below numbers() and the record present.
    const Record& record(SubjectNumber number) const noexcept { return records_[number]; }
    SubjectNumber numbers() const noexcept { return static_cast<SubjectNumber>(records_.size()); }
    std::size_t size() const noexcept { return by_id_.size(); }
    std::string id_text(const Record& record) const;

    RoleSetNumber set_at(const Record& record, Instant now) const noexcept;
    const std::shared_ptr<const RoleSet>& role_set(RoleSetNumber number) const noexcept { return sets_.share(number); }
    const json::Object& attributes(const Record& record) const noexcept { return attributes_[record.attributes]; }
    std::optional<std::string_view> email_domain(const Record& record) const noexcept;
    /// The first start or end of an assignment or membership after `now`.
    std::optional<Instant> next_edge(const Record& record, Instant now) const noexcept;

    void put(const Subject& subject, bool in_place);
    void remove(std::string_view id);
    std::size_t bytes() const noexcept;
    std::size_t role_sets() const noexcept { return sets_.size(); }

private:
    static std::uint64_t hash(const Record& record) noexcept;
    bool matches(const Record& record, std::string_view id) const noexcept;
    void release(const Record& record);
    std::shared_ptr<const Details> make_details(const Subject& subject, bool needs_id, bool in_place);

    PersistentVector<Record> records_;
    HashTrie<SubjectNumber> by_id_;
    RoleSetPool sets_;
    AttributesPool attributes_;
    NamePool domains_;
    std::vector<SubjectNumber> free_;
    std::size_t detail_bytes_ = 0;
};

}  // namespace sentinel::engine
