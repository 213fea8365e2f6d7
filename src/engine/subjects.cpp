#include "engine/subjects.hpp"

#include <algorithm>
#include <utility>

namespace sentinel::engine {

namespace {

template <class IdType>
std::uint64_t hash_ids(const std::vector<IdType>& ids, std::uint64_t seed) noexcept {
    static_assert(sizeof(IdType) == 16);
    return hash_bytes({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(IdType)}, seed + ids.size());
}

template <class IdType>
void sort_unique(std::vector<IdType>& ids) {
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    ids.shrink_to_fit();
}

RoleSet set_of(const Subject& subject, const auto& counts) {
    RoleSet set;
    for (const RoleAssignment& assignment : subject.roles) {
        if (counts(assignment.validity)) set.roles.push_back(assignment.role);
    }
    for (const GroupMembership& membership : subject.groups) {
        if (counts(membership.validity)) set.groups.push_back(membership.group);
    }
    sort_unique(set.roles);
    sort_unique(set.groups);
    return set;
}

void add_edges(const Validity& validity, std::vector<Instant>& edges) {
    if (!validity.active) return;
    if (validity.starts_at) edges.push_back(*validity.starts_at);
    if (validity.expires_at) edges.push_back(*validity.expires_at);
}

std::vector<Instant> edges_of(const Subject& subject) {
    std::vector<Instant> edges;
    for (const RoleAssignment& assignment : subject.roles) add_edges(assignment.validity, edges);
    for (const GroupMembership& membership : subject.groups) add_edges(membership.validity, edges);
    std::ranges::sort(edges);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    return edges;
}

/// Before every start and end: what has no start.
bool counts_from_the_beginning(const Validity& validity) noexcept { return validity.active && !validity.starts_at; }

std::size_t bytes_of(const Subjects::Details& details) noexcept {
    return sizeof details + details.id.capacity() + details.timeline.capacity() * sizeof(Subjects::Step) +
           details.edges.capacity() * sizeof(Instant);
}

std::size_t bytes_of(const json::Value& value) {
    if (const auto* text = value.text()) return sizeof value + text->capacity();
    if (const auto* array = value.array()) {
        std::size_t total = sizeof value;
        for (const json::Value& element : *array) total += bytes_of(element);
        return total;
    }
    if (const auto* object = value.object()) return sizeof value + AttributesTraits::bytes(*object);
    return sizeof value;
}

}  // namespace

std::uint64_t RoleSetTraits::hash(const RoleSet& set) noexcept { return hash_ids(set.groups, hash_ids(set.roles, 0)); }

std::size_t AttributesTraits::bytes(const json::Object& object) {
    std::size_t total = sizeof object;
    for (const auto& member : object) total += sizeof member.name + member.name.capacity() + bytes_of(member.value);
    return total;
}

std::uint64_t Subjects::hash(const Record& record) noexcept {
    if (!record.has_uuid) return hash_bytes(record.details->id);
    return hash_bytes({reinterpret_cast<const char*>(record.uuid.bytes.data()), record.uuid.bytes.size()});
}

namespace {

/// A UUID in the very form that its text() gives: kept as 16 bytes.
std::optional<core::Uuid> canonical_uuid(std::string_view id) noexcept {
    if (id.size() != 36 || std::ranges::any_of(id, [](char letter) { return letter >= 'A' && letter <= 'F'; }))
        return std::nullopt;
    return core::Uuid::parse(id);
}

}  // namespace

SubjectNumber Subjects::find(std::string_view id) const noexcept {
    const SubjectNumber* found = nullptr;
    if (const auto uuid = canonical_uuid(id)) {
        const std::string_view bytes(reinterpret_cast<const char*>(uuid->bytes.data()), uuid->bytes.size());
        found = by_id_.find(hash_bytes(bytes), [&](SubjectNumber number) {
            const Record& record = records_[number];
            return record.has_uuid && record.uuid == *uuid;
        });
    } else {
        found = by_id_.find(hash_bytes(id), [&](SubjectNumber number) {
            const Record& record = records_[number];
            return !record.has_uuid && record.details->id == id;
        });
    }
    return found == nullptr ? none : *found;
}

std::string Subjects::id_text(const Record& record) const { return record.has_uuid ? record.uuid.text() : record.details->id; }

RoleSetNumber Subjects::set_at(const Record& record, Instant now) const noexcept {
    if (!record.details || record.details->timeline.empty()) return record.set;
    const auto& timeline = record.details->timeline;
    const auto after = std::ranges::upper_bound(timeline, now, {}, &Step::from);
    return after == timeline.begin() ? record.set : std::prev(after)->set;
}

std::optional<std::string_view> Subjects::email_domain(const Record& record) const noexcept {
    if (record.email_domain == NamePool::none) return std::nullopt;
    return domains_[record.email_domain];
}

std::optional<Instant> Subjects::next_edge(const Record& record, Instant now) const noexcept {
    if (!record.details) return std::nullopt;
    const auto& edges = record.details->edges;
    const auto after = std::ranges::upper_bound(edges, now);
    if (after == edges.end()) return std::nullopt;
    return *after;
}

std::shared_ptr<const Subjects::Details> Subjects::make_details(const Subject& subject, bool needs_id, bool in_place) {
    std::vector<Instant> edges = edges_of(subject);
    if (edges.empty() && !needs_id) return nullptr;
    auto details = std::make_shared<Details>();
    if (needs_id) details->id = subject.id.text;
    for (const Instant edge : edges) {
        const RoleSet set = set_of(subject, [&](const Validity& validity) { return validity.holds_at(edge); });
        details->timeline.push_back({edge, sets_.acquire(set, in_place)});
    }
    details->timeline.shrink_to_fit();
    details->edges = std::move(edges);
    detail_bytes_ += bytes_of(*details);
    return details;
}

void Subjects::put(const Subject& subject, bool in_place) {
    const SubjectNumber existing = find(subject.id.text);
    Record record{.present = true, .active = subject.active, .is_service_account = subject.is_service_account};
    const auto uuid = canonical_uuid(subject.id.text);
    record.has_uuid = uuid.has_value();
    if (uuid) record.uuid = *uuid;
    record.details = make_details(subject, !uuid, in_place);
    record.set = sets_.acquire(set_of(subject, counts_from_the_beginning), in_place);
    record.attributes = attributes_.acquire(subject.attributes, in_place);
    if (subject.email_domain) record.email_domain = domains_.acquire(*subject.email_domain, in_place);

    if (existing != none) {
        release(records_[existing]);
        records_.set(existing, std::move(record));
        return;
    }
    SubjectNumber number = numbers();
    if (!free_.empty()) {
        number = free_.back();
        free_.pop_back();
        records_.set(number, record);
    } else if (in_place) {
        records_.push_back_in_place(record);
    } else {
        records_.push_back(record);
    }
    const auto match = [number](SubjectNumber other) { return other == number; };
    const auto hash_of = [this](SubjectNumber other) { return hash(records_[other]); };
    in_place ? by_id_.insert_in_place(number, hash(record), match, hash_of) : by_id_.insert(number, hash(record), match, hash_of);
}

void Subjects::release(const Record& record) {
    sets_.release(record.set);
    attributes_.release(record.attributes);
    if (record.email_domain != NamePool::none) domains_.release(record.email_domain);
    if (!record.details) return;
    for (const Step& step : record.details->timeline) sets_.release(step.set);
    detail_bytes_ -= bytes_of(*record.details);
}

void Subjects::remove(std::string_view id) {
    const SubjectNumber number = find(id);
    if (number == none) return;
    const Record record = records_[number];
    by_id_.erase(hash(record), [number](SubjectNumber other) { return other == number; });
    release(record);
    records_.set(number, Record{});
    free_.push_back(number);
}

std::size_t Subjects::bytes() const noexcept {
    return records_.size() * sizeof(Record) + by_id_.size() * HashTrie<SubjectNumber>::bytes_per_entry + sets_.bytes() +
           attributes_.bytes() + domains_.bytes() + detail_bytes_;
}

}  // namespace sentinel::engine
