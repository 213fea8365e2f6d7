#include "engine/condition_evaluate.hpp"

#include <algorithm>
#include <cstring>

#include "engine/condition_time.hpp"

namespace sentinel::engine::conditions {

namespace {

using Kind = View::Kind;

constexpr Truth truth_of(bool holds) noexcept { return holds ? Truth::yes : Truth::no; }
constexpr Truth negation(Truth truth) noexcept {
    return static_cast<Truth>(static_cast<unsigned>(Truth::yes) - static_cast<unsigned>(truth));
}
constexpr Truth both(Truth left, Truth right) noexcept { return std::min(left, right); }

}  // namespace

// ---- paths ---------------------------------------------------------------------------------------------------------

View Reader::read(const Path& path) noexcept {
    const auto text = [](const std::optional<std::string_view>& present) { return present ? View(*present) : View(); };
    switch (path.source) {
        case Source::resource_attribute: return below(top_attribute(path), path);
        case Source::resource_or_context: return resource_or_context(path);
        case Source::resource_id: return text(input_.resource_id);
        case Source::resource_type: return View(input_.resource_type);
        case Source::resource_path: return text(input_.resource_path);
        case Source::workflow_state: return text(input_.workflow_state);
        case Source::subject_attribute: return walk(input_.subject_attributes, path);
        case Source::subject_id: return View(input_.subject_id);
        case Source::email_domain: return text(input_.email_domain);
        case Source::role_names: return View(input_.role_names);
        case Source::group_names: return View(input_.group_names);
        case Source::is_service_account: return View(input_.is_service_account);
        case Source::context: return walk(input_.context, path);
        case Source::environment_time:
        case Source::environment_time_of_day:
        case Source::environment_weekday:
        case Source::environment_date: return environment(path.source);
        case Source::nothing: break;
    }
    return {};
}

namespace {

/// Objects are mostly small, and then passing over names by their length is quicker than a binary search.
const json::Value* find_in(const json::Object* object, std::string_view name) noexcept {
    constexpr std::ptrdiff_t small = 12;
    if (object == nullptr) return nullptr;
    const auto end = object->end();
    auto member = object->begin();
    if (end - member > small) return object->find(name);
    while (member != end && member->name != name) ++member;
    return member == end ? nullptr : &member->value;
}

}  // namespace

const json::Value* Reader::top_attribute(const Path& path) const noexcept {
    const std::string_view name = program_.segments[path.first_segment];
    const json::Value* overlay = find_in(input_.overlay_attributes, name);
    return overlay != nullptr ? overlay : find_in(input_.stored_attributes, name);
}

View Reader::resource_or_context(const Path& path) const noexcept {
    const json::Value* top = top_attribute(path);
    // Once a part of the path is the resource's, the caller's context may not supply the rest.
    return top == nullptr ? walk(input_.context, path) : below(top, path);
}

View Reader::walk(const json::Object* object, const Path& path) const noexcept {
    return below(find_in(object, program_.segments[path.first_segment]), path);
}

View Reader::below(const json::Value* top, const Path& path) const noexcept {
    for (std::uint32_t index = 1; index < path.segment_count && top != nullptr; ++index) {
        top = find_in(top->object(), program_.segments[path.first_segment + index]);
    }
    return View(top);
}

View Reader::environment(Source source) noexcept {
    if (source == Source::environment_time) {
        if (!time_text_) time_text_ = input_.now.text();
        return View(std::string_view(*time_text_));
    }
    const core::CivilTime civil = core::Zone::utc().civil(input_.now);
    if (source == Source::environment_weekday) return View(core::weekday_text(civil.weekday));
    const bool is_date = source == Source::environment_date;
    std::optional<std::string>& text = is_date ? date_text_ : time_of_day_text_;
    if (!text) text = is_date ? civil.date_text() : civil.time_of_day_text();
    return View(std::string_view(*text));
}

namespace {

View read(Reader& reader, const Operand& operand) noexcept {
    return operand.is_reference ? reader.read(operand.reference) : operand.literal;
}

// ---- equality and lists --------------------------------------------------------------------------------------------

Truth equal(const View& attribute, const View& operand) noexcept {
    if (operand.missing()) return Truth::unknown;
    if (operand.is(Kind::null)) return truth_of(attribute.is(Kind::null));
    if (attribute.kind() != operand.kind()) return Truth::unknown;
    return truth_of(attribute == operand);
}

bool has_element(const json::Array& array, const View& element) noexcept {
    return std::ranges::any_of(array, [&](const json::Value& value) { return View(value) == element; });
}

Truth is_listed_in(const json::Array& array, const View& attribute) noexcept {
    if (array.empty()) return Truth::no;
    bool same_kind = false;
    for (const json::Value& value : array) {
        const View element(value);
        if (element == attribute) return Truth::yes;
        same_kind = same_kind || element.kind() == attribute.kind();
    }
    return same_kind ? Truth::no : Truth::unknown;
}

Truth is_listed_in(Reader& reader, const List& list, const View& attribute) noexcept {
    if (list.contains(attribute)) return Truth::yes;
    bool same_kind = list.has_kind(attribute.kind());
    bool some_missing = false;
    for (const Path& reference : list.references) {
        const View element = reader.read(reference);
        if (element.missing()) {
            some_missing = true;
        } else if (element == attribute) {
            return Truth::yes;
        }
        same_kind = same_kind || element.kind() == attribute.kind();
    }
    return same_kind && !some_missing ? Truth::no : Truth::unknown;
}

Truth in(Reader& reader, const Leaf& leaf, const View& attribute) noexcept {
    if (attribute.is(Kind::array)) return Truth::unknown;
    if (!leaf.operand.is_reference) return is_listed_in(reader, reader.program().lists[leaf.detail], attribute);
    const View list = reader.read(leaf.operand.reference);
    return list.is(Kind::array) ? is_listed_in(list.array(), attribute) : Truth::unknown;
}

/// The elements of an array attribute; sorted first when that saves comparing all with all.
class Elements {
public:
    Elements(const json::Array& array, std::size_t lookups) : array_(array) {
        constexpr std::size_t few = 16;
        if (array.size() <= few || lookups <= few) return;
        for (const json::Value& value : array) sorted_.literals.emplace_back(value);
        sorted_.sort();
    }
    bool contain(const View& value) const noexcept {
        return sorted_.literals.empty() ? has_element(array_, value) : sorted_.contains(value);
    }

private:
    const json::Array& array_;
    List sorted_;
};

/// Kleene's OR (for $containsAny) or AND (for $containsAll) over the listed values, one at a time.
class ListedInElements {
public:
    ListedInElements(Operator operation, const json::Array& array, std::size_t listed)
        : elements_(array, listed), decisive_(truth_of(operation == Operator::contains_any)), result_(negation(decisive_)) {}

