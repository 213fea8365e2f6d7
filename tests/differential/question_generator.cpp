#include "question_generator.hpp"

#include "condition_generator.hpp"

namespace sentinel::differential {

using namespace engine;

Asked QuestionGenerator::draw() {
    Asked asked;
    auto& question = asked.question;
    const auto& subjects = world_.policy.subjects;
    question.subject = subjects.empty() || random_.chance(1) ? SubjectId{"stranger"} : random_.pick(subjects).id;
    question.action = random_.pick(actions);
    question.resource = resource();
    if (random_.chance(35)) { question.resource.attributes = random_attributes(random_, resource_attributes, 30); }
    if (random_.chance(75)) { question.context = random_attributes(random_, context_attributes, 65); }
    asked.now = clock();
    if (random_.chance(8)) {
        question.context.set("time", clock().text());
        asked.may_override_time = random_.chance(90);
    }
    if (random_.chance(5)) { spoil(question); }
    return asked;
}

Instant QuestionGenerator::clock() {
    constexpr std::array<std::int64_t, 8> offsets{0, 0, 0, 0, 1, -1, 60, 7200};
    auto instant = world_.now.plus_seconds(random_.pick(offsets));
    if (random_.chance(15)) { instant.nanoseconds = random_.chance(50) ? 0 : 999'999'999; }
    return instant;
}

std::string QuestionGenerator::some_type(const Resource* like) {
    return like != nullptr && random_.chance(75) ? like->type : std::string(random_.pick(types));
}

ResourceReference QuestionGenerator::resource() {
    const auto* target = tree_.any_resource();
    const auto die = random_.below(100);
    if (target != nullptr && die < 38) { return by_id(*target); }
    if (target != nullptr && die < 62) { return by_path(target); }
    if (die < 66) { return by_path(nullptr); }
    if (die < 76) { return outside(nullptr); }
    if (target != nullptr && die < 87) { return outside(target); }
    ResourceReference asked{.type = some_type(target)};
    if (target != nullptr && die < 95) { asked.parent = parent_text(*target); }
    return asked;
}

ResourceReference QuestionGenerator::by_id(const Resource& target) {
    ResourceReference asked{.type = random_.chance(97) ? target.type : std::string(random_.pick(types))};
    const auto die = random_.below(10);
    asked.id = die < 4 ? target.code : die < 8 ? target.id.text() : upper(target.id.text());
    if (random_.chance(10)) {
        const auto* other = tree_.any_resource();
        asked.parent = target.parent && random_.chance(80) ? target.parent->text() : parent_text(*other);
    }
    return asked;
}

ResourceReference QuestionGenerator::by_path(const Resource* target) {
    ResourceReference asked{.type = some_type(target)};
    auto segments = target != nullptr ? tree_.segments_of(*target) : std::vector<std::string>{};
    const bool with_tail = segments.empty() || random_.chance(35);
    if (!with_tail && random_.chance(95)) { asked.type = target->type; }
    for (auto count = with_tail ? random_.between(1, 2) : 0; count > 0; --count) {
        segments.emplace_back(random_.chance(70) ? random_.pick(texts) : random_.pick(codes));
    }
    asked.path = join_path(segments, random_.chance(15));
    return asked;
}

ResourceReference QuestionGenerator::outside(const Resource* parent) {
    ResourceReference asked{.type = some_type(parent), .id = std::string(random_.pick(outside_ids))};
    if (parent != nullptr) { asked.parent = parent_text(*parent); }
    return asked;
}

std::string QuestionGenerator::parent_text(const Resource& parent) {
    const auto die = random_.below(10);
    return die < 2 ? parent.code : die < 8 ? parent.id.text() : upper(parent.id.text());
}

void QuestionGenerator::spoil(Question& question) {
    auto& asked = question.resource;
    switch (random_.below(14)) {
        case 0: question.subject.text = random_.chance(50) ? "" : std::string(256, 's'); break;
        case 1: question.subject.text = "\xFF"; break;
        case 2: question.action = "*"; break;
        case 3:
            question.action = random_.chance(50) ? "Read"
                                                 : "r\xC3\xA9"
                                                   "ad";
            break;
        case 4: asked.type = random_.chance(50) ? "*" : "Vessel"; break;
        case 5: asked.type = std::string(random_.between(100, 101), 't'); break;
        case 6: asked.id = random_.chance(50) ? "" : std::string(random_.between(255, 256), 'i'); break;
        case 7: asked.id = random_.chance(50) ? "e\xCC\x81" : "a\nb"; break;
        case 8: asked.parent = random_.chance(50) ? "nobody" : "11111111-1111-7111-8111-111111111111"; break;
        case 9: question.context.set("time", random_.chance(50) ? json::Value("yesterday") : json::Value(5)); break;
        case 10:
            asked.id.reset();
            asked.path = "/a";
            asked.parent = "a";
            break;
        case 11:
            asked.id = "a";
            asked.path = "/a";
            break;
        default: spoil_path(asked); break;
    }
}

void QuestionGenerator::spoil_path(ResourceReference& asked) {
    constexpr std::array<std::string_view, 20> spoilt{
        "/",   "",     "a/b",   "//a", "/a//b",        "/./a",           "/a/..",          "/a%20b",     "/a;b",      "/a*",
        "/a?", "/a#b", "/a\\b", "/ a", "/a\xC2\xA0/b", "/a\xE2\x80\x8B", "/a\xE2\x80\xA8", "/e\xCC\x81", "/\xC3\xA9", "/a b/..."};
    asked.id.reset();
    asked.parent.reset();
    const auto die = random_.below(spoilt.size() + 2);
    if (die < spoilt.size()) {
        asked.path = spoilt[die];
    } else if (die == spoilt.size()) {
        asked.path = "/" + std::string(random_.between(255, 256), 'p');
    } else {
        asked.path.emplace();
        for (auto count = random_.between(63, 65); count > 0; --count) { *asked.path += "/s"; }
    }
}

}  // namespace sentinel::differential
