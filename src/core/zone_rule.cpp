#include "core/zone_rule.hpp"

#include "core/civil.hpp"
#include "core/digits.hpp"
#include "core/time.hpp"

namespace sentinel::core {

/// Takes parts from the front of a text; `good` turns false at the first that does not fit.
class ZoneRule::Reader {
public:
    explicit Reader(std::string_view text) noexcept : rest_(text) {}

    bool good() const noexcept { return good_; }
    bool at_end() const noexcept { return rest_.empty(); }
    bool next_is(char letter) const noexcept { return !rest_.empty() && rest_.front() == letter; }

    bool take(char letter) noexcept {
        if (!next_is(letter)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char letter) noexcept { good_ = take(letter) && good_; }

    int number(int lowest, int highest) noexcept {
        int value = 0;
        std::size_t digits = 0;
        for (; digits < rest_.size() && digits < 3 && is_digit(rest_[digits]); ++digits)
            value = value * 10 + (rest_[digits] - '0');
        rest_.remove_prefix(digits);
        good_ = good_ && digits > 0 && value >= lowest && value <= highest;
        return value;
    }

    /// `CET` or `<+01>`.
    void abbreviation() noexcept {
        const bool quoted = take('<');
        std::size_t length = 0;
        while (length < rest_.size() && (quoted ? rest_[length] != '>' : is_letter(rest_[length]))) ++length;
        good_ = good_ && length >= 3;
        rest_.remove_prefix(length);
        if (quoted) expect('>');
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    int time(int highest_hour) noexcept {
        const bool negative = take('-');
        if (!negative) take('+');
        int seconds = number(0, highest_hour) * 3600;
        if (take(':')) seconds += number(0, 59) * 60;
        if (take(':')) seconds += number(0, 59);
        return negative ? -seconds : seconds;
    }

    /// `,Mm.w.d[/time]`
    Day day() noexcept {
        Day day;
        expect(',');
        expect('M');
        day.month = number(1, 12);
        expect('.');
        day.week = number(1, 5);
        expect('.');
        day.weekday = number(0, 6);
        if (take('/')) day.time = time(167);
        return day;
    }

private:
    static bool is_letter(char letter) noexcept { return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z'); }

    std::string_view rest_;
    bool good_ = true;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) noexcept {
    Reader reader(text);
    ZoneRule rule;
    reader.abbreviation();
    rule.standard_offset_ = -reader.time(24);  // POSIX counts west of Greenwich
    if (!reader.at_end()) {
        Daylight daylight;
        reader.abbreviation();
        daylight.offset = reader.next_is(',') ? rule.standard_offset_ + 3600 : -reader.time(24);
        daylight.begin = reader.day();
        daylight.end = reader.day();
        if (daylight.offset != rule.standard_offset_) rule.daylight_ = daylight;
    }
    if (!reader.good() || !reader.at_end()) return std::nullopt;
    return rule;
}

std::int64_t ZoneRule::local_seconds(const Day& day, std::int64_t year) noexcept {
    const std::int64_t first = days_of(year, day.month, 1);
    const int first_weekday = static_cast<int>(weekday_of(first) + 1) % 7;  // 0 = Sunday
    int day_of_month = (day.weekday - first_weekday + 7) % 7 + (day.week - 1) * 7;
    if (day_of_month >= days_in_month(year, day.month)) day_of_month -= 7;
    return (first + day_of_month) * day_seconds + day.time;
}

ZoneRule::Year ZoneRule::changes_of(std::int64_t year) const noexcept {
    return {local_seconds(daylight_->begin, year) - standard_offset_, local_seconds(daylight_->end, year) - daylight_->offset};
}

std::int64_t ZoneRule::year_at(std::int64_t seconds) const noexcept {
    return Zone::utc().civil({seconds + standard_offset_, 0}).year;
}

int ZoneRule::offset_seconds(std::int64_t seconds) const noexcept {
    if (!daylight_) return standard_offset_;
    const Year year = changes_of(year_at(seconds));
    const bool is_daylight = year.begin < year.end ? seconds >= year.begin && seconds < year.end  // northern
                                                   : seconds >= year.begin || seconds < year.end;
    return is_daylight ? daylight_->offset : standard_offset_;
}

std::optional<std::int64_t> ZoneRule::next_transition(std::int64_t seconds) const noexcept {
    if (!daylight_) return std::nullopt;
    std::optional<std::int64_t> next;
    const std::int64_t current = year_at(seconds);
    for (std::int64_t year = current; year <= current + 1; ++year) {
        const Year changes = changes_of(year);
        for (const std::int64_t change : {changes.begin, changes.end}) {
            if (change > seconds && (!next || change < *next)) next = change;
        }
    }
    return next;
}

}  // namespace sentinel::core
