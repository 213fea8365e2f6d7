#include "renaming.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "alphabet.hpp"
#include "dump.hpp"
#include "policy_generator.hpp"

namespace sentinel::differential {

using namespace engine;

namespace {

constexpr std::size_t uuid_length = 36;

/// Works on the JSON form, where ids and names stand as text wherever they occur.
class Renamer {
public:
    explicit Renamer(std::uint64_t salt) : salt_(salt) {}

    json::Value renamed(const json::Value& value) const {
        if (value.text() != nullptr) { return text(*value.text()); }
        if (value.array() != nullptr) {
            json::Array list;
            for (const auto& item : *value.array()) { list.push_back(renamed(item)); }
            return list;
        }
        if (value.object() != nullptr) {
            json::Object object;
            for (const auto& member : *value.object()) { object.set(member.name, renamed(member.value)); }
            return object;
        }
        return value;
    }

private:
    template <class Names>
    static bool is_one_of(const Names& names, std::string_view text) {
        return std::ranges::find(names, text) != std::end(names);
    }

    std::string text(const std::string& original) const {
        if (is_one_of(role_names, original) || is_one_of(group_names, original) || is_one_of(subject_ids, original)) {
            // Another first letter for each, so that names sort in another order.
            const auto letter = static_cast<char>('a' + mix(salt_ ^ static_cast<unsigned char>(original.back())) % 26);
            return letter + ("-" + original);
        }
        std::string result = original;
        for (std::size_t begin = 0; begin + uuid_length <= result.size(); ++begin) {
            const auto part = std::string_view(result).substr(begin, uuid_length);
            if (const auto uuid = core::Uuid::parse(part)) {
                const bool is_upper = std::ranges::any_of(part, [](char letter) { return letter >= 'A' && letter <= 'F'; });
                const auto other = renamed_uuid(*uuid).text();
                result.replace(begin, uuid_length, is_upper ? upper(other) : other);
                begin += uuid_length - 1;
            }
        }
        return result;
    }

    /// The lower half scrambles the upper one: other ids in another order, none twice.
    core::Uuid renamed_uuid(core::Uuid uuid) const {
        std::uint64_t lower = 0;
        std::memcpy(&lower, uuid.bytes.data() + 8, 8);
        const auto scrambler = mix(salt_ ^ lower);
        for (std::size_t index = 0; index < 8; ++index) {
            uuid.bytes[index] = static_cast<std::uint8_t>(uuid.bytes[index] ^ (scrambler >> (index * 8)));
        }
        return uuid;
    }

    std::uint64_t salt_;
};

bool is_wildcard(std::string_view segment) { return segment == "*" || segment == "**"; }

void rename_code(std::string& text) {
    if (!text.empty() && !core::Uuid::parse(text)) { text.insert(0, "z"); }
}

void rename_code(std::optional<std::string>& text) {
    if (text) { rename_code(*text); }
}

/// Each literal segment that is no id; in `T/x` only x.
void rename_path(std::string& path) {
    const bool is_absolute = path.starts_with('/');
    std::string result;
    std::size_t begin = 0;
    for (std::size_t number = 0; begin <= path.size(); ++number) {
        const auto end = std::min(path.find('/', begin), path.size());
        auto segment = path.substr(begin, end - begin);
        if (!is_wildcard(segment) && (is_absolute || number > 0)) { rename_code(segment); }
        result += (number > 0 ? "/" : "") + segment;
        begin = end + 1;
    }
    path = result;
}

template <class Owner>
void shuffle_rows(Random& random, Owner& owner) {
    random.shuffle(owner.permissions);
    random.shuffle(owner.roles);
    random.shuffle(owner.fields);
    for (auto& permission : owner.permissions) {
        rename_path(permission.resource_path);
        random.shuffle(permission.actions);
    }
    for (auto& role : owner.roles) { random.shuffle(role.permissions); }
}

}  // namespace

World rename(Random& random, const World& world) {
    const Renamer renamer(random.next());
    auto other = case_from_json(renamer.renamed(to_json(Case{.policy = world.policy, .questions = world.questions})));
    auto& policy = other.policy;
    shuffle_rows(random, policy);
    for (auto& ancestor : policy.ancestors) { shuffle_rows(random, ancestor); }
    random.shuffle(policy.resources);
    for (auto& resource : policy.resources) { rename_code(resource.code); }
    random.shuffle(policy.groups);
    for (auto& group : policy.groups) { random.shuffle(group.roles); }
    random.shuffle(policy.subjects);
    for (auto& subject : policy.subjects) {
        random.shuffle(subject.roles);
        random.shuffle(subject.groups);
    }
    random.shuffle(policy.grants);
    for (auto& grant : policy.grants) { rename_path(grant.resource_path); }
    for (auto& asked : other.questions) {
        auto& resource = asked.question.resource;
        rename_code(resource.id);
        rename_code(resource.parent);
        if (resource.path) { rename_path(*resource.path); }
    }
    return {.policy = std::move(policy), .questions = std::move(other.questions), .now = world.now};
}

}  // namespace sentinel::differential
