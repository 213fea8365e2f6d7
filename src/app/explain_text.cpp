#include "app/explain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "core/text.hpp"

namespace sentinel::app {

namespace {

using engine::Because;
using engine::CandidateTrace;
using engine::LeafTrace;
using engine::Truth;

std::string_view branch(bool last) { return last ? "└─ " : "├─ "; }
std::string_view trunk(bool last) { return last ? "   " : "│  "; }

std::string visible_json(const core::json::Value& value) { return visible(core::json::to_text(value)); }

std::string padded(std::string text, std::size_t width) {
    const std::size_t length = core::code_points(text);
    if (length < width) text.append(width - length, ' ');
    return text;
}

/// Rows of texts, each column as wide as its widest text, the last one unpadded.
class Table {
public:
    void add(std::vector<std::string> row) {
        widths_.resize(std::max(widths_.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column)
            widths_[column] = std::max(widths_[column], core::code_points(row[column]));
        rows_.push_back(std::move(row));
    }
    std::size_t size() const { return rows_.size(); }
    std::string cell(std::size_t row, std::size_t column) const {
        const bool last = column + 1 == rows_[row].size();
        return last ? rows_[row][column] : padded(rows_[row][column], widths_[column]);
    }
    std::size_t columns(std::size_t row) const { return rows_[row].size(); }

private:
    std::vector<std::vector<std::string>> rows_;
    std::vector<std::size_t> widths_;
};

Colour truth_colour(Truth truth) {
    switch (truth) {
        case Truth::no: return Colour::red;
        case Truth::unknown: return Colour::yellow;
        case Truth::yes: return Colour::green;
    }
    std::unreachable();
}

std::string_view because_sentence(const CandidateTrace& candidate) {
    // A deny holds on unknown conditions too; without a word on it the tree would look wrong.
    const bool fails_closed = candidate.applies && candidate.conditions == Truth::unknown;
    switch (candidate.because) {
        case Because::decides: return fails_closed ? "decides: unknown conditions are enough for a deny" : "decides";
        case Because::applies: return "applies, but one before it decides";
        case Because::conditions_false: return "does not apply: its conditions are false";
        case Because::conditions_unknown: return "does not apply: its conditions are unknown";
        case Because::resource_inactive: return "does not apply: the resource, or one above it, is inactive";
    }
    std::unreachable();
}

std::string rights_text(engine::FieldRights rights) {
    if (rights.hidden) return "hidden";
    if (rights.write) return "read, write";
    return rights.read ? "read" : "none";
}

class Renderer {
public:
    Renderer(const engine::Question& question, const engine::ExplainedAnswer& explained, const LoadedPolicy& policy,
             const Style& style)
        : question_(question), explained_(explained), policy_(policy), style_(style) {}

    std::string render() {
        verdict();
        question_part();
        subject_part();
        candidates_part();
        fields_part();
        line("");
        line(style_.paint(Colour::dim,
                          fmt::format("ttl {} s, policy revision {}", explained_.answer.ttl, explained_.answer.revision)));
        return std::move(out_);
    }

private:
    void line(std::string_view text) {
        out_ += text;
        out_ += '\n';
    }
    void heading(std::string_view title, std::string_view rest) {
        line("");
        line(fmt::format("{}{}{}", style_.paint(Colour::bold, title), rest.empty() ? "" : "  ", rest));
    }

    void verdict() {
        line(verdict_line(explained_.answer, style_));
        const auto& matched = explained_.answer.matched;
        if (matched && matched->resource) {
            line(style_.paint(Colour::dim, fmt::format("reached at {}", visible(resource_label(policy_, *matched->resource)))));
        }
    }

    std::string asked_resource() const {
        const auto& resource = question_.resource;
        if (resource.path) return fmt::format("{} {}", resource.type, *resource.path);
        std::string text = resource.id ? fmt::format("{}/{}", resource.type, *resource.id) : resource.type;
        if (resource.parent) text += fmt::format(" {} {}", resource.id ? "below" : "(a new one) below", *resource.parent);
        return text;
    }

    void question_part() {
        heading("Question", fmt::format("may {} {} {}?", visible(question_.subject.text), visible(question_.action),
                                        visible(asked_resource())));
        if (!question_.resource.attributes.empty()) line("  attributes " + visible_json(question_.resource.attributes));
        if (!question_.context.empty()) line("  context " + visible_json(question_.context));
    }

    std::string subject_text() const {
        const auto& subjects = policy_.tenant.subjects;
        const auto found = std::ranges::find(subjects, question_.subject, &engine::Subject::id);
        if (found == subjects.end()) return visible(question_.subject.text);
        return fmt::format("{}, {} {}", visible(question_.subject.text), found->active ? "active" : "inactive",
                           found->is_service_account ? "service account" : "person");
    }

