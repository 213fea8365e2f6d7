/// access_matrix_check FILE: makes the policy of a role-mining matrix (lines `user permission`; .xz too), asks whether each user
/// has each permission, and compares every answer with the matrix. The reference is asked a sample. Exit code 1 on a difference.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/access_matrix.hpp"
#include "app/file.hpp"
#include "engine/engine.hpp"
#include "engine/reference/reference.hpp"
#include "policy/tenant_policy.hpp"

namespace {

namespace app = sentinel::app;
namespace engine = sentinel::engine;

constexpr std::uint64_t sample_seed = 20'260'101;
constexpr double sample_share = 0.01;
/// The reference is slow: more would take longer than half a minute on the biggest matrix.
constexpr double largest_sample = 100'000;
constexpr sentinel::core::Instant asked_at{.seconds = 1'800'000'000};

struct CloseProcess {
    void operator()(FILE* process) const { pclose(process); }
};

std::string unpack(const std::string& file) {
    // The name is that of a data set, given by a test: no quote is in it.
    const std::unique_ptr<FILE, CloseProcess> process(popen(fmt::format("xz -dc '{}'", file).c_str(), "r"));
    std::string text;
    std::array<char, 1U << 16> block{};
    while (process != nullptr) {
        const std::size_t count = std::fread(block.data(), 1, block.size(), process.get());
        if (count == 0) break;
        text.append(block.data(), count);
    }
    return text;
}

std::string read_matrix(const std::string& file) {
    if (file.ends_with(".xz")) return unpack(file);
    return app::read_file(file).value_or("");
}

/// The matrix as its lines say, read without the program's own reader.
class Matrix {
public:
    explicit Matrix(const std::string& text) {
        std::istringstream lines(text);
        for (std::string user, permission; lines >> user >> permission;) add(user, permission);
        for (auto& row : held_) row.resize(permissions_.size());
    }

    const std::vector<std::string>& users() const { return users_; }
    const std::vector<std::string>& permissions() const { return permissions_; }
    bool holds(std::size_t user, std::size_t permission) const { return held_[user][permission]; }

private:
    using Numbers = std::unordered_map<std::string, std::size_t>;

    static std::size_t number(Numbers& numbers, std::vector<std::string>& names, const std::string& name) {
        const auto [found, is_new] = numbers.try_emplace(name, names.size());
        if (is_new) names.push_back(name);
        return found->second;
    }

    void add(const std::string& user, const std::string& permission) {
        const std::size_t row = number(user_numbers_, users_, user);
        const std::size_t column = number(permission_numbers_, permissions_, permission);
        if (row == held_.size()) held_.emplace_back();
        if (held_[row].size() <= column) held_[row].resize(column + 1);
        held_[row][column] = true;
    }

    Numbers user_numbers_;
    Numbers permission_numbers_;
    std::vector<std::string> users_;
    std::vector<std::string> permissions_;
    std::vector<std::vector<bool>> held_;
};

engine::Question question_of(const std::string& user, const std::string& permission) {
    engine::Question question;
    question.subject = {user};
    question.action = app::matrix_action;
    question.resource.type = app::matrix_type;
    question.resource.id = permission;
    return question;
}

struct Counts {
    std::size_t allowed = 0;
    std::size_t differences = 0;
};

/// Asks the engine all of them.
Counts compare_all(const Matrix& matrix, engine::Evaluator& evaluator) {
    Counts counts;
    engine::Question question = question_of("", "");
    for (std::size_t user = 0; user < matrix.users().size(); ++user) {
        question.subject.text = matrix.users()[user];
        for (std::size_t permission = 0; permission < matrix.permissions().size(); ++permission) {
            question.resource.id = matrix.permissions()[permission];
            const auto verdict = evaluator.decide(question, asked_at);
            const bool allowed = verdict && verdict->allowed;
            counts.allowed += allowed ? 1 : 0;
            counts.differences += !verdict || allowed != matrix.holds(user, permission) ? 1 : 0;
        }
    }
    return counts;
}

/// Cuts a policy to one subject with its roles and their permissions: what the reference needs to answer about it, and no more.
class PolicyCutter {
public:
    explicit PolicyCutter(const engine::TenantPolicy& whole) : whole_(whole) {
        for (const auto& subject : whole.subjects) subjects_.emplace(subject.id.text, &subject);
        for (const auto& role : whole.roles) roles_.emplace(role.id, &role);
        for (const auto& permission : whole.permissions) permissions_.emplace(permission.id, &permission);
    }

    engine::TenantPolicy cut_to(const std::string& user) const {
        engine::TenantPolicy policy;
        policy.id = whole_.id;
        policy.revision = whole_.revision;
        policy.subjects.push_back(*subjects_.at(user));
        for (const auto& assignment : policy.subjects.front().roles) policy.roles.push_back(*roles_.at(assignment.role));
        for (const auto& role : whole_.roles) {
            if (role.everyone) policy.roles.push_back(role);
        }
        for (const auto& role : policy.roles) {
            for (const auto& permission : role.permissions) policy.permissions.push_back(*permissions_.at(permission));
        }
        return policy;
    }

private:
    const engine::TenantPolicy& whole_;
    std::unordered_map<std::string, const engine::Subject*> subjects_;
    std::unordered_map<engine::RoleId, const engine::Role*> roles_;
    std::unordered_map<engine::PermissionId, const engine::Permission*> permissions_;
};

struct Sample {
    std::size_t asked = 0;
    std::size_t differences = 0;
};

bool agree(const engine::Question& question, const engine::TenantPolicy& policy, engine::Evaluator& evaluator, bool holds) {
    const auto expected = engine::reference::check(policy, question, asked_at);
    const auto answer = evaluator.check(question, asked_at);
    return expected && answer && expected->answer == *answer && answer->allowed == holds;
}

/// Asks the reference a random sample and compares its whole answers with the engine's.
Sample compare_sample(const Matrix& matrix, const engine::TenantPolicy& policy, engine::Evaluator& evaluator) {
    const auto questions = static_cast<double>(matrix.users().size() * matrix.permissions().size());
    std::mt19937_64 generator(sample_seed);
    std::bernoulli_distribution is_sampled(std::min(sample_share, largest_sample / questions));
    const PolicyCutter cutter(policy);
    Sample sample;
    for (std::size_t user = 0; user < matrix.users().size(); ++user) {
        const auto cut = cutter.cut_to(matrix.users()[user]);
        for (std::size_t permission = 0; permission < matrix.permissions().size(); ++permission) {
            if (!is_sampled(generator)) continue;
            ++sample.asked;
            const auto question = question_of(matrix.users()[user], matrix.permissions()[permission]);
            sample.differences += agree(question, cut, evaluator, matrix.holds(user, permission)) ? 0 : 1;
        }
    }
    return sample;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int fail(std::string_view message) {
    fmt::print(stderr, "access_matrix_check: {}\n", message);
    return 2;
}

int check(const std::string& file) {
    const std::string text = read_matrix(file);
    const std::string name = std::filesystem::path(file).filename().string();
    const auto document = app::read_access_matrix(text, name.substr(0, name.find('.')));
    if (!document) return fail(fmt::format("{}:{}: {}", file, document.error().line, document.error().message));
    const auto policy = sentinel::policy::to_tenant_policy(*document).policy;
    const auto snapshot = engine::build(policy);
    if (!snapshot) return fail(fmt::format("{}: {}", snapshot.error().front().pointer, snapshot.error().front().message));

    const Matrix matrix(text);
    const std::size_t questions = matrix.users().size() * matrix.permissions().size();
    if (questions == 0) return fail(fmt::format("{} holds no matrix", file));
    engine::Evaluator evaluator(*snapshot);
    auto start = std::chrono::steady_clock::now();
    const Counts all = compare_all(matrix, evaluator);
    fmt::print("{}: {} x {} = {}, allowed {}, differences {}, rate {:.0f}/s\n", document->tenant, matrix.users().size(),
               matrix.permissions().size(), questions, all.allowed, all.differences,
               static_cast<double>(questions) / seconds_since(start));
    start = std::chrono::steady_clock::now();
    const Sample sample = compare_sample(matrix, policy, evaluator);
    fmt::print("{}: reference {} sampled, differences {}, {:.1f} s\n", document->tenant, sample.asked, sample.differences,
               seconds_since(start));
    return all.differences + sample.differences == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return fail("one argument: the file of the matrix");
    return check(arguments[1]);
}
