#pragma once
/// Random questions about one tenant.

#include <string>
#include <string_view>

#include "policy_generator.hpp"

namespace sentinel::differential {

class QuestionGenerator {
public:
    QuestionGenerator(Random& random, const World& world, bool renamable)
        : random_(random), world_(world), tree_(random, world, renamable) {}

    Asked draw();

private:
    engine::ResourceReference resource();
    engine::ResourceReference by_id(const engine::Resource& target);
    engine::ResourceReference by_path(const engine::Resource* target);
    engine::ResourceReference outside(const engine::Resource* parent);
    std::string parent_text(const engine::Resource& parent);
    std::string some_type(const engine::Resource* like);
    Instant clock();
    void spoil(engine::Question& question);
    void spoil_path(engine::ResourceReference& resource);

    Random& random_;
    const World& world_;
    PolicyGenerator tree_;  ///< for its walk over the resources
};

}  // namespace sentinel::differential
