#include "platform/service/timestamp.hpp"

#include <array>
#include <chrono>
#include <stdexcept>

namespace sentinel::platform {

namespace {

template <int count>
char* put_digits(char* out, unsigned value) noexcept {
    for (int index = count - 1; index >= 0; --index, value /= 10) out[index] = static_cast<char>('0' + value % 10);
    return out + count;
}

char* put(char* out, char letter) noexcept {
    *out = letter;
    return out + 1;
}

}  // namespace

void append_timestamp(std::string& out, core::Instant instant) {
    using namespace std::chrono;
    const sys_seconds time{seconds(instant.seconds)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const auto of_day = static_cast<unsigned>((time - day).count());
    const int year = static_cast<int>(date.year());
    if (year < 0 || year > 9999) throw std::logic_error("a time outside of the years that RFC 3339 can write");
    std::array<char, 27> text;
    char* next = put(put_digits<4>(text.data(), static_cast<unsigned>(year)), '-');
    next = put(put_digits<2>(next, static_cast<unsigned>(date.month())), '-');
    next = put(put_digits<2>(next, static_cast<unsigned>(date.day())), 'T');
    next = put(put_digits<2>(next, of_day / 3600), ':');
    next = put(put_digits<2>(next, of_day / 60 % 60), ':');
    next = put(put_digits<2>(next, of_day % 60), '.');
    next = put_digits<6>(next, static_cast<unsigned>(instant.nanoseconds / 1000));
    *next = 'Z';
    out.append(text.data(), text.size());
}

std::string timestamp_text(core::Instant instant) {
    std::string text;
    append_timestamp(text, instant);
    return text;
}

}  // namespace sentinel::platform
