#include "app/question_scan.hpp"

#include <utility>

namespace sentinel::app {

namespace {

namespace json = core::json;

constexpr std::size_t depth_limit = json::ParseLimits{}.depth;

bool is_blank(char letter) { return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t'; }

/// A cursor over JSON text that knows only what plain questions need. Every method returns false on anything else.
class Scanner {
public:
    explicit Scanner(std::string_view text) : cursor_(text.data()), end_(text.data() + text.size()) {}

    bool take(char expected) {
        skip_blanks();
        if (cursor_ == end_ || *cursor_ != expected) return false;
        ++cursor_;
        return true;
    }

    bool at_end() {
        skip_blanks();
        return cursor_ == end_;
    }

    /// A text of printable ASCII without escapes.
    bool plain_text(std::string_view& text) {
        if (!take('"')) return false;
        const char* begin = cursor_;
        for (; cursor_ != end_; ++cursor_) {
            const char letter = *cursor_;
            if (letter == '"') {
                text = {begin, cursor_};
                ++cursor_;
                return true;
            }
            if (letter < 0x20 || letter > 0x7E || letter == '\\') return false;
        }
        return false;
    }

    /// An object of any content, parsed by the strict parser with what is left of the depth.
    bool object(json::Object& into, std::size_t depth_used) {
        std::string_view text;
        if (!extent(text)) return false;
        auto value = json::parse(text, {.depth = depth_limit - depth_used});
        if (!value || value->object() == nullptr) return false;
        into = std::move(*value->object());
        return true;
    }

    /// Calls `member` for each name of an object; it must take the value.
    template <class Member>
    bool members(Member&& member) {
        if (!take('{')) return false;
        if (take('}')) return true;
        do {
            std::string_view name;
            if (!plain_text(name) || !take(':') || !member(name)) return false;
        } while (take(','));
        return take('}');
    }

private:
    void skip_blanks() {
        while (cursor_ != end_ && is_blank(*cursor_)) ++cursor_;
    }

    /// The text from `{` to its matching brace; whether it is JSON is the parser's to say.
    bool extent(std::string_view& text) {
        skip_blanks();
        const char* begin = cursor_;
        if (begin == end_ || *begin != '{') return false;
        std::size_t open = 0;
        for (bool quoted = false; cursor_ != end_; ++cursor_) {
            const char letter = *cursor_;
            if (quoted) {
                if (letter == '\\' && ++cursor_ == end_) return false;
                if (letter == '"') quoted = false;
            } else if (letter == '"') {
                quoted = true;
            } else if (letter == '{') {
                ++open;
            } else if (letter == '}' && --open == 0) {
                ++cursor_;
                text = {begin, cursor_};
                return true;
            }
        }
        return false;
    }

    const char* cursor_;
    const char* end_;
};

/// Which members were met; a second meeting is no plain question.
class Seen {
public:
    bool first(unsigned member) {
        const unsigned bit = 1U << member;
        return (std::exchange(bits_, bits_ | bit) & bit) == 0;
    }
    bool met(unsigned member) const { return (bits_ & (1U << member)) != 0; }

private:
    unsigned bits_ = 0;
};

bool assign(Scanner& scanner, std::string& into) {
    std::string_view text;
    if (!scanner.plain_text(text)) return false;
    into.assign(text);
    return true;
}

bool assign(Scanner& scanner, std::optional<std::string>& into) {
    if (!into) into.emplace();
    return assign(scanner, *into);
}

bool scan_resource(Scanner& scanner, engine::ResourceReference& resource) {
    enum Member : unsigned { type, id, path, parent, attributes };
    Seen seen;
    const bool read = scanner.members([&](std::string_view name) {
        if (name == "type") return seen.first(type) && assign(scanner, resource.type);
        if (name == "id") return seen.first(id) && assign(scanner, resource.id);
        if (name == "path") return seen.first(path) && assign(scanner, resource.path);
        if (name == "parent") return seen.first(parent) && assign(scanner, resource.parent);
        if (name == "attributes") return seen.first(attributes) && scanner.object(resource.attributes, 2);
        return false;
    });
    if (!read || !seen.met(type)) return false;
    if (!seen.met(id)) resource.id.reset();
    if (!seen.met(path)) resource.path.reset();
    if (!seen.met(parent)) resource.parent.reset();
    if (!seen.met(attributes)) resource.attributes = {};
    return true;
}

}  // namespace

bool scan_plain_question(std::string_view text, engine::Question& question) {
    enum Member : unsigned { user_id, action, resource, context };
    Scanner scanner(text);
    Seen seen;
    const bool read = scanner.members([&](std::string_view name) {
        if (name == "user_id") return seen.first(user_id) && assign(scanner, question.subject.text);
        if (name == "action") return seen.first(action) && assign(scanner, question.action);
        if (name == "resource") return seen.first(resource) && scan_resource(scanner, question.resource);
        if (name == "context") return seen.first(context) && scanner.object(question.context, 1);
        return false;
    });
    if (!read || !scanner.at_end() || !seen.met(user_id) || !seen.met(action) || !seen.met(resource)) return false;
    if (!seen.met(context)) question.context = {};
    return true;
}

}  // namespace sentinel::app
