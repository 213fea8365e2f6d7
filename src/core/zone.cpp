/// Time zones: recorded transitions by Howard Hinnant's date library over the system's zone data. The library keeps the
/// last recorded offset for ever (from 2037 on), so what comes after is computed here, from the rule in the zone's file.
#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include <date/tz.h>

#include "core/time.hpp"
#include "core/zone_rule.hpp"

namespace sentinel::core {
namespace {

constexpr const char* zone_folder = "/usr/share/zoneinfo/";
/// The last instant that RFC 3339 can write in any offset; later transitions are none.
constexpr std::int64_t end_of_time = 253'402'300'800 + 86'400;

/// Files of the zone folder that are no zones of the database, or that count leap seconds.
bool is_foreign(std::string_view name) noexcept {
    return name.starts_with("posix") || name.starts_with("right/") || name == "localtime" || name == "Factory" ||
           name.find('.') != std::string_view::npos || name.starts_with("leap");
}

/// The last line of a TZif file of version 2 or later.
std::optional<ZoneRule> read_rule(const std::string& name) {
    std::ifstream file(zone_folder + name, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!content.starts_with("TZif") || content[4] < '2' || !content.ends_with('\n')) return std::nullopt;
    const std::string_view lines(content.data(), content.size() - 1);
    return ZoneRule::parse(lines.substr(lines.rfind('\n') + 1));
}

/// A stretch of time with one offset.
struct Stretch {
    int offset = 0;
    std::int64_t end = end_of_time;
};

}  // namespace

struct Zone::Data {
    const date::time_zone* recorded;  // lives as long as the process
    ZoneRule rule;

    Stretch at(std::int64_t seconds) const {
        const auto info = recorded->get_info(date::sys_seconds(std::chrono::seconds(seconds)));
        const std::int64_t end = info.end.time_since_epoch().count();
        if (end < end_of_time) return {static_cast<int>(info.offset.count()), end};
        return {rule.offset_seconds(seconds), std::min(end_of_time, rule.next_transition(seconds).value_or(end_of_time))};
    }
};

std::optional<Zone> Zone::find(std::string_view name) {
    if (name == "UTC" || name == "Etc/UTC") return utc();
    if (is_foreign(name)) return std::nullopt;
    // The library reads files on first use and throws when they are missing or damaged; for us that is "no such zone".
    try {
        const auto& zones = date::get_tzdb().zones;
        const auto place =
            std::ranges::lower_bound(zones, name, {}, [](const auto& zone) { return std::string_view(zone.name()); });
        if (place == zones.end() || place->name() != name) return std::nullopt;
        const auto rule = read_rule(place->name());
        if (!rule) return std::nullopt;
        auto data = std::make_shared<const Data>(&*place, *rule);
        data->at(0);  // loads the recorded transitions now, so that nothing can fail later
        return Zone(std::move(data));
    } catch (const std::exception&) { return std::nullopt; }
}

int Zone::offset_seconds(Instant instant) const { return data_ == nullptr ? 0 : data_->at(instant.seconds).offset; }

std::optional<Instant> Zone::next_transition(Instant instant) const {
    if (data_ == nullptr) return std::nullopt;
    const Stretch now = data_->at(instant.seconds);
    for (Stretch next = now; next.end < end_of_time;) {
        const std::int64_t change = next.end;
        next = data_->at(change);
        if (next.offset != now.offset) return Instant{change, 0};
    }
    return std::nullopt;
}

}  // namespace sentinel::core
