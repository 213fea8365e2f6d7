#include "core/time.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/civil.hpp"
#include "core/digits.hpp"

namespace sentinel::core {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// Takes fixed fields from the front of a text; `good` turns false at the first that does not fit.
struct Reader {
    std::string_view rest;
    bool good = true;

    int number(std::size_t digits) noexcept {
        if (rest.size() < digits) good = false;
        int value = 0;
        for (std::size_t index = 0; good && index < digits; ++index) {
            good = is_digit(rest[index]);
            value = value * 10 + (rest[index] - '0');
        }
        if (good) rest.remove_prefix(digits);
        return value;
    }
    char one_of(std::string_view letters) noexcept {
        good = good && !rest.empty() && letters.find(rest.front()) != std::string_view::npos;
        if (!good) return '\0';
        const char letter = rest.front();
        rest.remove_prefix(1);
        return letter;
    }
    /// Any number of digits, at least one; those past the ninth are cut.
    std::int32_t nanoseconds() noexcept {
        std::int32_t value = 0;
        std::size_t digits = 0;
        for (; digits < rest.size() && is_digit(rest[digits]); ++digits) {
            if (digits < 9) value = value * 10 + (rest[digits] - '0');
        }
        good = good && digits > 0;
        for (std::size_t missing = digits; missing < 9; ++missing) value *= 10;
        rest.remove_prefix(digits);
        return value;
    }
    /// `Z` or `+HH:MM`, in seconds to add to UTC.
    int offset() noexcept {
        const char sign = one_of("Zz+-");
        if (!good || sign == 'Z' || sign == 'z') return 0;
        const int hours = number(2);
        one_of(":");
        const int minutes = number(2);
        good = good && hours < 24 && minutes < 60;
        const int seconds = hours * 3600 + minutes * 60;
        return sign == '-' ? -seconds : seconds;
    }
};

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

}  // namespace

std::optional<Instant> Instant::parse(std::string_view text) noexcept {
    Reader reader{text};
    const int year = reader.number(4);
    reader.one_of("-");
    const int month = reader.number(2);
    reader.one_of("-");
    const int day = reader.number(2);
    reader.one_of("Tt");
    const int hour = reader.number(2);
    reader.one_of(":");
    const int minute = reader.number(2);
    reader.one_of(":");
    const int second = reader.number(2);
    std::int32_t nanoseconds = 0;
    if (reader.good && reader.rest.starts_with('.')) {
        reader.one_of(".");
        nanoseconds = reader.nanoseconds();
    }
    const int offset = reader.offset();
    if (!reader.good || !reader.rest.empty()) return std::nullopt;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const std::int64_t seconds = days_of(year, month, day) * day_seconds + hour * 3600 + minute * 60 + second - offset;
    if (second == 60 && seconds % day_seconds != 0) return std::nullopt;
    return Instant{seconds, nanoseconds};
}

std::string Instant::text() const {
    const CivilTime civil = Zone::utc().civil(*this);
    std::string result = civil.date_text();
    result.append(1, 'T').append(civil.time_of_day_text());
    if (nanoseconds != 0) {
        result += '.';
        append_padded(result, nanoseconds, 9);
        result.erase(result.find_last_not_of('0') + 1);
    }
    return result += 'Z';
}

std::string CivilTime::date_text() const {
    std::string result;
    append_padded(result, year, 4);
    result += '-';
    append_padded(result, month, 2);
    result += '-';
    append_padded(result, day, 2);
    return result;
}

std::string CivilTime::time_of_day_text() const {
    std::string result;
    append_padded(result, second_of_day / 3600, 2);
    result += ':';
    append_padded(result, second_of_day / 60 % 60, 2);
    result += ':';
    append_padded(result, second_of_day % 60, 2);
    return result;
}

std::string_view weekday_text(unsigned weekday) noexcept { return weekdays[weekday % weekdays.size()]; }

std::optional<unsigned> parse_weekday(std::string_view text) noexcept {
    const auto place = std::ranges::find(weekdays, text);
    if (place == weekdays.end()) return std::nullopt;
    return static_cast<unsigned>(place - weekdays.begin());
}

std::optional<int> parse_time_of_day(std::string_view text) noexcept {
    Reader reader{text};
    const int hour = reader.number(2);
    reader.one_of(":");
    const int minute = reader.number(2);
    int second = 0;
    if (reader.good && !reader.rest.empty()) {
        reader.one_of(":");
        second = reader.number(2);
    }
    if (!reader.good || !reader.rest.empty() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return hour * 3600 + minute * 60 + second;
}

CivilTime Zone::civil(Instant instant) const {
    const std::int64_t local = instant.seconds + offset_seconds(instant);
    std::int64_t days = local / day_seconds;
    if (local % day_seconds < 0) --days;
    // The inverse of days_of: from the day's place in its era of 400 years.
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    CivilTime civil;
    civil.year = static_cast<std::int32_t>(era * 400 + year_of_era + (month <= 2 ? 1 : 0));
    civil.month = static_cast<unsigned>(month);
    civil.day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    civil.second_of_day = static_cast<int>(local - days * day_seconds);
    civil.weekday = weekday_of(days);
    return civil;
}

Instant SystemClock::now() const {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_1970);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970 - seconds);
    return {seconds.count(), static_cast<std::int32_t>(rest.count())};
}

}  // namespace sentinel::core
