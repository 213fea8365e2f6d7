#include "app/reference_asker.hpp"

#include <algorithm>

#include "engine/reference/reference.hpp"

namespace sentinel::app {

namespace reference = engine::reference;

std::expected<engine::ExplainedAnswer, engine::QuestionError> ReferenceAsker::explain(const policy::Asked& asked) {
    if (!asked.imagined) return reference::check(policy_, asked.question, asked.now);
    engine::TenantPolicy with_subject = policy_;
    engine::apply(with_subject, engine::PutSubject{*asked.imagined});
    return reference::check(with_subject, asked.question, asked.now);
}

std::expected<engine::Answer, engine::QuestionError> ReferenceAsker::check(const policy::Asked& asked) {
    auto explained = explain(asked);
    if (!explained) return std::unexpected(std::move(explained.error()));
    return std::move(explained->answer);
}

std::expected<std::vector<engine::SubjectId>, engine::QuestionError> ReferenceAsker::who_can(const policy::Asked& asked) {
    std::vector<engine::SubjectId> allowed;
    for (const auto& subject : policy_.subjects) {
        engine::Question question = asked.question;
        question.subject = subject.id;
        const auto answer = reference::check(policy_, question, asked.now);
        if (!answer) return std::unexpected(answer.error());
        if (answer->answer.allowed) allowed.push_back(subject.id);
    }
    std::ranges::sort(allowed);
    return allowed;
}

}  // namespace sentinel::app
