#include "app/random_questions.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace sentinel::app {

namespace {

using engine::ResourceReference;

/// SplitMix64: small, and the same everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    template <class T>
    const T& one_of(const std::vector<T>& choices) {
        return choices[next() % choices.size()];
    }

private:
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t value = state_;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
        return value ^ (value >> 31);
    }
    std::uint64_t state_;
};

ResourceReference reference(std::string_view type, std::string_view id) {
    ResourceReference resource;
    resource.type = type;
    resource.id = id;
    return resource;
}

/// The instances that permissions name, and an unnamed one of each type they name.
std::vector<ResourceReference> resources_of(const engine::TenantPolicy& policy) {
    std::vector<ResourceReference> resources;
    for (const auto& resource : policy.resources) resources.push_back(reference(resource.type, resource.code));
    std::set<std::pair<std::string, std::string>> named;
    for (const auto& permission : policy.permissions) {
        const std::string_view path = permission.resource_path;
        const std::size_t slash = path.find('/');
        if (slash == 0 || slash == std::string_view::npos || path.starts_with('*')) continue;
        const std::string_view id = path.substr(slash + 1);
        named.emplace(path.substr(0, slash), id == "*" ? "some-instance" : id);
    }
    for (const auto& [type, id] : named) resources.push_back(reference(type, id));
    return resources;
}

std::vector<std::string> actions_of(const engine::TenantPolicy& policy) {
    std::set<std::string> actions;
    for (const auto& permission : policy.permissions) {
        for (const auto& action : permission.actions) actions.insert(action == "*" ? "read" : action);
    }
    return {actions.begin(), actions.end()};
}

}  // namespace

std::vector<engine::Question> random_questions(const engine::TenantPolicy& policy, std::size_t count, std::uint64_t seed) {
    const auto resources = resources_of(policy);
    const auto actions = actions_of(policy);
    std::vector<engine::Question> questions;
    if (policy.subjects.empty() || resources.empty() || actions.empty()) return questions;
    Random random(seed);
    questions.reserve(count);
    while (questions.size() < count) {
        engine::Question question;
        question.subject = random.one_of(policy.subjects).id;
        question.action = random.one_of(actions);
        question.resource = random.one_of(resources);
        questions.push_back(std::move(question));
    }
    return questions;
}

}  // namespace sentinel::app
