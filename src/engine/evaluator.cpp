#include <algorithm>
#include <set>
#include <utility>

#include "engine/answering.hpp"
#include "engine/engine.hpp"

namespace sentinel::engine {

struct InternedQuestion::Parts {
    SnapshotPointer snapshot;  ///< keeps what `asked` points into
    Asked asked;
};
InternedQuestion::InternedQuestion(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
InternedQuestion::InternedQuestion(InternedQuestion&&) noexcept = default;
InternedQuestion& InternedQuestion::operator=(InternedQuestion&&) noexcept = default;
InternedQuestion::~InternedQuestion() = default;

std::optional<Matched> matched_of(const Verdict& verdict) {
    if (verdict.permission == nullptr && verdict.grant == nullptr) return std::nullopt;
    Matched matched{.resource = verdict.resource};
    if (verdict.grant != nullptr) {
        matched.grant = verdict.grant->id;
        matched.held_as = held_as(*verdict.grant);
        return matched;
    }
    matched.permission = verdict.permission->id;
    matched.permission_key = verdict.permission->key;
    matched.role = verdict.role->id;
    matched.role_name = verdict.role->name;
    matched.held_as = verdict.role->held_as;
    return matched;
}

class Evaluator::Implementation {
public:
    Implementation(SnapshotPointer snapshot, std::size_t cache_bytes)
        : snapshot_(std::move(snapshot)), evaluation_(cache_bytes) {}

    void use(SnapshotPointer snapshot) { snapshot_ = std::move(snapshot); }
    const Snapshot& snapshot() const noexcept { return *snapshot_; }
    const SnapshotPointer& share() const noexcept { return snapshot_; }
    Evaluation& evaluation() noexcept { return evaluation_; }

    /// Takes a question as far as the walk, by the order of checks that QuestionError promises.
    std::optional<QuestionError> open(const Question& question, Instant now, AskOptions options, Asked& opened) const {
        if (auto error = check_form(question)) return error;
        if (auto error = set_clock(question, now, options, opened)) return error;
        return Evaluation::look_up(question, *snapshot_, opened);
    }

    static std::optional<QuestionError> set_clock(const Question& question, Instant now, AskOptions options, Asked& opened) {
        const json::Value* time = question.context.find("time");
        opened.time_overridden = time != nullptr;
        opened.now = now;
        if (time == nullptr) return std::nullopt;
        if (!options.may_override_time) {
            return QuestionError{core::ErrorKind::forbidden,
                                 {"/context/time", "forbidden", "Overriding the clock needs permission:simulate."}};
        }
        opened.now = *Instant::parse(*time->text());
        return std::nullopt;
    }

    std::expected<std::vector<SubjectId>, QuestionError> who_can(const Question& question, Instant now, AskOptions options);
    std::expected<std::vector<ResourceId>, QuestionError> resources(const Question& question, Instant now, AskOptions options);
    std::expected<std::vector<ActionAnswer>, QuestionError> actions(const Question& question, Instant now, AskOptions options);

    Asked asked;  ///< scratch, reused so that its memory is

private:
    bool is_allowed(bool& depends_on_subject);

    SnapshotPointer snapshot_;
    Evaluation evaluation_;
};

Evaluator::Evaluator(SnapshotPointer snapshot, std::size_t cache_bytes)
    : implementation_(std::make_unique<Implementation>(std::move(snapshot), cache_bytes)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

void Evaluator::use(SnapshotPointer snapshot) { implementation_->use(std::move(snapshot)); }
const Snapshot& Evaluator::snapshot() const noexcept { return implementation_->snapshot(); }

std::expected<Answer, QuestionError> Evaluator::check(const Question& question, Instant now, AskOptions options) {
    Asked& asked = implementation_->asked;
    if (auto error = implementation_->open(question, now, options, asked)) return std::unexpected(std::move(*error));
    return answer(implementation_->evaluation(), asked, nullptr);
}

std::expected<ExplainedAnswer, QuestionError> Evaluator::explain(const Question& question, Instant now, AskOptions options) {
    Asked& asked = implementation_->asked;
    if (auto error = implementation_->open(question, now, options, asked)) return std::unexpected(std::move(*error));
    ExplainedAnswer explained;
    explained.answer = answer(implementation_->evaluation(), asked, &explained.explanation);
    return explained;
}

std::expected<Verdict, QuestionError> Evaluator::decide(const Question& question, Instant now, AskOptions options) {
    Asked& asked = implementation_->asked;
    if (auto error = implementation_->open(question, now, options, asked)) return std::unexpected(std::move(*error));
    return implementation_->evaluation().decide(asked);
}

std::expected<InternedQuestion, QuestionError> Evaluator::intern(const Question& question) {
    auto parts = std::make_unique<InternedQuestion::Parts>();
    parts->snapshot = implementation_->share();
    if (auto error = implementation_->open(question, Instant{}, {}, parts->asked)) return std::unexpected(std::move(*error));
    return InternedQuestion(std::move(parts));
}

Verdict Evaluator::decide(const InternedQuestion& question, Instant now) {
    question.parts_->asked.now = now;
    return implementation_->evaluation().decide(question.parts_->asked);
}

std::vector<std::expected<Answer, QuestionError>> Evaluator::check_batch(std::span<const Question> questions, Instant now,
                                                                         AskOptions options) {
    std::vector<std::expected<Answer, QuestionError>> answers;
    answers.reserve(questions.size());
    for (const Question& question : questions) answers.push_back(check(question, now, options));
    return answers;
}

// ---- reverse questions ----------------------------------------------------------------------------------------------

namespace {

/// Stands in for the part of a question that a reverse question leaves open, so that the rest can be checked for form.
constexpr std::string_view any_subject = "-";
constexpr std::string_view any_action = "read";

}  // namespace

/// Decides the question at hand; notes whether another holder of the same role set could be answered otherwise.
bool Evaluator::Implementation::is_allowed(bool& depends_on_subject) {
    if (Evaluation::inactive(asked)) {
        depends_on_subject = true;
        return false;
    }
    evaluation_.take_subject(asked);
    depends_on_subject = asked.grants != nullptr;
    bool allowed = false;
    evaluation_.walk(asked, [&](const Candidate& candidate) {
        if (candidate.entry != nullptr && candidate.entry->compiled().condition.reads_subject()) depends_on_subject = true;
        if (!Evaluation::applies(candidate, Evaluation::truth(candidate, asked), asked)) return true;
        allowed = !candidate.is_deny();
        return false;
    });
    return allowed;
}

std::expected<std::vector<SubjectId>, QuestionError> Evaluator::Implementation::who_can(const Question& question, Instant now,
                                                                                        AskOptions options) {
    Question asked_of_all = question;
    asked_of_all.subject.text = any_subject;
    if (auto error = check_form(asked_of_all)) return std::unexpected(std::move(*error));
    if (auto error = set_clock(question, now, options, asked)) return std::unexpected(std::move(*error));
    if (auto error = Evaluation::look_up_resource(question, *snapshot_, asked)) return std::unexpected(std::move(*error));

    const Subjects& subjects = snapshot_->subjects;
    std::unordered_map<RoleSetNumber, bool> answered;  // sets whose answer is the same for every holder
    std::vector<SubjectId> allowed;
    for (SubjectNumber number = 0; number < subjects.numbers(); ++number) {
        const Subjects::Record& record = subjects.record(number);
        if (!record.present) continue;
        asked.record = &record;
        const RoleSetNumber set = subjects.set_at(record, asked.now);
        const auto known = answered.find(set);
        const bool same_for_all = known != answered.end() && record.active && !snapshot_->has_grants();
        bool depends_on_subject = false;
        const bool is_yes = same_for_all ? known->second : is_allowed(depends_on_subject);
        if (!same_for_all && !depends_on_subject) answered.emplace(set, is_yes);
        if (is_yes) allowed.push_back({subjects.id_text(record)});
    }
    std::ranges::sort(allowed);
    return allowed;
}

std::expected<std::vector<ResourceId>, QuestionError> Evaluator::Implementation::resources(const Question& question, Instant now,
                                                                                           AskOptions options) {
    Question by_type = question;
    by_type.resource.id.reset();
    by_type.resource.path.reset();
    by_type.resource.parent.reset();
    if (auto error = open(by_type, now, options, asked)) return std::unexpected(std::move(*error));
    const NameId type = asked.located.type;
    asked.overlay = &question.resource.attributes;
    asked.context = &question.context;
    std::vector<ResourceId> allowed;
    if (type == no_name) return allowed;
    const TypeFields* fields = snapshot_->fields.of_type(question.resource.type);
    const bool overlays_stored = fields != nullptr && std::ranges::any_of(question.resource.attributes, [&](const auto& member) {
                                     return fields->is_authoritative(member.name);
                                 });
    if (overlays_stored) return allowed;  // each of them would be refused
    snapshot_->tree.for_each([&](NodeIndex index, const Node& node) {
        if (node.type != type) return;
        locate(index, *snapshot_, asked.located);
        bool depends_on_subject = false;
        if (is_allowed(depends_on_subject)) allowed.push_back(node.resource.id);
    });
    std::ranges::sort(allowed);
    return allowed;
}

std::expected<std::vector<ActionAnswer>, QuestionError> Evaluator::Implementation::actions(const Question& question, Instant now,
                                                                                           AskOptions options) {
    Question any = question;
    any.action = any_action;
    if (auto error = open(any, now, options, asked)) return std::unexpected(std::move(*error));
    std::vector<ActionAnswer> answers;
    for (const std::string& action : snapshot_->action_names()) {
        asked.action = snapshot_->name(action);
        asked.action_text = action;
        const Verdict verdict = evaluation_.decide(asked);
        answers.push_back({action, verdict.allowed, verdict.reason_code});
    }
    return answers;
}

std::expected<std::vector<SubjectId>, QuestionError> Evaluator::who_can(const Question& question, Instant now,
                                                                        AskOptions options) {
    return implementation_->who_can(question, now, options);
}
std::expected<std::vector<ResourceId>, QuestionError> Evaluator::resources(const Question& question, Instant now,
                                                                           AskOptions options) {
    return implementation_->resources(question, now, options);
}
std::expected<std::vector<ActionAnswer>, QuestionError> Evaluator::actions(const Question& question, Instant now,
                                                                           AskOptions options) {
    return implementation_->actions(question, now, options);
}

}  // namespace sentinel::engine
