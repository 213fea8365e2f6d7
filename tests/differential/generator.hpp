#pragma once
/// Random tenants and random questions about them, drawn from small alphabets so that collisions, ties and deep paths are frequent.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/model.hpp"
#include "engine/question.hpp"
#include "random.hpp"

namespace sentinel::differential {

using engine::Instant;
namespace json = core::json;

/// One question with the clock and the right it is asked with.
struct Asked {
    engine::Question question;
    Instant now;
    bool may_override_time = true;
};

struct World {
    engine::TenantPolicy policy;
    std::vector<Asked> questions;
    Instant now;  ///< the time around which rows begin and end
};

struct GeneratorOptions {
    std::size_t questions = 60;
    /// Only conditions whose truth survives a consistent renaming: no order, substring or pattern over ids and names.
    bool renamable = false;
};

/// The same seed gives exactly the same world.
World generate(std::uint64_t seed, const GeneratorOptions& options = {});

/// Random questions about a tenant as it is now; the world's own questions are left alone.
std::vector<Asked> generate_questions(Random& random, const World& world, std::size_t count, bool renamable = false);

/// `count` random changes of a tenant's own rows; each is drawn against the policy that the ones before it leave.
std::vector<engine::Change> generate_changes(Random& random, const World& world, std::size_t count);

/// A random valid permission for that tenant (allow or deny as asked, active, without fields).
engine::Permission generate_permission(Random& random, const World& world, engine::Effect effect);

/// A permission that may break any rule of writing, to compare what the two validators refuse.
engine::Permission generate_faulty_permission(Random& random);

}  // namespace sentinel::differential
