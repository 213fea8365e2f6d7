/// Section 5: the table of operators. Each returns true, false or unknown for a present attribute.

#include <re2/re2.h>

#include <algorithm>

#include "core/ip.hpp"
#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

using json::Kind;
using json::Value;

/// An operand or list element: written, or what its `$ref` reaches.
struct Operand {
    std::optional<Value> value;  ///< absent: the `$ref` is missing
    bool by_reference = false;
};

Truth truth_of(bool holds) { return holds ? Truth::yes : Truth::no; }

Operand operand_of(const Value& written, const Facts& facts) {
    if (const std::string* path = reference_path(written)) return {value_at(*path, facts), true};
    return {written, false};
}

/// A list operand with its elements; nullopt where a `$ref` is missing or reaches no list.
std::optional<std::vector<Operand>> list_of(const Value& written, const Facts& facts) {
    const Operand list = operand_of(written, facts);
    if (!list.value || list.value->array() == nullptr) return std::nullopt;
    std::vector<Operand> elements;
    for (const Value& element : *list.value->array()) {
        elements.push_back(list.by_reference ? Operand{element, true} : operand_of(element, facts));
    }
    return elements;
}

/// `$eq`: equal in the same JSON type; another type is unknown; null as the operand is decided on every value.
Truth equal(const Value& actual, const Operand& operand) {
    if (!operand.value) return Truth::unknown;
    if (operand.value->is_null()) return truth_of(actual.is_null());
    if (operand.value->kind() != actual.kind()) return Truth::unknown;
    return truth_of(*operand.value == actual);
}

/// `$in`: JSON-equal to a listed value; unknown when no listed value has the attribute's type; an array is unknown.
Truth in_list(const Value& actual, const Value& written, const Facts& facts) {
    if (actual.array() != nullptr) return Truth::unknown;
    const auto list = list_of(written, facts);
    if (!list) return Truth::unknown;
    bool missing = false;
    bool same_type = false;
    for (const Operand& element : *list) {
        if (!element.value) {
            missing = true;
        } else if (*element.value == actual) {
            return Truth::yes;
        } else if (element.value->kind() == actual.kind()) {
            same_type = true;
        }
    }
    if (missing) return Truth::unknown;
    return list->empty() || same_type ? Truth::no : Truth::unknown;
}

template <class Comparable>
bool compares(std::string_view operator_name, const Comparable& left, const Comparable& right) {
    if (operator_name == "$gt") return left > right;
    if (operator_name == "$gte") return left >= right;
    if (operator_name == "$lt") return left < right;
    return left <= right;
}

/// Text with text: as instants when the written operand is a date-time, or both sides are where it is a `$ref`.
Truth compare_texts(std::string_view operator_name, const std::string& actual, const std::string& bound, bool by_reference) {
    const auto left = Instant::parse(actual);
    const auto right = Instant::parse(bound);
    if (left && right) return truth_of(compares(operator_name, *left, *right));
    if (right) return Truth::unknown;
    if (left && by_reference) return Truth::unknown;
    return truth_of(compares(operator_name, actual, bound));
}

/// `$gt $gte $lt $lte`: numbers with numbers; text with text.
Truth in_range(std::string_view operator_name, const Value& actual, const Operand& bound) {
    if (!bound.value) return Truth::unknown;
    if (actual.number() != nullptr && bound.value->number() != nullptr) {
        return truth_of(compares(operator_name, *actual.number(), *bound.value->number()));
    }
    if (actual.text() != nullptr && bound.value->text() != nullptr) {
        return compare_texts(operator_name, *actual.text(), *bound.value->text(), bound.by_reference);
    }
    return Truth::unknown;
}

/// `$between` [a, b]: `$gte` a and `$lte` b, each decided for itself. A `$ref` as a whole must reach two numbers or two texts.
Truth between(const Value& actual, const Value& written, const Facts& facts) {
    const auto ends = list_of(written, facts);
    if (!ends || ends->size() != 2) return Truth::unknown;
    const Operand& low = ends->front();
    const Operand& high = ends->back();
    if (reference_path(written) != nullptr) {
        const Kind kind = low.value->kind();
        if (kind != high.value->kind() || (kind != Kind::number && kind != Kind::text)) return Truth::unknown;
    }
    return std::min(in_range("$gte", actual, low), in_range("$lte", actual, high));
}

/// `$contains`: substring of a string; element of an array.
Truth contains(const Value& actual, const Operand& operand) {
    if (!operand.value) return Truth::unknown;
    if (const json::Array* array = actual.array()) return truth_of(std::ranges::find(*array, *operand.value) != array->end());
    if (actual.text() != nullptr && operand.value->text() != nullptr)
        return truth_of(actual.text()->contains(*operand.value->text()));
    return Truth::unknown;
}

