#pragma once
/// Arithmetic of the proleptic Gregorian calendar, shared by time and zone.

#include <array>
#include <cstddef>
#include <cstdint>

namespace sentinel::core {

constexpr std::int64_t day_seconds = 86'400;

constexpr bool is_leap(std::int64_t year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/// REQUIRES: month is 1 to 12.
constexpr int days_in_month(std::int64_t year, int month) noexcept {
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

/// Days since 1970-01-01, counted in eras of 400 years that begin in March.
constexpr std::int64_t days_of(std::int64_t year, int month, int day) noexcept {
    const std::int64_t shifted_year = month <= 2 ? year - 1 : year;
    const std::int64_t era = (shifted_year >= 0 ? shifted_year : shifted_year - 399) / 400;
    const std::int64_t year_of_era = shifted_year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

/// 0 = Monday. `days` since 1970-01-01, which was a Thursday.
constexpr unsigned weekday_of(std::int64_t days) noexcept { return static_cast<unsigned>(((days + 3) % 7 + 7) % 7); }

}  // namespace sentinel::core
