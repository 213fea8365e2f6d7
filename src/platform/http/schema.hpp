#pragma once
/// Structs described once: from one description come the checks of what a client sends, the text of what it gets, and OpenAPI.
///
/// A type T is described by a function `ObjectSchema describe(http::Of<T>)` beside it (found by its namespace), an enum by
/// `EnumSchema describe(http::Of<E>)`. Both are called once a program. T must be default constructible: a member marked
/// `defaulted()` takes its default from its initialiser.

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "platform/http/member_rule.hpp"
#include "platform/http/reader.hpp"
#include "platform/http/value_type.hpp"
#include "platform/service/error.hpp"

namespace sentinel::http {

/// One member of a described struct.
class Member {
public:
    Member(std::string name, const std::type_info& owner, std::size_t offset, const ValueType& type, MemberRule rule,
           std::string description);

    /// Must be there even if its type could be absent.
    [[nodiscard]] Member required() &&;
    /// May be left out: the struct's initialiser then stands.
    [[nodiscard]] Member defaulted() &&;
    /// The row version of a resource: sent as ETag as well.
    [[nodiscard]] Member version() &&;

    const std::string& name() const noexcept { return name_; }
    const std::string& description() const noexcept { return description_; }
    const MemberRule& rule() const noexcept { return rule_; }
    const ValueType& type() const noexcept { return *type_; }
    bool is_required() const noexcept { return is_required_; }
    bool is_version() const noexcept { return is_version_; }
    /// JSON text of the default; empty = none.
    const std::string& default_text() const noexcept { return default_text_; }

private:
    friend class ObjectSchema;
    friend struct Members;

    std::string name_;
    std::string description_;
    const std::type_info* owner_;
    std::size_t offset_;
    const ValueType* type_;
    MemberRule rule_;
    bool is_required_;
    bool is_defaulted_ = false;
    bool is_version_ = false;
    std::string written_name_;  ///< `"name":`
    std::string default_text_;
};

/// A name that is known and refused, with the rule that says why (`immutable`, `forbidden`).
struct RefusedMember {
    std::string name;
    platform::Rule rule = platform::Rule::immutable;
};

/// A rule over several members; it runs only when each of them alone is right.
struct CrossCheck {
    std::function<void(const void* object, Reader& reader)> check;
    const std::type_info* owner;
};

/// Members of a struct that lies inside another one and whose members stand directly in the outer object.
struct Members {
    Members(const std::type_info& outer, std::size_t offset, const ObjectSchema& inner);
    std::vector<Member> members;
    std::vector<RefusedMember> refused;
    std::vector<CrossCheck> checks;
    /// Where a PageRequest lies among them.
    std::optional<std::size_t> page_offset;
};

/// A described struct. Immutable once built.
class ObjectSchema {
public:
    ObjectSchema(std::string name, std::string description, const std::type_info& type);

    void add(Member member);
    void add(RefusedMember refused);
    void add(CrossCheck check);
    void add(Members members);
    /// Ends the description: reads defaults from a default-constructed struct.
    void finish(const void* sample);
    /// Members that nobody knows are passed over instead of refused (OAuth forms).
    [[nodiscard]] ObjectSchema ignoring_unknown() &&;
    /// Says where the PageRequest lies.
    void set_page_offset(std::size_t offset) { page_offset_ = offset; }

    const std::string& name() const noexcept { return name_; }
    const std::string& description() const noexcept { return description_; }
    const std::type_info& type() const noexcept { return *type_; }
    const std::vector<Member>& members() const noexcept { return members_; }
    bool ignores_unknown() const noexcept { return ignores_unknown_; }
    const Member* find(std::string_view name) const noexcept;
    const RefusedMember* find_refused(std::string_view name) const noexcept;
    const Member* version_member() const noexcept;
    std::optional<std::size_t> page_offset() const noexcept { return page_offset_; }

    /// Where a member's value lies in an object of the described type.
    static const void* value_in(const void* object, const Member& member) noexcept {
        return static_cast<const std::byte*>(object) + member.offset_;
    }
    static void* value_in(void* object, const Member& member) noexcept {
        return static_cast<std::byte*>(object) + member.offset_;
    }

    /// Reads a JSON object into a default-constructed struct; faults go to the reader.
    void read(Reader& reader, core::json::Object& source, void* object) const;
    /// Runs the checks over several members.
    void check(Reader& reader, const void* object) const;
    /// Appends the JSON text of an object.
    void write(std::string& out, const void* object) const;
    /// As write, without the closing brace, so that more members may follow.
    void write_open(std::string& out, const void* object) const;

private:
    friend struct Members;

    void read_member(Reader& reader, const Member& member, core::json::Value& value, void* object) const;
    void refuse_unknown(Reader& reader, const core::json::Object& source) const;

    std::string name_;
    std::string description_;
    const std::type_info* type_;
    std::vector<Member> members_;
    std::vector<RefusedMember> refused_;
    std::vector<CrossCheck> checks_;
    std::optional<std::size_t> page_offset_;
    bool ignores_unknown_ = false;
};

/// The description of a type, built at its first use.
template <class T>
const ObjectSchema& schema_of() {
    static const ObjectSchema schema = describe(Of<T>{});
    return schema;
}

/// Bytes from the start of a C to one of its members.
template <class C, class M>
std::size_t offset_of(M C::* pointer) {
    const C sample{};
    return static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&(sample.*pointer)) -
                                    reinterpret_cast<const std::byte*>(&sample));
}

template <class C, class M>
Member member(std::string name, M C::* pointer, MemberRule rule, std::string description) {
    return Member(std::move(name), typeid(C), offset_of(pointer), value_type<M>(), std::move(rule), std::move(description));
}

/// With the rule that follows from the type: enough for flags, ids, times, enums, described structs and all that is only sent.
template <class C, class M>
Member member(std::string name, M C::* pointer, std::string description) {
    return member(std::move(name), pointer, rule_of(value_type<M>()), std::move(description));
}

/// The members of a described struct inside this one, as if they were its own.
template <class C, class M>
Members inlined(M C::* pointer) {
    return Members(typeid(C), offset_of(pointer), schema_of<M>());
}

inline RefusedMember immutable(std::string name) { return {std::move(name), platform::Rule::immutable}; }
inline RefusedMember forbidden(std::string name) { return {std::move(name), platform::Rule::forbidden}; }

/// `check(object, reader)` reports with `reader.fault("/member", rule, message)`.
template <class T, class Check>
CrossCheck also(Check check) {
    return {[check](const void* object, Reader& reader) { check(*static_cast<const T*>(object), reader); }, &typeid(T)};
}

/// The description of T: its name in OpenAPI (unique in the program), a sentence, and its members in the order of writing.
template <class T, class... Parts>
ObjectSchema object(std::string name, std::string description, Parts... parts) {
    ObjectSchema schema(std::move(name), std::move(description), typeid(T));
    (schema.add(std::move(parts)), ...);
    const T sample{};
    schema.finish(&sample);
    return schema;
}

}  // namespace sentinel::http