/// `$containsAny`, `$containsAll`; a missing `$ref` counts only where no other element decides.
Truth contains_listed(const Value& actual, const Value& written, const Facts& facts, bool all) {
    const json::Array* array = actual.array();
    const auto list = list_of(written, facts);
    if (array == nullptr || !list) return Truth::unknown;
    Truth truth = truth_of(all);
    for (const Operand& element : *list) {
        const Truth held = element.value ? truth_of(std::ranges::find(*array, *element.value) != array->end()) : Truth::unknown;
        truth = all ? std::min(truth, held) : std::max(truth, held);
    }
    return truth;
}

Truth starts_or_ends(const Value& actual, const Operand& operand, bool starts) {
    if (!operand.value || actual.text() == nullptr || operand.value->text() == nullptr) return Truth::unknown;
    const std::string& affix = *operand.value->text();
    return truth_of(starts ? actual.text()->starts_with(affix) : actual.text()->ends_with(affix));
}

/// `$regex`: RE2 search in text.
Truth matches_regex(const Value& actual, const Value& operand) {
    constexpr std::size_t longest_text = 64 * 1024;
    if (actual.text() == nullptr || actual.text()->size() > longest_text) return Truth::unknown;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    const RE2 expression(*operand.text(), options);
    return truth_of(RE2::PartialMatch(*actual.text(), expression));
}

/// `$cidr`: an address within one of the networks; an attribute that is no address is unknown.
Truth within_networks(const Value& actual, const Value& operand) {
    if (actual.text() == nullptr) return Truth::unknown;
    const auto address = core::IpAddress::parse(*actual.text());
    if (!address) return Truth::unknown;
    const json::Array networks = operand.array() != nullptr ? *operand.array() : json::Array{operand};
    return truth_of(std::ranges::any_of(networks, [&](const Value& network) {
        const auto parsed = core::IpNetwork::parse(*network.text());
        return parsed && parsed->contains(*address);
    }));
}

/// `$timeOfDay`: local time within [from, to), across midnight where from > to.
Truth at_time_of_day(const Value& actual, const json::Object& operand) {
    const auto instant = actual.text() != nullptr ? Instant::parse(*actual.text()) : std::nullopt;
    if (!instant) return Truth::unknown;
    const int time = zone_of(operand).civil(*instant).second_of_day;
    const int from = *core::parse_time_of_day(*operand.find("from")->text());
    const int to = *core::parse_time_of_day(*operand.find("to")->text());
    return truth_of(from < to ? from <= time && time < to : from <= time || time < to);
}

/// `$weekday`: the weekday of the local date is listed.
Truth on_weekday(const Value& actual, const json::Object& operand) {
    const auto instant = actual.text() != nullptr ? Instant::parse(*actual.text()) : std::nullopt;
    if (!instant) return Truth::unknown;
    const Value today(core::weekday_text(zone_of(operand).civil(*instant).weekday));
    const json::Array& days = *operand.find("days")->array();
    return truth_of(std::ranges::find(days, today) != days.end());
}

}  // namespace

Truth negated(Truth truth) {
    if (truth == Truth::unknown) return Truth::unknown;
    return truth_of(truth == Truth::no);
}

core::Zone zone_of(const json::Object& operand) {
    const Value* name = operand.find("tz");
    if (name == nullptr) return core::Zone::utc();
    return core::Zone::find(*name->text()).value_or(core::Zone::utc());
}

Truth operator_truth(std::string_view operator_name, const Value& operand, const std::optional<Value>& actual,
                     const Facts& facts) {
    if (operator_name == "$exists") return truth_of(actual.has_value() == *operand.boolean());
    if (!actual) return Truth::unknown;

    if (operator_name == "$eq") return equal(*actual, operand_of(operand, facts));
    if (operator_name == "$ne") return negated(equal(*actual, operand_of(operand, facts)));
    if (operator_name == "$in") return in_list(*actual, operand, facts);
    if (operator_name == "$nin") return negated(in_list(*actual, operand, facts));
    // Every other operator on null is unknown.
    if (actual->is_null()) return Truth::unknown;
    if (operator_name == "$between") return between(*actual, operand, facts);
    if (operator_name == "$contains") return contains(*actual, operand_of(operand, facts));
    if (operator_name == "$containsAny") return contains_listed(*actual, operand, facts, false);
    if (operator_name == "$containsAll") return contains_listed(*actual, operand, facts, true);
    if (operator_name == "$startsWith") return starts_or_ends(*actual, operand_of(operand, facts), true);
    if (operator_name == "$endsWith") return starts_or_ends(*actual, operand_of(operand, facts), false);
    if (operator_name == "$regex") return matches_regex(*actual, operand);
    if (operator_name == "$cidr") return within_networks(*actual, operand);
    if (operator_name == "$timeOfDay") return at_time_of_day(*actual, *operand.object());
    if (operator_name == "$weekday") return on_weekday(*actual, *operand.object());
    return in_range(operator_name, *actual, operand_of(operand, facts));
}

}  // namespace sentinel::engine::reference
