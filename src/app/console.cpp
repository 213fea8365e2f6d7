#include "app/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/text.hpp"
#include "core/utf8.hpp"

namespace sentinel::app {

namespace {

std::string_view escape_sequence(Colour colour) {
    switch (colour) {
        case Colour::plain: return "";
        case Colour::bold: return "\033[1m";
        case Colour::dim: return "\033[2m";
        case Colour::green: return "\033[1;32m";
        case Colour::red: return "\033[1;31m";
        case Colour::yellow: return "\033[33m";
        case Colour::cyan: return "\033[36m";
    }
    return "";
}

bool is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

/// Stands for no text in Unicode; some of them (U+FFFE, U+FFFF) may not even stand in XML.
bool is_noncharacter(std::uint32_t code_point) {
    return (code_point & 0xFFFE) == 0xFFFE || (code_point >= 0xFDD0 && code_point <= 0xFDEF);
}

}  // namespace

std::string visible(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t bytes = core::utf8::sequence_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(bytes, 1));
        if (bytes == 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(character.front()));
        } else if (core::has_control_or_format(character) || is_noncharacter(core::utf8::decode(character, bytes))) {
            out += fmt::format("\\u{{{:x}}}", core::utf8::decode(character, bytes));
        } else {
            out += character;
        }
        text.remove_prefix(character.size());
    }
    return out;
}

Style Style::of(std::FILE* stream) {
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
    return Style(::isatty(::fileno(stream)) == 1 && !is_set("NO_COLOR") && !dumb);
}

std::string Style::paint(Colour colour, std::string_view text) const {
    if (!colours_ || colour == Colour::plain || text.empty()) return std::string(text);
    return fmt::format("{}{}\033[0m", escape_sequence(colour), text);
}

Progress::Progress(std::string label, std::uint64_t total)
    : label_(std::move(label)),
      total_(total),
      enabled_(::isatty(STDERR_FILENO) == 1),
      next_draw_(Clock::now() + std::chrono::seconds(1)) {}

Progress::~Progress() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
}

void Progress::update(std::uint64_t done) {
    if (!enabled_) return;
    const auto now = Clock::now();
    if (now < next_draw_) return;
    draw(done);
    drawn_ = true;
    next_draw_ = now + std::chrono::milliseconds(100);
}

void Progress::draw(std::uint64_t done) const {
    constexpr std::uint64_t width = 30;
    if (total_ == 0) {
        fmt::print(stderr, "\r\033[K{} {}", label_, done);
        return;
    }
    const std::uint64_t filled = std::min(done, total_) * width / total_;
    fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {} %", label_, "", filled, "", width - filled,
               std::min(done, total_) * 100 / total_);
}

}  // namespace sentinel::app
