#pragma once
/// Instants, RFC 3339 text, civil time in IANA zones, and the injected clock.

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sentinel::core {

/// A point in time from year 0001 to 9999, to the nanosecond. Totally ordered. Written with an offset it may lie up to a
/// day outside of these years in UTC; everything works there too, but its text then has a year of 0000 or 10000.
struct Instant {
    std::int64_t seconds = 0;      ///< since 1970-01-01T00:00:00Z, without leap seconds
    std::int32_t nanoseconds = 0;  ///< 0 to 999 999 999, also before 1970

    /// RFC 3339 date-time (section 5.6). Lower case t and z are legal; a second of 60 counts as the next second where it
    /// would be 23:59:60 UTC and is refused elsewhere; digits past the ninth of a fraction are cut. Else nullopt.
    static std::optional<Instant> parse(std::string_view text) noexcept;
    /// `YYYY-MM-DDTHH:MM:SS[.fraction without trailing zeros]Z`.
    std::string text() const;

    Instant plus_seconds(std::int64_t count) const noexcept { return {seconds + count, nanoseconds}; }
    friend auto operator<=>(const Instant&, const Instant&) noexcept = default;
};

/// Local calendar time at an instant.
struct CivilTime {
    std::int32_t year = 1970;
    unsigned month = 1;                    ///< 1-12
    unsigned day = 1;                      ///< 1-31
    int second_of_day = 0;                 ///< 0-86399
    unsigned weekday = 0;                  ///< 0 = Monday
    std::string date_text() const;         ///< `YYYY-MM-DD`
    std::string time_of_day_text() const;  ///< `HH:MM:SS`
};

/// `mon` … `sun` for 0 … 6.
std::string_view weekday_text(unsigned weekday) noexcept;
/// 0 (`mon`) to 6 (`sun`), exact lower case.
std::optional<unsigned> parse_weekday(std::string_view text) noexcept;
/// Seconds of the day of `HH:MM` or `HH:MM:SS` (00:00:00 to 23:59:59).
std::optional<int> parse_time_of_day(std::string_view text) noexcept;

/// An IANA time zone. Cheap to copy; immutable, safe to share between threads.
class Zone {
public:
    static Zone utc() noexcept { return Zone(nullptr); }
    /// The zone of that exact IANA name (links included), or nullopt. The first use of a name may read the system's zone data.
    static std::optional<Zone> find(std::string_view name);

    CivilTime civil(Instant instant) const;
    /// Seconds to add to UTC at this instant.
    int offset_seconds(Instant instant) const;
    /// The first instant after `instant` at which the offset from UTC changes; nullopt when there is none known.
    std::optional<Instant> next_transition(Instant instant) const;

private:
    struct Data;
    explicit Zone(std::shared_ptr<const Data> data) noexcept : data_(std::move(data)) {}
    std::shared_ptr<const Data> data_;  ///< null = UTC
};

/// Where the time comes from. Injected, so that tests own it.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
};

class FixedClock final : public Clock {
public:
    explicit FixedClock(Instant now) : now_(now) {}
    Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }

private:
    Instant now_;
};

}  // namespace sentinel::core
