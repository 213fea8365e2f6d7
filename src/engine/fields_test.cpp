#include "engine/fields.hpp"

#include <gtest/gtest.h>

namespace sentinel::engine {
namespace {

FieldId id(unsigned number) {
    FieldId made;
    made.value.bytes[15] = static_cast<std::uint8_t>(number);
    return made;
}

FieldRow row(unsigned number, std::string name, std::uint32_t layer = 0, Tier tier = Tier::core,
             FieldRights visibility = field_read) {
    return {.id = id(number),
            .definition = {.id = id(number),
                           .entity_type = "vessel",
                           .name = std::move(name),
                           .tier = tier,
                           .default_visibility = visibility},
            .layer = layer};
}

TEST(FieldCatalog, KnowsTheFieldsOfEachType) {
    FieldCatalog catalog;
    EXPECT_EQ(catalog.of_type("vessel"), nullptr);
    catalog.put(row(1, "name"));
    catalog.put(row(2, "flag", 0, Tier::tenant_specific, field_hidden));
    const TypeFields* vessel = catalog.of_type("vessel");
    ASSERT_NE(vessel, nullptr);
    EXPECT_EQ(catalog.of_type("invoice"), nullptr);
    ASSERT_NE(vessel->find(Tier::core, "name"), nullptr);
    EXPECT_EQ(vessel->find(Tier::core, "name")->default_visibility, field_read);
    EXPECT_EQ(vessel->find(Tier::core, "flag"), nullptr) << "a field is a tier and a name";
    EXPECT_EQ(vessel->find(Tier::tenant_specific, "flag")->default_visibility, field_hidden);
}

TEST(FieldCatalog, TheNearestRowsVisibilityStandsInTheFarthestRowsTier) {
    FieldCatalog catalog;
    catalog.put(row(1, "name", platform_layer, Tier::platform_dynamic, field_write));
    catalog.put(row(2, "name", 1, Tier::core, field_read));
    catalog.put(row(3, "name", 0, Tier::tenant_specific, field_hidden));
    const TypeFields* vessel = catalog.of_type("vessel");
    EXPECT_EQ(vessel->find(Tier::core, "name"), nullptr);
    EXPECT_EQ(vessel->find(Tier::tenant_specific, "name"), nullptr);
    ASSERT_NE(vessel->find(Tier::platform_dynamic, "name"), nullptr);
    EXPECT_EQ(vessel->find(Tier::platform_dynamic, "name")->default_visibility, field_hidden);
}

TEST(FieldCatalog, NamesThatDifferInCaseAloneAreOneFieldUnderTheNearestName) {
    FieldCatalog catalog;
    catalog.put(row(1, "IMO", 1));
    catalog.put(row(2, "imo", 0, Tier::core, field_hidden));
    const auto& core = catalog.of_type("vessel")->effective[0];
    ASSERT_EQ(core.size(), 1U);
    EXPECT_EQ(core.begin()->first, "imo");
    EXPECT_EQ(core.begin()->second.default_visibility, field_hidden);
}

TEST(FieldCatalog, AFieldIsAuthoritativeWhenAnyActiveRowSaysSo) {
    FieldCatalog catalog;
    FieldRow far = row(1, "name", platform_layer);
    far.definition.authoritative = true;
    catalog.put(far);
    catalog.put(row(2, "name"));
    EXPECT_TRUE(catalog.of_type("vessel")->is_authoritative("name"));
    EXPECT_FALSE(catalog.of_type("vessel")->is_authoritative("flag"));
    far.definition.active = false;
    catalog.put(far);
    EXPECT_FALSE(catalog.of_type("vessel")->is_authoritative("name"));
}

TEST(FieldCatalog, AnInactiveRowHidesNothingBehindIt) {
    FieldCatalog catalog;
    catalog.put(row(1, "name", 1, Tier::core, field_write));
    FieldRow near = row(2, "name", 0, Tier::core, field_hidden);
    near.definition.active = false;
    catalog.put(near);
    EXPECT_EQ(catalog.of_type("vessel")->find(Tier::core, "name")->default_visibility, field_write);
}

TEST(FieldCatalog, ReplacesByIdAlsoUnderAnotherType) {
    FieldCatalog catalog;
    catalog.put(row(1, "name"));
    FieldRow moved = row(1, "name");
    moved.definition.entity_type = "invoice";
    catalog.put(moved);
    EXPECT_EQ(catalog.of_type("vessel"), nullptr) << "a type without rows is gone";
    ASSERT_NE(catalog.of_type("invoice"), nullptr);
    EXPECT_EQ(catalog.of_type("invoice")->rows.size(), 1U);
}

TEST(FieldCatalog, RemovesByIdAndCountsBytesBothWays) {
    FieldCatalog catalog;
    EXPECT_EQ(catalog.bytes(), 0U);
    catalog.put(row(1, "name"));
    const std::size_t one = catalog.bytes();
    catalog.put(row(2, "flag"));
    catalog.put(row(2, "flag"));
    EXPECT_EQ(catalog.bytes(), 2 * one);
    catalog.remove(id(9));
    EXPECT_EQ(catalog.bytes(), 2 * one);
    catalog.remove(id(1));
    EXPECT_EQ(catalog.of_type("vessel")->find(Tier::core, "name"), nullptr);
    catalog.remove(id(2));
    EXPECT_EQ(catalog.bytes(), 0U);
    EXPECT_EQ(catalog.of_type("vessel"), nullptr);
}

TEST(FieldCatalog, CopiesNeverSeeEachOthersChanges) {
    FieldCatalog before;
    before.put(row(1, "name"));
    FieldCatalog after = before;
    after.remove(id(1));
    EXPECT_NE(before.of_type("vessel"), nullptr);
    EXPECT_EQ(after.of_type("vessel"), nullptr);
}

}  // namespace
}  // namespace sentinel::engine
