/// Time zones, on Howard Hinnant's date library over the system's zone data.
#include <algorithm>
#include <exception>

#include <date/tz.h>

#include "core/time.hpp"

namespace sentinel::core {
namespace {

/// The last instant that RFC 3339 can write in any offset; later transitions are none.
constexpr std::int64_t end_of_time = 253'402'300'800 + 86'400;

const date::time_zone& entry(const void* data) noexcept { return *static_cast<const date::time_zone*>(data); }

date::sys_info info_at(const void* data, std::int64_t seconds) {
    return entry(data).get_info(date::sys_seconds(std::chrono::seconds(seconds)));
}

/// Files of the zone folder that are no zones of the database, or that count leap seconds.
bool is_foreign(std::string_view name) noexcept {
    return name.starts_with("posix") || name.starts_with("right/") || name == "localtime" || name == "Factory" ||
           name.find('.') != std::string_view::npos || name.starts_with("leap");
}

}  // namespace

std::optional<Zone> Zone::find(std::string_view name) {
    if (name == "UTC" || name == "Etc/UTC") return utc();
    if (is_foreign(name)) return std::nullopt;
    // The library reads files on first use and throws when they are missing or damaged; for us that is "no such zone".
    try {
        const auto& zones = date::get_tzdb().zones;
        const auto place = std::ranges::lower_bound(zones, name, {}, [](const auto& zone) { return std::string_view(zone.name()); });
        if (place == zones.end() || place->name() != name) return std::nullopt;
        info_at(&*place, 0);
        return Zone(&*place);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

int Zone::offset_seconds(Instant instant) const {
    if (data_ == nullptr) return 0;
    return static_cast<int>(info_at(data_, instant.seconds).offset.count());
}

std::optional<Instant> Zone::next_transition(Instant instant) const {
    if (data_ == nullptr) return std::nullopt;
    auto info = info_at(data_, instant.seconds);
    const auto offset = info.offset;
    while (info.offset == offset) {
        const std::int64_t end = info.end.time_since_epoch().count();
        if (end >= end_of_time) return std::nullopt;
        info = info_at(data_, end);
    }
    return Instant{info.begin.time_since_epoch().count(), 0};
}

}  // namespace sentinel::core
