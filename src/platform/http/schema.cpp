#include "platform/http/schema.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/json.hpp"

namespace sentinel::http {

namespace json = core::json;
using platform::Rule;

namespace {

/// Names longer than this do not go into a pointer.
constexpr std::size_t longest_named = 64;

[[noreturn]] void refuse(std::string_view what, std::string_view name) {
    throw std::logic_error(std::string("described wrongly: ").append(name).append(": ").append(what));
}

void require_fitting(std::string_view name, const ValueType& type, const MemberRule& rule) {
    if (type.kind != rule.kind()) {
        refuse(std::string("a rule for ").append(text_of(rule.kind())).append(" on a ").append(text_of(type.kind)), name);
    }
    if (type.item != nullptr) require_fitting(name, *type.item, rule.item());
}

}  // namespace

const std::string* EnumSchema::text_of(std::int64_t value) const noexcept {
    const auto found = std::ranges::find(words, value, &Word::value);
    return found == words.end() ? nullptr : &found->text;
}

const EnumSchema::Word* EnumSchema::find(std::string_view text) const noexcept {
    const auto found = std::ranges::find(words, text, &Word::text);
    return found == words.end() ? nullptr : &*found;
}

MemberRule rule_of(const ValueType& type) {
    switch (type.kind) {
        case ValueKind::text: return text(0, MemberRule::unlimited);
        case ValueKind::secret: return secret(0, MemberRule::unlimited);
        case ValueKind::integer: return integer();
        case ValueKind::list: return list(rule_of(*type.item), 0, MemberRule::unlimited);
        case ValueKind::map: return map(text(0, MemberRule::unlimited), rule_of(*type.item), 0, MemberRule::unlimited);
        default: return MemberRule(type.kind);
    }
}

Member::Member(std::string name, const std::type_info& owner, std::size_t offset, const ValueType& type, MemberRule rule,
               std::string description)
    : name_(std::move(name)),
      description_(std::move(description)),
      owner_(&owner),
      offset_(offset),
      type_(&type),
      rule_(std::move(rule)),
      is_required_(!type.may_be_absent) {
    require_fitting(name_, type, rule_);
    json::append_text(written_name_, name_);
    written_name_ += ':';
}

Member Member::required() && {
    is_required_ = true;
    return std::move(*this);
}

Member Member::defaulted() && {
    is_required_ = false;
    is_defaulted_ = true;
    return std::move(*this);
}

Member Member::version() && {
    if (type_->kind != ValueKind::integer) refuse("a version is an integer", name_);
    is_version_ = true;
    return std::move(*this);
}

Members::Members(const std::type_info& outer, std::size_t offset, const ObjectSchema& inner) {
    for (Member member : inner.members()) {
        member.owner_ = &outer;
        member.offset_ += offset;
        members.push_back(std::move(member));
    }
    refused = inner.refused_;
    for (const CrossCheck& check : inner.checks_) {
        checks.push_back({[check = check.check, offset](const void* object, Reader& reader) {
                              check(static_cast<const std::byte*>(object) + offset, reader);
                          },
                          &outer});
    }
    if (inner.page_offset_) page_offset = *inner.page_offset_ + offset;
}

ObjectSchema::ObjectSchema(std::string name, std::string description, const std::type_info& type)
    : name_(std::move(name)), description_(std::move(description)), type_(&type) {}

void ObjectSchema::add(Member member) {
    if (*member.owner_ != *type_) refuse("a member of another struct", name_ + '.' + member.name());
    for (const Member& present : members_) {
        if (present.name() == member.name()) refuse("a member that is there twice", name_ + '.' + member.name());
    }
    members_.push_back(std::move(member));
}

void ObjectSchema::add(RefusedMember refused) { refused_.push_back(std::move(refused)); }

void ObjectSchema::add(CrossCheck check) {
    if (*check.owner != *type_) refuse("a check of another struct", name_);
    checks_.push_back(std::move(check));
}

void ObjectSchema::add(Members members) {
    for (Member& member : members.members) add(std::move(member));
    for (RefusedMember& refused : members.refused) add(std::move(refused));
    for (CrossCheck& check : members.checks) add(std::move(check));
    if (members.page_offset) page_offset_ = members.page_offset;
}

void ObjectSchema::finish(const void* sample) {
    for (Member& member : members_) {
        if (!member.is_defaulted_) continue;
        member.default_text_.clear();
        member.type_->write(member.default_text_, member.rule_, value_in(sample, member));
        const auto& words = member.rule_.words();
        const auto is_default = [&](const std::string& word) { return '"' + word + '"' == member.default_text_; };
        if (!words.empty() && std::ranges::none_of(words, is_default)) refuse("a default that is not allowed", member.name_);
    }
}

ObjectSchema ObjectSchema::ignoring_unknown() && {
    ignores_unknown_ = true;
    return std::move(*this);
}

const Member* ObjectSchema::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(members_, name, &Member::name);
    return found == members_.end() ? nullptr : &*found;
}

