#include "platform/crypto/opaque_token.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel;
using namespace sentinel::crypto;

const core::TenantId tenant = *core::TenantId::parse("11111111-1111-1111-1111-111111111111");
const core::Uuid row = *core::Uuid::parse("0198b0a0-0000-7000-8000-000000000001");

TEST(OpaqueToken, NamesItsRow) {
    const OpaqueToken made = make_opaque_token(OpaqueTokenKind::refresh, tenant, row);
    EXPECT_TRUE(made.text.reveal().starts_with("srt_"));
    EXPECT_EQ(made.text.reveal().size(), 90U);
    const auto parsed = parse_opaque_token(OpaqueTokenKind::refresh, made.text.reveal());
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->tenant, tenant);
    EXPECT_EQ(parsed->row, row);
    EXPECT_EQ(parsed->text.reveal(), made.text.reveal());
}

TEST(OpaqueToken, IsNeverMadeTwice) {
    EXPECT_NE(make_opaque_token(OpaqueTokenKind::refresh, tenant, row).text.reveal(),
              make_opaque_token(OpaqueTokenKind::refresh, tenant, row).text.reveal());
}

TEST(OpaqueToken, OfOneKindIsNoneOfAnother) {
    for (int made = 0; made <= static_cast<int>(OpaqueTokenKind::oidc_login_code); ++made) {
        const auto token = make_opaque_token(static_cast<OpaqueTokenKind>(made), tenant, row);
        for (int read = 0; read <= static_cast<int>(OpaqueTokenKind::oidc_login_code); ++read) {
            EXPECT_EQ(parse_opaque_token(static_cast<OpaqueTokenKind>(read), token.text.reveal()).has_value(), made == read);
        }
    }
}

TEST(OpaqueToken, RefusesEveryOtherForm) {
    const std::string text = make_opaque_token(OpaqueTokenKind::invitation, tenant, row).text.reveal();
    std::string stray = text;  // 64 bytes leave four bits over in the last letter
    stray.back() = text.back() == 'A' ? 'B' : static_cast<char>(text.back() + 1);
    for (const std::string& other :
         {std::string(), std::string("siv_"), text.substr(4), text + "A", text.substr(0, text.size() - 1), text + "=", " " + text,
          text + "\n", "SIV_" + text.substr(4), stray, std::string(100000, 'A')}) {
        EXPECT_FALSE(parse_opaque_token(OpaqueTokenKind::invitation, other).has_value()) << other.substr(0, 100);
    }
}

}  // namespace