    void subject_part() {
        const auto& roles = explained_.explanation.effective_roles;
        heading("Subject", subject_text());
        if (roles.empty()) line("└─ no effective role");
        Table table;
        for (const auto& role : roles)
            table.add({visible(role.name), fmt::format("priority {}", role.priority), visible(role.held_as)});
        for (std::size_t row = 0; row < roles.size(); ++row) {
            line(fmt::format("{}{}  {}  {}", branch(row + 1 == roles.size()), table.cell(row, 0),
                             style_.paint(Colour::dim, table.cell(row, 1)), table.cell(row, 2)));
        }
    }

    void candidates_part() {
        const auto& candidates = explained_.explanation.candidates;
        heading("Candidates", candidates.empty() ? "" : "in deciding order");
        if (candidates.empty()) line(fmt::format("└─ {}", no_candidates_sentence()));
        for (std::size_t index = 0; index < candidates.size(); ++index)
            candidate_part(candidates[index], index + 1 == candidates.size());
    }

    std::string_view no_candidates_sentence() const {
        switch (explained_.answer.reason_code) {
            case engine::ReasonCode::tenant_inactive:
            case engine::ReasonCode::subject_inactive: return "none was looked at";
            default: return "none: no permission of these roles lists the action and reaches the resource";
        }
    }

    void candidate_part(const CandidateTrace& candidate, bool last) {
        const bool decides = candidate.because == Because::decides;
        const Colour effect = candidate.effect == engine::Effect::allow ? Colour::green : Colour::red;
        const std::string_view effect_text = candidate.effect == engine::Effect::allow ? "allow"
                                             : candidate.enforced                      ? "guardrail"
                                                                                       : "deny";
        line(fmt::format("{}{} {}  {}  {}", branch(last),
                         decides             ? style_.paint(Colour::bold, "▶")
                         : candidate.applies ? "●"
                                             : "○",
                         style_.paint(decides ? Colour::bold : Colour::plain, candidate_name(candidate)),
                         style_.paint(effect, effect_text), style_.paint(Colour::dim, carrier(candidate))));
        const std::string_view stem = trunk(last);
        line(fmt::format("{}  {}", stem,
                         style_.paint(candidate.applies ? Colour::plain : Colour::yellow, because_sentence(candidate))));
        leaves_part(candidate.leaves, stem);
    }

    std::string candidate_name(const CandidateTrace& candidate) const {
        if (candidate.grant) return fmt::format("grant {}", visible(grant_label(policy_, *candidate.grant)));
        if (!candidate.permission_key.empty()) return visible(candidate.permission_key);
        return candidate.permission ? candidate.permission->text() : "permission";
    }

    static std::string carrier(const CandidateTrace& candidate) {
        if (!candidate.role) return fmt::format("{}, priority {}", visible(candidate.held_as), candidate.priority);
        return fmt::format("role {} ({}), priority {}", visible(candidate.role_name), visible(candidate.held_as),
                           candidate.priority);
    }

    void leaves_part(const std::vector<LeafTrace>& leaves, std::string_view stem) {
        Table table;
        for (const auto& leaf : leaves) {
            table.add({std::string(engine::truth_text(leaf.truth)), visible(leaf.path),
                       fmt::format("{} {}", visible(leaf.operator_name), visible_json(leaf.expected)),
                       leaf.actual ? "actual " + visible_json(*leaf.actual) : "missing"});
        }
        for (std::size_t row = 0; row < leaves.size(); ++row) {
            line(fmt::format("{}  {}{}  {}  {}  {}", stem, branch(row + 1 == leaves.size()),
                             style_.paint(truth_colour(leaves[row].truth), table.cell(row, 0)),
                             style_.paint(Colour::cyan, table.cell(row, 1)), table.cell(row, 2), table.cell(row, 3)));
        }
    }

    void fields_part() {
        Table table;
        for (const auto tier : engine::all_tiers) {
            for (const auto& [name, rights] : explained_.answer.fields[static_cast<std::size_t>(tier)]) {
                table.add({visible(name), std::string(engine::tier_text(tier)), rights_text(rights)});
            }
        }
        if (table.size() == 0) return;
        heading("Fields", "");
        for (std::size_t row = 0; row < table.size(); ++row) {
            line(fmt::format("{}{}  {}  {}", branch(row + 1 == table.size()), table.cell(row, 0),
                             style_.paint(Colour::dim, table.cell(row, 1)), table.cell(row, 2)));
        }
    }

    const engine::Question& question_;
    const engine::ExplainedAnswer& explained_;
    const LoadedPolicy& policy_;
    const Style& style_;
    std::string out_;
};

}  // namespace

std::string verdict_line(const engine::Answer& answer, const Style& style) {
    const std::string verdict = style.paint(answer.allowed ? Colour::green : Colour::red, answer.allowed ? "ALLOWED" : "DENIED");
    return fmt::format("{}  {}  {}", verdict, engine::reason_code_text(answer.reason_code),
                       visible(engine::reason_sentence(answer)));
}

std::string explanation_text(const engine::Question& question, const engine::ExplainedAnswer& explained,
                             const LoadedPolicy& policy, const Style& style) {
    return Renderer(question, explained, policy, style).render();
}

}  // namespace sentinel::app
