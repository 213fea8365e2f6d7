#pragma once
/// The C++ types that members of described structs may have, behind functions that know nothing of the type: so a module that
/// describes fifty structs instantiates a handful of small templates.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "platform/http/change.hpp"
#include "platform/http/member_rule.hpp"
#include "platform/http/reader.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::http {

class ObjectSchema;

/// Carries a type to the `describe` function of its namespace.
template <class T>
struct Of {};

template <class T>
const ObjectSchema& schema_of();

/// The texts of an enum.
struct EnumSchema {
    struct Word {
        std::int64_t value;
        std::string text;
    };
    std::vector<Word> words;

    const std::string* text_of(std::int64_t value) const noexcept;
    const Word* find(std::string_view text) const noexcept;
};

template <class E>
EnumSchema words_of(std::initializer_list<std::pair<E, std::string_view>> words) {
    EnumSchema schema;
    for (const auto& [value, text] : words) schema.words.push_back({static_cast<std::int64_t>(value), std::string(text)});
    return schema;
}

template <class E>
const EnumSchema& enum_of() {
    static const EnumSchema schema = describe(Of<E>{});
    return schema;
}

/// What can be done with a value whose type is not known here.
struct ValueType {
    ValueKind kind;
    bool is_nullable = false;                      ///< std::optional
    bool may_be_absent = false;                    ///< std::optional or Change
    const ObjectSchema& (*schema)() = nullptr;     ///< of a described struct
    const EnumSchema& (*enumeration)() = nullptr;  ///< of an enum
    const ValueType* item = nullptr;               ///< of a list's element or a map's value
    /// Reads a JSON value that may be consumed; faults go to the reader.
    void (*read)(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target) = nullptr;
    void (*write)(std::string& out, const MemberRule& rule, const void* source) = nullptr;
};

/// The rule that says no more than the type does.
MemberRule rule_of(const ValueType& type);