const RefusedMember* ObjectSchema::find_refused(std::string_view name) const noexcept {
    const auto found = std::ranges::find(refused_, name, &RefusedMember::name);
    return found == refused_.end() ? nullptr : &*found;
}

const Member* ObjectSchema::version_member() const noexcept {
    const auto found = std::ranges::find_if(members_, &Member::is_version);
    return found == members_.end() ? nullptr : &*found;
}

void ObjectSchema::read(Reader& reader, json::Object& source, void* object) const {
    const std::size_t faults_before = reader.fault_count();
    std::size_t known = 0;
    for (const Member& member : members_) {
        json::Value* value = source.find(member.name_);
        if (value != nullptr) {
            ++known;
            read_member(reader, member, *value, object);
        } else if (member.is_required_) {
            const Reader::Step step(reader, member.name_);
            reader.fault(Rule::required, member.name_ + " is required");
        }
    }
    if (known != source.size() && !ignores_unknown_) refuse_unknown(reader, source);
    if (reader.fault_count() == faults_before) check(reader, object);
}

void ObjectSchema::read_member(Reader& reader, const Member& member, json::Value& value, void* object) const {
    const Reader::Step step(reader, member.name_);
    if (value.is_null() && !member.type_->is_nullable && member.type_->kind != ValueKind::any) {
        return reader.fault(Rule::type, member.name_ + " may not be null");
    }
    member.type_->read(reader, member.rule_, value, value_in(object, member));
}

void ObjectSchema::refuse_unknown(Reader& reader, const json::Object& source) const {
    for (const auto& [name, value] : source) {
        if (find(name) != nullptr) continue;
        if (name.size() >= longest_named) {  // a caller's text of any length has no place in the answer
            reader.fault(Rule::unknown, "a member with a long name is not known here");
            continue;
        }
        const Reader::Step step(reader, name);
        const RefusedMember* refused = find_refused(name);
        if (refused != nullptr) {
            reader.fault(refused->rule,
                         name + (refused->rule == Rule::immutable ? " cannot be changed" : " may not be given here"));
        } else {
            reader.fault(Rule::unknown, name + " is not known here");
        }
    }
}

void ObjectSchema::check(Reader& reader, const void* object) const {
    for (const CrossCheck& cross_check : checks_) cross_check.check(object, reader);
}

void ObjectSchema::write_open(std::string& out, const void* object) const {
    out += '{';
    bool is_first = true;
    for (const Member& member : members_) {
        if (!is_first) out += ',';
        is_first = false;
        out += member.written_name_;
        member.type_->write(out, member.rule_, value_in(object, member));
    }
}

void ObjectSchema::write(std::string& out, const void* object) const {
    write_open(out, object);
    out += '}';
}

}  // namespace sentinel::http
