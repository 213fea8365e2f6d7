#include "core/ip.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/vectors_test.hpp"

namespace sentinel::core {
namespace {

/// Where the vectors leave a choice, or speak of the text where we speak of what it means:
/// - a mapped address (::ffff:a.b.c.d) is the IPv4 address, so its version is 4 and its bytes are the last four;
/// - a network without length, which some tools read as a single host, is refused (decision-semantics section 5).
constexpr std::string_view mapped_prefix = "00000000000000000000ffff";

std::string hexadecimal(const IpAddress& address) {
    std::string text;
    for (std::size_t index = 0; index < (address.is_v6 ? 16U : 4U); ++index) text += fmt::format("{:02x}", address.bytes[index]);
    return text;
}

bool contains(std::string_view network, std::string_view address) {
    const auto block = IpNetwork::parse(network);
    const auto candidate = IpAddress::parse(address);
    EXPECT_TRUE(block) << network;
    EXPECT_TRUE(candidate) << address;
    return block && candidate && block->contains(*candidate);
}

TEST(IpAddress, conformance_vectors) {
    SENTINEL_NEEDS_VECTORS("ip/ip_cidr.json");
    for (const auto& row : vectors::rows(vectors::parse("ip/ip_cidr.json"), "addresses")) {
        const std::string text = vectors::text(row, "text");
        const auto address = IpAddress::parse(text);
        ASSERT_EQ(address.has_value(), vectors::boolean(row, "valid")) << text;
        if (!address) continue;
        std::string expected = vectors::text(row, "bytes_hex");
        if (expected.starts_with(mapped_prefix)) expected.erase(0, mapped_prefix.size());
        EXPECT_EQ(hexadecimal(*address), expected) << text;
    }
}

TEST(IpNetwork, conformance_vectors) {
    SENTINEL_NEEDS_VECTORS("ip/ip_cidr.json");
    const auto set = vectors::parse("ip/ip_cidr.json");
    for (const auto& row : vectors::rows(set, "cidr_syntax")) {
        const std::string text = vectors::text(row, "text");
        const bool lacks_length = text.find('/') == std::string::npos;
        EXPECT_EQ(IpNetwork::parse(text).has_value(), vectors::boolean(row, "valid") && !lacks_length) << text;
    }
    for (const auto* list : {"contains", "mapped"}) {
        for (const auto& row : vectors::rows(set, list)) {
            const std::string network = vectors::text(row, "cidr");
            const std::string address = vectors::text(row, "ip");
            EXPECT_EQ(contains(network, address), vectors::boolean(row, "contains")) << network << ' ' << address;
        }
    }
}

TEST(IpAddress, a_mapped_address_is_the_ipv4_address) {
    EXPECT_EQ(IpAddress::parse("::ffff:10.1.2.3"), IpAddress::parse("10.1.2.3"));
    EXPECT_EQ(IpAddress::parse("0:0:0:0:0:FFFF:0a01:0203"), IpAddress::parse("10.1.2.3"));
    EXPECT_NE(IpAddress::parse("::10.1.2.3"), IpAddress::parse("10.1.2.3"));
}

TEST(IpAddress, a_gap_stands_for_at_least_one_group) {
    EXPECT_TRUE(IpAddress::parse("1:2:3:4:5:6:7::"));
    EXPECT_TRUE(IpAddress::parse("::2:3:4:5:6:7:8"));
    EXPECT_FALSE(IpAddress::parse("1:2:3:4::5:6:7:8"));
    EXPECT_FALSE(IpAddress::parse("::1:2:3:4:5:6:7:8"));
    EXPECT_FALSE(IpAddress::parse("1:2:3:4:5:6::1.2.3.4"));
}

TEST(IpAddress, refuses_numbers_that_would_wrap) {
    EXPECT_FALSE(IpAddress::parse("4294967297.0.0.1"));
    EXPECT_FALSE(IpAddress::parse("00000.0.0.1"));
    EXPECT_FALSE(IpNetwork::parse("10.0.0.0/4294967304"));
}

TEST(IpNetwork, a_mapped_network_is_the_ipv4_network_it_covers) {
    EXPECT_EQ(IpNetwork::parse("::ffff:10.0.0.0/104"), IpNetwork::parse("10.0.0.0/8"));
    EXPECT_EQ(IpNetwork::parse("::ffff:0:0/96"), IpNetwork::parse("0.0.0.0/0"));
    EXPECT_FALSE(IpNetwork::parse("::ffff:0:0/95"));
    EXPECT_FALSE(IpNetwork::parse("::ffff:10.0.0.1/104"));
}

TEST(IpNetwork, compares_only_the_bits_of_the_prefix) {
    EXPECT_TRUE(contains("192.168.8.0/21", "192.168.15.255"));
    EXPECT_FALSE(contains("192.168.8.0/21", "192.168.16.0"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(contains("10.0.0.1/32", "10.0.0.1"));
    EXPECT_FALSE(contains("10.0.0.1/32", "10.0.0.0"));
}

TEST(IpAddress, text_is_canonical) {
    EXPECT_EQ(IpAddress::parse("192.168.0.1")->text(), "192.168.0.1");
    EXPECT_EQ(IpAddress::parse("::FFFF:10.0.0.1")->text(), "10.0.0.1");
    EXPECT_EQ(IpAddress::parse("2001:DB8:0:0:1:0:0:1")->text(), "2001:db8::1:0:0:1");
    EXPECT_EQ(IpAddress::parse("2001:db8:0:1:1:1:1:1")->text(), "2001:db8:0:1:1:1:1:1");
    EXPECT_EQ(IpAddress::parse("::")->text(), "::");
    EXPECT_EQ(IpNetwork::parse("2001:db8::/33")->text(), "2001:db8::/33");
    EXPECT_EQ(IpNetwork::parse("10.0.0.0/8")->text(), "10.0.0.0/8");
}

}  // namespace
}  // namespace sentinel::core