namespace types {

void read_text(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_secret(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_boolean(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_uuid(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_instant(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_network(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_document(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_any(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_number(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target);
void read_object(Reader& reader, const ObjectSchema& schema, core::json::Value& source, void* target);
std::optional<std::int64_t> whole_number(Reader& reader, const MemberRule& rule, const core::json::Value& source);
std::optional<std::int64_t> enum_value(Reader& reader, const EnumSchema& schema, const core::json::Value& source);
/// The elements when the value is a list of a right size, else null.
core::json::Array* elements(Reader& reader, const MemberRule& rule, core::json::Value& source);
core::json::Object* entries(Reader& reader, const MemberRule& rule, core::json::Value& source);
/// Reads the element at `index` with its place in the pointer.
void read_element(Reader& reader, const ValueType& type, const MemberRule& rule, std::size_t index, core::json::Value& source,
                  void* target);
/// Two elements that are written alike are equal; `stride` is the size of one.
void require_unique(Reader& reader, const ValueType& type, const MemberRule& rule, const void* first, std::size_t count,
                    std::size_t stride);
/// The name of an entry, checked by the map's key rule; nullopt after a fault.
std::optional<std::string> entry_name(Reader& reader, const MemberRule& rule, std::string_view name);
void read_entry(Reader& reader, const ValueType& type, const MemberRule& rule, std::string_view name, core::json::Value& source,
                void* target);

/// Two names that are one after normalising.
void refuse_second_entry(Reader& reader);

void write_text(std::string& out, const MemberRule& rule, const void* source);
void write_secret(std::string& out, const MemberRule& rule, const void* source);
void write_boolean(std::string& out, const MemberRule& rule, const void* source);
void write_uuid(std::string& out, const MemberRule& rule, const void* source);
void write_instant(std::string& out, const MemberRule& rule, const void* source);
void write_network(std::string& out, const MemberRule& rule, const void* source);
void write_document(std::string& out, const MemberRule& rule, const void* source);
void write_any(std::string& out, const MemberRule& rule, const void* source);
void write_number(std::string& out, const MemberRule& rule, const void* source);
void write_integer(std::string& out, std::int64_t value);
void write_enum(std::string& out, const EnumSchema& schema, std::int64_t value);
void write_object(std::string& out, const ObjectSchema& schema, const void* source);
void write_name(std::string& out, std::string_view name, bool is_first);

template <class T>
struct Traits {
    static_assert(std::is_class_v<T>, "this type has no place in a described struct");
    static void read(Reader& reader, const MemberRule&, core::json::Value& source, void* target) {
        read_object(reader, schema_of<T>(), source, target);
    }
    static void write(std::string& out, const MemberRule&, const void* source) { write_object(out, schema_of<T>(), source); }
    static constexpr ValueType type{.kind = ValueKind::object, .schema = &schema_of<T>, .read = &read, .write = &write};
};

template <>
struct Traits<std::string> {
    static constexpr ValueType type{.kind = ValueKind::text, .read = &read_text, .write = &write_text};
};
template <>
struct Traits<platform::Secret> {
    static constexpr ValueType type{.kind = ValueKind::secret, .read = &read_secret, .write = &write_secret};
};
template <>
struct Traits<bool> {
    static constexpr ValueType type{.kind = ValueKind::boolean, .read = &read_boolean, .write = &write_boolean};
};
template <>
struct Traits<double> {
    static constexpr ValueType type{.kind = ValueKind::number, .read = &read_number, .write = &write_number};
};
template <>
struct Traits<core::Uuid> {
    static constexpr ValueType type{.kind = ValueKind::uuid, .read = &read_uuid, .write = &write_uuid};
};
template <class Tag>
struct Traits<core::Id<Tag>> {
    static_assert(std::is_standard_layout_v<core::Id<Tag>> && sizeof(core::Id<Tag>) == sizeof(core::Uuid));
    static constexpr ValueType type = Traits<core::Uuid>::type;  // an Id begins with its Uuid
};
template <>
struct Traits<core::Instant> {
    static constexpr ValueType type{.kind = ValueKind::instant, .read = &read_instant, .write = &write_instant};
};
template <>
struct Traits<core::IpNetwork> {
    static constexpr ValueType type{.kind = ValueKind::network, .read = &read_network, .write = &write_network};
};
template <>
struct Traits<core::json::Object> {
    static constexpr ValueType type{.kind = ValueKind::document, .read = &read_document, .write = &write_document};
};
template <>
struct Traits<core::json::Value> {
    static constexpr ValueType type{.kind = ValueKind::any, .read = &read_any, .write = &write_any};
};

template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
struct Traits<T> {
    static void read(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target) {
        const auto number = whole_number(reader, rule, source);
        if (!number) return;
        // A rule wider than the type: what would not fit is refused like any number that is too large.
        if (!std::in_range<T>(*number)) return refuse_range(reader, *number);
        *static_cast<T*>(target) = static_cast<T>(*number);
    }
    static void write(std::string& out, const MemberRule&, const void* source) {
        write_integer(out, static_cast<std::int64_t>(*static_cast<const T*>(source)));
    }
    static void refuse_range(Reader& reader, std::int64_t number);
    static constexpr ValueType type{.kind = ValueKind::integer, .read = &read, .write = &write};
};

void refuse_integer(Reader& reader, std::int64_t number);
template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
void Traits<T>::refuse_range(Reader& reader, std::int64_t number) {
    refuse_integer(reader, number);
}

template <class E>
    requires std::is_enum_v<E>
struct Traits<E> {
    static void read(Reader& reader, const MemberRule&, core::json::Value& source, void* target) {
        const auto value = enum_value(reader, enum_of<E>(), source);
        if (value) *static_cast<E*>(target) = static_cast<E>(*value);
    }
    static void write(std::string& out, const MemberRule&, const void* source) {
        write_enum(out, enum_of<E>(), static_cast<std::int64_t>(*static_cast<const E*>(source)));
    }
    static constexpr ValueType type{.kind = ValueKind::enumeration, .enumeration = &enum_of<E>, .read = &read, .write = &write};
};

template <class T>
struct Traits<std::optional<T>> {
    static void read(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target) {
        auto& value = *static_cast<std::optional<T>*>(target);
        if (source.is_null()) return value.reset();
        Traits<T>::type.read(reader, rule, source, &value.emplace());
    }
    static void write(std::string& out, const MemberRule& rule, const void* source) {
        const auto& value = *static_cast<const std::optional<T>*>(source);
        if (!value) return void(out += "null");
        Traits<T>::type.write(out, rule, &*value);
    }
    static constexpr ValueType made() {
        ValueType altered = Traits<T>::type;
        altered.is_nullable = true;
        altered.may_be_absent = true;
        altered.read = &read;
        altered.write = &write;
        return altered;
    }
    static constexpr ValueType type = made();
};

template <class T>
struct Traits<Change<T>> {
    static void read(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target) {
        Traits<T>::type.read(reader, rule, source, &static_cast<Change<T>*>(target)->emplace());
    }
    static void write(std::string& out, const MemberRule& rule, const void* source) {
        const auto& change = *static_cast<const Change<T>*>(source);
        if (!change) return void(out += "null");
        Traits<T>::type.write(out, rule, &change.value());
    }
    static constexpr ValueType made() {
        ValueType altered = Traits<T>::type;
        altered.may_be_absent = true;
        altered.read = &read;
        altered.write = &write;
        return altered;
    }
    static constexpr ValueType type = made();
};

template <class T>
struct Traits<std::vector<T>> {
    static_assert(!std::is_same_v<T, bool>, "a list of flags has no address for its elements");
    static void read(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target) {
        auto* found = elements(reader, rule, source);
        if (found == nullptr) return;
        const std::size_t faults_before = reader.fault_count();
        auto& list = *static_cast<std::vector<T>*>(target);
        list.clear();
        list.resize(found->size());
        for (std::size_t index = 0; index < list.size(); ++index) {
            read_element(reader, Traits<T>::type, rule.item(), index, (*found)[index], &list[index]);
        }
        if (!rule.is_unique() || reader.fault_count() != faults_before) return;
        require_unique(reader, Traits<T>::type, rule.item(), list.data(), list.size(), sizeof(T));
    }
    static void write(std::string& out, const MemberRule& rule, const void* source) {
        out += '[';
        bool is_first = true;
        for (const T& element : *static_cast<const std::vector<T>*>(source)) {
            if (!is_first) out += ',';
            is_first = false;
            Traits<T>::type.write(out, rule.item(), &element);
        }
        out += ']';
    }
    static constexpr ValueType type{.kind = ValueKind::list, .item = &Traits<T>::type, .read = &read, .write = &write};
};

template <class T>
struct Traits<std::map<std::string, T>> {
    static void read(Reader& reader, const MemberRule& rule, core::json::Value& source, void* target) {
        auto* found = entries(reader, rule, source);
        if (found == nullptr) return;
        auto& map = *static_cast<std::map<std::string, T>*>(target);
        map.clear();
        for (const auto& [name, value] : *found) {
            const auto key = entry_name(reader, rule, name);
            if (!key) continue;
            const auto [entry, is_new] = map.try_emplace(*key);
            if (!is_new) {
                refuse_second_entry(reader);
                continue;
            }
            auto copy = value;
            read_entry(reader, Traits<T>::type, rule.item(), *key, copy, &entry->second);
        }
    }
    static void write(std::string& out, const MemberRule& rule, const void* source) {
        out += '{';
        bool is_first = true;
        for (const auto& [name, value] : *static_cast<const std::map<std::string, T>*>(source)) {
            write_name(out, name, is_first);
            is_first = false;
            Traits<T>::type.write(out, rule.item(), &value);
        }
        out += '}';
    }
    static constexpr ValueType type{.kind = ValueKind::map, .item = &Traits<T>::type, .read = &read, .write = &write};
};

}  // namespace types

template <class T>
constexpr const ValueType& value_type() noexcept {
    return types::Traits<T>::type;
}

}  // namespace sentinel::http
