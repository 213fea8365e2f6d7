#pragma once
/// Random conditions that are always valid, typed so that they are mostly decided; and random attribute values.

#include <span>
#include <string>
#include <string_view>

#include "alphabet.hpp"
#include "core/json.hpp"
#include "random.hpp"

namespace sentinel::differential {

namespace json = core::json;

/// A value of that domain. Identifiers are subject ids; names is a list of role names.
json::Value random_value(Random& random, Domain domain);
/// Attributes of a subject, resource or context: each of the list now and then, mostly of its domain, else of another, or null.
template <class List>
json::Object random_attributes(Random& random, const List& attributes, unsigned percent_each) {
    json::Object object;
    for (const Attribute& attribute : attributes) {
        if (!random.chance(percent_each)) { continue; }
        if (random.chance(88)) {
            object.set(attribute.name, random_value(random, attribute.domain));
        } else if (random.chance(40)) {
            object.set(attribute.name, nullptr);
        } else {
            object.set(attribute.name, random_value(random, static_cast<Domain>(random.below(7))));
        }
    }
    return object;
}

class ConditionGenerator {
public:
    /// `identifiers`: texts that ids and paths are compared with; must outlive the generator.
    ConditionGenerator(Random& random, std::span<const std::string> identifiers, bool renamable)
        : random_(random), identifiers_(identifiers), renamable_(renamable) {}

    /// A conditions object, `{}` included.
    json::Object conditions();

private:
    struct Path {
        std::string text;
        Domain domain;
    };

    json::Object condition(unsigned depth);
    void add_member(json::Object& condition, unsigned depth);
    json::Value operators(const Path& path);
    void add_operator(json::Object& out, const Path& path);
    void add_text_operator(json::Object& out);
    void add_list_operator(json::Object& out, Domain domain);
    void add_range(json::Object& out, Domain domain);
    void add_equality(json::Object& out, Domain domain);
    void add_time_operator(json::Object& out);
    void add_exists(json::Object& out);
    json::Array list(Domain domain);
    json::Value operand(Domain domain);
    json::Value reference(Domain domain);
    Path path();
    Path built_in_path();
    std::string path_of(Domain domain);
    json::Object time_window();
    json::Object weekdays_operand();
    json::Value networks_operand();
    Domain usual_or_other(Domain domain);

    Random& random_;
    std::span<const std::string> identifiers_;
    bool renamable_;
};

}  // namespace sentinel::differential
