#include "app/batch.hpp"

#include <fmt/format.h>

#include <optional>

#include "app/answer_json.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "app/item_source.hpp"
#include "app/question_json.hpp"

namespace sentinel::app {

namespace {

constexpr std::size_t output_bytes = 256U << 10;

/// One batch: everything that is reused from question to question.
class Batch {
public:
    Batch(InputFile& input, const std::string& name, const LoadedPolicy& policy, engine::Instant now, AnswerForm form)
        : policy_(policy),
          evaluator_(policy.snapshot),
          now_(now),
          form_(form),
          name_(name),
          source_([this, &input](char* data, std::size_t size) { return read(input, data, size); }),
          progress_("checking", input.size()) {
        out_.reserve(output_bytes + (64U << 10));
    }

    Result<ExitCode> run() {
        while (!failure_) {
            const auto item = source_.next();
            if (!item) return fail({ExitCode::usage, fmt::format("{}: {}", visible(name_), item.error())});
            if (!*item) break;
            answer(**item);
            if (out_.size() >= output_bytes) flush();
        }
        flush();
        if (failure_) return std::unexpected(*failure_);
        if (malformed_ == 0) return ExitCode::success;
        return std::unexpected(Failure{
            ExitCode::usage, fmt::format("{}: {} of {} questions could not be answered", visible(name_), malformed_, count_)});
    }

private:
    std::ptrdiff_t read(InputFile& input, char* data, std::size_t size) {
        flush();
        progress_.update(source_.bytes_taken());
        return failure_ ? 0 : input.read(data, size);
    }

    void answer(std::string_view item) {
        ++count_;
        const auto read = read_question(item, question_);
        if (!read) return refuse(read.error());
        auto answer = evaluator_.check(question_, now_);
        if (!answer) return refuse(answer.error());
        name_permissions(policy_, *answer);
        if (form_ == AnswerForm::decision) {
            append_decision(out_, *answer);
        } else {
            append_answer(out_, *answer);
        }
        out_ += '\n';
    }

    void refuse(const engine::QuestionError& error) {
        ++malformed_;
        append_error(out_, error);
        out_ += '\n';
    }

    void flush() {
        if (out_.empty() || failure_) return;
        if (auto written = write_output(out_); !written) failure_ = written.error();
        out_.clear();
    }

    Result<ExitCode> fail(Failure failure) {
        flush();
        return std::unexpected(failure_.value_or(std::move(failure)));
    }

    const LoadedPolicy& policy_;
    engine::Evaluator evaluator_;
    engine::Instant now_;
    AnswerForm form_;
    const std::string& name_;
    ItemSource source_;
    Progress progress_;
    engine::Question question_;
    std::string out_;
    std::optional<Failure> failure_;
    std::uint64_t count_ = 0;
    std::uint64_t malformed_ = 0;
};

}  // namespace

Result<ExitCode> answer_questions(const std::string& file, const LoadedPolicy& policy, engine::Instant now, AnswerForm form) {
    auto input = InputFile::open(file);
    if (!input) return std::unexpected(std::move(input.error()));
    return Batch(*input, file, policy, now, form).run();
}

Result<ExitCode> print_verdict(std::string_view text, bool allowed) {
    if (auto written = write_output(text); !written) return std::unexpected(written.error());
    return allowed ? ExitCode::success : ExitCode::negative;
}

Result<ExitCode> question_failure(const engine::QuestionError& error, bool json) {
    if (json) {
        std::string out;
        append_error(out, error);
        out += '\n';
        if (auto written = write_output(out); !written) return std::unexpected(written.error());
    }
    return std::unexpected(to_failure(error));
}

}  // namespace sentinel::app
