#pragma once
/// Text for people: colours only where they help, nothing from a policy that could steer a terminal, progress on stderr.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace sentinel::app {

/// `text` fit for one line of a terminal: control, format and separator characters, noncharacters and bytes that are no UTF-8 as `\u{…}`.
std::string visible(std::string_view text);

enum class Colour : std::uint8_t { plain, bold, dim, green, red, yellow, cyan };

/// Paints, or leaves text as it is.
class Style {
public:
    explicit Style(bool colours) : colours_(colours) {}
    /// Colours on a terminal only, and not with NO_COLOR or TERM=dumb.
    static Style of(std::FILE* stream);
    std::string paint(Colour colour, std::string_view text) const;

private:
    bool colours_;
};

/// A progress bar on stderr: only on a terminal, and only once the work has taken a second.
class Progress {
public:
    /// `total` of 0: the end is not known, only the count is shown.
    Progress(std::string label, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    /// Cheap: looks at the clock, and draws at most ten times a second.
    void update(std::uint64_t done);

private:
    using Clock = std::chrono::steady_clock;
    void draw(std::uint64_t done) const;

    std::string label_;
    std::uint64_t total_;
    bool enabled_;
    bool drawn_ = false;
    Clock::time_point next_draw_;
};

}  // namespace sentinel::app
