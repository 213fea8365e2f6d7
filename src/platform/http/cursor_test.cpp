#include "platform/http/cursor.hpp"

#include <gtest/gtest.h>

namespace sentinel::http {
namespace {

std::shared_ptr<const crypto::HmacKey> key(char letter) {
    return std::make_shared<const crypto::HmacKey>(platform::Secret(std::string(32, letter)));
}

const core::TenantId own{*core::Uuid::parse("11111111-1111-4111-8111-111111111111")};
const core::TenantId other{*core::Uuid::parse("22222222-2222-4222-8222-222222222222")};
const CursorScope scope{own, "/api/v1/harbours", "kind=sea&"};
const CursorKeys keys{"2026-01-31T08:00:00.000000Z", std::string("a\0b", 3), ""};

TEST(Cursor, brings_its_keys_back) {
    const CursorCodec codec({key('a')});
    const auto opened = codec.open(scope, codec.seal(scope, keys));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->keys, keys);
    EXPECT_FALSE(opened->foreign_tenant);
}

TEST(Cursor, any_change_of_one_letter_is_refused) {
    const CursorCodec codec({key('a')});
    const std::string cursor = codec.seal(scope, keys);
    for (std::size_t index = 0; index < cursor.size(); ++index) {
        std::string altered = cursor;
        altered[index] = altered[index] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(codec.open(scope, altered)) << index;
        EXPECT_FALSE(codec.open(scope, cursor.substr(0, index))) << index;
    }
    EXPECT_FALSE(codec.open(scope, cursor + "A"));
    EXPECT_FALSE(codec.open(scope, ""));
    EXPECT_FALSE(codec.open(scope, "%%%"));
}

TEST(Cursor, is_of_one_list_filter_and_order) {
    const CursorCodec codec({key('a')});
    const std::string cursor = codec.seal(scope, keys);
    EXPECT_FALSE(codec.open({own, "/api/v1/ports", "kind=sea&"}, cursor));
    EXPECT_FALSE(codec.open({own, "/api/v1/harbours", ""}, cursor));
    // Lengths are signed: what moves from one part to the next is another cursor.
    EXPECT_FALSE(codec.open({own, "/api/v1/harboursk", "ind=sea&"}, cursor));
}

TEST(Cursor, of_another_tenant_is_told_apart_and_cannot_be_made) {
    const CursorCodec codec({key('a')});
    const auto opened = codec.open(scope, codec.seal({other, scope.route, scope.selection}, keys));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->foreign_tenant, other);
    EXPECT_FALSE(codec.open(scope, CursorCodec({key('b')}).seal(scope, keys)));
}

TEST(Cursor, outlives_the_change_of_a_key) {
    const std::string old = CursorCodec({key('a')}).seal(scope, keys);
    EXPECT_TRUE(CursorCodec({key('b'), key('a')}).open(scope, old));
    EXPECT_FALSE(CursorCodec({key('b')}).open(scope, old));
}

TEST(Cursor, selection_leaves_out_where_in_the_list_one_is) {
    EXPECT_EQ(selection_of("page=1&kind=sea&limit=5&cursor=x&a=1"), selection_of("a=1&kind=sea&limit=7"));
    EXPECT_NE(selection_of("kind=sea"), selection_of("kind=river"));
    EXPECT_NE(selection_of("sort=name"), selection_of("sort=name&order=desc"));
}

TEST(Cursor, needs_keys) {
    const CursorCodec codec({key('a')});
    EXPECT_THROW(codec.seal(scope, {}), std::logic_error);
    EXPECT_THROW(CursorCodec({}), std::logic_error);
}

}  // namespace
}  // namespace sentinel::http
