#pragma once
/// The rule by which a zone goes on after its recorded transitions: the footer of a TZif file (RFC 8536 section 3.3).

#include <cstdint>
#include <optional>
#include <string_view>

namespace sentinel::core {

/// A yearly change between standard and daylight time, or none.
class ZoneRule {
public:
    /// A POSIX TZ text such as `CET-1CEST,M3.5.0,M10.5.0/3`. Of the three forms of a date only `M` is read, the one that
    /// the zone database uses.
    static std::optional<ZoneRule> parse(std::string_view text) noexcept;

    /// Seconds to add to UTC; `seconds` since 1970.
    int offset_seconds(std::int64_t seconds) const noexcept;
    /// The first change after `seconds`; nullopt when the offset never changes.
    std::optional<std::int64_t> next_transition(std::int64_t seconds) const noexcept;

private:
    /// The `week`th (5 = last) `weekday` (0 = Sunday) of `month`, `time` seconds after its midnight.
    struct Day {
        int month = 1;
        int week = 1;
        int weekday = 0;
        int time = 2 * 3600;
    };
    struct Daylight {
        int offset = 0;
        Day begin;
        Day end;
    };
    struct Year {
        std::int64_t begin = 0;
        std::int64_t end = 0;
    };
    class Reader;

    static std::int64_t local_seconds(const Day& day, std::int64_t year) noexcept;
    Year changes_of(std::int64_t year) const noexcept;
    std::int64_t year_at(std::int64_t seconds) const noexcept;

    int standard_offset_ = 0;
    std::optional<Daylight> daylight_;
};

}  // namespace sentinel::core