    void add(const View& listed) noexcept {
        if (result_ == decisive_) return;
        const Truth one = listed.missing() ? Truth::unknown : truth_of(elements_.contain(listed));
        if (one == decisive_ || result_ != Truth::unknown) result_ = one;
    }
    Truth result() const noexcept { return result_; }

private:
    Elements elements_;
    Truth decisive_;
    Truth result_;
};

Truth contains_listed(Reader& reader, const Leaf& leaf, const View& attribute) noexcept {
    if (!attribute.is(Kind::array)) return Truth::unknown;
    if (leaf.operand.is_reference) {
        const View list = reader.read(leaf.operand.reference);
        if (!list.is(Kind::array)) return Truth::unknown;
        ListedInElements found(leaf.operation, attribute.array(), list.array().size());
        for (const json::Value& listed : list.array()) found.add(View(listed));
        return found.result();
    }
    const List& list = reader.program().lists[leaf.detail];
    ListedInElements found(leaf.operation, attribute.array(), list.literals.size() + list.references.size());
    for (const View& listed : list.literals) found.add(listed);
    for (const Path& reference : list.references) found.add(reader.read(reference));
    return found.result();
}

// ---- text ----------------------------------------------------------------------------------------------------------

/// memmem of glibc is linear; std::string_view::find is not, and both texts may be an attacker's.
bool has_part(std::string_view text, std::string_view part) noexcept {
    return part.empty() || (!text.empty() && memmem(text.data(), text.size(), part.data(), part.size()) != nullptr);
}

Truth contains(const View& attribute, const View& operand) noexcept {
    if (operand.missing()) return Truth::unknown;
    if (attribute.is(Kind::array)) return truth_of(has_element(attribute.array(), operand));
    if (!attribute.is(Kind::text) || !operand.is(Kind::text)) return Truth::unknown;
    return truth_of(has_part(attribute.text(), operand.text()));
}

Truth text_end(Operator operation, const View& attribute, const View& operand) noexcept {
    if (!attribute.is(Kind::text) || !operand.is(Kind::text)) return Truth::unknown;
    const bool at_start = operation == Operator::starts_with;
    return truth_of(at_start ? attribute.text().starts_with(operand.text()) : attribute.text().ends_with(operand.text()));
}

Truth matches(const re2::RE2& expression, const View& attribute) noexcept {
    if (!attribute.is(Kind::text) || attribute.text().size() > max_regex_text_bytes) return Truth::unknown;
    const re2::StringPiece text(attribute.text().data(), attribute.text().size());
    return truth_of(expression.Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0));
}

Truth within(const std::vector<core::IpNetwork>& networks, const View& attribute) noexcept {
    if (!attribute.is(Kind::text)) return Truth::unknown;
    const auto address = core::IpAddress::parse(attribute.text());
    if (!address) return Truth::unknown;
    return truth_of(std::ranges::any_of(networks, [&](const core::IpNetwork& network) { return network.contains(*address); }));
}

// ---- ranges and time -----------------------------------------------------------------------------------------------

template <class Ordered>
Truth compare(Operator operation, const Ordered& left, const Ordered& right) noexcept {
    switch (operation) {
        case Operator::greater: return truth_of(left > right);
        case Operator::greater_or_equal: return truth_of(left >= right);
        case Operator::less: return truth_of(left < right);
        default: return truth_of(left <= right);
    }
}

/// The instant that a path stands for: env.time is one without a detour over text.
std::optional<Instant> instant_at(Reader& reader, const Path& path) noexcept {
    if (path.source == Source::environment_time) return reader.now();
    const View value = reader.read(path);
    return value.is(Kind::text) ? Instant::parse(value.text()) : std::nullopt;
}

Truth compare_with_view(Operator operation, const View& attribute, const View& operand) noexcept {
    if (attribute.kind() != operand.kind()) return Truth::unknown;
    if (attribute.is(Kind::number)) return compare(operation, attribute.number(), operand.number());
    if (attribute.is(Kind::text)) return compare(operation, attribute.text(), operand.text());
    return Truth::unknown;
}

/// Neither side is known beforehand: both date-times or neither.
Truth compare_unknown_forms(Operator operation, const View& attribute, const View& operand) noexcept {
    if (!attribute.is(Kind::text) || !operand.is(Kind::text)) return compare_with_view(operation, attribute, operand);
    const auto left = Instant::parse(attribute.text());
    const auto right = Instant::parse(operand.text());
    if (left && right) return compare(operation, *left, *right);
    if (left || right) return Truth::unknown;
    return compare_with_view(operation, attribute, operand);
}

Truth range(Reader& reader, Operator operation, const Path& attribute, const Operand& operand) noexcept {
    const bool against_now = operand.is_reference && (operand.reference.source == Source::environment_time ||
                                                      attribute.source == Source::environment_time);
    if (operand.instant || against_now) {
        const auto left = instant_at(reader, attribute);
        const auto right = operand.instant ? operand.instant : instant_at(reader, operand.reference);
        return left && right ? compare(operation, *left, *right) : Truth::unknown;
    }
    if (!operand.is_reference) return compare_with_view(operation, reader.read(attribute), operand.literal);
    return compare_unknown_forms(operation, reader.read(attribute), reader.read(operand.reference));
}

Truth between_referenced(const View& attribute, const View& bounds) noexcept {
    if (!bounds.is(Kind::array) || bounds.array().size() != 2) return Truth::unknown;
    const View low(bounds.array()[0]);
    const View high(bounds.array()[1]);
    if (low.kind() != high.kind()) return Truth::unknown;
    return both(compare_unknown_forms(Operator::greater_or_equal, attribute, low),
                compare_unknown_forms(Operator::less_or_equal, attribute, high));
}

Truth between(Reader& reader, const Leaf& leaf) noexcept {
    if (leaf.operand.is_reference) return between_referenced(reader.read(leaf.attribute), reader.read(leaf.operand.reference));
    const auto& [low, high] = reader.program().bounds[leaf.detail];
    return both(range(reader, Operator::greater_or_equal, leaf.attribute, low),
                range(reader, Operator::less_or_equal, leaf.attribute, high));
}

template <class LocalTime>
Truth local_time(Reader& reader, const Leaf& leaf, const LocalTime& local_time) noexcept {
    const auto instant = instant_at(reader, leaf.attribute);
    return instant ? truth_of(holds(local_time, *instant)) : Truth::unknown;
}

// ---- leaves --------------------------------------------------------------------------------------------------------

/// The operators that look at the attribute as a value.
Truth truth_of_value(Reader& reader, const Leaf& leaf) noexcept {
    const Program& program = reader.program();
    const View attribute = reader.read(leaf.attribute);
    if (leaf.operation == Operator::exists) return truth_of(leaf.operand.literal.boolean() != attribute.missing());
    if (attribute.missing()) return Truth::unknown;
    switch (leaf.operation) {
        case Operator::equal: return equal(attribute, read(reader, leaf.operand));
        case Operator::not_equal: return negation(equal(attribute, read(reader, leaf.operand)));
        case Operator::in: return in(reader, leaf, attribute);
        case Operator::not_in: return negation(in(reader, leaf, attribute));
        case Operator::contains: return contains(attribute, read(reader, leaf.operand));
        case Operator::contains_any:
        case Operator::contains_all: return contains_listed(reader, leaf, attribute);
        case Operator::starts_with:
        case Operator::ends_with: return text_end(leaf.operation, attribute, read(reader, leaf.operand));
        case Operator::regex: return matches(*program.expressions[leaf.detail], attribute);
        default: return within(program.networks[leaf.detail], attribute);
    }
}

Truth any(Reader& reader, std::uint32_t first, std::uint32_t end) noexcept;

Truth all(Reader& reader, std::uint32_t first, std::uint32_t end) noexcept;

/// Recurses at most twice for each level of max_condition_depth.
Truth node_truth(Reader& reader, std::uint32_t index) noexcept {
    const Node& node = reader.program().nodes[index];
    switch (node.kind) {
        case NodeKind::leaf: return truth(reader, reader.program().leaves[node.leaf]);
        case NodeKind::all: return all(reader, index + 1, node.end);
        case NodeKind::any: return any(reader, index + 1, node.end);
        case NodeKind::not_all: return negation(all(reader, index + 1, node.end));
    }
    return Truth::unknown;
}

Truth all(Reader& reader, std::uint32_t first, std::uint32_t end) noexcept {
    Truth result = Truth::yes;
    for (std::uint32_t index = first; index < end && result != Truth::no; index = reader.program().nodes[index].end) {
        result = std::min(result, node_truth(reader, index));
    }
    return result;
}

Truth any(Reader& reader, std::uint32_t first, std::uint32_t end) noexcept {
    Truth result = Truth::no;
    for (std::uint32_t index = first; index < end && result != Truth::yes; index = reader.program().nodes[index].end) {
        result = std::max(result, node_truth(reader, index));
    }
    return result;
}

}  // namespace

Truth truth(Reader& reader, const Leaf& leaf) noexcept {
    switch (leaf.operation) {
        case Operator::greater:
        case Operator::greater_or_equal:
        case Operator::less:
        case Operator::less_or_equal: return range(reader, leaf.operation, leaf.attribute, leaf.operand);
        case Operator::between: return between(reader, leaf);
        case Operator::time_of_day: return local_time(reader, leaf, reader.program().windows[leaf.detail]);
        case Operator::weekday: return local_time(reader, leaf, reader.program().weekdays[leaf.detail]);
        default: return truth_of_value(reader, leaf);
    }
}

Truth truth(Reader& reader) noexcept { return all(reader, 0, static_cast<std::uint32_t>(reader.program().nodes.size())); }

}  // namespace sentinel::engine::conditions
