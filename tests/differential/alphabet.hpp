#pragma once
/// The small alphabets that the generator draws from.

#include <array>
#include <string_view>

namespace sentinel::differential {

/// What kind of value an attribute usually has: conditions over it are drawn to fit.
enum class Domain : unsigned char { number, text, moment, address, list, object, boolean, identifier, names };

struct Attribute {
    std::string_view name;
    Domain domain;
};

inline constexpr std::array<std::string_view, 6> types{"app", "page", "entity", "vessel", "vessel", "invoice"};
/// `a` and `b` come often: codes must collide between parents and types.
inline constexpr std::array<std::string_view, 7> codes{"a", "a", "b", "b", "c", "v-001", "vessel"};
inline constexpr std::array<std::string_view, 6> texts{"t1", "a", "b", "x y", "\xC3\xA9t\xC3\xA9", "V-001"};
inline constexpr std::array<std::string_view, 6> outside_ids{"v-001", "v-002", "a", "b", "a/b", "\xE6\xB8\xAF"};
inline constexpr std::array<std::string_view, 5> actions{"read", "read", "update", "delete", "vessel.berth:assign"};

inline constexpr std::array<Attribute, 9> resource_attributes{{
    {"level", Domain::number},
    {"status", Domain::text},
    {"tags", Domain::list},
    {"due", Domain::moment},
    {"host", Domain::address},
    {"meta", Domain::object},
    {"flag", Domain::boolean},
    {"owner", Domain::identifier},
    {"id", Domain::text},
}};
inline constexpr std::array<Attribute, 8> subject_attributes{{
    {"clearance", Domain::number},
    {"department", Domain::text},
    {"tags", Domain::list},
    {"since", Domain::moment},
    {"home", Domain::address},
    {"profile", Domain::object},
    {"trained", Domain::boolean},
    {"id", Domain::text},
}};
inline constexpr std::array<Attribute, 8> context_attributes{{
    {"level", Domain::number},
    {"channel", Domain::text},
    {"workflow_state", Domain::text},
    {"tags", Domain::list},
    {"at", Domain::moment},
    {"ip_address", Domain::address},
    {"flag", Domain::boolean},
    {"meta", Domain::object},
}};

inline constexpr std::array<std::string_view, 7> words{"open", "closed", "Open", "op", "", "ops", "\xC3\xA9t\xC3\xA9"};
inline constexpr std::array<double, 6> numbers{0, 1, 2, 3, 1.5, -1};
inline constexpr std::array<std::string_view, 8> moments{
    "2026-03-04T10:00:00Z", "2026-03-04T12:00:00+02:00", "2026-03-04T10:00:00.5Z",
    "2026-03-29T01:00:00Z", "2025-12-31T23:59:60Z",      "1969-12-31T23:59:59Z",
    "2026-03-04",           "2026-03-04T10:00:00z"};
inline constexpr std::array<std::string_view, 6> addresses{"10.0.0.1",    "::ffff:10.0.0.1", "10.0.1.7",
                                                           "2001:db8::1", "nowhere",         "192.168.1.300"};
inline constexpr std::array<std::string_view, 5> networks{"10.0.0.0/24", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0",
                                                          "::ffff:10.0.0.0/120"};
inline constexpr std::array<std::string_view, 5> patterns{"^op", "en$", "(?i)OPEN", "^[a-z]*$", "."};
inline constexpr std::array<std::string_view, 4> zones{"UTC", "Europe/Berlin", "Asia/Singapore", "America/New_York"};
inline constexpr std::array<std::string_view, 6> local_times{"00:00", "09:59:59", "10:00", "10:00:01", "18:30", "23:59:59"};
inline constexpr std::array<std::string_view, 7> weekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// Clock readings: an ordinary one, whole and fractional, at midnight, at ends of daylight saving time, before 1970.
inline constexpr std::array<std::string_view, 8> clock_readings{
    "2026-03-04T10:00:00Z", "2026-03-04T10:00:00.000000001Z", "2026-03-04T09:59:59.999999999Z", "2026-03-04T00:00:00Z",
    "2026-03-29T00:59:59Z", "2026-11-01T05:58:30Z",           "2026-03-04T23:58:20.25Z",        "1969-12-31T23:59:58.5Z"};

inline constexpr std::array<std::string_view, 6> role_names{"clerk", "master", "pilot", "agent", "owner", "stoker"};
inline constexpr std::array<std::string_view, 4> group_names{"apac", "crew", "office", "yard"};
inline constexpr std::array<std::string_view, 4> subject_ids{"ann", "bob", "robot", "c\xC3\xA9line"};
inline constexpr std::array<std::string_view, 6> field_names{"level", "salary", "Salary", "notes", "status", "draft"};
inline constexpr std::array<int, 6> priorities{0, 0, 100, 100, 200, 900};

}  // namespace sentinel::differential
